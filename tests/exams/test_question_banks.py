"""A body's bank: filled from a sheet after a dry run, read by nobody who teaches, and never rewritten."""

from datetime import timedelta
from io import BytesIO

import pytest

from lbcert.core.database import db
from lbcert.core.reference import SkillLevel
from lbcert.core.sheets import Table, read_sheet, write_workbook
from lbcert.exams.models import BankReading, Question, QuestionBank
from lbcert.exams.theory import operations
from lbcert.exams.theory.question_sheet import COLUMNS
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import refused, rules_of, said, sql
from tests.exams.test_theory_rules import question

pytestmark = pytest.mark.usefixtures("exam_day")
EMPTY = {"A": "", "B": ""}


def workbook(*rows):
    return BytesIO(write_workbook(Table("题库", COLUMNS, rows)))


def upload(browser, here, *rows):
    return browser.post(f"{here}/questions", data={"file": (workbook(*rows), "题库.xlsx")}, follow_redirects=True)


def test_a_bank_is_filled_by_a_dry_run_replaced_by_number_and_its_reading_is_kept(app):
    scene = stage.ready()
    browser, trade = browser_of(app, scene.clerk), scene.cohort.item.trade_id
    answer = browser.post("/exams/banks", data={"subject": f"{scene.body.id}:{trade}", "level": "5"})
    assert answer.status_code == 302
    here = answer.location
    bank_id = db.session.query(QuestionBank.id).scalar()
    assert (
        "本机构已有这一职业"
        in browser.post("/exams/banks", data={"subject": f"{scene.body.id}:{trade}", "level": "5"}).text
    )

    rows = [question(), question(stem="可以带电作业", kind="判断", key="错", **EMPTY), question(stem="急救", key="D")]
    checked = upload(browser, here, *rows)
    assert "第 4 行：答案“D”应是有内容的选项的字母" in checked.text
    assert db.session.query(Question).count() == 0, "a dry run writes nothing"
    colleague = browser_of(app, stage.examiner(scene, "另一考务", scene.clerk.grants[0].role))
    assert colleague.get(checked.request.path).status_code == 403, "a sheet of questions is its sender's alone"
    assert "已导入 2 道题" in browser.post(f"{checked.request.path}/import", follow_redirects=True).text
    assert browser.get(checked.request.path).status_code == 404
    first, second = db.session.query(Question).order_by(Question.id)
    assert (first.options, first.key, second.choices, second.key) == ({"A": "12", "B": "36"}, "B", ("T", "F"), "F")
    raw = stage.run("SELECT stem FROM questions ORDER BY id")[0].stem
    assert "安全电压".encode() not in bytes(raw), "what is asked is stored encrypted"

    old = first.id
    replaced = upload(browser, here, question(key="A", replaces=str(old)), question())
    assert f"题库里已有这道题（题号 {old}）" in replaced.text
    browser.post(f"{replaced.request.path}/import")
    db.session.expire_all()
    assert [(one.retired_at is None, one.key) for one in db.session.query(Question).order_by(Question.id)] == [
        (False, "B"), (True, "F"), (True, "A"),
    ]  # fmt: skip

    assert "请写明理由" in browser.post(f"{here}/read", data={"reason": " "}).text
    whole = read_sheet(browser.post(f"{here}/read", data={"reason": "审题"}).data, COLUMNS)
    assert [row["stem"].text for row in whole.rows] == ["安全电压", "可以带电作业"]
    assert [(row.account_id, row.reason) for row in db.session.query(BankReading)] == [(scene.clerk.id, "审题")]
    assert "审题" in browser.get(here).text
    number = whole.rows[1]["replaces"].text
    assert (
        f"题号 {number} 已停用"
        in browser.post(f"{here}/retire", data={"number": number, "reason": "过时"}, follow_redirects=True).text
    )
    assert "或它已停用" in browser.post(f"{here}/retire", data={"number": number, "reason": "过时"}).text

    bad = {"name": "五级", "minutes": "90", "points-single": "1", "count-single-0": "5"}
    assert "全卷应为 100 分，现为 5 分" in browser.post(f"{here}/blueprints/new", data=bad).text
    assert 'aria-invalid="true"' in browser.post(f"{here}/blueprints/new", data={**bad, "points-single": "多"}).text
    good = {**bad, "points-single": "20"}
    assert (
        "单选共需要 5 道，可用 1 道，还差 4 道"
        in browser.post(f"{here}/blueprints/new", data=good, follow_redirects=True).text
    )
    for statement in (
        "UPDATE questions SET key = stem WHERE retired_at IS NULL", "DELETE FROM questions", "DELETE FROM bank_readings",
        "UPDATE blueprints SET minutes = 10", "DELETE FROM blueprint_lines", "UPDATE question_banks SET trade_id = 2",
    ):  # fmt: skip
        refused(sql, statement)
    taught_keeps_out(scene, bank_id)


def taught_keeps_out(scene, bank_id):
    """Somebody who works for the body and teaches the trade sees nothing of its questions, and is told which sessions."""
    stage.lesson(scene.cohort, scene.clerk.person, stage.DAY - timedelta(days=10), title="接线")
    for call in (
        lambda: operations.read_bank(scene.clerk, bank_id, "看看"),
        lambda: operations.receive_questions(scene.clerk, bank_id, workbook(question(stem="新")).read(), "x.xlsx"),
    ):
        refusal = refused(call)
        assert rules_of(refusal) == {"exams.bank_taught"}
        assert "《接线》" in said(refusal)
    assert db.session.query(BankReading).count() == 1


def test_a_bank_is_founded_for_what_the_body_filed(app):
    scene = stage.ready()
    other = stage.make.trade("焊工", "6-18-02-04").id
    refusal = refused(operations.create_bank, scene.clerk, scene.body.id, other, SkillLevel.FIVE)
    assert rules_of(refusal) == {"exams.bank_not_filed"}
