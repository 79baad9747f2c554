"""What became of a learner: a job, or a better one, never both counted."""

from dataclasses import replace
from datetime import date, datetime
from types import SimpleNamespace

import pytest

from lbcert.cohorts.models import Allotment, CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.operation import operation
from lbcert.core.policy import set_policy
from lbcert.demand.models import Order, OrderKind, OrderLine, TargetedSeat, TargetState
from lbcert.parties.models import OrganisationKind
from lbcert.placement.hooks import lbcert_check_cohort_step
from lbcert.placement.models import Channel
from lbcert.placement.operations import (
    JobDetails,
    Promotion,
    confirm_employment,
    end_employment,
    record_employment,
    record_promotion,
)
from lbcert.placement.queries import jobs_after, without_outcome
from lbcert.placement.rules import STABLE_MONTHS, is_stable, months_between
from lbcert.testing.factories import FUKANG, LUQUAN, NINGLANG, account, cohort, enrolment, organisation, person, store


@pytest.fixture
def world(app):
    """Give a cohort that ended on 7 August 2025 with a targeted learner who completed it, seen on 1 December."""
    school, employer = organisation(), organisation(OrganisationKind.EMPLOYER, FUKANG, name="阜康电力示例公司")
    group = cohort(school, CohortState.TAUGHT)
    learner_person = person("沙马拉毕")
    order = Order(
        number="DD1", kind=OrderKind.EMPLOYER, party_id=employer.id, home_region_code=LUQUAN, signed_on=date(2025, 6, 1)
    )
    line = OrderLine(
        item_id=group.item_id, headcount=10, wage_min_fen=500000, wage_max_fen=700000, place_region_code=FUKANG,
        arrival_on=date(2025, 8, 15), targeted=True,
    )  # fmt: skip
    order.lines = [line]
    store(order)
    seat = store(TargetedSeat(line_id=line.id, post="电工", wage_fen=550000))
    store(Allotment(line_id=line.id, cohort_id=group.id, seats=10))
    learner = enrolment(
        group, learner_person, state=EnrolmentState.COMPLETED, targeted_seat_id=seat.id, line_id=line.id
    )
    walk(seat, learner_person)
    job = JobDetails(employer.id, FUKANG, "电工", date(2025, 8, 15), 560000, True, Channel.ORGANISED, line_id=line.id)
    with clock.at(datetime(2025, 12, 1, 12, tzinfo=SHANGHAI)):
        yield SimpleNamespace(
            school=school, employer=employer, cohort=group, learner=learner, seat=seat, line=line, job=job,
            centre=account(Role.SERVICE_CENTRE, LUQUAN),
        )  # fmt: skip


@operation("testing.walk", allow=CONSOLE)
def step(actor, seat_id, person_id, to):
    seat = load(TargetedSeat, seat_id)
    seat.person_id, seat.state = person_id, to
    seat.intent_signed_on = None if to is TargetState.LISTED else date(2025, 7, 1)


def walk(seat, who):
    """Bring a seat to 结业, as the rooms before did."""
    for to in (TargetState.LISTED, TargetState.SIGNED, TargetState.TRAINING, TargetState.GRADUATED):
        step(Console(), seat.id, who.id, to)


def rules_of(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    return {finding.rule for finding in caught.value.findings}


def test_a_job_is_recorded_and_the_targeted_seat_arrives(world):
    record = record_employment(world.centre, world.learner.id, world.job)
    assert (record.person_id, record.trade_id) == (world.learner.person_id, world.cohort.item.trade_id)
    assert load(TargetedSeat, world.seat.id).state is TargetState.ARRIVED
    assert jobs_after([world.learner.id])[world.learner.id].employer.name == "阜康电力示例公司"


def test_a_job_elsewhere_moves_no_targeted_seat(world):
    other = organisation(OrganisationKind.EMPLOYER, FUKANG)
    record_employment(world.centre, world.learner.id, replace(world.job, employer_id=other.id, line_id=None))
    assert load(TargetedSeat, world.seat.id).state is TargetState.GRADUATED


def test_what_is_wrong_with_a_job_is_said_at_once(world):
    other = organisation(OrganisationKind.EMPLOYER, FUKANG)
    bad = replace(world.job, employer_id=other.id, started_on=date(2025, 7, 1), wage_fen=0, post=" ")
    assert rules_of(record_employment, world.centre, world.learner.id, bad) == {
        "placement.before_training", "placement.wage", "placement.post", "placement.line_of_another",
    }  # fmt: skip
    record_employment(world.centre, world.learner.id, world.job)
    again = rules_of(record_employment, world.centre, world.learner.id, replace(world.job, started_on=date(2025, 9, 1)))
    assert again == {"placement.still_employed"}


def test_who_was_at_work_already_is_promoted_and_not_placed(world):
    worker = enrolment(world.cohort, state=EnrolmentState.COMPLETED, in_service=True, job_before="普工")
    assert rules_of(record_employment, world.centre, worker.id, replace(world.job, line_id=None)) == {
        "placement.in_service"
    }
    better = Promotion(world.employer.id, "普工", "电工", 450000, 560000, date(2025, 9, 1), "", "五级")
    outcome = record_promotion(world.centre, worker.id, better)
    assert outcome.wage_after_fen - outcome.wage_before_fen == 110000
    assert rules_of(record_promotion, world.centre, world.learner.id, better) == {"placement.not_in_service"}


def test_a_job_is_stable_after_the_months_of_the_policy(world):
    set_policy(account(Role.BUREAU_OFFICER), "530000", STABLE_MONTHS.name, 3, date(2020, 1, 1), "云人社 2020")
    record = record_employment(world.centre, world.learner.id, world.job)
    confirm_employment(world.centre, record.id, date(2025, 11, 14))
    assert load(TargetedSeat, world.seat.id).state is TargetState.ARRIVED
    confirm_employment(world.centre, record.id, date(2025, 11, 15))
    assert load(TargetedSeat, world.seat.id).state is TargetState.STABLE


def test_seasonal_work_and_work_without_a_policy_are_never_stable(world):
    record = record_employment(world.centre, world.learner.id, world.job)
    confirm_employment(world.centre, record.id, date(2025, 12, 1))
    assert load(TargetedSeat, world.seat.id).state is TargetState.ARRIVED
    on_file = SimpleNamespace(value=3, is_on_file=True)
    assert is_stable(date(2025, 1, 1), date(2025, 12, 1), on_file, seasonal=False)
    assert not is_stable(date(2025, 1, 1), date(2025, 12, 1), on_file, seasonal=True)


@pytest.mark.parametrize(
    ("last", "months"),
    [(date(2025, 6, 14), 2), (date(2025, 6, 15), 3), (date(2026, 3, 15), 12), (date(2025, 3, 20), 0)],
)
def test_months_are_whole(last, months):
    assert months_between(date(2025, 3, 15), last) == months


def test_a_job_ends_once_and_frees_the_worker_for_another(world):
    record = record_employment(world.centre, world.learner.id, world.job)
    assert rules_of(end_employment, world.centre, record.id, date(2025, 8, 1)) == {"placement.end_outside"}
    end_employment(world.centre, record.id, date(2025, 10, 1))
    assert rules_of(end_employment, world.centre, record.id, date(2025, 10, 2)) == {"placement.ended_already"}
    later = replace(world.job, started_on=date(2025, 10, 8))
    assert record_employment(world.centre, world.learner.id, later).id != record.id


def test_a_three_stage_cohort_stays_open_until_everyone_has_an_outcome(world):
    three = SimpleNamespace(id=world.cohort.id, three_stage=True)
    (finding,) = lbcert_check_cohort_step(three, CohortState.CLOSED)
    assert (finding.rule, "沙马拉毕" in str(finding.message)) == ("placement.outcome_missing", True)
    assert [waiting.id for waiting in without_outcome(world.cohort.id)] == [world.learner.id]
    record_employment(world.centre, world.learner.id, world.job)
    assert lbcert_check_cohort_step(three, CohortState.CLOSED) == []


def test_another_county_records_nothing(world):
    with pytest.raises(Forbidden):
        record_employment(account(Role.SERVICE_CENTRE, NINGLANG), world.learner.id, world.job)
