"""An examiner's own sheet by candidate number: every row is judged, and all of it is taken over or nothing."""

from io import BytesIO

import pytest

from lbcert.core.database import db
from lbcert.core.sheets import Table, read_sheet, write_workbook
from lbcert.exams import operations, own_sheet
from lbcert.exams.models import Mark, Part
from lbcert.exams.scoring import Scheme
from lbcert.testing.fixtures import browser_of
from lbcert.testing.scenes import played_once
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of
from tests.exams.test_two_markers import TWO, give

pytestmark = pytest.mark.usefixtures("exam_day")
PARTS = (Part.THEORY, Part.PRACTICE)


@pytest.fixture
@played_once
def scene(app):
    return stage.begun(stage.ready(policies=TWO))


def sheet(scene, *rows):
    filled = [
        {"number": number_of(scene, name) if len(name) < 4 else name, Part.THEORY: theory, Part.PRACTICE: practice}
        for name, theory, practice in rows
    ]
    return write_workbook(Table("评分表", own_sheet.columns(PARTS, dict.fromkeys(PARTS, Scheme())), filled))


def test_the_sheet_has_numbers_and_no_names_and_comes_back_filled(app, scene):
    give(scene, scene.leader, "张三", 47)
    give(scene, scene.second, "李四", 70)
    browser, here = browser_of(app, scene.second), f"/exams/{scene.batch.id}/own-sheet"
    written = read_sheet(browser.get(f"{here}/template").data, own_sheet.columns(PARTS, dict.fromkeys(PARTS, Scheme())))
    cells = {row["number"].text: (row[Part.THEORY].text, row[Part.PRACTICE].text) for row in written.rows}
    assert cells == {number_of(scene, name): ("", "70" if name == "李四" else "") for name in ("张三", "李四", "王五")}
    filled = sheet(scene, ("张三", 60, 90), ("李四", None, 70), ("王五", "缺考", "成绩无效"))
    answer = browser.post(here, data={"file": (BytesIO(filled), "评分.xlsx")}, follow_redirects=True)
    assert "录入 3 行" in answer.text
    assert f"{number_of(scene, '李四')} 的理论知识为空，按“未录”处理，不是 0 分" in answer.text
    assert db.session.query(Mark).filter_by(scorer_id=scene.second.person_id).count() == 1
    assert browser_of(app, scene.leader).get(answer.request.path).status_code == 403
    answer = browser.post(f"{answer.request.path}/take", follow_redirects=True)
    assert "成绩已录入" in answer.text
    db.session.rollback()
    found = db.session.query(Mark).filter_by(scorer_id=scene.second.person_id)
    given = {(one.candidate.enrolment.person.name, one.part.value, one.seat, one.points) for one in found}
    assert given == {
        ("张三", "theory", 1, 60), ("张三", "practice", 2, 90), ("李四", "practice", 1, 70), ("王五", "theory", 1, None),
        ("王五", "practice", 1, None),
    }  # fmt: skip


def test_one_wrong_row_keeps_all_of_it_out(scene):
    give(scene, scene.leader, "张三", 80)
    give(scene, scene.second, "张三", 81)
    give(scene, scene.third, "李四", 60)
    give(scene, scene.leader, "王五", 60, Part.THEORY)
    data = sheet(scene, ("张三", None, 90), ("李四", None, 61), ("999999", 1, 1), ("王五", 101, 1), ("王五", 1, "x"))
    staged = operations.stage_own_sheet(scene.third, scene.batch.id, data, "评分.xlsx")
    found = [{finding.rule for finding in row.said if finding.stops} for row in staged.rows]
    assert found == [
        {"exams.mark_not_wanted"}, {"exams.sheet_differs"}, {"exams.sheet_unknown_number"},
        {"exams.sheet_twice", "exams.sheet_range"}, {"exams.sheet_twice", "exams.sheet_range", "exams.sheet_differs"},
    ]  # fmt: skip
    good = sheet(scene, ("张三", 70, None), ("王五", None, 88))
    staged = operations.stage_own_sheet(scene.third, scene.batch.id, good, "评分.xlsx")
    give(scene, scene.leader, "王五", 50)
    give(scene, scene.second, "王五", 51)
    before = db.session.query(Mark).count()
    refusal = refused(operations.take_over_own_sheet, scene.third, staged.id)
    assert rules_of(refusal) == {"exams.mark_not_wanted"}, "it is judged again as the batch stands now"
    assert db.session.query(Mark).count() == before
    operations.discard_own_sheet(scene.third, staged.id)
    assert rules_of(refused(operations.take_over_own_sheet, scene.third, staged.id)) >= {"sheets.decided"}
