"""Marks, and what they come to for each learner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import aliased

from lbcert.cohorts.models import Enrolment
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.teaching.models import Attendance, AttendanceMark, Session
from lbcert.teaching.queries.sessions import learners_in, sessions_of
from lbcert.teaching.rules import Share

#: Marks that count as having been there.
PRESENT = frozenset({AttendanceMark.PRESENT, AttendanceMark.LATE, AttendanceMark.EARLY})


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


def attended_hours_of(cohort_id: int) -> dict[int, dict[int, int]]:
    """Give the class hours that each learner attended, by enrolment id and module id; what certificates print."""
    held = {row.id: row for row in sessions_of(cohort_id) if not row.cancelled_reason}
    hours: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (session_id, enrolment_id), mark in marks_of(list(held)).items():
        if mark.mark in PRESENT:
            hours[enrolment_id][held[session_id].module_id] += held[session_id].hours
    return {enrolment_id: dict(by_module) for enrolment_id, by_module in hours.items()}


def attended_hours(enrolment: Enrolment) -> dict[int, int]:
    """Give the class hours that one learner attended, by module id; for many, ask `attended_hours_of`."""
    return attended_hours_of(enrolment.cohort_id).get(enrolment.id, {})
