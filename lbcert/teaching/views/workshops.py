"""以工代训: an employer, or its mentor, signs the hours that were held in its workshop."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.teaching.models import Session
from lbcert.teaching.operations.resources import sign_hours
from lbcert.teaching.places import ITS_TRAINER, SIGNING, SIGNS, WORKSHOP
from lbcert.teaching.queries import workshops as queries
from lbcert.teaching.resource_forms import SignForm
from lbcert.teaching.views.room import room
from lbcert.teaching.views.session import session_page


@room.page("/workshops", see=SIGNING, menu=(_l("岗位课时签认"), "signature"))
def workshops() -> str:
    """List the sessions in the workshops of the actor's employer whose hours he may sign."""
    return _page()


def _page(findings: Sequence[Finding] = ()) -> str:
    actor = acting()
    sessions = (queries.to_sign(actor), queries.to_sign_as_mentor(actor), queries.to_sign_for_others(actor))
    waiting = [(session, _form(session, formdata=None)) for session in dict.fromkeys(chain(*sessions))]
    return render_template("pages/teaching/workshops.html", waiting=waiting, findings=findings)


def _form(session: Session, **given: Any) -> SignForm:
    """Give a session's form, with the mentor who held it if one did; a mentor signs for himself. There are several on the page."""
    actor, prefix = acting(), f"session-{session.id}-"
    mentors = queries.mentors_at(session)
    if not WORKSHOP.admits(actor, {"session_id": session.id}):
        mentors = [mentor for mentor in mentors if mentor.id == actor.person_id]
    return SignForm(mentors=mentors, prefix=prefix, mentor_id=session.trainer_id, **given)


@room.page("/sessions/<int:session_id>/sign", see=SIGNS, methods=("POST",))
def sign(session_id: int) -> ResponseReturnValue:
    """Sign a session's hours in a mentor's name."""
    form = _form(load(Session, session_id))
    if not form.validate_on_submit():
        return _page(), 422
    try:
        signed = sign_hours(acting(), session_id, form.mentor_id.data)
    except Refused as refused:
        return _page(refused.findings), 422
    flash(gettext("%(who)s 已签认 %(hours)s 课时", who=signed.mentor.name, hours=signed.hours), "success")
    return redirect(url_for("teaching.workshops"))


@room.page("/sessions/<int:session_id>/sign-own", see=ITS_TRAINER, methods=("POST",))
def sign_own(session_id: int) -> ResponseReturnValue:
    """Sign the hours of a session that one held as its mentor."""
    try:
        signed = sign_hours(acting(), session_id, acting().person_id or 0)
    except Refused as refused:
        return session_page(session_id, refused.findings), 422
    flash(gettext("%(who)s 已签认 %(hours)s 课时", who=signed.mentor.name, hours=signed.hours), "success")
    return redirect(url_for("teaching.session", session_id=session_id))
