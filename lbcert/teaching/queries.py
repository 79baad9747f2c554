"""What pages and later rooms read of teaching."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.parties.models import Person
from lbcert.teaching.models import Attendance, AttendanceMark, ItemTick, SchoolTest, Session, TestItem, Venue
from lbcert.teaching.rules import Share, Slot

#: Marks that count as having been there.
PRESENT = frozenset({AttendanceMark.PRESENT, AttendanceMark.LATE, AttendanceMark.EARLY})


def sessions_of(cohort_id: int) -> list[Session]:
    """List a cohort's sessions in time, cancelled ones too."""
    return list(
        db.session.scalars(
            select(Session)
            .where(Session.cohort_id == cohort_id)
            .options(joinedload(Session.module), joinedload(Session.trainer), joinedload(Session.venue))
            .order_by(Session.starts_at, Session.id)
        )
    )


def learners_in(cohort_id: int) -> list[Enrolment]:
    """List the learners of a cohort who have not left, by name."""
    states = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.FAILED)
    return list(
        db.session.scalars(
            select(Enrolment)
            .join(Enrolment.person)
            .where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(states))
            .options(joinedload(Enrolment.person))
            .order_by(Person.pinyin, Person.id)
        )
    )


def due_in(session: Session) -> list[Enrolment]:
    """List the learners for whom a session's module is due."""
    learners = learners_in(session.cohort_id)
    modules = modules_of_all(session.cohort, [learner.id for learner in learners])
    return [
        learner for learner in learners if any(p.module_id == session.module_id for p in modules.get(learner.id, []))
    ]


def held_with(
    starts_at: datetime,
    ends_at: datetime,
    cohort: Cohort,
    trainer_id: int,
    venue_id: int | None,
    without: int | None = None,
) -> list[Slot]:
    """List the sessions at that time which could clash: by the trainer, in the venue, or of cohorts that share a learner."""
    mine, other = aliased(Enrolment), aliased(Enrolment)
    shared = (
        select(other.cohort_id)
        .join(mine, mine.person_id == other.person_id)
        .where(mine.cohort_id == cohort.id, _standing(mine), _standing(other))
    )
    same = [Session.trainer_id == trainer_id, Session.cohort_id.in_(shared), Session.cohort_id == cohort.id]
    if venue_id is not None:
        same.append(Session.venue_id == venue_id)
    query = select(Session).where(
        Session.starts_at < ends_at, Session.ends_at > starts_at, Session.cancelled_reason == "", or_(*same)
    )
    return [slot_of(session) for session in db.session.scalars(query) if session.id != without]


def slot_of(session: Session) -> Slot:
    """Give a session as the clash rule sees it."""
    day = clock.local(session.starts_at)
    return Slot(
        session.starts_at,
        session.ends_at,
        f"{session.cohort.name} {day:%Y-%m-%d %H:%M}",
        session.trainer_id,
        session.trainer.name,
        session.venue_id,
        session.venue.name if session.venue else "",
        {learner.person_id: learner.person.name for learner in due_in(session)},
    )


def marks_of(session_ids: Sequence[int]) -> dict[tuple[int, int], Attendance]:
    """Give the mark that counts for each (session, enrolment): the one that no later row corrects."""
    later = aliased(Attendance)
    rows = db.session.scalars(
        select(Attendance)
        .outerjoin(later, later.corrects_id == Attendance.id)
        .where(Attendance.session_id.in_(session_ids), later.id.is_(None))
    )
    return {(row.session_id, row.enrolment_id): row for row in rows}


def attendance_shares(cohort_id: int) -> dict[int, Share]:
    """Give each learner's share over the modules that are his, in sessions that are over, by enrolment id."""
    learners = learners_in(cohort_id)
    if not learners:
        return {}
    modules = modules_of_all(learners[0].cohort, [learner.id for learner in learners])
    held = [s for s in sessions_of(cohort_id) if not s.cancelled_reason and s.ends_at <= clock.now()]
    marks = marks_of([session.id for session in held])
    return {
        learner.id: _share(learner, {p.module_id for p in modules.get(learner.id, [])}, held, marks)
        for learner in learners
    }


def _share(
    learner: Enrolment, modules: set[int], held: Iterable[Session], marks: dict[tuple[int, int], Attendance]
) -> Share:
    due = attended = unmarked = 0
    for session in held:
        if session.module_id not in modules:
            continue
        due += session.hours
        mark = marks.get((session.id, learner.id))
        if mark is None:
            unmarked += session.hours
        elif mark.mark in PRESENT:
            attended += session.hours
    return Share(due, attended, unmarked)


def attended_hours(enrolment: Enrolment) -> dict[int, int]:
    """Give the class hours that a learner attended, by module id; what the certificate prints."""
    held = [session for session in sessions_of(enrolment.cohort_id) if not session.cancelled_reason]
    marks = marks_of([session.id for session in held])
    hours: dict[int, int] = defaultdict(int)
    for session in held:
        mark = marks.get((session.id, enrolment.id))
        if mark is not None and mark.mark in PRESENT:
            hours[session.module_id] += session.hours
    return dict(hours)


def ticks_of(cohort_id: int) -> dict[int, set[int]]:
    """Give the practical items that each learner can do, by enrolment id."""
    able: dict[int, set[int]] = defaultdict(set)
    rows = db.session.scalars(
        select(ItemTick).join(TestItem).where(TestItem.cohort_id == cohort_id).order_by(ItemTick.id)
    )
    for tick in rows:
        (able[tick.enrolment_id].add if tick.able else able[tick.enrolment_id].discard)(tick.test_item_id)
    return able


def items_of(cohort_id: int) -> list[TestItem]:
    """List the practical items of a cohort's test."""
    return list(db.session.scalars(select(TestItem).where(TestItem.cohort_id == cohort_id).order_by(TestItem.id)))


def tests_of(cohort_id: int) -> dict[int, SchoolTest]:
    """Give the school's test of each learner who took it, by enrolment id."""
    rows = db.session.scalars(select(SchoolTest).join(Enrolment).where(Enrolment.cohort_id == cohort_id))
    return {row.enrolment_id: row for row in rows}


def venues_in(region_codes: Iterable[str]) -> list[Venue]:
    """List the venues of some regions."""
    return list(db.session.scalars(select(Venue).where(Venue.region_code.in_(list(region_codes))).order_by(Venue.name)))


def has_taught(person_id: int, enrolment_ids: Iterable[int], since: datetime) -> list[Session]:
    """List the sessions since a day in which a person taught cohorts of these learners, for examiners to stand aside."""
    theirs = select(Enrolment.person_id).where(Enrolment.id.in_(list(enrolment_ids)))
    cohorts = select(Enrolment.cohort_id).where(Enrolment.person_id.in_(theirs))
    query = select(Session).where(
        Session.trainer_id == person_id,
        Session.cohort_id.in_(cohorts),
        Session.starts_at >= since,
        Session.cancelled_reason == "",
    )
    return list(db.session.scalars(query.order_by(Session.starts_at)))


def _standing(enrolment: type[Enrolment]) -> ColumnElement[bool]:
    return enrolment.state.in_((EnrolmentState.APPLIED, EnrolmentState.ENROLLED))
