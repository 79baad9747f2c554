"""Planning a batch, staffing it, putting learners forward, beginning."""

from datetime import date, datetime, timedelta

import pytest

from lbcert.cohorts.models import CohortState, Scheme
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.findings import Forbidden
from lbcert.exams import operations
from lbcert.exams.models import BatchState, MappingOpening, Post
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.teaching.models import Session
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import HELD, refused, rules_of, said

pytestmark = pytest.mark.usefixtures("app", "exam_day")


def plan(scene, actor=None, body=None, **values):
    usual = {"held_on": HELD, "site": "阜康考点"}
    return operations.plan_batch(
        actor or scene.officer, scene.cohort.id, (body or scene.body).id, **{**usual, **values}
    )


def test_a_batch_is_planned_by_the_bureau_or_the_body():
    scene = stage.ready()
    by_bureau, by_body = plan(scene), plan(scene, scene.clerk)
    assert (by_bureau.number, by_body.number) == ("RD20250001", "RD20250002")
    assert by_bureau.state is BatchState.PLANNED
    assert by_bureau.scheme is Scheme.SOCIAL


@pytest.mark.parametrize(
    "filing",
    [
        pytest.param({"trade": "焊工"}, id="another trade"),
        pytest.param({"level": "4"}, id="another level"),
        pytest.param({"site_region_code": "530000"}, id="another province"),
        pytest.param({"valid_to": date(2025, 8, 8)}, id="ended the day before"),
        pytest.param({"kind": FilingKind.TEACH}, id="only for teaching"),
    ],
)
def test_a_filing_that_does_not_cover_trade_level_site_and_day_is_not_enough(filing):
    scene, filing = stage.ready(), dict(filing)
    body = make.organisation(OrganisationKind.ASSESSMENT_BODY, region=make.KUNMING, name="别家评价中心")
    trade = make.trade(filing.pop("trade"), "6-18-02-04") if "trade" in filing else scene.cohort.item.trade
    make.filing(body, trade, filing.pop("kind", FilingKind.ASSESS), **filing)
    refusal = refused(plan, scene, body=body)
    assert rules_of(refusal) == {"exams.not_filed"}
    assert "别家评价中心 没有覆盖“电工”五级/初级工、阜康市、2025-08-09 的评价备案" in said(refusal)


def test_a_body_under_the_schools_controller_is_told_why():
    scene = stage.ready()
    scene.body.controls  # noqa: B018 (loaded before it is changed below)
    stage.run("UPDATE controls SET controller = :code WHERE organisation_id = :body", code=scene.provider.credit_code, body=scene.body.id)  # fmt: skip
    refusal = refused(plan, scene)
    assert rules_of(refusal) == {"exams.shared_controller"}
    assert "受同一控制人控制，请另选评价机构" in said(refusal)


def test_a_cohort_that_nobody_approved_is_not_examined():
    scene = stage.ready()
    scene.cohort = make.cohort(scene.provider, CohortState.FILED, item=scene.cohort.item)
    refusal = refused(plan, scene, held_on=date(2025, 7, 1), site=" ")
    assert rules_of(refusal) == {"exams.cohort_not_approved", "exams.before_start", "exams.no_site"}


def test_an_examiner_who_taught_the_cohort_is_refused_with_the_very_sessions():
    scene = stage.ready()
    batch = plan(scene)
    teacher = make.account(Role.EXAMINER, scene.body, scene.trainer)
    refusal = refused(operations.appoint, scene.clerk, batch.id, teacher.person_id, Post.EXAMINER)
    assert rules_of(refusal) == {"exams.taught_cohort"}
    assert "李老师 为本班授过课，须回避" in said(refusal)
    assert "2025-07-24 电工（五级）第1期《操作实训》" in said(refusal)
    assert refusal.findings[0].subject == f"session:{db.session.query(Session).one().id}"


def taught_elsewhere(scene, months_ago):
    other = make.cohort(make.organisation(), name="去年的班")
    make.enrolment(other, scene.learners[1].person)
    coach = stage.examiner(scene, "陈教练")
    begins = stage.DAY - timedelta(days=round(30.44 * months_ago))
    stage.lesson(other, coach.person, begins)
    return coach, clock.local(begins).date()


def test_an_examiner_who_taught_one_of_the_candidates_elsewhere_is_refused_with_the_session():
    scene = stage.staffed()
    coach, day = taught_elsewhere(scene, 23)
    refusal = refused(operations.appoint, scene.clerk, scene.batch.id, coach.person_id, Post.EXAMINER)
    assert rules_of(refusal) == {"exams.taught_candidate"}
    assert f"陈教练 在考前 24 个月内教过本批次的考生，须回避，请另选一人：{day} 去年的班《操作实训》" in said(refusal)


def test_an_examiner_who_taught_longer_ago_than_the_policy_asks_may_examine():
    scene = stage.staffed()
    coach, _ = taught_elsewhere(scene, 25)
    assert operations.appoint(scene.clerk, scene.batch.id, coach.person_id, Post.EXAMINER).declared_on is None


def test_without_a_policy_only_the_own_cohort_counts():
    policies = {**stage.POLICIES}
    del policies["exams.separation_months"]
    scene = stage.staffed(stage.ready(policies=policies))
    coach, _ = taught_elsewhere(scene, 1)
    assert operations.appoint(scene.clerk, scene.batch.id, coach.person_id, Post.EXAMINER)
    assert rules_of(refused(operations.appoint, scene.clerk, scene.batch.id, scene.trainer.id, Post.INVIGILATOR)) == {
        "exams.taught_cohort"
    }


def test_a_decider_holds_the_role_or_is_a_deputy_of_the_bureaus_choice():
    scene = stage.ready()
    batch = plan(scene)
    other = stage.examiner(scene, "小办公室的人", Role.ASSESSMENT_CLERK)
    refusal = refused(operations.appoint, scene.clerk, batch.id, other.person_id, Post.DECIDER)
    assert rules_of(refusal) == {"exams.no_result_officer"}
    refusal = refused(operations.appoint, scene.clerk, batch.id, other.person_id, Post.DECIDER, deputy=True)
    assert rules_of(refusal) == {"exams.deputy_by_bureau"}
    assert operations.appoint(scene.officer, batch.id, other.person_id, Post.DECIDER, deputy=True).deputy
    refusal = refused(operations.appoint, scene.officer, batch.id, other.person_id, Post.INVIGILATOR)
    assert rules_of(refusal) == {"exams.one_post"}


def test_one_leader_and_deputies_beside_her():
    scene = stage.staffed()
    other = stage.examiner(scene, "副组长")
    assert rules_of(refused(operations.appoint, scene.clerk, scene.batch.id, other.person_id, Post.LEADER)) == {
        "exams.post_taken"
    }
    assert operations.appoint(scene.clerk, scene.batch.id, other.person_id, Post.LEADER, deputy=True)
    refusal = refused(operations.appoint, scene.clerk, scene.batch.id, make.person().id, Post.EXAMINER, deputy=True)
    assert rules_of(refusal) == {"exams.deputy_post"}


def test_a_learner_is_no_staff():
    scene = stage.staffed()
    refusal = refused(operations.appoint, scene.clerk, scene.batch.id, scene.learners[0].person_id, Post.INVIGILATOR)
    assert rules_of(refusal) == {"exams.staff_is_learner"}


def test_who_may_not_sit_the_exam_is_named_with_the_rule():
    scene = stage.ready()
    for name, values in {
        "缺课": {"attended": False}, "没考": {"passed": None}, "没过": {"passed": False},
    }.items():  # fmt: skip
        scene.learners.append(stage.learner(scene.cohort, name, **values))
    batch = plan(scene)
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [one.id for one in scene.learners])
    assert rules_of(refusal) == {"teaching.attendance_share", "exams.no_school_test", "exams.school_test_failed"}
    for name in ("缺课 出勤 0/4 课时（0%），低于规定的 80%", "没考 没有结业考核记录", "没过 结业考核不合格"):
        assert name in said(refusal)
    assert batch.candidates == []


def test_a_learner_of_another_cohort_or_in_another_batch_is_no_candidate():
    scene = stage.staffed()
    again = plan(scene)
    refusal = refused(operations.add_candidates, scene.clerk, again.id, [scene.learners[0].id])
    assert rules_of(refusal) == {"exams.candidate_elsewhere"}
    assert f"张三 已在批次 {scene.batch.number} 应考" in said(refusal)
    stranger = make.enrolment(make.cohort())
    refusal = refused(operations.add_candidates, scene.clerk, again.id, [stranger.id])
    assert rules_of(refusal) == {"exams.candidate_of_another_cohort"}


def test_under_the_employers_own_scheme_only_its_staff_is_examined():
    scene = stage.ready()
    make.organisation(OrganisationKind.EMPLOYER, credit_code=scene.body.credit_code)
    stage.run("UPDATE cohorts SET scheme = 'employer_own'")
    db.session.expire_all()
    batch = plan(scene)
    at_work = stage.learner(scene.cohort, "在职", in_service=True)
    refusal = refused(operations.add_candidates, scene.clerk, batch.id, [scene.learners[0].id, at_work.id])
    assert rules_of(refusal) == {"exams.not_own_staff"}
    assert len(operations.add_candidates(scene.clerk, batch.id, [at_work.id]).candidates) == 1


def test_numbers_are_random_and_follow_no_list():
    scene = stage.staffed(stage.ready(names=[f"学员{n}" for n in range(12)]))
    by_row = [one.number for one in sorted(scene.batch.candidates, key=lambda one: one.id)]
    by_learner = [one.number for one in sorted(scene.batch.candidates, key=lambda one: one.enrolment_id)]
    assert len(set(by_row)) == 12
    assert all(len(number) == 6 and number[0] != "0" for number in by_row)
    assert by_row != sorted(by_row)
    assert by_learner != by_row  # 12! orders: it never happens by chance


def test_the_mapping_opens_with_a_reason_that_is_kept_and_never_to_a_scorer():
    scene = stage.staffed()
    assert rules_of(refused(operations.open_mapping, scene.clerk, scene.batch.id, " ")) == {"exams.reason"}
    opened = operations.open_mapping(scene.clerk, scene.batch.id, "考生号条贴错，现场核对")
    assert [one.enrolment.person.name for one in opened] == ["张三", "李四", "王五"]
    assert db.session.query(MappingOpening).one().reason == "考生号条贴错，现场核对"
    assert db.session.query(AuditEntry).filter_by(operation="exams.open_mapping").count() == 1
    with pytest.raises(Forbidden):
        operations.open_mapping(scene.leader, scene.batch.id, "想看看")
    both = make.account(Role.ASSESSMENT_CLERK, scene.body, scene.second.person)
    assert rules_of(refused(operations.open_mapping, both, scene.batch.id, "想看看")) == {"exams.scorer_opens_mapping"}


def test_nothing_begins_before_its_day_or_half_ready():
    scene = stage.ready(policies={**stage.POLICIES, "exams.supervisor_required": True})
    batch = plan(scene)
    operations.appoint(scene.clerk, batch.id, scene.second.person_id, Post.EXAMINER)
    with clock.at(stage.DAY - timedelta(days=1)):
        refusal = refused(operations.begin_marking, scene.clerk, batch.id)
    assert rules_of(refusal) == {
        "exams.too_early", "exams.min_examiners", "exams.no_leader", "exams.no_supervisor", "exams.undeclared", "exams.no_candidate",
    }  # fmt: skip
    assert "本批次有 1 名考评员，应不少于 3 名（含组长）" in said(refusal)
    assert "考评甲 还没有签署本批次的回避声明" in said(refusal)


def test_who_turned_out_to_have_taught_a_candidate_stops_the_beginning():
    scene = stage.staffed()
    other = make.cohort(make.organisation(), name="去年的班")
    make.enrolment(other, scene.learners[0].person)
    stage.lesson(other, scene.third.person, datetime(2025, 1, 5, 9, tzinfo=clock.SHANGHAI))
    assert rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id)) == {"exams.taught_candidate"}


def test_a_candidate_whose_attendance_was_put_right_or_who_left_stops_the_beginning():
    scene = stage.staffed()
    stage.run("UPDATE enrolments SET state = 'left', left_reason = '家中有事' WHERE id = :id", id=scene.learners[0].id)
    stage.run("UPDATE school_tests SET passed = false WHERE enrolment_id = :id", id=scene.learners[1].id)
    db.session.expire_all()
    refusal = refused(operations.begin_marking, scene.clerk, scene.batch.id)
    assert rules_of(refusal) == {"exams.candidate_left", "exams.school_test_failed"}


def test_a_begun_batch_takes_no_more_candidates_and_lets_none_go():
    scene = stage.begun()
    late = stage.learner(scene.cohort, "迟到者")
    assert rules_of(refused(operations.add_candidates, scene.clerk, scene.batch.id, [late.id])) == {
        "exams.candidates_frozen"
    }
    first = scene.batch.candidates[0].id
    assert rules_of(refused(operations.remove_candidate, scene.clerk, first)) == {"exams.candidates_frozen"}
    assert rules_of(refused(operations.dismiss, scene.clerk, scene.batch.staff[0].id)) == {"exams.staff_kept"}


def test_a_planned_batch_lets_go_of_staff_and_candidates():
    scene = stage.staffed()
    operations.remove_candidate(scene.clerk, scene.batch.candidates[0].id)
    operations.dismiss(scene.clerk, scene.batch.staff[0].id)
    db.session.expire_all()
    assert (len(scene.batch.candidates), len(scene.batch.staff)) == (2, 3)


def test_a_batch_is_cancelled_with_a_reason_and_frees_its_learners():
    scene = stage.begun()
    assert rules_of(refused(operations.cancel_batch, scene.clerk, scene.batch.id, "")) == {"exams.reason"}
    operations.cancel_batch(scene.clerk, scene.batch.id, "考场停电")
    again = plan(scene)
    assert len(operations.add_candidates(scene.clerk, again.id, [scene.learners[0].id]).candidates) == 1
    assert rules_of(refused(operations.cancel_batch, scene.clerk, scene.batch.id, "再取消")) == {"exams.cancel_late"}


def test_a_form_that_was_overtaken_changes_nothing():
    scene = stage.staffed()
    assert rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id, version=99)) == {"core.stale"}
    assert scene.batch.state is BatchState.PLANNED


def test_one_signs_only_for_oneself():
    scene = stage.staffed()
    coach = stage.examiner(scene, "新考评员")
    staff = operations.appoint(scene.clerk, scene.batch.id, coach.person_id, Post.EXAMINER)
    with pytest.raises(Forbidden):
        operations.declare(scene.leader, staff.id)
    assert operations.declare(coach, staff.id).declared_on == HELD
