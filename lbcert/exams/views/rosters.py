"""Asking for a change of a frozen list of candidates, and answering."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Refused
from lbcert.core.intake import whole_number
from lbcert.exams import operations
from lbcert.exams.models import ChangeKind, RosterChange
from lbcert.exams.places import OFFICE, ROSTER_APPROVERS
from lbcert.exams.views.candidates import candidates_page
from lbcert.exams.views.room import again, room


@room.page("/<int:batch_id>/roster-changes/<any(add, remove):kind>", see=OFFICE, methods=("POST",))
def request_roster_change(batch_id: int, kind: str) -> ResponseReturnValue:
    """Ask that somebody be put on the list, or taken off it."""
    learner = whole_number(request.form.get("learner", "")) or 0
    try:
        operations.request_roster_change(
            acting(), batch_id, learner, ChangeKind(kind), request.form.get("reason", "")[:300]
        )
    except Refused as refused:
        return candidates_page(again(batch_id), refused.findings), 422
    flash(gettext("已提出申请，等待人社局或成绩审定人批准"), "success")
    return redirect(url_for("exams.candidates", batch_id=batch_id))


@room.page("/roster-changes/<int:change_id>/<any(grant, decline):answer>", see=ROSTER_APPROVERS, methods=("POST",))
def answer_roster_change(change_id: int, answer: str) -> ResponseReturnValue:
    """Grant or decline what somebody asked for."""
    batch_id = load(RosterChange, change_id).batch_id
    try:
        operations.answer_roster_change(
            acting(), change_id, granted=answer == "grant", answer=request.form.get("reason", "")[:300]
        )
    except Refused as refused:
        return candidates_page(again(batch_id), refused.findings), 422
    return redirect(url_for("exams.candidates", batch_id=batch_id))
