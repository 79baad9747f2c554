"""A trainer's screen for checking in: the QR that changes by itself, who is in, and the count of heads."""

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
from lbcert.teaching.checkin_code import token_of
from lbcert.teaching.models import Session
from lbcert.teaching.operations.checkin import confirm_head_count, open_check_in
from lbcert.teaching.places import SESSION_STAFF
from lbcert.teaching.queries.checkin import limits_of, progress_of
from lbcert.teaching.rules import PRESENT
from lbcert.teaching.views.room import place_of, room

#: Its smallest version; a link under a host of up to 25 characters fits.
_VERSION = 4


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


def _page(session_id: int, findings: Sequence[Finding] = ()) -> str:
    db.session.expire_all()
    session, now = load(Session, session_id), clock.now()
    limits, progress = limits_of(session.cohort), progress_of(session)
    closed = may_show(now, Times(session.starts_at, session.ends_at), limits)
    link = f"{current_app.config['LBCERT'].public_url}/K/{token_of(session_id, now)}".upper()
    shown = bool(progress.opened) and not closed
    return render_template(
        "pages/teaching/check_in.html",
        session=session,
        place=place_of(session),
        progress=progress,
        present=sum(mark.mark in PRESENT for mark in progress.marks.values()),
        closed=closed,
        code=modules(link, _VERSION) if shown else [],
        path=svg_path,
        limits=limits,
        #: at half of its life a code makes way for the next, so that whoever aims has the other half left
        every=limits.qr_seconds // 2,
        findings=findings,
    )
