"""Seats of orders in cohorts, and who sits on them: 订单组织 and 定向就业."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from lbcert.cohorts.models import Allotment, Cohort, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.places import allotment_home, allotment_place, enrolment_home, enrolment_place, line_home
from lbcert.cohorts.queries.seats import allotted, unseated
from lbcert.cohorts.rules import seats as rules
from lbcert.cohorts.rules import states
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import lies_within
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand import rules as promises
from lbcert.demand.models import OrderLine, TargetedSeat, TargetState
from lbcert.demand.operations import advance_seat, give_up_seat

ALLOTS = holds(Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, at=line_home)
FREES = holds(Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, at=allotment_home)
SEATS = holds(Role.PROVIDER_CLERK, at=enrolment_place) | holds(
    Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, at=enrolment_home
)
FILLS = holds(Role.PROVIDER_CLERK, at=allotment_place) | FREES


@operation("cohorts.allot_seats", say("分配订单名额"), allow=ALLOTS)
def allot_seats(actor: Any, line_id: int, cohort_id: int, seats: int) -> Allotment:
    """Give a cohort so many seats of an order line; a second call sets the new number.

    Refused for an order that is not open, another training item or home, and a cohort that ends too late to travel and
    arrive; beyond the line's open headcount only with an exception (subject ``allotment:<line>-<cohort>``).
    """
    line, cohort = load(OrderLine, line_id, lock=True), load(Cohort, cohort_id)
    allotment = find_allotment(line_id, cohort_id)
    order, label = line.order, f"{line.order.number} {line.item.name}"
    serves = rules.serves(
        line.item_id == cohort.item_id,
        lies_within(cohort.home_region_code, order.home_region_code),
        line.item.name,
        cohort.item.name,
        order.number,
    )
    refuse_on(
        _before_teaching_ends(cohort),
        promises.order_stands(order.state, order.number),
        serves,
        promises.ends_in_time(cohort.ends_on, line.arrival_on, line.travel_days, label),
        rules.number_of_seats(seats, seats_taken(line_id, cohort_id)),
        promises.within_open_headcount(
            seats,
            line.headcount,
            allotted([line_id], but_cohort=cohort_id)[line_id],
            label,
            subject=f"allotment:{line_id}-{cohort_id}",
        ),
    )
    if allotment is None:
        allotment = Allotment(line_id=line_id)
        cohort.allotments.append(allotment)
    allotment.seats, allotment.freed_at = seats, None
    return allotment


@operation("cohorts.free_seats", say("收回订单名额"), allow=FREES)
def free_seats(actor: Any, allotment_id: int) -> Allotment:
    """Take a cohort's seats of an order line back, on which nobody sits."""
    allotment = load(Allotment, allotment_id, lock=True)
    taken = seats_taken(allotment.line_id, allotment.cohort_id)
    if taken:
        message = say("已有 {taken} 名学员使用这些名额，请先为他们另行安排", taken=taken)
        refuse_on([refuse("cohorts.seats_taken", message)])
    allotment.freed_at = allotment.freed_at or clock.now()
    return allotment


def free_seats_of(line_ids: Sequence[int]) -> list[Finding]:
    """Free all seats of a cancelled order's lines, a note for each cohort; its learners stay, without the promise.

    Runs inside the order's cancellation.
    """
    query = select(Allotment).where(Allotment.line_id.in_(line_ids), Allotment.freed_at.is_(None))
    notes = []
    for allotment in db.session.scalars(query.order_by(Allotment.id)):
        allotment.freed_at = clock.now()
        cohort = allotment.cohort
        message = say(
            "{number} {cohort}的 {seats} 个名额已释放，班级保留",
            number=cohort.number,
            cohort=cohort.name,
            seats=allotment.seats,
        )
        notes.append(Finding("cohorts.seats_freed", Level.NOTE, message, subject=f"cohort:{cohort.id}"))
    return notes


def vacate(seat_id: int) -> None:
    """Take whoever is in class on a targeted seat off it, and off its order; inside the stepping back."""
    in_class = Enrolment.state.in_((EnrolmentState.APPLIED, EnrolmentState.ENROLLED))
    for enrolment in db.session.scalars(select(Enrolment).where(Enrolment.targeted_seat_id == seat_id, in_class)):
        enrolment.targeted_seat_id = enrolment.line_id = None


@operation("cohorts.seat_learner", say("安排学员的订单名额"), allow=SEATS)
def seat_learner(actor: Any, enrolment_id: int, line_id: int | None) -> Enrolment:
    """Put a learner on a seat of an order line in the same cohort, or (None) off it."""
    enrolment = load(Enrolment, enrolment_id, lock=True)
    if line_id != enrolment.line_id and line_id is not None:
        refuse_on(
            _in_class(enrolment), seat_findings(enrolment.person.name, enrolment.cohort, load(OrderLine, line_id))
        )
    enrolment.line_id = line_id
    if line_id is None:
        enrolment.targeted_seat_id = None
    return enrolment


@operation("cohorts.fill_seats", say("批量安排订单名额"), allow=FILLS)
def fill_seats(actor: Any, allotment_id: int) -> int:
    """Put the learners of a cohort who have no seat on an order's free ones, in the order of their coming; tell how many.

    Refused for a targeted line, whose people the employer names, and where nobody waits or no seat is free.
    """
    allotment = load(Allotment, allotment_id, lock=True)
    cohort, line = allotment.cohort, allotment.line
    seats = allotment.seats if allotment.freed_at is None else 0
    taken = seats_taken(line.id, cohort.id)
    waiting = unseated(cohort)
    refuse_on(
        _before_teaching_ends(cohort),
        rules.targeted_apart(cohort.name, line.targeted, has_seat=False),
        rules.seat_free(cohort.name, seats, taken),
        rules.somebody_waits(cohort.name, len(waiting)),
    )
    chosen = waiting[: seats - taken]
    for enrolment in chosen:
        enrolment.line_id = line.id
    return len(chosen)


@operation("cohorts.take_targeted_seat", say("安排定向名额"), allow=SEATS)
def take_targeted_seat(actor: Any, enrolment_id: int, seat_id: int) -> Enrolment:
    """Put a learner on the targeted seat that names him (定向), before the cohort starts.

    Refused to who is not on the employer's list, and where the intent was not signed before the start.
    """
    enrolment, seat = load(Enrolment, enrolment_id, lock=True), load(TargetedSeat, seat_id, lock=True)
    refuse_on(
        _in_class(enrolment), targeted_findings(enrolment.cohort, enrolment.person_id, enrolment.person.name, seat)
    )
    if enrolment.line_id != seat.line_id:
        refuse_on(seat_findings(enrolment.person.name, enrolment.cohort, seat.line, has_seat=True))
    enrolment.line_id, enrolment.targeted_seat_id = seat.line_id, seat.id
    return enrolment


def targeted_findings(cohort: Cohort, person_id: int, who: str, seat: TargetedSeat) -> list[Finding]:
    """Find what speaks against a person's taking a targeted seat in a cohort."""
    findings = promises.listed(who, seat.line.order.party.name, is_listed=seat.person_id == person_id)
    findings += promises.intent_in_time(who, seat.intent_signed_on, cohort.starts_on)
    if cohort.state in {CohortState.RUNNING, CohortState.TAUGHT, CohortState.CLOSED, CohortState.CANCELLED}:
        message = say("{who}：定向岗位须在开班前安排", who=who)
        findings.append(refuse("cohorts.targeted_late", message, "三段式：定向就业"))
    return findings


def seat_findings(who: str, cohort: Cohort, line: OrderLine, *, has_seat: bool = False) -> list[Finding]:
    """Find what speaks against one more learner on an order line's seats in a cohort."""
    allotment = find_allotment(line.id, cohort.id)
    seats = allotment.seats if allotment and allotment.freed_at is None else 0
    return [
        *rules.seat_free(who, seats, seats_taken(line.id, cohort.id)),
        *rules.targeted_apart(who, line.targeted, has_seat),
    ]


def advance_targeted(actor: Any, enrolment: Enrolment, to: TargetState, on: date) -> None:
    """Move the targeted seat of an enrolment on, as of a day, if it has one; inside an operation of this room."""
    seat = enrolment.targeted_seat
    if seat is not None and seat.state is not to and seat.state is not TargetState.WITHDRAWN:
        advance_seat(actor, seat.id, to, on)


def withdraw_targeted(actor: Any, enrolment: Enrolment, reason: str) -> None:
    """Step back from the targeted seat of a learner who leaves; inside an operation of this room."""
    seat = enrolment.targeted_seat
    if seat is not None and seat.state not in {TargetState.OPEN, TargetState.STABLE, TargetState.WITHDRAWN}:
        give_up_seat(actor, seat.id, reason)


def find_allotment(line_id: int, cohort_id: int) -> Allotment | None:
    """Find the seats of an order line in a cohort, freed or not."""
    query = select(Allotment).where(Allotment.line_id == line_id, Allotment.cohort_id == cohort_id)
    return db.session.scalar(query)


def seats_taken(line_id: int, cohort_id: int) -> int:
    """Count the learners on an order line's seats in a cohort."""
    query = select(func.count(Enrolment.id)).where(
        Enrolment.line_id == line_id, Enrolment.cohort_id == cohort_id, Enrolment.state != EnrolmentState.LEFT
    )
    return db.session.scalar(query) or 0


def _before_teaching_ends(cohort: Cohort) -> list[Finding]:
    if cohort.state in {*states.EDITABLE, *states.CHANGEABLE, CohortState.FILED}:
        return []
    message = say("{cohort}现为“{state}”，不能再划入名额", cohort=cohort.name, state=cohort.state.label)
    return [refuse("cohorts.seats_late", message)]


def _in_class(enrolment: Enrolment) -> list[Finding]:
    if enrolment.state in {EnrolmentState.APPLIED, EnrolmentState.ENROLLED}:
        return []
    message = say("{name}现为“{state}”，不能安排名额", name=enrolment.person.name, state=enrolment.state.label)
    return [refuse("cohorts.not_in_class", message)]
