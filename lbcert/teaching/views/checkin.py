"""A trainer's screen for checking in: the QR or digits that change by themselves, who is in, the count of heads, random calls."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number
from lbcert.core.qr import modules, svg_path
from lbcert.teaching.checkin import Times, may_show
from lbcert.teaching.checkin_code import spoken_at, token_of
from lbcert.teaching.models import AttendanceMark, Mode, RandomCall, Session
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.calls import call_at_random, record_answer
from lbcert.teaching.operations.checkin import confirm_head_count, open_check_in
from lbcert.teaching.places import CALL_STAFF, SESSION_STAFF
from lbcert.teaching.queries.checkin import calls_of, limits_of, progress_of
from lbcert.teaching.rules import PRESENT
from lbcert.teaching.views.room import place_of, room

#: Its smallest version; a link under a host of up to 25 characters fits.
_VERSION = 4
#: Seconds after which the page of an online lesson asks for itself again.
_ASKS = 5


@room.page("/sessions/<int:session_id>/check-in", see=SESSION_STAFF)
def check_in(session_id: int) -> str:
    """Show the QR of a session that was opened, and how many are in; the page asks for itself again."""
    return _page(session_id)


@room.page("/sessions/<int:session_id>/check-in", see=SESSION_STAFF, methods=("POST",))
def open_check_in_page(session_id: int) -> ResponseReturnValue:
    """Begin to show it."""
    try:
        open_check_in(acting(), session_id)
    except Refused as refused:
        return _page(session_id, refused.findings), 422
    return redirect(url_for("teaching.check_in", session_id=session_id))


@room.page("/sessions/<int:session_id>/head-count", see=SESSION_STAFF, methods=("POST",))
def head_count(session_id: int) -> ResponseReturnValue:
    """Write down the count of heads."""
    counted = whole_number(request.form.get("counted", ""))
    try:
        row = confirm_head_count(acting(), session_id, -1 if counted is None else counted)
    except Refused as refused:
        return _page(session_id, refused.findings), 422
    if row.counted == row.marked:
        flash(gettext("已确认实到 %(count)s 人，与签到一致", count=row.counted), "success")
    else:
        words = gettext("清点 %(counted)s 人，签到 %(marked)s 人，请核对", counted=row.counted, marked=row.marked)
        flash(words, "warning")
    return redirect(url_for("teaching.check_in", session_id=session_id))


@room.page("/sessions/<int:session_id>/present", see=SESSION_STAFF, methods=("POST",))
def present(session_id: int) -> ResponseReturnValue:
    """Mark one learner as present, by one tap: who stands before the trainer and cannot scan."""
    learner, now = whole_number(request.form.get("learner", "")) or 0, clock.now()
    seen = Presence(AttendanceMark.PRESENT, now if now < load(Session, session_id).ends_at else None)
    try:
        (mark,) = record_attendance(acting(), session_id, {learner: seen})
    except Refused as refused:
        return _page(session_id, refused.findings), 422
    flash(gettext("已记 %(name)s 出勤", name=mark.enrolment.person.name), "success")
    return redirect(url_for("teaching.check_in", session_id=session_id, _anchor="unmarked"))


@room.page("/sessions/<int:session_id>/calls", see=SESSION_STAFF, methods=("POST",))
def call(session_id: int) -> ResponseReturnValue:
    """Have learners named at random."""
    count = whole_number(request.form.get("count", "")) or 0
    try:
        call_at_random(acting(), session_id, count)
    except Refused as refused:
        return _page(session_id, refused.findings), 422
    return redirect(url_for("teaching.check_in", session_id=session_id, _anchor="calls"))


@room.page("/calls/<int:call_id>/answer", see=CALL_STAFF, methods=("POST",))
def answer(call_id: int) -> ResponseReturnValue:
    """Write down whether somebody who was called answered."""
    session_id = load(RandomCall, call_id).session_id
    try:
        record_answer(acting(), call_id, answered=request.form.get("answered") == "yes")
    except Refused as refused:
        return _page(session_id, refused.findings), 422
    return redirect(url_for("teaching.check_in", session_id=session_id, _anchor="calls"))


def _page(session_id: int, findings: Sequence[Finding] = ()) -> str:
    db.session.expire_all()
    session, now = load(Session, session_id), clock.now()
    limits, progress = limits_of(session.cohort), progress_of(session)
    closed = may_show(now, Times(session.starts_at, session.ends_at), limits)
    link = f"{current_app.config['LBCERT'].public_url}/K/{token_of(session_id, now)}".upper()
    shown, online = bool(progress.opened) and not closed, session.mode is Mode.ONLINE
    spoken = spoken_at(session_id, now, limits.code_seconds)
    return render_template(
        "pages/teaching/check_in.html",
        session=session,
        place=place_of(session),
        progress=progress,
        present=sum(mark.mark in PRESENT for mark in progress.marks.values()),
        closed=closed,
        online=online,
        spoken=f"{spoken[:3]} {spoken[3:]}" if shown and online else "",
        code=modules(link, _VERSION) if shown and not online else [],
        path=svg_path,
        limits=limits,
        #: at half of its life a code makes way for the next, so that whoever aims has the other half left
        every=_ASKS if online else limits.qr_seconds // 2,
        calls=calls_of(session_id),
        has_begun=session.starts_at <= now,
        may_call=session.starts_at <= now <= session.ends_at,
        findings=findings,
    )
