"""The county's five-column sheet: judged whole, taken over whole or not at all."""

import pytest

from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden
from lbcert.core.sheets import Table, write_workbook
from lbcert.exams import operations
from lbcert.exams.models import Absence, Mark, Part
from lbcert.exams.operations.transcription import checked
from lbcert.exams.queries.marks import sheets_of
from lbcert.exams.sheets import COLUMNS
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of, said

pytestmark = pytest.mark.usefixtures("app", "exam_day")
PAPER = b"\x89PNG\r\n\x1a\n of the signed paper"


def sheet(*rows):
    """Write a sheet as the county sends it: name, ID number, theory, practice, review."""
    keys = [column.key for column in COLUMNS]
    return write_workbook(Table("Sheet1", COLUMNS, [dict(zip(keys, row, strict=False)) for row in rows]))


def sheet_of(scene, name):
    return next(one for one in sheets_of(scene.batch.id).values() if one.number == number_of(scene, name))


def number(scene, name):
    return next(one.person.id_number for one in scene.learners if one.person.name == name)


def good(scene):
    return sheet(
        ("张三", number(scene, "张三"), 80, 90),
        ("李 四", number(scene, "李四").lower(), 70, "缺考"),
        ("王五", number(scene, "王五"), "成绩无效", None),
    )


def upload(scene, data, actor=None, examiner=None, paper=PAPER):
    return operations.stage_transcription(
        actor or scene.clerk,
        scene.batch.id,
        (examiner or scene.leader).person_id,
        data,
        "成绩.xlsx",
        paper,
        "签名页.png",
        "image/png",
    )


def test_a_good_sheet_is_first_shown_and_then_taken_over_whole():
    scene = stage.begun()
    staged = upload(scene, good(scene))
    assert db.session.query(Mark).count() == 0
    shown = checked(scene.batch, scene.leader.person_id, staged.sheet.read())
    assert (shown.is_good, shown.new_marks) == (True, 5)
    assert "第 4 行 王五 的操作技能为空，按“未录”处理，不是 0 分" in [str(one.message) for one in shown.all_findings]
    operations.take_over_transcription(scene.clerk, staged.id)
    fourth = sheet_of(scene, "李四")
    assert (fourth.value(Part.THEORY), fourth.value(Part.PRACTICE)) == (70, Absence.ABSENT)
    fifth = sheet_of(scene, "王五")
    assert (fifth.value(Part.THEORY), fifth.value(Part.PRACTICE)) == (Absence.VOID, None)
    mark = fourth.marks[Part.THEORY][1]
    assert (mark.scorer_id, mark.account_id, mark.transcription_id) == (
        scene.leader.person_id, scene.clerk.id, staged.id,
    )  # fmt: skip
    assert staged.paper.read() == PAPER
    assert rules_of(refused(operations.take_over_transcription, scene.clerk, staged.id)) == {
        "exams.transcription_closed"
    }


def test_every_wrong_row_is_named_at_once_and_nothing_is_half_done():
    scene = stage.begun()
    stranger = make.id_number()
    data = sheet(
        ("张三", number(scene, "张三"), 80, 90),
        ("李思", number(scene, "李四"), 70, 60),
        ("外人", stranger, 60, 60),
        ("错号", number(scene, "王五")[:-1] + ("1" if number(scene, "王五")[-1] != "1" else "2"), 60, 60),
        ("王五", number(scene, "王五"), 101, "六十"),
        ("王五", number(scene, "王五"), 60, 60),
    )
    staged = upload(scene, data)
    refusal = refused(operations.take_over_transcription, scene.clerk, staged.id)
    assert rules_of(refusal) == {
        "exams.sheet_name_differs", "exams.sheet_unknown_id", "id_number.check", "exams.sheet_range", "exams.sheet_twice",
    }  # fmt: skip
    words = said(refusal)
    assert "第 3 行姓名写作“李思”，这一身份证号的考生是“李四”" in words
    assert f"第 4 行 外人：身份证号 {stranger[:6]}********{stranger[-4:]} 不在本批次考生名单中" in words
    assert stranger not in words
    assert "第 6 行 王五 的理论知识“101”不是 0 至 100 的整数" in words
    assert "第 6 行 王五 的操作技能“六十”不是 0 至 100 的整数" in words
    assert words.count("在表中出现不止一次") == 2
    assert db.session.query(Mark).count() == 0


def test_a_mark_that_differs_from_one_given_is_told_and_one_that_agrees_is_let_be():
    scene = stage.begun()
    stage.give(scene, "张三", 80, 91)
    refusal = refused(operations.take_over_transcription, scene.clerk, upload(scene, good(scene)).id)
    assert rules_of(refusal) == {"exams.sheet_differs"}
    assert "第 2 行 张三 的操作技能已录为 91，表中是 90" in said(refusal)
    rest = sheet(("张三", number(scene, "张三"), 80, 91), ("李四", number(scene, "李四"), 70, 60))
    operations.take_over_transcription(scene.clerk, upload(scene, rest).id)
    assert db.session.query(Mark).count() == 4


def test_who_is_not_in_the_sheet_stays_unrecorded_and_is_named():
    scene = stage.begun()
    data = sheet(("张三", number(scene, "张三"), 80, 90))
    shown = checked(scene.batch, scene.leader.person_id, data)
    assert shown.is_good
    assert "2 名考生不在表中，仍为“未录”：李四、王五" in [str(one.message) for one in shown.findings]


def test_a_sheet_brings_the_comprehensive_review_beside_theory_and_practice():
    scene = stage.begun(with_review=True)
    data = sheet(
        ("张三", number(scene, "张三"), 80, 90, "75"),
        ("李四", number(scene, "李四"), 70, 60, "缺考"),
        ("王五", number(scene, "王五"), 60, 60, "75.5"),
    )
    refusal = refused(operations.take_over_transcription, scene.clerk, upload(scene, data).id)
    assert "第 4 行 王五 的综合评审“75.5”不是 0 至 100 的整数，也不是“缺考”或“成绩无效”" in said(refusal)
    data = sheet(("张三", number(scene, "张三"), 80, 90, "75"), ("李四", number(scene, "李四"), 70, 60, "缺考"))
    operations.take_over_transcription(scene.clerk, upload(scene, data).id)
    values = [[sheet_of(scene, name).value(part) for part in Part] for name in ("张三", "李四", "王五")]
    assert values == [[80, 90, 75], [70, 60, Absence.ABSENT], [None, None, None]]


def test_a_sheet_with_nothing_new_is_not_taken_over():
    scene = stage.begun()
    stage.give(scene, "张三", 80, 90)
    staged = upload(scene, sheet(("张三", number(scene, "张三"), 80, 90)))
    assert rules_of(refused(operations.take_over_transcription, scene.clerk, staged.id)) == {"exams.sheet_nothing_new"}


def test_a_number_whose_digits_excel_lost_is_refused():
    scene = stage.begun()
    data = f"姓名,身份证号码,理论成绩,实操成绩,综合成绩\n张三,{float(number(scene, '张三')[:17] + '0'):.5E},80,90,\n".encode()
    refusal = refused(operations.take_over_transcription, scene.clerk, upload(scene, data).id)
    assert "sheets.lost_digits" in rules_of(refusal)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", "没有表头\n1,2\n".encode()])
def test_a_file_that_is_no_sheet_of_marks_is_refused(data):
    scene = stage.begun()
    assert all(rule.startswith("sheets.") for rule in rules_of(refused(upload, scene, data)))


def test_the_signed_paper_and_an_examiner_of_the_batch_belong_to_it():
    scene = stage.begun()
    assert rules_of(refused(upload, scene, good(scene), paper=b"")) == {"exams.no_paper"}
    assert rules_of(refused(upload, scene, good(scene), examiner=scene.decider)) == {"exams.scorer_not_appointed"}


def test_transcribing_is_the_offices_own_permission_and_no_scorers():
    scene = stage.begun()
    for other in (scene.leader, scene.decider, scene.officer):
        with pytest.raises(Forbidden):
            upload(scene, good(scene), actor=other)
    both = make.account(Role.ASSESSMENT_CLERK, scene.body, scene.second.person)
    assert rules_of(refused(upload, scene, good(scene), actor=both)) == {"exams.transcriber_on_staff"}


def test_a_discarded_sheet_is_kept_and_never_taken_over():
    scene = stage.begun()
    staged = upload(scene, good(scene))
    operations.discard_transcription(scene.clerk, staged.id)
    assert rules_of(refused(operations.take_over_transcription, scene.clerk, staged.id)) == {
        "exams.transcription_closed"
    }
