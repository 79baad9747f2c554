"""订单组织 and 定向就业: seats, and who sits on them."""

from datetime import date

import pytest

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.cohorts.operations import enrolment, life, seats
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.operation import operation
from lbcert.core.waivers import grant_waiver
from lbcert.demand.models import TargetState
from lbcert.demand.operations import cancel_order, learner_steps_back, name_person
from lbcert.testing import factories as make
from tests.cohorts.world import STARTS, on, reread, rules_of


def test_seats_are_allotted_line_by_cohort_and_never_beyond_the_open_headcount(ordered):
    first, second = ordered.draft(), ordered.draft()
    line = ordered.open_line
    seats.allot_seats(ordered.centre, line.id, first.id, 3)
    seats.allot_seats(ordered.centre, line.id, second.id, 2)
    with pytest.raises(Refused) as refused:
        seats.allot_seats(ordered.centre, line.id, second.id, 3)
    assert rules_of(refused) == {"demand.open_headcount"}
    [finding] = refused.value.findings
    grant_waiver(ordered.officer, finding.rule, finding.subject, make.LUQUAN, "企业同意加一人")
    assert seats.allot_seats(ordered.centre, line.id, second.id, 3).seats == 3
    seats.allot_seats(ordered.centre, line.id, first.id, 1)
    assert [row.seats for row in reread(first).allotments] == [1]


def test_the_cohort_ends_before_the_arrival_less_the_travel(ordered):
    in_time, late = ordered.draft(ends_on=date(2025, 8, 8)), ordered.draft(ends_on=date(2025, 8, 9))
    seats.allot_seats(ordered.centre, ordered.open_line.id, in_time.id, 1)
    with pytest.raises(Refused) as refused:
        seats.allot_seats(ordered.centre, ordered.open_line.id, late.id, 1)
    assert rules_of(refused) == {"demand.ends_too_late"}


def test_an_order_is_served_by_its_own_item_and_its_own_people(ordered):
    other = make.cohort(ordered.provider, state=CohortState.DRAFT, home_region_code=make.NINGLANG)
    with pytest.raises(Refused) as refused:
        seats.allot_seats(ordered.centre, ordered.open_line.id, other.id, 0)
    assert rules_of(refused) == {"cohorts.other_item", "cohorts.other_home", "cohorts.some_seats"}


def test_only_the_home_regions_desk_allots(ordered):
    cohort = ordered.draft()
    for stranger in (
        ordered.clerk,
        make.account(Role.SERVICE_CENTRE, make.NINGLANG),
        make.account(Role.EMPLOYER, ordered.employer),
    ):
        with pytest.raises(Forbidden):
            seats.allot_seats(stranger, ordered.open_line.id, cohort.id, 1)


def test_learners_sit_on_seats_until_they_are_taken(ordered):
    cohort = ordered.complete(people=2)
    one, two = cohort.enrolments
    with pytest.raises(Refused) as refused:
        seats.seat_learner(ordered.clerk, one.id, ordered.open_line.id)
    assert rules_of(refused) == {"cohorts.no_seat_left"}
    allotment = seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 1)
    seats.seat_learner(ordered.clerk, one.id, ordered.open_line.id)
    with pytest.raises(Refused) as refused:
        seats.seat_learner(ordered.clerk, two.id, ordered.open_line.id)
    assert rules_of(refused) == {"cohorts.no_seat_left"}
    with pytest.raises(Refused) as refused:
        seats.free_seats(ordered.centre, allotment.id)
    assert rules_of(refused) == {"cohorts.seats_taken"}
    seats.seat_learner(ordered.clerk, one.id, None)
    assert seats.free_seats(ordered.centre, allotment.id).freed_at is not None


def test_free_seats_are_filled_with_those_who_wait_in_the_order_of_their_coming(ordered):
    cohort = ordered.complete(people=4)
    last = cohort.enrolments[-1].id
    allotment = seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 3)
    seats.seat_learner(ordered.clerk, last, ordered.open_line.id)
    assert seats.fill_seats(ordered.clerk, allotment.id) == 2
    assert [row.line_id is None for row in reread(cohort).enrolments] == [False, False, True, False]
    with pytest.raises(Refused) as refused:
        seats.fill_seats(ordered.centre, allotment.id)
    assert rules_of(refused) == {"cohorts.no_seat_left"}
    seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 5)
    assert seats.fill_seats(ordered.centre, allotment.id) == 1
    with pytest.raises(Refused) as refused:
        seats.fill_seats(ordered.centre, allotment.id)
    assert rules_of(refused) == {"cohorts.all_seated"}


def test_the_seats_of_a_targeted_line_are_not_filled_with_whoever_waits(ordered):
    cohort = ordered.complete(people=2)
    allotment = seats.allot_seats(ordered.centre, ordered.targeted_line.id, cohort.id, 2)
    with pytest.raises(Refused) as refused:
        seats.fill_seats(ordered.clerk, allotment.id)
    assert rules_of(refused) == {"cohorts.targeted_line"}


def test_an_order_cohort_opens_only_with_seats(ordered):
    cohort = ordered.brought_to(CohortState.APPROVED, by_order=True)
    with on(STARTS):
        enrolment.record_promises(ordered.clerk, cohort.id, [row.id for row in cohort.enrolments], STARTS)
        with pytest.raises(Refused) as refused:
            life.open_cohort(ordered.clerk, cohort.id)
        assert rules_of(refused) == {"cohorts.no_seats"}
        seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 3)
        assert life.open_cohort(ordered.clerk, cohort.id).state is CohortState.RUNNING


def test_a_cancelled_order_leaves_the_cohort_standing_and_lists_its_freed_seats(ordered):
    cohort = ordered.brought_to(CohortState.APPROVED)
    seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 3)
    cancelled = cancel_order(ordered.centre, ordered.order.id, "企业停产")
    [note] = [note for note in cancelled.notes if note.rule == "cohorts.seats_freed"]
    assert str(note.message) == f"{cohort.number} 电工一班的 3 个名额已释放，班级保留"
    assert reread(cohort).state is CohortState.APPROVED
    assert cohort.allotments[0].freed_at is not None
    with pytest.raises(Refused) as refused:
        seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 1)
    assert rules_of(refused) == {"demand.order_not_open"}


def test_who_is_not_on_the_list_gets_no_targeted_seat(ordered):
    cohort = ordered.complete(people=2)
    listed, stranger = cohort.enrolments
    seats.allot_seats(ordered.centre, ordered.targeted_line.id, cohort.id, 2)
    seat = ordered.signed_seat(listed.person_id)
    with pytest.raises(Refused) as refused:
        seats.take_targeted_seat(ordered.clerk, stranger.id, seat.id)
    assert rules_of(refused) == {"demand.not_listed"}
    with pytest.raises(Refused) as refused:
        seats.seat_learner(ordered.clerk, stranger.id, ordered.targeted_line.id)
    assert rules_of(refused) == {"cohorts.targeted_line"}
    taken = seats.take_targeted_seat(ordered.clerk, listed.id, seat.id)
    assert (taken.line_id, taken.targeted_seat_id) == (ordered.targeted_line.id, seat.id)


def test_the_intent_is_signed_before_the_start(ordered):
    cohort = ordered.complete(people=2)
    unsigned, late = cohort.enrolments
    seats.allot_seats(ordered.centre, ordered.targeted_line.id, cohort.id, 2)
    seat = name_person(ordered.centre, ordered.targeted_line.id, unsigned.person_id)
    with pytest.raises(Refused) as refused:
        seats.take_targeted_seat(ordered.clerk, unsigned.id, seat.id)
    assert rules_of(refused) == {"demand.intent_missing"}
    seat = ordered.signed_seat(late.person_id, STARTS)
    with pytest.raises(Refused) as refused:
        seats.take_targeted_seat(ordered.clerk, late.id, seat.id)
    assert rules_of(refused) == {"demand.intent_late"}


@operation("testing.settle_one", allow=CONSOLE)
def settle(actor, enrolment_id):
    return enrolment.settle(actor, enrolment_id, completed=True)


def test_a_targeted_seat_goes_along_with_its_learner(ordered):
    cohort = ordered.complete(people=3)
    stays, leaves, _ = cohort.enrolments
    seats.allot_seats(ordered.centre, ordered.targeted_line.id, cohort.id, 2)
    signed = [ordered.signed_seat(row.person_id) for row in (stays, leaves)]
    for row, seat in zip((stays, leaves), signed, strict=True):
        seats.take_targeted_seat(ordered.clerk, row.id, seat.id)
    with on(date(2025, 7, 10)):
        life.file_cohort(ordered.clerk, cohort.id, promises=True)
        life.approve_cohort(ordered.officer, cohort.id)
    with on(STARTS):
        enrolment.record_promises(ordered.clerk, cohort.id, [row.id for row in cohort.enrolments], STARTS)
        life.open_cohort(ordered.clerk, cohort.id)
        assert [reread(seat).state for seat in signed] == [TargetState.TRAINING] * 2
        enrolment.leave(ordered.clerk, leaves.id, STARTS, "另有安排")
        settle(Console(), stays.id)
    assert [reread(seat).state for seat in signed] == [TargetState.GRADUATED, TargetState.WITHDRAWN]
    assert reread(leaves).state is EnrolmentState.LEFT
    assert "另有安排" in signed[1].withdrawn_reason


def test_who_stepped_back_leaves_his_seat_to_another(ordered):
    cohort = ordered.complete(people=2)
    first, second = cohort.enrolments
    seats.allot_seats(ordered.centre, ordered.targeted_line.id, cohort.id, 1)
    given_up = ordered.signed_seat(first.person_id)
    seats.take_targeted_seat(ordered.clerk, first.id, given_up.id)
    learner_steps_back(ordered.centre, given_up.id, "家中有事")
    assert (reread(first).line_id, reread(first).targeted_seat_id) == (None, None)
    seats.take_targeted_seat(ordered.clerk, second.id, ordered.signed_seat(second.person_id).id)
    assert reread(given_up).person_id == first.person_id


def test_freed_seats_and_those_of_a_cancelled_cohort_are_open_for_another(ordered):
    first, second, third = ordered.draft(), ordered.draft(), ordered.draft()
    line = ordered.open_line
    allotment = seats.allot_seats(ordered.centre, line.id, first.id, 5)
    seats.free_seats(ordered.centre, allotment.id)
    seats.allot_seats(ordered.centre, line.id, second.id, 5)
    with pytest.raises(Refused) as refused:
        seats.allot_seats(ordered.centre, line.id, first.id, 1)
    assert rules_of(refused) == {"demand.open_headcount"}
    life.cancel_cohort(ordered.clerk, second.id, "生源不足")
    assert seats.allot_seats(ordered.centre, line.id, third.id, 5).seats == 5
