"""A session moved to another time as it stands: what comes of it is shown first. The week's table asks here while one drags."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.pages import version_sent
from lbcert.core.waivers import stands
from lbcert.core.words import say
from lbcert.teaching.models import Session
from lbcert.teaching.operations.sessions import move_session
from lbcert.teaching.places import SESSION_CLERK
from lbcert.teaching.queries.planning import against_moving, shifted
from lbcert.teaching.queries.sessions import due_in
from lbcert.teaching.queries.versions import versions_of
from lbcert.teaching.views.room import day_of, place_of, room

_UNREADABLE = refuse("teaching.time_unreadable", say("请填写日期和上课时间，如 2025-07-26 20:00"))


@room.page("/sessions/<int:session_id>/shift", see=SESSION_CLERK)
def shift(session_id: int) -> str:
    """Ask for another time, and show what would come of it."""
    session, to = load(Session, session_id), _asked(request.args.get("day", ""), request.args.get("starts", ""))
    findings: list[Finding] = []
    if to:
        findings = against_moving(session, shifted(session, to))
    elif request.args:
        findings = [_UNREADABLE]
    return _page(session, to, findings)


@room.page("/sessions/<int:session_id>/shift", see=SESSION_CLERK, methods=("POST",))
def do_shift(session_id: int) -> ResponseReturnValue:
    """Move the session."""
    session, to = load(Session, session_id), _asked(request.form.get("day", ""), request.form.get("starts", ""))
    if to is None:
        return _page(session, to, [_UNREADABLE]), 422
    try:
        moved = move_session(acting(), session_id, shifted(session, to), version=version_sent())
    except Refused as refused:
        return _page(load(Session, session_id), to, refused.findings), 422
    flash(gettext("已调整"), "success")
    day = day_of(moved).isoformat()
    return redirect(url_for("teaching.cohort_calendar", cohort_id=moved.cohort_id, day=day))


def _page(session: Session, to: datetime | None, findings: Iterable[Finding]) -> str:
    found = list(findings)
    new = shifted(session, to) if to else None
    return render_template(
        "pages/teaching/shift.html",
        session=session,
        new=new,
        findings=found,
        stops=any(stands(finding) for finding in found),
        learners=len(due_in(session)),
        published=versions_of(session.cohort_id)[:1],
        place=place_of(session),
        starts=clock.local(to or session.starts_at),
    )


def _asked(day: str, starts: str) -> datetime | None:
    """Read a day and a time as a browser sends them; None for what is neither."""
    try:
        return datetime.strptime(f"{day} {starts}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
