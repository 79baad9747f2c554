"""Cover requests (代课征求): the clerk asks several trainers, each answers with one tap, the first who accepts has the session."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number
from lbcert.core.operation import together
from lbcert.teaching.models import CoverRequest, Session
from lbcert.teaching.operations.covers import accept_cover, ask_cover, decline_cover, withdraw_cover
from lbcert.teaching.places import COVER_ASKED, COVER_CLERK, SESSION_CLERK
from lbcert.teaching.queries.covers import candidates_for, is_open, others_of, requests_of
from lbcert.teaching.views.room import place_of, room


@room.page("/sessions/<int:session_id>/cover", see=SESSION_CLERK)
def cover(session_id: int) -> str:
    """Choose who is asked to take a session, those first who could."""
    return _asking(load(Session, session_id))


@room.page("/sessions/<int:session_id>/cover", see=SESSION_CLERK, methods=("POST",))
def ask(session_id: int) -> ResponseReturnValue:
    """Ask the chosen trainers, about other sessions of the same trainer too; all of it or nothing."""
    people, more = _chosen("person"), _chosen("session")
    sessions = [session_id, *(key for key in more if key != session_id)]
    try:
        with together():
            for key in sessions:
                ask_cover(acting(), key, people, request.form.get("reason", ""))
    except Refused as refused:
        return _asking(load(Session, session_id), refused.findings), 422
    flash(gettext("已向 %(count)s 位教师征求代课", count=len(people)), "success")
    return redirect(url_for("teaching.session", session_id=session_id))


def _asking(session: Session, findings: Iterable[Finding] = ()) -> str:
    open_one = next((one for one in requests_of(session.id) if is_open(one)), None)
    return render_template(
        "pages/teaching/cover.html",
        session=session,
        place=place_of(session),
        candidates=candidates_for(session),
        others=others_of(session),
        cover=open_one,
        asked={row.person_id for row in open_one.asks} if open_one else set(),
        chosen=set(_chosen("person")),
        with_sessions=set(_chosen("session")),
        reason=request.form.get("reason", ""),
        findings=list(findings),
    )


def _chosen(name: str) -> list[int]:
    """Read the ticked boxes; what is no number is nothing that there is."""
    return [whole_number(value) or 0 for value in request.form.getlist(name)]


@room.page("/covers/<int:request_id>", see=COVER_ASKED | COVER_CLERK)
def cover_request(request_id: int) -> str:
    """Show a request with what was answered, and to who was asked the two buttons."""
    return _page(request_id)


def _page(request_id: int, findings: Iterable[Finding] = ()) -> str:
    shown, actor, here = load(CoverRequest, request_id), acting(), {"request_id": request_id}
    return render_template(
        "pages/teaching/cover_request.html",
        cover=shown,
        session=shown.session,
        place=place_of(shown.session),
        is_open=is_open(shown),
        mine=next((row for row in shown.asks if row.person_id == actor.person_id), None),
        is_asked=COVER_ASKED.admits(actor, here),
        is_clerk=COVER_CLERK.admits(actor, here),
        findings=list(findings),
    )


@room.page("/covers/<int:request_id>/accept", see=COVER_ASKED, methods=("POST",))
def take_over(request_id: int) -> ResponseReturnValue:
    """Take the session."""
    return _answered(request_id, accept_cover, gettext("已接下这节课"))


@room.page("/covers/<int:request_id>/decline", see=COVER_ASKED, methods=("POST",))
def decline(request_id: int) -> ResponseReturnValue:
    """Say that one cannot."""
    return _answered(request_id, decline_cover, gettext("已答复不能代课"))


@room.page("/covers/<int:request_id>/withdraw", see=COVER_CLERK, methods=("POST",))
def withdraw_request(request_id: int) -> ResponseReturnValue:
    """Close the request."""
    return _answered(request_id, withdraw_cover, gettext("已撤回"))


def _answered(request_id: int, answer: Callable[..., CoverRequest], said: str) -> ResponseReturnValue:
    try:
        answer(acting(), request_id)
    except Refused as refused:
        return _page(request_id, refused.findings), 422
    flash(said, "success")
    return redirect(url_for("teaching.cover_request", request_id=request_id))
