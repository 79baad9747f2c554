"""One session: its roll, leave, lesson log and signing sheet."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.documents import document
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import form_page
from lbcert.parties.models import Account
from lbcert.teaching.checkin import Times, may_show
from lbcert.teaching.forms import LeaveForm, LogForm
from lbcert.teaching.models import AttendanceMark, LeaveRequest, Session
from lbcert.teaching.operations.attendance import decide_leave, log_lesson, request_leave
from lbcert.teaching.places import LEAVE_CLERK, SEES_SESSION, SESSION_CLERK, SESSION_STAFF
from lbcert.teaching.queries.attendance import history_of, leave_of, logs_of, sheets_of
from lbcert.teaching.queries.checkin import calls_of, legs_of, limits_of
from lbcert.teaching.queries.covers import is_open, requests_of
from lbcert.teaching.queries.makeups import hours_open, make_ups_of
from lbcert.teaching.queries.papers import signing_sheet_of
from lbcert.teaching.queries.sessions import absentees_of, due_in
from lbcert.teaching.queries.workshops import signature_of, to_sign_as_mentor
from lbcert.teaching.rules import SIGNS, plannable
from lbcert.teaching.views.room import PDF, file, place_of, room

MARK_SIGNS = {
    AttendanceMark.PRESENT: "ok",
    AttendanceMark.LATE: "warn",
    AttendanceMark.EARLY: "warn",
    AttendanceMark.LEAVE: "info",
    AttendanceMark.ABSENT: "stop",
}


@room.page("/sessions/<int:session_id>", see=SEES_SESSION)
def session(session_id: int) -> str:
    """Show a session and what is to be done with it."""
    return session_page(session_id)


def session_page(session_id: int, findings: Iterable[Finding] = ()) -> str:
    """Draw a session's page, with what was found against what was tried."""
    found, actor, here = load(Session, session_id), acting(), {"session_id": session_id}
    history = history_of(session_id)
    due = {learner.id: learner for learner in due_in(found)}
    marked = [(rows[-1].enrolment, rows) for rows in history.values()]
    counts = {mark: sum(rows[-1].mark is mark for rows in history.values()) for mark in SIGNS}
    logs, sheets = logs_of(session_id), sheets_of(session_id)
    wrote = {log.account_id for log in logs} | {rows[-1].account_id for rows in history.values()}
    wrote |= {paper.account_id for paper in sheets}
    absentees, is_clerk = absentees_of(found), SESSION_CLERK.admits(actor, here)
    is_lost = hours_open(found) > 0 if found.cancelled_reason else bool(absentees)
    names_another = found.for_absentees or (found.makes_up_id and found.cancelled_reason)
    return render_template(
        "pages/teaching/session.html",
        session=found,
        place=place_of(found),
        has_begun=found.starts_at <= clock.now(),
        due=len(due),
        unmarked=[learner for key, learner in due.items() if key not in history],
        marked=sorted(marked, key=lambda pair: (pair[0].person.pinyin, pair[0].id)),
        counts=counts,
        signs=MARK_SIGNS,
        leave=leave_of(session_id),
        signed=signature_of(session_id),
        may_sign=any(one.id == session_id for one in to_sign_as_mentor(actor)),
        logs=logs,
        writers=_writers(wrote),
        sheets=sheets,
        unanswered={call.enrolment_id for call in calls_of(session_id) if call.answered is False},
        legs=legs_of(session_id),
        may_check_in=not may_show(clock.now(), Times(found.starts_at, found.ends_at), limits_of(found.cohort)),
        findings=list(findings),
        is_staff=SESSION_STAFF.admits(actor, here),
        is_clerk=is_clerk,
        make_ups=make_ups_of(session_id),
        absentees=absentees,
        cover=next((one for one in requests_of(session_id) if is_open(one)), None) if is_clerk else None,
        may_make_up=is_clerk and is_lost and not names_another and not plannable("", found.cohort.state),
        is_held=bool(history or logs),
    )


def _writers(accounts: Iterable[int | None]) -> dict[int, str]:
    """Give the names of those who wrote something, by account."""
    query = select(Account.id, Account.name).where(Account.id.in_(set(accounts)))
    return {key: name for key, name in db.session.execute(query)}  # noqa: C416 (a row is no pair to mypy)


@room.page("/sessions/<int:session_id>/log", see=SESSION_STAFF, methods=("GET", "POST"))
def log(session_id: int) -> ResponseReturnValue:
    """Write the lesson log."""
    found, form = load(Session, session_id), LogForm()
    url = url_for("teaching.session", session_id=session_id)

    def save() -> str:
        log_lesson(acting(), session_id, form.content.data or "", form.head_count.data or 0)
        flash(gettext("已写教学日志"), "success")
        return url

    if request.method == "GET":
        rows = history_of(session_id).values()
        form.head_count.data = sum(mark[-1].mark not in {AttendanceMark.ABSENT, AttendanceMark.LEAVE} for mark in rows)
    lead = f"{found.module.name} · {found.cohort.name}"
    return form_page(form, save, title=gettext("教学日志"), lead=lead, back=(gettext("这节课"), url))


@room.page("/sessions/<int:session_id>/leave", see=SESSION_STAFF, methods=("GET", "POST"))
def leave(session_id: int) -> ResponseReturnValue:
    """Put a learner's request for leave on file."""
    found = load(Session, session_id)
    form = LeaveForm(learners=due_in(found))
    url = url_for("teaching.session", session_id=session_id)

    def save() -> str:
        request_leave(acting(), session_id, form.enrolment_id.data, form.reason.data or "")
        flash(gettext("已登记请假条，等待准假"), "success")
        return url

    lead = f"{found.module.name} · {found.cohort.name}"
    return form_page(form, save, title=gettext("登记请假条"), lead=lead, back=(gettext("这节课"), url))


@room.page("/leave/<int:request_id>/decide", see=LEAVE_CLERK, methods=("POST",))
def decide(request_id: int) -> ResponseReturnValue:
    """Grant or refuse leave."""
    session_id = load(LeaveRequest, request_id).session_id
    try:
        decide_leave(acting(), request_id, request.form.get("granted") == "yes")
    except Refused as refused:
        return session_page(session_id, refused.findings), 422
    return redirect(url_for("teaching.session", session_id=session_id))


@room.page("/sessions/<int:session_id>/signing-sheet.pdf", see=SEES_SESSION)
def signing_sheet(session_id: int) -> ResponseReturnValue:
    """Print the sheet that learners sign."""
    found = load(Session, session_id)
    title = gettext("签到表")
    return file(
        document("signing_sheet", title="学员签到表", **signing_sheet_of(found)), PDF, f"{title}-{session_id}.pdf"
    )
