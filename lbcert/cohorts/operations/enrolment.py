"""Learners of a cohort: applying, enrolling, promising, leaving, and how each one ended."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from lbcert.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.operations.drafting import CLERK, note_change
from lbcert.cohorts.operations.seats import advance_targeted, withdraw_targeted
from lbcert.cohorts.places import enrolment_place, home_place, is_station_of
from lbcert.cohorts.queries.filing import learners_in, ruling
from lbcert.cohorts.queries.learners import Limits, as_learner, findings_of, records
from lbcert.cohorts.rules import filing, learners, states
from lbcert.core import clock
from lbcert.core.access import Role, holds, only
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import INSIDE, operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand.models import TargetState
from lbcert.parties.models import Person
from lbcert.parties.operations.persons import PersonData, register_person

GATHERS = (
    CLERK | holds(Role.SERVICE_CENTRE, at=home_place) | only("a station at the cohort's home or site", is_station_of)
)
ITS_CLERK = holds(Role.PROVIDER_CLERK, at=enrolment_place)


@operation("cohorts.apply", say("登记报名"), allow=GATHERS)
def apply(actor: Any, cohort_id: int, person_id: int) -> Enrolment:
    """Put a person down for a cohort (报名), as a station or the service centre does; the provider admits."""
    cohort, person = load(Cohort, cohort_id), load(Person, person_id)
    findings = [*_eligible(cohort, person)]
    if cohort.state not in states.EDITABLE | {CohortState.FILED, CohortState.APPROVED}:
        findings.append(refuse("cohorts.apply_late", say("{cohort}已开班或已结束，不再接受报名", cohort=cohort.name)))
    refuse_on(findings)
    return _place(cohort, person, EnrolmentState.APPLIED)


@operation("cohorts.apply_by_number", say("凭身份证号码报名"), allow=GATHERS)
def apply_by_number(actor: Any, cohort_id: int, data: PersonData) -> Enrolment:
    """Put somebody down for a cohort by ID number, registering the person when nobody has that number yet."""
    return apply(actor, cohort_id, register_person(actor, data).id)


@operation("cohorts.enrol", say("录取学员"), allow=CLERK)
def enrol(
    actor: Any,
    cohort_id: int,
    person_id: int,
    *,
    in_service: bool = False,
    job_before: str = "",
    promised_on: date | None = None,
    reason: str = "",
) -> Enrolment:
    """Take a person into a cohort, from the applications or directly; after the approval with a reason.

    ``in_service``: at work already, so that an in-service outcome is expected and no new placement. Refused with every
    rule that speaks against it: age, the same item and level before, times a year, already in class, class size.
    """
    cohort, person = load(Cohort, cohort_id, lock=True), load(Person, person_id)
    refuse_on(
        states.change_with_reason(cohort.name, cohort.state, reason), _eligible(cohort, person), one_more(cohort, 1)
    )
    enrolment = _place(cohort, person, EnrolmentState.ENROLLED)
    enrolment.in_service, enrolment.job_before = in_service, job_before.strip()
    enrolment.promised_on = promised_on
    note_change(actor, cohort, "enrolments", "", person.name, reason)
    return enrolment


@operation("cohorts.enrol_by_number", say("凭身份证号码录取学员"), allow=CLERK)
def enrol_by_number(
    actor: Any,
    cohort_id: int,
    data: PersonData,
    *,
    in_service: bool = False,
    job_before: str = "",
    promised_on: date | None = None,
    reason: str = "",
) -> Enrolment:
    """Take somebody into a cohort by ID number, registering the person when nobody has that number yet."""
    person = register_person(actor, data)
    return enrol(
        actor,
        cohort_id,
        person.id,
        in_service=in_service,
        job_before=job_before,
        promised_on=promised_on,
        reason=reason,
    )


@operation("cohorts.leave", say("登记退班"), allow=ITS_CLERK)
def leave(actor: Any, enrolment_id: int, on: date, reason: str) -> Enrolment:
    """Record that a learner left (退班), on a day and for a reason; a targeted seat is given up with it."""
    enrolment = load(Enrolment, enrolment_id, lock=True)
    cohort, name = enrolment.cohort, enrolment.person.name
    findings = [*learners.leaving(name, enrolment.state, on, clock.today(), reason)]
    if cohort.state is CohortState.FILED:
        findings += states.editable(cohort.name, cohort.state)
    refuse_on(findings)
    withdraw_targeted(actor, enrolment, reason)
    enrolment.state, enrolment.left_on, enrolment.left_reason = EnrolmentState.LEFT, on, reason.strip()[:300]
    note_change(actor, cohort, "enrolments", name, "", reason)
    return enrolment


@operation("cohorts.promise", say("登记学员承诺书"), allow=CLERK)
def record_promises(actor: Any, cohort_id: int, enrolment_ids: list[int], on: date) -> Cohort:
    """Record on which day learners signed their truth promise (告知承诺书)."""
    cohort = load(Cohort, cohort_id)
    if on > clock.today():
        refuse_on([refuse("cohorts.promise_day", say("承诺书的签署日期不能晚于今天"))])
    wanted = select(Enrolment).where(Enrolment.cohort_id == cohort_id, Enrolment.id.in_(enrolment_ids))
    for enrolment in db.session.scalars(wanted):
        enrolment.promised_on = on
    return cohort


@operation("cohorts.describe_learner", say("更正学员就业状况"), allow=ITS_CLERK)
def describe_learner(
    actor: Any, enrolment_id: int, *, in_service: bool, job_before: str, version: int | None = None
) -> Enrolment:
    """Correct whether a learner is at work already, and the job before the training."""
    enrolment = load(Enrolment, enrolment_id, lock=True)
    refuse_on(stale(enrolment, version))
    enrolment.in_service, enrolment.job_before = in_service, job_before.strip()
    return enrolment


@operation("cohorts.settle", say("认定学员结业情况"), allow=INSIDE)
def settle(actor: Any, enrolment_id: int, *, completed: bool) -> Enrolment:
    """Say how a learner's training ended, as the school's own test decides; a targeted seat moves to 结业."""
    enrolment = load(Enrolment, enrolment_id, lock=True)
    settled = {EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.FAILED}
    if enrolment.state not in settled or enrolment.cohort.state not in {CohortState.RUNNING, CohortState.TAUGHT}:
        message = say(
            "{name}（{state}）不能登记结业结论：须在班，且班级未结班",
            name=enrolment.person.name,
            state=enrolment.state.label,
        )
        refuse_on([refuse("cohorts.not_in_class", message)])
    enrolment.state = EnrolmentState.COMPLETED if completed else EnrolmentState.FAILED
    if completed:
        advance_targeted(actor, enrolment, TargetState.GRADUATED, clock.today())
    return enrolment


def one_more(cohort: Cohort, count: int) -> list[Finding]:
    """Find that ``count`` more learners make an approved cohort too large; before, the filing counts them."""
    if cohort.state not in states.CHANGEABLE:
        return []
    size = len(learners_in(cohort)) + count
    return [*filing.class_size(cohort.name, f"cohort:{cohort.id}", size, ruling(cohort, filing.MAX_SIZE))]


def _eligible(cohort: Cohort, person: Person) -> list[Finding]:
    record, learner = records(cohort, [person.id])[person.id], as_learner(person)
    return [
        *learners.place_in_cohort(learner, record.here),
        *findings_of(cohort, learner, record, Limits.of(cohort)),
    ]


def _place(cohort: Cohort, person: Person, state: EnrolmentState) -> Enrolment:
    """Make the enrolment, or bring back who has left or applied."""
    enrolment = next((row for row in cohort.enrolments if row.person_id == person.id), None)
    if enrolment is None:
        enrolment = Enrolment(person_id=person.id)
        cohort.enrolments.append(enrolment)
    enrolment.state, enrolment.left_on, enrolment.left_reason = state, None, ""
    return enrolment
