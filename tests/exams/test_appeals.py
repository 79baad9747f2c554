"""Reviews, appeals and complaints: within their days, by people who had no part, answered once and with an effect."""

from datetime import date, datetime

import pytest

from lbcert.certificates.views.own import _VISIT
from lbcert.core import clock
from lbcert.core.access import Holder, Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.findings import Forbidden
from lbcert.exams import operations
from lbcert.exams.models import Amendment, Appeal, AppealKind, Effect, Outcome, Part
from lbcert.exams.queries.appeals import appeals_of, handlers_for, own_results
from lbcert.exams.queries.results import standing_result
from lbcert.exams.queries.todo import todo
from lbcert.testing import factories as make
from lbcert.testing.scenes import played_once
from tests.exams import scene as stage
from tests.exams.scene import refused, result_of, rules_of, said

pytestmark = pytest.mark.usefixtures("app")
DAYS = {**stage.POLICIES, "exams.review_days": 10, "exams.review_answer_days": 5}


def day(number, month=8):
    return clock.at(datetime(2025, month, number, 10, tzinfo=SHANGHAI))


@played_once
def results_published():
    """Publish results under policies of ten and five working days."""
    scene = stage.judged(stage.begun(stage.ready(policies=DAYS)))
    operations.publish_batch(scene.clerk, scene.batch.id)
    scene.failed = result_of(scene, "李四").candidate
    scene.outsider = stage.examiner(scene, "复核员")
    return scene


@pytest.fixture
def scene():
    """Publish them on Saturday, 9 August."""
    with day(9):
        yield results_published()


def himself(scene):
    return Holder(scene.failed.enrolment.person_id)


def filed(scene, kind=AppealKind.REVIEW, part=Part.PRACTICE):
    return operations.file_appeal(himself(scene), scene.failed.id, kind, "第三项似乎漏计", part)


def given(scene, **values):
    appeal = filed(scene, **values)
    operations.assign_appeal(scene.clerk, appeal.id, scene.outsider.person_id)
    return appeal


def waits(account):
    return "\n".join(str(each.message) for each in todo(account))


def test_a_candidate_files_within_the_days_of_the_policy_and_nobody_else_for_him(scene):
    with pytest.raises(Forbidden):
        operations.file_appeal(
            Holder(result_of(scene, "张三").candidate.enrolment.person_id), scene.failed.id, AppealKind.REVIEW, "x"
        )
    with day(23):
        refusal = refused(filed, scene)
        assert (rules_of(refusal), "2025-08-22 前" in said(refusal)) == ({"exams.appeal_late"}, True)
        operations.file_appeal(himself(scene), scene.failed.id, AppealKind.COMPLAINT, "监考员看手机")
    with day(22):
        appeal = filed(scene)
    assert (appeal.due_on, appeal.account_id) == (date(2025, 8, 29), None)
    assert rules_of(refused(filed, scene)) == {"exams.appeal_open"}


def test_before_publication_there_is_nothing_to_review():
    with day(9):
        scene = stage.judged()
        scene.failed = result_of(scene, "李四").candidate
        assert rules_of(refused(filed, scene)) == {"exams.appeal_unpublished"}


def test_paper_needs_the_signed_paper(scene):
    arguments = scene.failed.id, AppealKind.APPEAL, "不服", None
    refusal = refused(operations.file_appeal_on_paper, scene.clerk, *arguments, b"", "", "")
    assert rules_of(refusal) == {"exams.no_paper"}
    made = operations.file_appeal_on_paper(scene.clerk, *arguments, b"%PDF-x", "申请.pdf", "application/pdf")
    assert made.paper.read() == b"%PDF-x"
    assert f"指派申诉的办理人：{scene.failed.enrolment.person.name}" in waits(scene.clerk)


def test_only_people_without_a_part_look_into_it_and_the_refusal_lists_what_they_did(scene):
    appeal = filed(scene)
    refusal = refused(operations.assign_appeal, scene.clerk, appeal.id, scene.leader.person_id)
    assert (rules_of(refusal), "考评组长、为本批次评分 6 次" in said(refusal)) == ({"exams.appeal_involved"}, True)
    for person_id, deed in (
        (scene.decider.person_id, "审定或批准过该考生的结果"),
        (scene.third.person_id, "考评员"),  # gave no mark, but was of the batch
        (scene.trainer.id, "为本班授课"),
        (scene.failed.enrolment.person_id, "就是考生本人"),
    ):
        assert deed in said(refused(operations.assign_appeal, scene.clerk, appeal.id, person_id))
        assign = "INSERT INTO appeal_assignments (appeal_id, person_id, account_id, created_at) VALUES (:a, :p, :k, '2025-08-09 02:00:00')"
        refusal = refused(stage.sql, assign, a=appeal.id, p=person_id, k=scene.clerk.id)
        assert rules_of(refusal) == {"exams.appeal_involved"}
    assert scene.outsider.person_id in {one.id for one in handlers_for(appeal)}
    assert scene.leader.person_id not in {one.id for one in handlers_for(appeal)}
    with pytest.raises(Forbidden):
        operations.answer_appeal(scene.outsider, appeal.id, upheld=False, answer="未指派")
    answer = "UPDATE appeals SET upheld = :no, answer = 'x', answered_at = '2025-08-09 02:00:00', answered_by = :p"
    refusal = refused(stage.sql, answer, no=False, p=scene.leader.person_id)
    assert rules_of(refusal) == {"exams.appeal_not_assigned"}


def test_dismissed_with_reasons_and_told_and_never_rewritten(scene):
    appeal = given(scene)
    assert "办理成绩复核：李四" in waits(scene.outsider)
    refusal = refused(
        operations.answer_appeal, scene.outsider, appeal.id, upheld=False, answer=" ", effect=Effect.RESIT
    )
    assert rules_of(refusal) == {"exams.appeal_reasons", "exams.appeal_effect"}
    operations.answer_appeal(scene.outsider, appeal.id, upheld=False, answer="逐项核对无误")
    (kept,) = appeals_of(scene.failed.id)
    assert (kept.upheld, kept.answer, kept.handler.id) == (False, "逐项核对无误", scene.outsider.person_id)
    refusal = refused(operations.answer_appeal, scene.outsider, appeal.id, upheld=True, answer="改判")
    assert rules_of(refusal) == {"exams.appeal_answered"}
    assert rules_of(refused(stage.sql, "UPDATE appeals SET answer = '改判'")) == {"exams.appeal.update"}
    assert rules_of(refused(stage.sql, "DELETE FROM appeal_assignments")) == {"exams.appeal_assignment.delete"}
    another = filed(scene, kind=AppealKind.APPEAL)
    refusal = refused(operations.assign_appeal, scene.clerk, another.id, scene.outsider.person_id)
    assert "答复过该考生的另一件申请" in said(refusal)


def test_upheld_it_goes_the_way_of_an_amendment_by_two_people(scene):
    appeal = given(scene)
    points, evidence = (70, 62, None), (b"%PDF-review", "复核记录.pdf", "application/pdf")
    refusal = refused(
        operations.answer_appeal, scene.outsider, appeal.id, upheld=True, answer="漏计", effect=Effect.AMENDMENT, points=points
    )  # fmt: skip
    assert rules_of(refusal) == {"exams.no_evidence"}
    assert appeal.answered_at is None
    operations.answer_appeal(
        scene.outsider,
        appeal.id,
        upheld=True,
        answer="漏计 3 分",
        effect=Effect.AMENDMENT,
        points=points,
        evidence=evidence,
    )
    amendment = db.session.query(Amendment).one()
    assert (appeal.amendment_id, amendment.requester_id) == (amendment.id, scene.outsider.person_id)
    assert standing_result(scene.failed.id).outcome is Outcome.FAILED
    refusal = refused(operations.answer_amendment, scene.decider, amendment.id, granted=False, answer="原结果无误")
    assert (rules_of(refusal), "审定或批准过该考生的结果" in said(refusal)) == ({"exams.appeal_involved"}, True)
    operations.answer_amendment(scene.officer, amendment.id, granted=True)
    assert standing_result(scene.failed.id).outcome is Outcome.PASSED


def test_what_is_not_answered_in_time_is_on_the_bureaus_list(scene):
    appeal = given(scene)
    bureau = make.account(Role.BUREAU_OFFICER, make.KUNMING)
    assert "已逾期" not in waits(bureau)
    with day(18):
        assert appeal.due_on == date(2025, 8, 15)
        assert "成绩复核已逾期（应于 2025-08-15 前答复）：李四" in waits(bureau)


def test_a_holder_files_on_her_own_page_and_reads_the_answer_there(app, scene):
    browser = app.test_client()
    with browser.session_transaction() as session:
        session[_VISIT] = (scene.failed.enrolment.person_id, clock.now().timestamp() + 60)
    assert "不合格" in browser.get("/my/results").text
    path = f"/my/results/{scene.failed.id}/appeal"
    kept = browser.post(path, data={"kind": "review", "part": "practice", "reason": ""})
    assert (kept.status_code, "请写明理由" in kept.text) == (422, True)
    assert browser.post(path, data={"kind": "review", "part": "practice", "reason": "漏计"}).status_code == 302
    other = result_of(scene, "张三").candidate_id
    assert browser.post(f"/my/results/{other}/appeal", data={"kind": "review", "reason": "x"}).status_code == 403
    appeal = db.session.query(Appeal).one()
    operations.assign_appeal(scene.clerk, appeal.id, scene.outsider.person_id)
    operations.answer_appeal(scene.outsider, appeal.id, upheld=False, answer="逐项核对无误")
    assert "逐项核对无误" in browser.get("/my/results").text
    assert len(own_results(scene.failed.enrolment.person_id)) == 1
