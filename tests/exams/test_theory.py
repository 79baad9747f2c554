"""Theory by computer: drawn, sat on whatever machine, ended by hand or by time, and never open to who should not see it."""

from datetime import timedelta

import pytest

from lbcert.core import clock
from lbcert.core.access import Console, Holder, Role
from lbcert.core.database import db
from lbcert.core.sheets import Column, Table, read_sheet, write_workbook
from lbcert.exams import operations as exams
from lbcert.exams import own_sheet
from lbcert.exams.declaring import Answers
from lbcert.exams.models import (
    Absence,
    Answer,
    AnswerSheet,
    BankReading,
    Batch,
    Candidate,
    Ending,
    Mark,
    PaperDraw,
    Part,
    PartScheme,
    Seen,
    SheetOpening,
)
from lbcert.exams.operations.transcription import checked
from lbcert.exams.queries.marks import own_sheets, standing_marks
from lbcert.exams.queries.resits import forms_of
from lbcert.exams.sheets import COLUMNS as COUNTY
from lbcert.exams.theory import operations
from lbcert.exams.theory.operations.sheets import end_what_is_due
from lbcert.exams.theory.queries.banks import live_questions
from lbcert.exams.theory.queries.papers import draw_of, is_as_drawn, papers_of
from lbcert.exams.theory.queries.scores import may_be_scored
from lbcert.exams.theory.queries.sheets import asked_on, chosen_on
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams import test_transcription as transcription
from tests.exams import theory_scene as theory
from tests.exams.scene import refused, rules_of, said, sql
from tests.exams.test_rubrics import written

pytestmark = pytest.mark.usefixtures("exam_day")

COLUMNS = [own_sheet.NUMBER, *COUNTY[2:4]]
ITEM_COLUMNS = [Column("number", "题号"), Column("difficulty", "难度")]


def enter(app, scene, name, **other):
    """Come in as a candidate, in a browser of its own."""
    browser = app.test_client()
    answer = browser.post("/exams/theory/", data={**theory.named(scene, name), **other})
    return browser, answer


def holder(scene, name):
    return Holder(theory.candidate(scene, name).enrolment.person_id)


def save(browser, question_id, *chosen):
    return browser.post(
        f"/exams/theory/answers/{question_id}", data={"chosen": list(chosen)}, headers={"Accept": "application/json"}
    )


def test_papers_are_drawn_once_for_all_and_can_be_drawn_again_by_anybody(app):
    scene = theory.bank(stage.ready(), judged=5)
    scene = theory.arranged(scene)
    office, here = browser_of(app, scene.clerk), f"/exams/{scene.batch.id}/theory"
    first = draw_of(scene.batch.id)
    assert is_as_drawn(first)
    shown = office.get(here).text
    assert "重算一致" in shown
    assert first.seed not in shown, "whoever knows seed and bank knows the papers"
    assert first.commitment in shown
    assert forms_of(scene.batch.id) == {Part.THEORY: f"机考 {first.id}"}
    exams.set_paper_forms(scene.clerk, scene.batch.id, {Part.THEORY: "B 卷", Part.PRACTICE: "第 2 套"})
    assert forms_of(scene.batch.id) == {Part.THEORY: f"机考 {first.id}", Part.PRACTICE: "第 2 套"}
    a, b = ([row.question_id for row in paper.questions] for paper in papers_of(first.id))
    assert len(set(a) & set(b)) == 1, "five of right or wrong for twice three: one is on both"
    assert "请写明理由" in office.post(f"{here}/draw", data={"blueprint": scene.blueprint.id, "forms": "one"}).text
    office.post(f"{here}/draw", data={"blueprint": scene.blueprint.id, "forms": "one", "reason": "泄题"})
    assert [paper.form for paper in papers_of(draw_of(scene.batch.id).id)] == ["A"]
    office.post(f"{here}/withdraw", data={"reason": "停电"})
    assert draw_of(scene.batch.id) is None
    assert forms_of(scene.batch.id) == {Part.PRACTICE: "第 2 套"}
    assert db.session.query(PaperDraw).count() == 3, "what was drawn stays on file"

    operations.retire_question(scene.clerk, scene.bank.id, b[-1], "过时")
    scene.lacking = operations.create_blueprint(
        scene.clerk, scene.bank.id, "判断五题", 90, [theory.Line(theory.QuestionKind.JUDGE, "", 5, 200)]
    )
    refusal = refused(operations.draw_papers, scene.clerk, scene.batch.id, scene.lacking.id)
    assert said(refusal) == "判断共需要 5 道，可用 4 道，还差 1 道"
    exams.begin_marking(scene.clerk, scene.batch.id)
    assert db.session.query(PartScheme).filter_by(by_computer=True).count() == 0
    refusal = refused(operations.draw_papers, scene.clerk, scene.batch.id, scene.blueprint.id, reason="x")
    assert rules_of(refusal) == {"exams.paper_drawn_late"}


def test_a_sheet_is_opened_by_who_was_looked_at_within_his_sitting_alone(app):
    scene = theory.arranged()
    assert "考务还没有开考" in enter(app, scene, "张三")[1].text
    exams.begin_marking(scene.clerk, scene.batch.id)
    assert "监考员核验身份（本人）以后" in enter(app, scene, "张三")[1].text
    exams.check_identity(scene.invigilator, theory.candidate(scene, "张三").id, Seen.DOUBT, "照片不像")
    assert "监考员核验身份（本人）以后" in enter(app, scene, "张三")[1].text
    exams.check_identity(scene.invigilator, theory.candidate(scene, "张三").id, Seen.MATCH)
    code = theory.named(scene, "张三")["code"]
    for wrong in ({"number": "000001"}, {"last_four": "0000"}, {"code": str((int(code) + 1) % 10**6).zfill(6)}):
        answer = enter(app, scene, "张三", **wrong)[1]
        assert answer.status_code == 422
        assert "考生号、身份证号后四位和场次码对不上" in answer.text
    with clock.at(theory.NINE - timedelta(minutes=1)):
        assert "还没有到考试时间：09:00 开始" in enter(app, scene, "张三")[1].text
    with clock.at(theory.NINE + timedelta(hours=2)):
        assert "考试已于 11:00 结束" in enter(app, scene, "张三")[1].text
    assert db.session.query(AnswerSheet).count() == 0
    answer = enter(app, scene, "张三", last_four=theory.named(scene, "张三")["last_four"].lower())[1]
    assert answer.location == "/exams/theory/sheet"
    room = browser_of(app, scene.invigilator).get(f"/exams/{scene.batch.id}/theory").text
    assert code in room
    assert "张三" not in room, "a scorer reads this page too: numbers alone"
    for other in (scene.clerk, scene.leader, scene.decider):
        seen = browser_of(app, other).get(f"/exams/{scene.batch.id}/theory").text
        assert code not in seen
        assert "1 号" not in seen, "seats have names elsewhere, and this page has numbers"


def test_answers_are_kept_as_they_are_given_and_found_again_on_another_machine(app):
    scene = theory.begun()
    browser, _answer = enter(app, scene, "张三")
    sheet = db.session.query(AnswerSheet).one()
    (single, judged) = (question.id for _row, question in (asked_on(sheet.paper_id)[0], asked_on(sheet.paper_id)[-1]))
    assert sheet.paper.form == theory.form_of(scene, "张三")
    assert save(browser, single, "A").json["answered"] == 1
    assert save(browser, single, "A").json["elsewhere"] == ""
    assert save(browser, judged, "T").json["answered"] == 2
    save(browser, single, "C")
    save(browser, judged)
    assert [(row.question_id, row.chosen) for row in db.session.query(Answer).order_by(Answer.id)] == [
        (single, "A"), (judged, "T"), (single, "C"), (judged, ""),
    ]  # fmt: skip
    for question_id, chosen, rule in (
        (single, "Z", "没有这个选项"),
        (single, "AB", "没有这个选项"),
        (10**6, "A", "不在您的试卷上"),
    ):
        answer = save(browser, question_id, *chosen)
        assert answer.status_code == 422
        assert rule in answer.json["why"][0]

    second, answer = enter(app, scene, "张三")
    page = second.get(answer.location).text
    assert "您已打开过本卷" in page
    assert page.count(" checked") == 1, "one choice stands, one was taken back"
    assert save(browser, judged, "F").json["elsewhere"] == "10:00", "the first machine is told"
    assert save(second, judged, "T").json["elsewhere"] == ""
    assert chosen_on(sheet.id)[judged].chosen == "T", "the last one counts"
    assert db.session.query(SheetOpening).count() == 2
    assert "先后在 2 台机器" in browser_of(app, scene.invigilator).get(f"/exams/{scene.batch.id}/theory").text
    plain = second.post(f"/exams/theory/answers/{single}", data={"chosen": "B"})
    assert plain.location.endswith("#q1"), "without scripts each question is a form"

    ended = second.post("/exams/theory/hand-in", follow_redirects=True).text
    assert "已交卷" in ended
    assert "2 / 10 题" in ended
    assert save(browser, single, "A").status_code == 410
    assert "您的答卷已经交卷" in enter(app, scene, "张三")[1].text
    assert second.get("/exams/theory/sheet").location == "/exams/theory/"
    held_by_the_database(scene, sheet)


def held_by_the_database(scene, sheet):
    """No answer is changed, added late or put on a strange paper, whoever writes to the tables."""
    values = {"sheet": sheet.id, "question": asked_on(sheet.paper_id)[0][1].id}
    late = "INSERT INTO answers (sheet_id, question_id, chosen, saved_at) VALUES (:sheet, :question, 'B', '2025-08-09 02:00:00.000000')"
    assert rules_of(refused(sql, late, **values)) == {"exams.answer_late"}
    for statement in (
        "UPDATE answers SET chosen = 'B'", "DELETE FROM answers", "UPDATE answer_sheets SET ended_at = NULL, ending = NULL",
        "DELETE FROM sheet_openings", "UPDATE paper_questions SET tenths = 1", "DELETE FROM theory_papers",
    ):  # fmt: skip
        refused(sql, statement)
    unseen = theory.candidate(scene, "李四").id
    exams.check_identity(scene.invigilator, unseen, Seen.OTHER, "替考")
    opened = (
        "INSERT INTO answer_sheets (batch_id, candidate_id, sitting_id, part, paper_id, opened_at, due_at, created_at) SELECT batch_id, "
        ":candidate, sitting_id, part, paper_id, opened_at, due_at, created_at FROM answer_sheets"
    )
    assert rules_of(refused(sql, opened, candidate=unseen)) & {"exams.sheet_unseen", "exams.sheet_not_open"}


def test_time_ends_a_sheet_by_itself_and_nobody_else_answers_on_it(app):
    scene = theory.begun()
    with clock.at(theory.NINE + timedelta(minutes=10)):
        early, _answer = enter(app, scene, "李四")
    browser, _answer = enter(app, scene, "张三")
    mine, his = (
        db.session.query(AnswerSheet).filter_by(candidate_id=theory.candidate(scene, name).id).one() for name in ("张三", "李四")
    )  # fmt: skip
    assert his.due_at == theory.NINE + timedelta(minutes=100), "ninety minutes from ten past nine"
    assert mine.due_at == theory.NINE + timedelta(minutes=120), "the sitting ends before the time is over"
    question = asked_on(mine.paper_id)[0][1].id
    with pytest.raises(Exception, match=r"exams\.save_answer"):
        operations.save_answer(holder(scene, "李四"), mine.id, question, ["B"])
    save(browser, question, "B")
    with clock.at(mine.due_at + timedelta(seconds=1)):
        assert save(browser, question, "C").status_code == 410
        assert browser.get("/exams/theory/left").status_code == 410
        end_what_is_due()
        assert "到时自动交卷" in browser.get("/exams/theory/sheet", follow_redirects=True).text
    db.session.expire_all()
    assert [(one.ending, one.ended_at == one.due_at) for one in db.session.query(AnswerSheet)] == [
        (Ending.TIME, True)
    ] * 2
    assert operations.end_sheets(Console()) == 0
    assert early.get("/exams/theory/sheet").location == "/exams/theory/ended"


def test_time_that_a_hall_lost_is_given_back_by_who_is_in_it(app):
    policies = {**stage.POLICIES, "exams.extra_minutes": 30}
    scene = theory.begun(theory.arranged(theory.bank(stage.ready(policies=policies))))
    room, give = browser_of(app, scene.invigilator), f"/exams/sittings/{scene.sitting_id}/extra-time"
    with clock.at(theory.NINE + timedelta(minutes=10)):
        enter(app, scene, "李四")
    zhang, _answer = enter(app, scene, "张三")
    mine, his = (sheet_of(scene, name) for name in ("张三", "李四"))
    refusal = refused(operations.give_extra_time, scene.invigilator, scene.sitting_id, 31, " ")
    assert rules_of(refusal) == {"exams.reason", "exams.extra_limit"}
    assert "延时后要到 11:31 才结束；场次 11:00 结束，按规定最多再延 30 分钟" in said(refusal)
    power_is_back = his.due_at + timedelta(minutes=5)
    with clock.at(power_is_back):
        end_what_is_due()
        assert sheet_of(scene, "李四").ending is Ending.TIME
        page = room.post(give, data={"minutes": "15", "reason": "停电"}, follow_redirects=True).text
        assert "监考员延时 15 分钟，3 人" in page
        assert "停电" in page
    until = theory.NINE + timedelta(minutes=135)
    assert (sheet_of(scene, "张三").due_at, sheet_of(scene, "李四").due_at) == (
        until,
        power_is_back + timedelta(minutes=15),
    )
    with clock.at(power_is_back + timedelta(minutes=14)):
        back, answer = enter(app, scene, "李四")
        assert "监考员延时 15 分钟（停电）；考试到 11:00 结束" in back.get(answer.location).text
    with clock.at(until - timedelta(minutes=1)):
        assert not may_be_scored(scene.batch), "who has not come yet may still come"
        assert (
            "还有 1 名考生没有进入" in browser_of(app, scene.leader).post(f"/exams/{scene.batch.id}/theory/score").text
        )
        late, _answer = enter(app, scene, "王五")
        question = asked_on(mine.paper_id)[0][1].id
        assert "考试到 11:15 结束" in save(zhang, question, "B").json["extra"]
        late.post("/exams/theory/hand-in")
        only_him = {"minutes": "5", "reason": "机器故障", "candidate": str(theory.candidate(scene, "王五").id)}
        assert "没有可以延时的考生" in room.post(give, data=only_him).text
    with clock.at(until + timedelta(seconds=1)):
        assert save(zhang, question, "C").status_code == 410
        assert may_be_scored(scene.batch)
    with clock.at(theory.NINE + timedelta(days=1)):
        refusal = refused(operations.give_extra_time, scene.invigilator, scene.sitting_id, 5, "停电")
        assert "exams.extra_day" in rules_of(refusal)
    for statement in (
        "DELETE FROM extra_times", "UPDATE extra_times SET minutes = 60",
        "UPDATE answer_sheets SET due_at = '2025-08-09 09:00:00.000000'",
        "UPDATE answer_sheets SET due_at = '2025-08-09 03:15:00.000000', ended_at = NULL, ending = NULL WHERE ending = 'handed_in'",
        "INSERT INTO extra_times (batch_id, candidate_id, was, until, minutes, reason, account_id, person_id, created_at) SELECT batch_id, "
        "candidate_id, due_at, '2025-08-09 09:00:00.000000', 5, 'x', 1, 1, due_at FROM answer_sheets WHERE ending = 'handed_in'",
    ):  # fmt: skip
        assert rules_of(refused(sql, statement)) <= {
            "exams.extra_time.delete", "exams.extra_time.update", "exams.answer_sheet.update", "exams.extra_closed",
        }  # fmt: skip


def sheet_of(scene, name):
    db.session.expire_all()
    return db.session.query(AnswerSheet).filter_by(candidate_id=theory.candidate(scene, name).id).one()


def answer_all(app, scene, name, right):
    """Answer the first ``right`` questions right and the others wrong, and hand in."""
    browser, _answer = enter(app, scene, name)
    sheet = db.session.query(AnswerSheet).filter_by(candidate_id=theory.candidate(scene, name).id).one()
    for place, (_row, question) in enumerate(asked_on(sheet.paper_id)):
        wrong = "F" if question.key == "T" else "C"
        assert save(browser, question.id, question.key if place < right else wrong).status_code == 200
    browser.post("/exams/theory/hand-in")


def test_the_key_gives_an_examiners_marks_and_tells_of_the_questions(app):
    scene = theory.arranged()
    written(scene, part=Part.THEORY)  # a key asks no items
    theory.begun(scene)
    here = f"/exams/{scene.batch.id}/theory"
    leader = browser_of(app, scene.leader)
    answer_all(app, scene, "张三", 8)
    refusal = refused(exams.record_mark, scene.leader, scene.batch.id, stage.number_of(scene, "张三"), Part.THEORY, 100)
    assert rules_of(refusal) == {"exams.theory_by_computer"}
    by_hand = (
        "INSERT INTO marks (batch_id, candidate_id, part, seat, points, scorer_id, account_id, reason, created_at) "
        "VALUES (:batch, :candidate, 'theory', 1, 100, :scorer, :account, '', '2025-08-09 02:00:00')"
    )
    values = {
        "batch": scene.batch.id,
        "candidate": theory.candidate(scene, "张三").id,
        "scorer": scene.leader.person_id,
    }
    assert rules_of(refused(sql, by_hand, account=scene.leader.id, **values)) == {"exams.theory_by_computer"}
    assert leader.get(f"/exams/{scene.batch.id}/marking").text.count("不需要您评") == 3
    county = transcription.sheet(("李四", transcription.number(scene, "李四"), 90, None))
    (why,) = (one for one in checked(scene.batch, scene.leader.person_id, county).all_findings if one.stops)
    assert why.rule == "exams.theory_by_computer"
    assert str(why.message).startswith("第 2 行 李四 的理论知识是机考")
    filled = write_workbook(Table("x", COLUMNS, [{"number": stage.number_of(scene, "李四"), Part.THEORY: 90}]))
    own = {one.number: one for one in own_sheets(scene.batch, scene.leader.person_id)}
    (entry,) = own_sheet.judge(read_sheet(filled, COLUMNS), own, [Part.THEORY])
    assert str(entry.findings[0].message).startswith(f"第 2 行 {stage.number_of(scene, '李四')} 的理论知识是机考")

    enter(app, scene, "李四")
    waiting = leader.post(f"{here}/score").text
    assert f"还有 1 份答卷没有交卷：{stage.number_of(scene, '李四')}" in waiting
    assert f"还有 1 名考生没有进入：{stage.number_of(scene, '王五')}" in waiting
    second = next(one.id for one in scene.batch.staff if one.person_id == scene.second.person_id)
    cousin = theory.candidate(scene, "张三").enrolment_id
    exams.declare(scene.second, second, Answers(kin="表弟", learners=(cousin,)))
    with clock.at(theory.NINE + timedelta(hours=2, minutes=1)):
        browser_of(app, scene.second).post(f"{here}/score")
        assert marks() == {"李四": 0, "王五": Absence.ABSENT}, "a relative is left to another examiner"
        assert "须由另一名考评员评分" in browser_of(app, scene.second).post(f"{here}/score").text
        leader.post(f"{here}/score")
        assert marks() == {"张三": 80, "李四": 0, "王五": Absence.ABSENT}
        assert "机考成绩已经全部写入" in leader.post(f"{here}/score").text
        cheat = db.session.query(Mark).filter_by(candidate_id=theory.candidate(scene, "李四").id).one()
        exams.change_mark(scene.second, scene.batch.id, cheat.id, None, Absence.VOID, "抄袭")
        for name, points in (("张三", 90), ("李四", 70), ("王五", 70)):
            exams.record_mark(scene.leader, scene.batch.id, stage.number_of(scene, name), Part.PRACTICE, points)
        office = browser_of(app, scene.clerk)
        assert "还没有试题分析" in office.get(f"{here}/items").text, "not before the decision"
        exams.decide_batch(scene.decider, scene.batch.id)
    assert draw_of(scene.batch.id).seed in office.get(here).text, "now anybody may draw again"
    page = office.get(f"{here}/items").text
    assert "每题作答不到 30 人" in page
    rows = read_sheet(office.get(f"{here}/items?format=xlsx").data, ITEM_COLUMNS).rows
    first, second = (theory.form_of(scene, name) for name in ("张三", "李四"))
    expected = {"1.00", "0.50", "0.00"} if first == second else {"1.00", "0.00"}
    assert {row["difficulty"].text for row in rows} <= expected
    assert len(rows) == (10 if first == second else 20)
    assert not any(one.stem in page for one in live_questions(scene.bank.id)), "numbers, and not what was asked"


def marks():
    """Give what counts of the theory, by name."""
    db.session.expire_all()
    rows = standing_marks().where(Mark.part == Part.THEORY)
    return {one.candidate.enrolment.person.name: one.absence or one.points for one in db.session.scalars(rows)}


def test_a_batch_is_not_ready_for_papers_that_somebody_knows_or_has_no_time_for(app):
    scene = theory.bank(stage.ready())
    trainer = stage.make.account(Role.TRAINER, scene.provider, scene.trainer)
    scene = theory.arranged(scene, ends=theory.NINE + timedelta(minutes=80))
    stage.make.store(BankReading(bank_id=scene.bank.id, account_id=trainer.id, reason="审题"))
    refusal = refused(exams.begin_marking, scene.clerk, scene.batch.id)
    assert rules_of(refusal) == {"exams.sitting_short", "exams.trainer_read_bank"}
    assert "一考场 的理论场次只有 80 分钟，组卷方案要 90 分钟" in said(refusal)
    assert "李老师 为本班授课，又查阅过这个题库" in said(refusal)


def test_who_sits_again_is_asked_nothing_that_he_was_asked_before(app):
    scene = theory.begun()
    enter(app, scene, "张三")
    asked = {question.id for _row, question in asked_on(db.session.query(AnswerSheet).one().paper_id)}
    cohort = stage.make.cohort(scene.provider, name="第2期")
    again = stage.make.store(
        Batch(number="RD2", cohort_id=cohort.id, body_id=scene.body.id, scheme="social", held_on=stage.HELD, site="x")
    )
    enrolment = stage.make.enrolment(cohort, theory.candidate(scene, "张三").enrolment.person)
    stage.make.store(Candidate(batch_id=again.id, enrolment_id=enrolment.id, number="654321"))
    made = operations.draw_papers(scene.clerk, again.id, scene.blueprint.id, two_forms=False)
    assert asked.isdisjoint(row.question_id for row in papers_of(made.id)[0].questions)
    for one in list(live_questions(scene.bank.id)):
        if one.id not in asked:
            operations.retire_question(scene.clerk, scene.bank.id, one.id, "过时")
    refusal = refused(operations.draw_papers, scene.clerk, again.id, scene.blueprint.id, reason="换卷")
    assert rules_of(refusal) == {"exams.bank_lacks", "exams.bank_lacks_point"}
    assert "他们答过的 10 道题不再出" in said(refusal)
