"""A cohort's way from draft to closed."""

from datetime import date
from itertools import pairwise

import pytest
from sqlalchemy import delete, update

from lbcert.cohorts.models import CohortState, CohortStep, EnrolmentState, ProviderPart
from lbcert.cohorts.operations import drafting, enrolment, life
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import grant_waiver
from lbcert.core.words import say
from lbcert.hookspecs import hookimpl
from lbcert.parties.models import FilingKind, Qualification, QualificationKind
from lbcert.plugins import plugins
from lbcert.testing import factories as make
from tests.cohorts.world import ENDS, STARTS, on, other_provider, reread, rules_of


@operation("testing.settle_all", allow=CONSOLE)
def settle_all(actor, cohort_id, completed):
    cohort = db.session.get(life.Cohort, cohort_id)
    for row in cohort.enrolments:
        enrolment.settle(actor, row.id, completed=completed)
    return cohort


def test_it_goes_from_draft_to_closed_and_leaves_a_step_each_time(world):
    cohort = world.brought_to(CohortState.TAUGHT)
    settle_all(Console(), cohort.id, completed=True)
    life.close_cohort(world.clerk, cohort.id)
    steps = [(step.from_state.value, step.to_state.value) for step in reread(cohort).steps]
    way = ["draft", "filed", "approved", "running", "taught", "closed"]
    assert steps == list(pairwise(way))
    assert {row.state for row in cohort.enrolments} == {EnrolmentState.COMPLETED}


def test_an_empty_filing_is_told_everything_that_it_lacks(world):
    cohort = world.draft(resources="", assessment_plan=" ")
    drafting.plan_modules(world.clerk, cohort.id, [])
    with pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=False)
    assert rules_of(refused) == {
        "cohorts.part_roster",
        "cohorts.part_plan",
        "cohorts.part_trainers",
        "cohorts.part_resources",
        "cohorts.part_assessment_plan",
        "cohorts.provider_promise",
    }
    assert reread(cohort).state is CohortState.DRAFT


def test_too_few_hours_and_a_missing_required_module_are_refused(world):
    cohort = world.complete()
    drafting.plan_modules(world.clerk, cohort.id, [cohort.plan[0].module_id])
    with pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert rules_of(refused) == {"brands.required_module", "brands.hours"}


@pytest.mark.parametrize(
    "filing",
    [
        {"valid_to": date(2025, 8, 1)},
        {"level": "4"},
        {"site_region_code": make.LUQUAN},
        {"kind": FilingKind.ASSESS},
    ],
)
def test_each_teaching_provider_has_a_filing_for_trade_level_site_and_the_whole_time(world, filing):
    cohort, joint = world.complete(), other_provider()
    make.filing(joint, world.item.trade, **{"kind": FilingKind.TEACH, **filing})
    drafting.add_provider(world.clerk, cohort.id, joint.id, ProviderPart.JOINT)
    with pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert rules_of(refused) == {"parties.may_teach"}
    assert "联合职业学校" in str(refused.value)


def test_notice_days_count_as_the_rule_on_file_counts_them(world):
    world.policy("cohorts.file_days_before", 15)
    cohort = world.complete()
    with on(date(2025, 7, 10)), pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert rules_of(refused) == {"cohorts.filed_late"}
    assert "最迟应于 2025-07-09 提交" in str(refused.value)
    assert refused.value.findings[0].source == "昆人社发〔2025〕8号"
    with on(date(2025, 7, 9)):
        life.file_cohort(world.clerk, cohort.id, promises=True)


def test_notice_in_working_days_passes_over_the_weekends(world):
    world.policy("cohorts.file_working_days_before", 10)
    cohort = world.complete()
    with on(date(2025, 7, 11)), pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert "最迟应于 2025-07-10 提交" in str(refused.value)
    with on(date(2025, 7, 10)):
        life.file_cohort(world.clerk, cohort.id, promises=True)


def test_without_a_rule_on_file_there_is_no_limit(world):
    cohort = world.complete()
    with on(STARTS):
        assert life.file_cohort(world.clerk, cohort.id, promises=True).reply_due_on is None


def test_the_reply_clock_counts_working_days(world):
    world.policy("cohorts.reply_days", 5)
    cohort = world.complete(starts_on=date(2025, 11, 3), ends_on=date(2025, 11, 14))
    with on(date(2025, 9, 28)):  # a Sunday that is worked; 1 to 8 October are off
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert reread(cohort).reply_due_on == date(
        2025, 10, 11
    )  # 29, 30 September, 9, 10, 11 October (a Saturday that is worked)


def test_a_large_class_waits_for_an_exception_that_is_then_shown(world):
    world.policy("cohorts.max_size", 2)
    cohort = world.complete(people=3)
    with pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    [finding] = [finding for finding in refused.value.findings if finding.stops]
    assert (finding.rule, finding.subject) == ("cohorts.class_size", f"cohort:{cohort.id}")
    assert "共 3 人，超过班额上限 2 人" in str(finding.message)
    grant_waiver(world.officer, finding.rule, finding.subject, make.LUQUAN, "跨省异地，场地足够")
    life.file_cohort(world.clerk, cohort.id, promises=True)
    assert reread(cohort).state is CohortState.FILED


def test_learners_are_checked_again_when_the_cohort_is_filed(world):
    cohort = world.complete(people=1)
    who = cohort.enrolments[0].person
    make.store(
        Qualification(
            person_id=who.id,
            kind=QualificationKind.SKILL_LEVEL,
            trade_id=world.item.trade_id,
            level="4",
            number="S000053000123254000001",
            issuer="他处",
            issued_on=date(2025, 7, 1),
        )
    )
    with pytest.raises(Refused) as refused:
        life.file_cohort(world.clerk, cohort.id, promises=True)
    assert rules_of(refused) == {"cohorts.same_item_before"}
    assert who.id_masked in str(refused.value)
    assert who.id_number not in str(refused.value)


def test_the_bureau_returns_with_reasons_and_the_provider_files_again(world):
    cohort = world.brought_to(CohortState.FILED)
    with pytest.raises(Forbidden):
        life.approve_cohort(world.clerk, cohort.id)
    with pytest.raises(Forbidden):
        life.approve_cohort(make.account(Role.BUREAU_OFFICER, make.FUKANG), cohort.id)
    with pytest.raises(Refused) as refused:
        life.return_cohort(world.officer, cohort.id, "  ")
    assert rules_of(refused) == {"cohorts.reason"}
    life.return_cohort(world.officer, cohort.id, "请补充实训设备清单")
    assert reread(cohort).steps[-1].note == "请补充实训设备清单"
    world.learners(cohort, 1)
    life.file_cohort(world.clerk, cohort.id, promises=True)
    assert reread(cohort).state is CohortState.FILED


def test_no_step_can_be_jumped(world):
    cohort = world.complete()
    for step in (life.open_cohort, life.finish_teaching, life.close_cohort):
        with on(ENDS), pytest.raises(Refused) as refused:
            step(world.clerk, cohort.id)
        assert "cohorts.jump" in rules_of(refused)
    with pytest.raises(Refused) as refused:
        life.approve_cohort(world.officer, cohort.id)
    assert rules_of(refused) == {"cohorts.jump"}


def test_it_opens_on_its_day_with_enough_learners_who_have_promised(world):
    cohort = world.brought_to(CohortState.APPROVED, min_size=4)
    with on(date(2025, 7, 23)), pytest.raises(Refused) as refused:
        life.open_cohort(world.clerk, cohort.id)
    assert rules_of(refused) == {"cohorts.opens_early", "cohorts.min_size", "cohorts.learner_promise"}
    assert "未达到最低开班人数 4 人，还差 1 人" in str(refused.value)
    enrolment.enrol(world.clerk, cohort.id, make.person("补员").id, reason="补足人数")
    with on(STARTS):
        enrolment.record_promises(world.clerk, cohort.id, [row.id for row in cohort.enrolments], STARTS)
        assert life.open_cohort(world.clerk, cohort.id).state is CohortState.RUNNING


def test_it_is_not_finished_before_its_last_day_nor_closed_with_a_learner_open(world):
    cohort = world.brought_to(CohortState.RUNNING)
    with on(date(2025, 8, 6)), pytest.raises(Refused) as refused:
        life.finish_teaching(world.clerk, cohort.id)
    assert rules_of(refused) == {"cohorts.taught_early", "teaching.hours_not_held"}
    with on(ENDS):
        world.finish(cohort)
    with pytest.raises(Refused) as refused:
        life.close_cohort(world.clerk, cohort.id)
    assert rules_of(refused) == {"cohorts.unsettled"}
    assert "学员1、学员2、学员3" in str(refused.value)


def test_a_later_room_can_keep_it_from_closing(world):
    class Placement:
        @hookimpl
        def lbcert_check_cohort_step(self, cohort, to):
            wrong = say("{cohort}还有学员没有就业结果", cohort=cohort.name)
            return [refuse("placement.no_outcome", wrong)] if to is CohortState.CLOSED else []

    plugins().manager.register(Placement())
    cohort = world.brought_to(CohortState.TAUGHT)
    settle_all(Console(), cohort.id, completed=False)
    with pytest.raises(Refused) as refused:
        life.close_cohort(world.clerk, cohort.id)
    assert rules_of(refused) == {"placement.no_outcome"}


def test_a_cancelled_cohort_lets_its_learners_go_and_keeps_the_reason(world):
    cohort = world.brought_to(CohortState.RUNNING)
    life.cancel_cohort(world.officer, cohort.id, "场地整改")
    assert reread(cohort).steps[-1].note == "场地整改"
    assert {(row.state, row.left_reason) for row in cohort.enrolments} == {
        (EnrolmentState.LEFT, "培训班取消：场地整改")
    }
    with pytest.raises(Refused) as refused:
        life.cancel_cohort(world.officer, cohort.id, "再次")
    assert rules_of(refused) == {"cohorts.jump"}


def test_a_step_is_never_rewritten(world):
    cohort = world.brought_to(CohortState.FILED)
    step = db.session.query(CohortStep).filter_by(cohort_id=cohort.id).one()
    assert (step.account_id, step.to_state) == (world.clerk.id, CohortState.FILED)
    for statement in (update(CohortStep).values(note="改写"), delete(CohortStep)):
        with pytest.raises(Exception, match=r"cohorts\.step"), db.engine.begin() as connection:
            connection.execute(statement)
