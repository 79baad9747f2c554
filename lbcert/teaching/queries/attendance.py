"""Marks, and what they come to for each learner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding
from lbcert.core.papers import Paper, papers_of
from lbcert.core.policy import Ruling
from lbcert.parties.models import Person
from lbcert.teaching.makeups import COUNTS
from lbcert.teaching.models import Attendance, AttendanceMark, LeaveRequest, LessonLog, Session
from lbcert.teaching.queries.makeups import for_absentees, made_up, missing
from lbcert.teaching.queries.sessions import sessions_of
from lbcert.teaching.rules import ATTENDANCE_SHARE, PRESENT, SIGNS, Share, enough_attendance

#: The kind of paper that a signed sheet is, under "session:<id>".
SIGNED_SHEET = "signed_sheet"


@dataclass(frozen=True)
class Line:
    """One learner's line in the attendance book (出勤簿)."""

    learner: Enrolment
    #: The sessions of his modules, and the make-ups of what he missed, by id.
    due: frozenset[int]
    #: The mark that counts, by session id.
    marks: Mapping[int, Attendance]
    share: Share
    #: Class hours that bear a mark, by mark; what was made up is missed no more.
    hours: Mapping[AttendanceMark, int]
    #: What speaks against him by the policy.
    findings: Sequence[Finding]

    def sign(self, session_id: int) -> str:
        """Give what the book writes: a sign, — where the module is not his, nothing where nobody marked him."""
        if session_id in self.marks:
            return SIGNS[self.marks[session_id].mark]
        return "" if session_id in self.due else "—"


@dataclass(frozen=True)
class Ledger:
    """The attendance of a cohort: learner × session, and the share of each against the policy."""

    cohort: Cohort
    #: In time, cancelled ones apart.
    sessions: Sequence[Session]
    lines: Sequence[Line]
    limit: Ruling


def ledger_of(cohort_id: int) -> Ledger:
    """Give a cohort's attendance; who has left is in it up to that day. Shares count sessions that are over.

    Hours that somebody missed and made up count as attended, unless the policy says no (``teaching.make_up_counts``).
    """
    cohort = load(Cohort, cohort_id)
    sessions = [session for session in sessions_of(cohort_id) if not session.cancelled_reason]
    every = marks_of([session.id for session in sessions])
    marks: dict[int, dict[int, Attendance]] = defaultdict(dict)
    for (session_id, enrolment_id), mark in every.items():
        marks[enrolment_id][session_id] = mark
    again = {} if ruling(cohort, COUNTS).value is False else made_up(sessions, every)
    expected = _expected_again(cohort_id)
    learners = _learners(cohort_id)
    modules = modules_of_all(cohort, [learner.id for learner in learners])
    limit = ruling(cohort, ATTENDANCE_SHARE)
    lines = []
    for learner in learners:
        own = {row.module_id for row in modules[learner.id]}
        due = [
            session
            for session in sessions
            if session.module_id in own
            and not _after_leaving(learner, session)
            and (not session.for_absentees or (session.id, learner.id) in expected)
        ]
        lines.append(_line(learner, due, marks[learner.id], again, limit))
    return Ledger(cohort, sessions, lines, limit)


def attendance_shares(cohort_id: int) -> dict[int, Share]:
    """Give each learner's share over the modules that are his, in sessions that are over, by enrolment id."""
    return {line.learner.id: line.share for line in ledger_of(cohort_id).lines}


def marks_of(session_ids: Sequence[int]) -> dict[tuple[int, int], Attendance]:
    """Give the mark that counts for each (session, enrolment): the one that no later row corrects."""
    later = aliased(Attendance)
    rows = db.session.scalars(
        select(Attendance)
        .outerjoin(later, later.corrects_id == Attendance.id)
        .where(Attendance.session_id.in_(session_ids), later.id.is_(None))
    )
    return {(row.session_id, row.enrolment_id): row for row in rows}


def history_of(session_id: int) -> dict[int, list[Attendance]]:
    """Give all marks of a session in their order, corrected ones too, by enrolment id."""
    history: dict[int, list[Attendance]] = defaultdict(list)
    query = select(Attendance).where(Attendance.session_id == session_id).order_by(Attendance.id)
    for row in db.session.scalars(query):
        history[row.enrolment_id].append(row)
    return history


def marked_counts(session_ids: Sequence[int]) -> dict[int, int]:
    """Count the learners with a mark, by session id."""
    query = (
        select(Attendance.session_id, func.count())
        .where(Attendance.session_id.in_(session_ids), Attendance.corrects_id.is_(None))
        .group_by(Attendance.session_id)
    )
    return {session_id: count for session_id, count in db.session.execute(query)}  # noqa: C416 (a row is no pair to mypy)


def attended_hours_of(cohort_id: int) -> dict[int, dict[int, int]]:
    """Give the class hours that each learner attended, by enrolment id and module id; what certificates print.

    Hours that were missed and made up are among them, none twice.
    """
    held = {row.id: row for row in sessions_of(cohort_id) if not row.cancelled_reason}
    marks = marks_of(list(held))
    attended = {
        (session_id, enrolment_id): held[session_id].hours
        for (session_id, enrolment_id), mark in marks.items()
        if mark.mark in PRESENT and not held[session_id].for_absentees
    }
    hours: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (session_id, enrolment_id), count in (attended | made_up(held.values(), marks)).items():
        hours[enrolment_id][held[session_id].module_id] += count
    return {enrolment_id: dict(by_module) for enrolment_id, by_module in hours.items()}


def attended_hours(enrolment: Enrolment) -> dict[int, int]:
    """Give the class hours that one learner attended, by module id; for many, ask `attended_hours_of`."""
    return attended_hours_of(enrolment.cohort_id).get(enrolment.id, {})


def leave_of(session_id: int) -> list[LeaveRequest]:
    """List the requests for leave from a session."""
    query = select(LeaveRequest).where(LeaveRequest.session_id == session_id).order_by(LeaveRequest.id)
    return list(db.session.scalars(query.options(joinedload(LeaveRequest.enrolment).joinedload(Enrolment.person))))


def logs_of(session_id: int) -> list[LessonLog]:
    """List the entries of a session's lesson log, the newest first; it is the one that counts."""
    query = select(LessonLog).where(LessonLog.session_id == session_id).order_by(LessonLog.id.desc())
    return list(db.session.scalars(query))


def sheets_of(session_id: int) -> list[Paper]:
    """List the signed sheets that were photographed for a session, oldest first."""
    return papers_of(f"session:{session_id}", SIGNED_SHEET)


def _learners(cohort_id: int) -> list[Enrolment]:
    """List who is or was in class, by name."""
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state != EnrolmentState.APPLIED)
        .options(joinedload(Enrolment.person))
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.scalars(query))


def _expected_again(cohort_id: int) -> set[tuple[int, int]]:
    """Give who is to come to the make-ups for absentees: (session, enrolment)."""
    query = select(Session.id, Enrolment.id).join(Enrolment, Enrolment.cohort_id == Session.cohort_id)
    mine = Session.cohort_id == cohort_id, Session.cancelled_reason == "", for_absentees()
    rows = db.session.execute(query.where(*mine, missing(Session.makes_up_id, Session.starts_at, Enrolment.id)))
    return {(session_id, enrolment_id) for session_id, enrolment_id in rows}


def _line(
    learner: Enrolment,
    due: Sequence[Session],
    marks: Mapping[int, Attendance],
    made_up: Mapping[tuple[int, int], int],
    limit: Ruling,
) -> Line:
    over = [session for session in due if session.ends_at <= clock.now()]
    planned = [session for session in over if not session.for_absentees]
    hours: dict[AttendanceMark, int] = defaultdict(int)
    again = 0
    for session in planned:
        if session.id in marks:
            count = made_up.get((session.id, learner.id), 0)
            hours[marks[session.id].mark] += session.hours - count
            again += count
    total = sum(session.hours for session in planned)
    attended = sum(hours[mark] for mark in PRESENT) + again
    share = Share(total, attended, sum(session.hours for session in over if session.id not in marks), again)
    findings = enough_attendance(learner.person.name, share, limit) if total else []
    return Line(learner, frozenset(session.id for session in due), marks, share, hours, findings)


def _after_leaving(learner: Enrolment, session: Session) -> bool:
    return learner.left_on is not None and clock.local(session.starts_at).date() > learner.left_on
