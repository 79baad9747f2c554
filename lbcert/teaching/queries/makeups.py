"""Make-up sessions (补课): who missed a session and has not made it up, and what was made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.core.database import db, load
from lbcert.teaching.makeups import MISSED, Lost
from lbcert.teaching.models import Attendance, Session
from lbcert.teaching.rules import PRESENT, Lesson


def for_absentees(one: Any = Session) -> ColumnElement[bool]:
    """Tell the sessions, or those of an alias, that are held again for those who missed one, and so add no hours to the plan."""
    lost = aliased(Session)
    held = select(lost.id).where(lost.id == one.makes_up_id, lost.cancelled_reason == "")
    return held.correlate_except(lost).exists()


def missing(lost_id: Any, before: Any, enrolment_id: Any) -> ColumnElement[bool]:
    """Tell whether a learner missed a session and has not made all of it up ``before`` a moment; values or columns."""
    lost, missed, again, came = aliased(Session), aliased(Attendance), aliased(Session), aliased(Attendance)
    made_up = (
        select(func.coalesce(func.sum(again.hours), 0))
        .join(came, came.session_id == again.id)
        .where(again.makes_up_id == lost.id, again.cancelled_reason == "", again.starts_at < before)
        .where(came.enrolment_id == enrolment_id, came.mark.in_(PRESENT), counts(came))
        .correlate_except(again, came)
        .scalar_subquery()
    )
    return (
        select(lost.id)
        .join(missed, missed.session_id == lost.id)
        .where(lost.id == lost_id, lost.cancelled_reason == "", lost.hours > made_up)
        .where(missed.enrolment_id == enrolment_id, missed.mark.in_(MISSED), counts(missed))
        .correlate_except(lost, missed)
        .exists()
    )


def counts(mark: Any) -> ColumnElement[bool]:
    """Tell the marks that count: those that no later one corrects."""
    later = aliased(Attendance)
    return ~select(later.id).where(later.corrects_id == mark.id).correlate_except(later).exists()


def make_ups_of(session_id: int) -> list[Session]:
    """List the make-ups of a session in time, cancelled ones too."""
    query = select(Session).where(Session.makes_up_id == session_id)
    return list(db.session.scalars(query.options(joinedload(Session.trainer)).order_by(Session.starts_at, Session.id)))


def lost_to(lesson: Lesson, without: int | None = None) -> Lost:
    """Give what a lesson makes up; ``without`` is the make-up that is about to be moved."""
    lost = load(Session, lesson.makes_up_id)
    absent = select(func.count(Attendance.enrolment_id.distinct())).where(
        Attendance.session_id == lost.id, missing(lost.id, lesson.starts_at, Attendance.enrolment_id)
    )
    return Lost(
        lost.cohort_id, lost.module_id, lost.starts_at, lost.ends_at, bool(lost.cancelled_reason),
        hours_open(lost, without), db.session.scalar(absent) or 0,
        lost.for_absentees or bool(lost.makes_up_id and lost.cancelled_reason),
    )  # fmt: skip


def hours_open(lost: Session, without: int | None = None) -> int:
    """Give the class hours that one more make-up of a session may have: what is left of a cancelled one, all of one that was held."""
    if not lost.cancelled_reason:
        return lost.hours
    standing = (one for one in make_ups_of(lost.id) if not one.cancelled_reason and one.id != without)
    return lost.hours - sum(one.hours for one in standing)


def made_up(sessions: Iterable[Session], marks: Mapping[tuple[int, int], Attendance]) -> dict[tuple[int, int], int]:
    """Give the class hours that learners made up of what they missed, by (lost session, enrolment): never more than was lost.

    ``marks`` are the marks that count, by (session, enrolment); a mark that was corrected to having been there lost nothing.
    """
    by_id, hours = {session.id: session for session in sessions}, Counter[tuple[int, int]]()
    for (session_id, enrolment_id), mark in marks.items():
        again = by_id[session_id]
        if mark.mark in PRESENT and again.makes_up_id and again.for_absentees:
            hours[again.makes_up_id, enrolment_id] += again.hours
    return {
        key: min(count, by_id[key[0]].hours)
        for key, count in hours.items()
        if key in marks and marks[key].mark in MISSED
    }
