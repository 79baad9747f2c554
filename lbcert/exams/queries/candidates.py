"""Candidates and those who may become one, by name: for the exam office, never for a scorer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Enrolment, Scheme
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.policy import ruling
from lbcert.exams import resits, rules
from lbcert.exams.eligibility import Background, enough_hours, may_enter
from lbcert.exams.models import Batch, BatchState, Candidate, Outcome, Result
from lbcert.exams.queries.eligibility import backgrounds, hour_limits, hours_of_all, routes_to
from lbcert.exams.queries.resits import earlier_of, granted_to
from lbcert.exams.queries.results import standing_results
from lbcert.exams.rules import Lesson
from lbcert.parties.models import Person
from lbcert.teaching.models import Session
from lbcert.teaching.queries import attendance_shares, has_taught, learners_in, taught_by, tests_of
from lbcert.teaching.rules import ATTENDANCE_SHARE, enough_attendance

_OPEN = (BatchState.PLANNED, BatchState.MARKING, BatchState.DECIDED)


@dataclass(frozen=True)
class Learner:
    """A learner of the batch's cohort, and why he may not sit the exam."""

    enrolment: Enrolment
    findings: tuple[Finding, ...]
    candidate: Candidate | None

    @property
    def id(self) -> int:
        """The enrolment's id."""
        return self.enrolment.id

    @property
    def may_sit(self) -> bool:
        """Tell whether nothing stands in the way."""
        return not any(finding.stops for finding in self.findings)


def learners_of(batch: Batch) -> list[Learner]:
    """List the learners of a batch's cohort, each with what stands in the way of sitting this exam."""
    cohort = batch.cohort
    tests, shares, elsewhere = tests_of(cohort.id), attendance_shares(cohort.id), _elsewhere(batch)
    limit = ruling(ATTENDANCE_SHARE, cohort.home_region_code, cohort.starts_on, cohort.fund)
    candidates = {candidate.enrolment_id: candidate for candidate in batch.candidates}
    enrolments = learners_in(cohort.id)
    hours, hours_asked = hours_of_all(cohort, enrolments), hour_limits(cohort)
    entry = _entry(batch, enrolments)
    people = [one.person_id for one in enrolments]
    earlier, granted = earlier_of(batch, people), granted_to(batch, people)
    allowed = ruling(resits.RESITS, batch.body.region_code, batch.held_on)
    learners = []
    for enrolment in enrolments:
        test, who = tests.get(enrolment.id), enrolment.person.name
        standing = rules.Standing(
            who, test.passed if test else None, elsewhere.get(enrolment.id, ""), enrolment.in_service
        )
        person_id = enrolment.person_id
        findings = [
            *resits.may_sit_again(who, earlier.get(person_id, []), granted.get(person_id, 0), allowed),
            *rules.may_sit(standing, own_staff_only=batch.scheme is Scheme.EMPLOYER_OWN),
            *enough_attendance(who, shares[enrolment.id], limit),
            *enough_hours(who, hours[enrolment.id], hours_asked),
            *entry[enrolment.id],
        ]
        learners.append(Learner(enrolment, tuple(findings), candidates.get(enrolment.id)))
    return learners


def _entry(batch: Batch, enrolments: list[Enrolment]) -> dict[int, list[Finding]]:
    """Find who meets no way to the level; a certificate without a level asks for none."""
    item = batch.cohort.item
    level = item.level
    if level is None:
        return {one.id: [] for one in enrolments}
    routes = routes_to(item.trade_id, level, batch.body.region_code, batch.held_on)
    known = backgrounds(batch, enrolments) if routes else {}
    empty = Background("", date.min)
    return {
        one.id: may_enter(known.get(one.id, empty), item.trade.name, level, routes, batch.held_on) for one in enrolments
    }


def _elsewhere(batch: Batch) -> dict[int, str]:
    """Give the number of the other batch in which learners of the cohort are examined, or have passed."""
    query = (
        select(Candidate.enrolment_id, Batch.number, Batch.state, Candidate.id)
        .join(Candidate.batch)
        .where(Batch.cohort_id == batch.cohort_id, Batch.id != batch.id, Batch.state != BatchState.CANCELLED)
    )
    rows = db.session.execute(query).all()
    passed = set(
        db.session.scalars(
            standing_results()
            .where(Result.candidate_id.in_([row.id for row in rows]), Result.outcome == Outcome.PASSED)
            .with_only_columns(Result.candidate_id)
        )
    )
    return {row.enrolment_id: row.number for row in rows if row.state in _OPEN or row.id in passed}


def candidates_by_name(batch_id: int) -> list[Candidate]:
    """List the candidates of a batch by name."""
    query = (
        select(Candidate)
        .join(Candidate.enrolment)
        .join(Enrolment.person)
        .where(Candidate.batch_id == batch_id)
        .options(joinedload(Candidate.enrolment).joinedload(Enrolment.person))
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.scalars(query))


_ENROLLED, _ELSEWHERE = aliased(Enrolment), aliased(Enrolment)
_OF_THEIRS = (
    select(_ELSEWHERE.cohort_id)
    .join(_ENROLLED, _ENROLLED.person_id == _ELSEWHERE.person_id)
    .where(_ENROLLED.cohort_id == bindparam("cohort"))
)
_GAVE_ANY = select(
    exists().where(
        taught_by(bindparam("person")),
        (Session.cohort_id == bindparam("cohort")) | Session.cohort_id.in_(_OF_THEIRS),
    )
)


def gave_any_lesson(person_id: int, batch: Batch) -> bool:
    """Tell whether somebody ever taught the cohort of a batch, or one of its people elsewhere: before asking which and when.

    Whoever did not has no ``lessons_given``; each mark asks.
    """
    return bool(db.session.scalar(_GAVE_ANY, {"person": person_id, "cohort": batch.cohort_id}))


def lessons_given(person_id: int, batch: Batch) -> tuple[list[Lesson], list[Lesson]]:
    """List the sessions for which a person stands aside: of the batch's own cohort, and of its people elsewhere.

    Those elsewhere are of the months that the body's policy names before the exam; none on file, none are asked.
    """
    own = db.session.scalars(
        select(Session).where(taught_by(person_id), Session.cohort_id == batch.cohort_id).order_by(Session.starts_at)
    )
    months = ruling(rules.SEPARATION_MONTHS, batch.body.region_code, batch.held_on)
    others: list[Session] = []
    if months.is_on_file:
        since = rules.months_before(batch.held_on, months.value)
        learners = select(Candidate.enrolment_id).where(Candidate.batch_id == batch.id)
        if db.session.scalar(learners.limit(1)) is None:
            learners = select(Enrolment.id).where(Enrolment.cohort_id == batch.cohort_id)
        taught = has_taught(person_id, learners, datetime.combine(since, time(), clock.SHANGHAI))
        others = [session for session in taught if session.cohort_id != batch.cohort_id]
    return [lesson(session) for session in own], [lesson(session) for session in others]


def lesson(session: Session) -> Lesson:
    """Give a session as a refusal lists it."""
    title = session.title or session.module.name
    return Lesson(clock.local(session.starts_at).date(), session.cohort.name, title, session.id)
