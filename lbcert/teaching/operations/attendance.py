"""Roll call, corrections, leave and the lesson log: rows are added, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lbcert.core import clock, papers
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import Paper
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching import rules
from lbcert.teaching.models import Attendance, AttendanceMark, LeaveRequest, LessonLog, Session, Way
from lbcert.teaching.places import LEAVE_CLERK, MARK_STAFF, SESSION_STAFF
from lbcert.teaching.queries import due_in, marks_of
from lbcert.teaching.queries.attendance import SIGNED_SHEET, sheets_of

#: Ways in which somebody makes a mark; a learner's own phone is the third, and equal in worth.
WAYS = frozenset({Way.ROLL_CALL.value, Way.SHEET.value})


@dataclass(frozen=True)
class Presence:
    """What was seen of one learner in one session."""

    mark: AttendanceMark
    in_at: datetime | None = None
    out_at: datetime | None = None


@operation("teaching.record_attendance", say("登记考勤"), allow=SESSION_STAFF)
def record_attendance(
    actor: Any, session_id: int, presence: Mapping[int, Presence], how: str = "roll_call"
) -> list[Attendance]:
    """Record the marks of a session, by enrolment id.

    ``how`` is "roll_call", or "sheet" where the signed sheet was attached. Refused before the session begins, outside the
    cohort's teaching, for learners of whom it is not due, and for those who have a mark already (a correction needs a
    reason).
    """
    session = load(Session, session_id, lock=True)
    due = {learner.id: learner.person.name for learner in due_in(session)}
    marked = {enrolment for _session, enrolment in marks_of([session_id])}
    refuse_on(
        rules.markable(session.cohort.name, session.cohort.state),
        _begun(session),
        _way(how, session),
        _markable(due, marked, presence),
        *(_times(due.get(learner, ""), seen, session) for learner, seen in presence.items()),
    )
    rows = [
        Attendance(
            session_id=session_id, enrolment_id=learner, mark=seen.mark, in_at=seen.in_at, out_at=seen.out_at,
            how=how, account_id=actor.id,
        )
        for learner, seen in presence.items()
    ]  # fmt: skip
    db.session.add_all(rows)
    return rows


@operation("teaching.attach_signed_sheet", say("上传签字的签到表"), allow=SESSION_STAFF)
def attach_signed_sheet(actor: Any, session_id: int, data: bytes, file_name: str) -> Paper:
    """Keep a photograph of the sheet that a session's learners signed; refused before it begins, unless PDF, JPEG or PNG."""
    session = load(Session, session_id)
    refuse_on(
        rules.markable(session.cohort.name, session.cohort.state), _begun(session), papers.no_paper(data, file_name)
    )
    return papers.receive(f"session:{session_id}", SIGNED_SHEET, data, file_name, actor.id)


@operation("teaching.correct_attendance", say("更正考勤"), allow=MARK_STAFF)
def correct_attendance(actor: Any, attendance_id: int, presence: Presence, reason: str) -> Attendance:
    """Put a new mark in place of one, with a reason; the old one stays visible."""
    old = load(Attendance, attendance_id)
    session, name = old.session, old.enrolment.person.name
    counts = marks_of([old.session_id])[old.session_id, old.enrolment_id]
    refuse_on(
        rules.markable(session.cohort.name, session.cohort.state),
        _reason(reason),
        _newest(old, counts),
        _times(name, presence, session),
    )
    row = Attendance(
        session_id=old.session_id, enrolment_id=old.enrolment_id, mark=presence.mark, in_at=presence.in_at,
        out_at=presence.out_at, how=Way.CORRECTION.value, account_id=actor.id, corrects_id=old.id, reason=reason.strip()[:300],
    )  # fmt: skip
    db.session.add(row)
    return row


@operation("teaching.request_leave", say("登记请假"), allow=SESSION_STAFF)
def request_leave(actor: Any, session_id: int, enrolment_id: int, reason: str) -> LeaveRequest:
    """Put a learner's request for leave (请假条) from one session on file, before or after it."""
    session = load(Session, session_id)
    due = {learner.id for learner in due_in(session)}
    missing = [] if enrolment_id in due else [refuse("teaching.not_due", say("这名学员不用上这节课"))]
    refuse_on(_reason(reason), stands(session), missing)
    request = LeaveRequest(session_id=session_id, enrolment_id=enrolment_id, reason=reason.strip()[:300])
    db.session.add(request)
    return request


@operation("teaching.decide_leave", say("批准或不准请假"), allow=LEAVE_CLERK)
def decide_leave(actor: Any, request_id: int, granted: bool) -> LeaveRequest:
    """Grant or refuse leave; a decision stands."""
    request = load(LeaveRequest, request_id, lock=True)
    refuse_on([] if request.granted is None else [refuse("teaching.leave_decided", say("这张请假条已经办理过"))])
    request.granted, request.decided_by = granted, actor.id
    return request


@operation("teaching.log_lesson", say("填写教学日志"), allow=SESSION_STAFF)
def log_lesson(actor: Any, session_id: int, content: str, head_count: int) -> LessonLog:
    """Write the lesson log (教学日志): what was taught, and how many were counted in the room."""
    session = load(Session, session_id)
    written = [] if content.strip() else [refuse("teaching.empty_log", say("请写明授课内容"))]
    counted = [] if head_count >= 0 else [refuse("teaching.head_count", say("人数不能为负"))]
    refuse_on(_begun(session), written, counted)
    entry = LessonLog(session_id=session_id, content=content.strip(), head_count=head_count, account_id=actor.id)
    db.session.add(entry)
    return entry


def stands(session: Session) -> Iterator[Finding]:
    """Find that a session was cancelled."""
    if session.cancelled_reason:
        yield refuse("teaching.cancelled", say("这节课已取消"))


def _begun(session: Session) -> Iterator[Finding]:
    yield from stands(session)
    if clock.now() < session.starts_at:
        yield refuse("teaching.not_begun", say("还没有上课，不能记考勤或写日志"))


def _way(how: str, session: Session) -> Iterator[Finding]:
    if how not in WAYS:
        yield refuse("teaching.way", say("没有这种考勤方式：{how}", how=how))
    if how == Way.SHEET and not sheets_of(session.id):
        yield refuse("teaching.no_sheet", say("照签到表登记，请先上传签了字的签到表照片"))


def _markable(due: Mapping[int, str], marked: set[int], presence: Mapping[int, Presence]) -> Iterator[Finding]:
    for learner in presence:
        if learner not in due:
            yield refuse("teaching.not_due", say("{learner} 号学员不用上这节课", learner=learner))
        elif learner in marked:
            message = say("{who} 这节课已有考勤记录；更正请写明理由", who=due[learner])
            yield refuse("teaching.already_marked", message)


def _times(name: str, seen: Presence, session: Session) -> list[Finding]:
    return rules.times_seen(name, seen.in_at, seen.out_at, session.starts_at)


def _newest(old: Attendance, counts: Attendance) -> Iterator[Finding]:
    if old.id != counts.id:
        yield refuse("teaching.corrected_already", say("这条考勤刚刚已被更正，请核对最新的记录"))


def _reason(reason: str) -> Iterator[Finding]:
    if not reason.strip():
        yield refuse("teaching.reason", say("请写明理由"))
