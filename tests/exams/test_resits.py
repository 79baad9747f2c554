"""Resits: the failed part once, another form of the paper, and what was passed is carried for the months of the policy."""

from datetime import date, datetime
from functools import partial

import pytest

from lbcert.certificates.operations.grounds import issue_skill_certificates
from lbcert.certificates.operations.keys import init_keys
from lbcert.certificates.operations.prefixes import enter_prefix
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.policy import Ruling
from lbcert.exams import operations, resits
from lbcert.exams.models import AppealKind, CarriedPart, Effect, Mark, Outcome, Part, Post
from lbcert.exams.operations import set_paper_forms
from lbcert.exams.operations.transcription import checked
from lbcert.exams.queries.marks import own_sheets
from lbcert.exams.resits import Earlier
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams import test_transcription as transcription
from tests.exams.scene import number_of, refused, result_of, rules_of, said

pytestmark = pytest.mark.usefixtures("app")
POLICIES = {**stage.POLICIES, "exams.resits": 1, "exams.part_validity_months": 12}
AGAIN = date(2025, 9, 6)


def day(number, month):
    return clock.at(datetime(2025, month, number, 10, tzinfo=SHANGHAI))


@pytest.fixture
def scene():
    """Publish: 李四 has 70 in theory and fails the practice by a point; 王五 has 60 and was absent from the practice."""
    with day(9, 8):
        scene = stage.ready(policies=POLICIES)
        scene = stage.staffed(scene)
        set_paper_forms(scene.clerk, scene.batch.id, {Part.THEORY: "A 卷", Part.PRACTICE: "第 1 套"})
        operations.begin_marking(scene.clerk, scene.batch.id)
        stage.judged(scene)
        operations.publish_batch(scene.clerk, scene.batch.id)
        scene.first = scene.batch
    with day(6, 9):
        yield scene


def planned_again(scene, names=("李四",), **labels):
    """Plan another exam of the same cohort, and put some of its people forward."""
    scene.batch = operations.plan_batch(scene.clerk, scene.cohort.id, scene.body.id, clock.today(), "阜康考点")
    for account, post in (
        (scene.leader, Post.LEADER), (scene.second, Post.EXAMINER), (scene.third, Post.EXAMINER), (scene.decider, Post.DECIDER),
    ):  # fmt: skip
        staff = operations.appoint(scene.clerk, scene.batch.id, account.person_id, post)
        operations.declare(account, staff.id)
    wanted = [one.id for one in scene.learners if one.person.name in names]
    operations.add_candidates(scene.clerk, scene.batch.id, wanted)
    if labels:
        set_paper_forms(scene.clerk, scene.batch.id, {Part(part): label for part, label in labels.items()})
    return scene


def sat_again(scene, points, name="李四"):
    planned_again(scene, (name,), practice="第 2 套")
    operations.begin_marking(scene.clerk, scene.batch.id)
    operations.record_mark(scene.leader, scene.batch.id, number_of(scene, name), Part.PRACTICE, points)
    operations.decide_batch(scene.decider, scene.batch.id)
    operations.publish_batch(scene.clerk, scene.batch.id)
    return scene


def test_the_passed_part_is_carried_and_the_failed_one_sat_again(scene):
    planned_again(scene, practice="第 2 套")
    (carried,) = db.session.query(CarriedPart)
    assert (carried.part, carried.points, carried.valid_until) == (Part.THEORY, 70, date(2026, 8, 9))
    assert carried.result.batch_id == scene.first.id
    operations.begin_marking(scene.clerk, scene.batch.id)
    (sheet,) = own_sheets(scene.batch, scene.leader.person_id)
    assert set(sheet.seats) == {Part.PRACTICE}
    number = number_of(scene, "李四")
    refusal = refused(operations.record_mark, scene.leader, scene.batch.id, number, Part.THEORY, 90)
    assert rules_of(refusal) == {"exams.part_carried"}
    county = checked(
        scene.batch, scene.leader.person_id, transcription.sheet(("李四", transcription.number(scene, "李四"), 90, 65))
    )
    assert [one.rule for one in county.all_findings if one.stops] == ["exams.part_carried"]
    by_sql = (
        "INSERT INTO marks (batch_id, candidate_id, part, points, scorer_id, account_id, reason, created_at) "
        "VALUES (:batch, :candidate, 'theory', 90, :scorer, :scorer, '', '2025-09-06 02:00:00')"
    )
    candidate = scene.batch.candidates[0]
    refusal = refused(stage.sql, by_sql, batch=scene.batch.id, candidate=candidate.id, scorer=scene.leader.person_id)
    assert rules_of(refusal) == {"exams.part_carried"}
    operations.record_mark(scene.leader, scene.batch.id, number, Part.PRACTICE, 65)
    operations.decide_batch(scene.decider, scene.batch.id)
    operations.publish_batch(scene.clerk, scene.batch.id)
    result = result_of(scene, "李四")
    assert (result.theory, result.practice, result.outcome) == (70, 65, Outcome.PASSED)
    scene.issuer = make.account(Role.ISSUER, scene.body)
    init_keys(Console())
    officer = make.account(Role.BUREAU_OFFICER, make.KUNMING)
    enter_prefix(officer, scene.body.id, "S000053000123", "批复", date(2025, 1, 1))
    (certificate,) = issue_skill_certificates(scene.issuer, scene.batch.id).certificates
    assert '"theory": 70' in certificate.claims


def test_the_countys_sheet_of_a_resit_brings_what_is_sat_again_and_may_repeat_what_is_carried(scene, signed_in):
    planned_again(scene, ("李四", "王五"), practice="第 2 套", theory="B 卷")
    operations.begin_marking(scene.clerk, scene.batch.id)
    fourth, fifth = (transcription.number(scene, name) for name in ("李四", "王五"))
    wrong = transcription.upload(scene, transcription.sheet(("李四", fourth, 71, 65), ("王五", fifth, "缺考", "免考")))
    refusal = refused(operations.take_over_transcription, scene.clerk, wrong.id)
    assert rules_of(refusal) == {"exams.part_carried", "exams.sheet_nothing_carried"}
    assert "第 2 行 李四 的理论知识沿用以前的合格成绩 70 分，不再评分，表中却是“71”；请删去这一格" in said(refusal)
    assert "第 3 行 王五 的理论知识沿用以前的合格成绩 60 分，不再评分，表中却是“缺考”" in said(refusal)
    assert "第 3 行 王五 的操作技能写作“免考”，但没有可以沿用的合格成绩；请填写分数或“缺考”" in said(refusal)
    right = transcription.upload(scene, transcription.sheet(("李四", fourth, 70, 65), ("王五", fifth, "免考", "未录")))
    shown = checked(scene.batch, scene.leader.person_id, right.sheet.read())
    assert (shown.is_good, shown.new_marks) == (True, 1)
    assert [str(one.message) for one in shown.all_findings] == [
        "第 2 行 李四 的理论知识沿用以前的合格成绩 70 分，表中“70”不另录入",
        "第 3 行 王五 的理论知识沿用以前的合格成绩 60 分，表中“免考”不另录入",
        "第 3 行 王五 的操作技能为空，按“未录”处理，不是 0 分",
    ]
    page = signed_in(scene.clerk).get(f"/exams/transcriptions/{right.id}").text
    assert all(words in page for words in ("沿用 70", "沿用 60", "录入 1 项成绩"))
    operations.take_over_transcription(scene.clerk, right.id)
    assert [(mark.part, mark.points) for mark in db.session.query(Mark).filter_by(batch_id=scene.batch.id)] == [
        (Part.PRACTICE, 65)
    ]
    rest = transcription.upload(scene, transcription.sheet(("王五", fifth, None, 66)))
    operations.take_over_transcription(scene.clerk, rest.id)
    operations.decide_batch(scene.decider, scene.batch.id)
    assert [(one.theory, one.practice) for one in map(partial(result_of, scene), ("李四", "王五"))] == [
        (70, 65), (60, 66),
    ]  # fmt: skip


def test_a_part_is_carried_once_more_from_where_it_was_really_sat(scene):
    sat_again(scene, 50)
    with day(7, 9):
        refusal = refused(planned_again, scene)
        assert rules_of(refusal) == {"exams.resits_used"}
        assert f"李四 已考过 2 次（{scene.first.number}" in said(refusal)


def test_an_upheld_case_lets_somebody_sit_once_more(scene):
    sat_again(scene, 50)
    candidate = result_of(scene, "李四").candidate
    outsider = stage.examiner(scene, "复核员")
    arguments = candidate.id, AppealKind.COMPLAINT, "停电", None, b"%PDF-x", "申请.pdf", "application/pdf"
    case = operations.file_appeal_on_paper(scene.clerk, *arguments)
    operations.assign_appeal(scene.clerk, case.id, outsider.person_id)
    operations.answer_appeal(outsider, case.id, upheld=True, answer="确有停电", effect=Effect.RESIT)
    with day(8, 9):
        planned_again(scene, practice="第 3 套")
        assert [one.result.batch_id for one in db.session.query(CarriedPart).filter_by(batch_id=scene.batch.id)] == [
            scene.first.id
        ]


@pytest.mark.parametrize(("labels", "rule"), [({}, "exams.form_missing"), ({"practice": "第 1 套"}, "exams.same_form")])
def test_who_sits_again_gets_another_form_of_the_paper(scene, labels, rule):
    planned_again(scene, **labels)
    assert rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id)) == {rule}
    refusal = refused(stage.sql, "UPDATE batches SET state = 'marking' WHERE id = :id", id=scene.batch.id)
    assert rules_of(refusal) == {"exams.same_form"}


def test_a_part_is_not_carried_when_its_months_are_over(scene):
    with clock.at(datetime(2026, 8, 10, 10, tzinfo=SHANGHAI)):
        planned_again(scene)
        assert db.session.query(CarriedPart).count() == 0


def test_the_database_carries_only_what_was_really_passed(scene):
    planned_again(scene, ("李四", "王五"))
    people = {one.enrolment.person.name: one for one in scene.batch.candidates}
    stage.sql("DELETE FROM carried_parts")
    old = {one.candidate.enrolment.person.name: one for one in stage.results_by_name(scene.first.id)}
    carry = (
        "INSERT INTO carried_parts (batch_id, candidate_id, part, points, result_id, valid_until, source, created_at) "
        "VALUES (:batch, :candidate, :part, :points, :result, :until, '', '2025-09-06 02:00:00')"
    )
    right = {
        "batch": scene.batch.id, "candidate": people["李四"].id, "part": "theory", "points": 70, "result": old["李四"].id,
        "until": "2026-08-09",
    }  # fmt: skip
    for wrong in (
        {"points": 71}, {"part": "practice", "points": 59}, {"result": old["王五"].id, "points": 60}, {"until": "2025-09-05"},
        {"candidate": people["王五"].id},
    ):  # fmt: skip
        assert rules_of(refused(stage.sql, carry, **(right | wrong))) == {"exams.carried_differs"}, wrong
    stage.sql(carry, **right)
    assert rules_of(refused(stage.sql, "UPDATE carried_parts SET points = 99")) == {"exams.carried.update"}


EARLIER = Earlier(1, "RD1", date(2025, 1, 31), {Part.THEORY: 70, Part.PRACTICE: 50}, dict.fromkeys(Part, 60), sat=True)


@pytest.mark.parametrize(
    ("earlier", "on", "limit", "months", "carried"),
    [
        (EARLIER, date(2025, 3, 1), 60, 12, {Part.THEORY: 70}),
        (EARLIER, date(2026, 1, 31), 60, 12, {Part.THEORY: 70}),  # the last day
        (EARLIER, date(2026, 2, 1), 60, 12, {}),
        (EARLIER, date(2035, 1, 1), 60, None, {Part.THEORY: 70}),  # nobody set an end
        (EARLIER, date(2025, 3, 1), 75, 12, {}),  # the pass mark went up meanwhile
        (EARLIER, date(2025, 1, 31), 60, 12, {}),  # the same exam
        (Earlier(2, "RD2", date(2025, 2, 1), {Part.THEORY: 90}, dict.fromkeys(Part, 60), sat=True, void=True), date(2025, 3, 1), 60, 12, {}),
    ],
)  # fmt: skip
def test_what_is_carried(earlier, on, limit, months, carried):
    found = resits.carried([earlier], on, dict.fromkeys(Part, limit), Ruling(resits.PART_MONTHS, months, "文件"))
    assert {one.part: one.points for one in found} == carried
