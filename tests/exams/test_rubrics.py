"""A part marked by items with weights: what they come to, from every door, and that the database holds it."""

import json
from datetime import date
from fractions import Fraction
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from openpyxl import load_workbook

from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.sheets import Table, read_sheet, write_workbook
from lbcert.dossiers.operations import close_dossier
from lbcert.exams import operations, own_sheet, rubrics, scoring
from lbcert.exams.models import Absence, Mark, Part, PartScheme, Post, Rubric
from lbcert.exams.queries.marks import schemes_of, sheets_of
from lbcert.exams.queries.rubrics import rubrics_for
from lbcert.exams.scoring import Item
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of, said
from tests.exams.test_papers import texts
from tests.exams.test_sql_attacks import NOW, got_through
from tests.exams.test_transcription import number, upload
from tests.exams.test_transcription import sheet as signed_sheet
from tests.exams.test_two_markers import TWO

PARTS = (Part.THEORY, Part.PRACTICE)
#: 40 points as they are given, 35 by half points, 25 by steps of five.
ITEMS = (
    Item("照明线路安装", 40, 40, "按图接线，工艺美观"),
    Item("故障排查", 35, 70),
    Item("安全文明生产", 25, 5),
)
#: Each wrong line or list, and the rule that says so.
WRONG = [
    ("照明线路安装", "exams.rubric_line"),
    ("照明，四十", "exams.rubric_line"),
    ("照明，60\n安全，30", "exams.rubric_weights"),
    ("照明，50\n照明，50", "exams.rubric_twice"),
    ("照明，100，101", "exams.rubric_range"),
    ("照明，100，30", "exams.rubric_hundredths"),
    ("甲" * 41 + "，100", "exams.rubric_name"),
    ("\n".join(f"第{n}项，5" for n in range(21)), "exams.rubric_items"),
    ("", "exams.rubric_items"),
]
_worths = [(weight, most) for weight in range(1, 101) for most in range(1, 101) if weight * 100 % most == 0]
marked = some.lists(some.sampled_from(_worths), min_size=1, max_size=20).flatmap(
    lambda items: some.tuples(some.just(items), some.tuples(*(some.integers(0, most) for _, most in items)))
)


@settings(max_examples=200, deadline=None)
@given(marked)
def test_a_mark_is_the_weighted_sum_of_its_items_with_halves_rounded_up(case):
    shape, points = case
    exact = sum(Fraction(weight * given, most) for (weight, most), given in zip(shape, points, strict=True))
    items = [Item("项", weight, most) for weight, most in shape]
    assert scoring.total(items, points) == (exact + Fraction(1, 2)).__floor__()


@pytest.mark.parametrize(("text", "rule"), WRONG)
def test_a_rubric_whose_items_are_not_whole_is_refused(text, rule):
    items, findings = rubrics.read_lines(text)
    assert {one.rule for one in findings or rubrics.whole(items)} == {rule}


def test_items_are_read_as_a_table_copies_them_and_as_they_are_typed():
    items, findings = rubrics.read_lines(
        "照明线路安装\t40\t\t按图接线，工艺美观\n\n故障排查， 35，70\n安全文明生产 | 25 | 5"
    )
    assert (tuple(items), findings) == (ITEMS, [])
    assert rubrics.read_lines(rubrics.as_lines(ITEMS)) == (list(ITEMS), [])


def written(scene, items=ITEMS, part=Part.PRACTICE, **values):
    item = scene.cohort.item
    usual = {"level": item.level, "valid_from": date(2025, 1, 1), "source": "本机构制定"}
    return operations.write_rubric(
        scene.clerk, scene.body.id, item.trade_id, part=part, items=items, **{**usual, **values}
    )


@pytest.fixture
def scene(app, exam_day):
    """Give a batch that is marked by a rubric which its body's clerk wrote on the page."""
    scene = stage.ready(policies=TWO)
    page, here = browser_of(app, scene.clerk), f"/exams/bodies/{scene.body.id}/rubrics"
    item = scene.cohort.item
    sent = {
        "trade_id": item.trade_id, "level": item.level.value, "part": "practice", "items": "照明，60\n安全，30",
        "valid_from": "2025-01-01", "source": "本机构制定",
    }  # fmt: skip
    answer = page.post(here, data=sent)
    assert (answer.status_code, "各项权重合计应为 100，现在是 90" in answer.text) == (422, True)
    sent["items"] = rubrics.as_lines(ITEMS)
    shown = page.post(here, data=sent)
    assert "登记这一版" in shown.text
    assert db.session.query(Rubric).count() == 0, "it is shown first"
    changed = page.post(here, data={**sent, "seen": "照明，100"})
    assert db.session.query(Rubric).count() == 0, "what was not shown is not kept"
    assert "登记这一版" in changed.text
    kept = page.post(here, data={**sent, "seen": sent["items"]}, follow_redirects=True)
    assert "评分细则第 1 版" in kept.text
    db.session.rollback()
    scene.rubric = db.session.query(Rubric).one()
    return stage.begun(scene)


def test_the_staff_of_a_batch_read_the_rubric_by_which_it_is_marked(app, scene):
    page, other = f"/exams/rubrics/{scene.rubric.id}", written(scene, (*ITEMS[:1], Item("其余", 60, 60)))
    supervisor = stage.examiner(scene, "督导")
    assert browser_of(app, supervisor).get(page).status_code == 403
    operations.appoint(scene.clerk, scene.batch.id, supervisor.person_id, Post.SUPERVISOR)
    for who in (supervisor, scene.second):
        assert "按图接线，工艺美观" in browser_of(app, who).get(page).text
        assert browser_of(app, who).get(f"/exams/rubrics/{other.id}").status_code == 403
    batch = browser_of(app, supervisor).get(f"/exams/{scene.batch.id}").text
    assert f'href="{page}"' in batch


def practice(scene, who, name, *points, absence=None, **more):
    return operations.record_mark(
        who, scene.batch.id, number_of(scene, name), Part.PRACTICE, None, absence, by_item=points or None, **more
    )


def test_a_batch_is_marked_by_the_rubric_that_held_when_it_began(app, scene):
    other = written(scene, (*ITEMS[:1], Item("其余", 60, 60)))
    assert (scene.rubric.edition, other.edition) == (1, 2)
    frozen = {row.part: row.rubric_id for row in db.session.query(PartScheme)}
    assert frozen == {Part.THEORY: None, Part.PRACTICE: scene.rubric.id}
    assert rubrics_for(scene.batch)[Part.PRACTICE].id == other.id
    operations.withdraw_rubric(scene.clerk, other.id, "权重有误")
    assert rubrics_for(scene.batch)[Part.PRACTICE].id == scene.rubric.id, "the one before it holds again"
    assert rules_of(refused(operations.withdraw_rubric, scene.clerk, other.id, "再停")) == {"exams.rubric_withdrawn"}
    _refused_by_item(scene)
    assert got_through(_attacks(scene, other)) == []
    entry = "6b2f0d0e-0000-4000-8000-000000000001"
    first = practice(scene, scene.leader, "张三", 31, 47, 4, entry=entry)
    assert (first.points, first.by_item) == (75, (31, 47, 4)), "31 + 23.5 + 20 = 74.5"
    assert practice(scene, scene.leader, "张三", 31, 47, 4, entry=entry).id == first.id
    assert rules_of(refused(practice, scene, scene.leader, "张三", 31, 46, 4, entry=entry)) == {"exams.entry_reused"}
    _on_the_pages(app, scene)
    told = db.session.query(AuditEntry).filter_by(operation="exams.record_mark").first()
    assert json.loads(told.arguments)["by_item"] == "●", "the log tells nobody another's points"
    changed = operations.change_mark(
        scene.leader, scene.batch.id, first.id, None, None, "漏看一处", by_item=(31, 45, 4)
    )
    assert (changed.points, changed.by_item) == (74, (31, 45, 4))
    _by_own_sheet(app, scene)
    practice(scene, scene.leader, "王五", absence=Absence.ABSENT)
    _by_signed_sheet(scene)
    shown = browser_of(app, scene.decider).get(f"/exams/{scene.batch.id}/decide").text
    assert "74（31 + 45 + 4）" in shown
    for name in ("张三", "李四", "王五"):
        operations.record_mark(scene.leader, scene.batch.id, number_of(scene, name), Part.THEORY, 80)
    operations.decide_batch(scene.decider, scene.batch.id)
    result = stage.result_of(scene, "张三")
    assert (result.theory, result.practice) == (80, 75), "74 and 76 of two markers"
    _in_the_file(scene)


def _attacks(scene, other):
    """Give marks that say other than their items, and changes of a rubric under its batch, as SQL."""
    stage.planned(number="RD-other", scheme="social")
    mark = (
        "INSERT INTO marks (batch_id, candidate_id, part, seat, points, absence, by_item, scorer_id, account_id, reason, created_at) "
        f"VALUES ({scene.batch.id}, {scene.batch.candidates[0].id}, '{{}}', 1, {{}}, {{}}, {{}}, {scene.leader.person_id}, {scene.leader.id}, '', {NOW})"
    )
    item = "INSERT INTO rubric_items (rubric_id, place, name, weight, most, guide) VALUES ({}, {}, 'x', {}, {}, '')"
    scheme = (
        "INSERT INTO part_schemes (batch_id, part, markers, basis, rubric_id, created_at) "
        f"SELECT id, '{{}}', 1, '', {scene.rubric.id}, {NOW} FROM batches WHERE number = 'RD-other'"
    )
    by_item = "exams.points_by_item"
    return [
        *(
            (by_item, mark.format(*values))
            for values in (
                ("practice", 80, "NULL", "NULL"), ("practice", 76, "NULL", "'031047004'"), ("practice", 96, "NULL", "'041070004'"),
                ("practice", 75, "NULL", "'031047'"), ("practice", 75, "NULL", "'031047004000'"), ("practice", 75, "NULL", "'03104700x'"),
                ("practice", "NULL", "'absent'", "'031047004'"), ("theory", 80, "NULL", "'080'"), ("theory", 80, "NULL", "''"),
            )
        ),
        ("exams.rubric.update", f"UPDATE rubrics SET source = 'x' WHERE id = {scene.rubric.id}"),
        ("exams.rubric.update", f"UPDATE rubrics SET withdrawn_on = NULL, withdrawn_reason = '' WHERE id = {other.id}"),
        ("exams.rubric.delete", f"DELETE FROM rubrics WHERE id = {other.id}"),
        ("exams.rubric_item.update", "UPDATE rubric_items SET weight = 39 WHERE weight = 40"),
        ("exams.rubric_item.delete", "DELETE FROM rubric_items WHERE weight = 40"),
        ("exams.rubric_whole", item.format(scene.rubric.id, 4, 1, 1)),
        ("exams.rubric_whole", item.format(scene.rubric.id, 5, 0, 1)),
        ("point_in_hundredths|exams.rubric_whole", item.format(scene.rubric.id, 4, 1, 3)),
        ("exams.rubric_other", scheme.format("practice")),
        ("exams.rubric_other", scheme.format("theory")),
    ]  # fmt: skip


def _refused_by_item(scene):
    record = operations.record_mark
    at = (scene.leader, scene.batch.id, number_of(scene, "张三"))
    assert rules_of(refused(record, *at, Part.PRACTICE, 80)) == {"exams.items_wanted"}
    for nothing_to_mark in ((1,), ()):
        assert rules_of(refused(record, *at, Part.THEORY, None, by_item=nothing_to_mark)) == {"exams.items_differ"}
    assert rules_of(refused(practice, scene, scene.leader, "张三", 40, 70)) == {"exams.items_differ"}
    refusal = refused(practice, scene, scene.leader, "张三", 41, 70, -1)
    assert [one.rule for one in refusal.findings] == ["exams.item_range", "exams.item_range"]
    assert "操作技能“照明线路安装”应为 0 至 40 的整数，不是“41”" in said(refusal)


def _on_the_pages(app, scene):
    """Show the rubric wherever the batch is: its page, the plain marking form, and the printed sheet."""
    clerk, leader = browser_of(app, scene.clerk), browser_of(app, scene.leader)
    assert "第 1 版 · 本机构制定" in clerk.get(f"/exams/{scene.batch.id}").text
    here = f"/exams/{scene.batch.id}/marking/{number_of(scene, '张三')}"
    assert "照明线路安装 31 · 故障排查 47 · 安全文明生产 4" in leader.get(here).text
    _, page = texts(clerk.get(f"/exams/{scene.batch.id}/papers/scoring.pdf"))[0]
    for text in (
        "1照明线路安装4040按图接线，工艺美观",
        "2故障排查3570",
        "1照明线路安装0–40",
        "2故障排查0–70",
        "评分细则第1版",
    ):
        assert text in page
    form = {"part": "practice", "mark_id": "", "by_item-0": "1", "by_item-1": "", "by_item-2": "3"}
    other = here.replace(number_of(scene, "张三"), number_of(scene, "李四"))
    refusal = leader.post(other, data=form)
    assert (refusal.status_code, "请逐项填写得分" in refusal.text) == (422, True)
    assert 'name="by_item-2"' in refusal.text
    assert 'value="3"' in refusal.text, "what was typed is kept"


def _by_own_sheet(app, scene):
    """Have the second examiner send a sheet with a column an item; a row that is wrong is named, and nothing is written."""
    columns = own_sheet.columns(PARTS, schemes_of(scene.batch.id))
    browser, here = browser_of(app, scene.second), f"/exams/{scene.batch.id}/own-sheet"
    empty = read_sheet(browser.get(f"{here}/template").data, columns)
    assert set(empty.places) == {"number", "theory", "practice.0", "practice.1", "practice.2", "practice"}

    def sent(*rows):
        keys = ("number", "practice.0", "practice.1", "practice.2", "practice")
        filled = [dict(zip(keys, (number_of(scene, row[0]), *row[1:]), strict=True)) for row in rows]
        file = BytesIO(write_workbook(Table("评分表", columns, filled)))
        return browser.post(here, data={"file": (file, "评分.xlsx")}, follow_redirects=True)

    wrong = sent(("张三", 40, 71, "", ""), ("李四", 40, 70, 5, 99), ("王五", "", "", "", 60)).text
    named = {name: number_of(scene, name) for name in ("张三", "李四", "王五")}
    assert f"{named['张三']} 的操作技能“故障排查”应为 0 至 70 的整数，不是“71”" in wrong
    assert f"{named['张三']} 的操作技能“安全文明生产”应为 0 至 5 的整数，不是“”" in wrong
    assert f"{named['李四']} 的操作技能写作“99”，各项得分合计是 100" in wrong
    assert f"{named['王五']} 的操作技能按评分细则评分，请逐项填写得分" in wrong
    good = sent(("张三", 33, 46, 4, 76), ("李四", 0, 1, 0, ""), ("王五", "", "", "", "缺考"))
    assert "录入 3 行" in good.text
    browser.post(f"{good.request.path}/take")
    db.session.rollback()
    rows = db.session.query(Mark).filter_by(scorer_id=scene.second.person_id)
    assert {(one.points, one.by_item) for one in rows} == {(76, (33, 46, 4)), (1, (0, 1, 0)), (None, None)}


def _by_signed_sheet(scene):
    """Take over a county's sheet, which gives the points alone, as the examiner signed them."""
    staged = upload(scene, signed_sheet(("李四", number(scene, "李四"), None, 3)))
    operations.take_over_transcription(scene.clerk, staged.id)
    sheet = sheets_of(scene.batch.id)[
        next(one.id for one in scene.batch.candidates if one.number == number_of(scene, "李四"))
    ]
    assert sheet.value(Part.PRACTICE) == 2, "the mean of 3 and 1"


def _in_the_file(scene):
    """Close the batch's file: it says by which items each mark was given."""
    operations.publish_batch(scene.decider, scene.batch.id)
    with ZipFile(BytesIO(close_dossier(scene.clerk, scene.batch.id).file.read())) as archive:
        sheets = {
            name: load_workbook(BytesIO(archive.read(f"{name}.xlsx"))) for name in ("评分", "评分细则", "原始记录")
        }
    rubric = sheets["评分细则"].active
    assert [[cell.value for cell in row[:6]] for row in rubric.iter_rows(min_row=2)] == [
        ["操作技能", 1, str(place), item.name, item.weight, item.most] for place, item in enumerate(ITEMS, start=1)
    ]
    assert "31 + 45 + 4" in {row[4].value for row in sheets["评分"].active.iter_rows()}
    kept = sheets["原始记录"]
    assert (kept["rubrics"].max_row, kept["rubric_items"].max_row) == (2, 4), "the other version is none of its own"
