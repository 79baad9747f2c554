"""Who sits the exam, by name; and the mapping of numbers to names, opened with a reason."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.exams import operations, rules
from lbcert.exams.models import Batch, BatchState, Candidate, ChangeState
from lbcert.exams.places import CANDIDATE_OFFICE, MAPPING_READERS, OFFICE, ROSTER_APPROVERS, WATCHERS
from lbcert.exams.queries.candidates import candidates_by_name, learners_of
from lbcert.exams.queries.resits import carried_into
from lbcert.exams.queries.rosters import roster_changes
from lbcert.exams.views.room import again, back_to, may, room, state_badge

CHANGE_KINDS = {
    ChangeState.NOTED: "neutral",
    ChangeState.OPEN: "wait",
    ChangeState.GRANTED: "ok",
    ChangeState.DECLINED: "stop",
}


@room.page("/<int:batch_id>/candidates", see=WATCHERS)
def candidates(batch_id: int) -> str:
    """Show the candidates by name, without their numbers; while planning, also who else may sit the exam."""
    return candidates_page(load(Batch, batch_id))


@room.page("/<int:batch_id>/candidates", see=OFFICE, methods=("POST",))
def add_candidates(batch_id: int) -> ResponseReturnValue:
    """Put the chosen learners forward."""
    chosen = request.form.getlist("learner", type=int)
    try:
        batch = operations.add_candidates(acting(), batch_id, chosen)
    except Refused as refused:
        return candidates_page(again(batch_id), refused.findings, chosen), 422
    flash(gettext("考生共 %(count)s 名", count=len(batch.candidates)), "success")
    return redirect(url_for("exams.candidates", batch_id=batch_id))


@room.page("/candidates/<int:candidate_id>/remove", see=CANDIDATE_OFFICE, methods=("POST",))
def remove_candidate(candidate_id: int) -> ResponseReturnValue:
    """Take a learner off the list, before it is frozen."""
    batch_id = load(Candidate, candidate_id).batch_id
    try:
        batch = operations.remove_candidate(acting(), candidate_id, request.form.get("reason", "")[:300])
    except Refused as refused:
        return candidates_page(again(batch_id), refused.findings), 422
    return redirect(url_for("exams.candidates", batch_id=batch.id))


@room.page("/<int:batch_id>/mapping", see=MAPPING_READERS, methods=("POST",))
def mapping(batch_id: int) -> ResponseReturnValue:
    """Show which number is whose; the reason is kept."""
    batch = load(Batch, batch_id)
    try:
        opened = operations.open_mapping(acting(), batch_id, request.form.get("reason", ""))
    except Refused as refused:
        return candidates_page(again(batch_id), refused.findings), 422
    return render_template("pages/exams/mapping.html", batch=batch, candidates=opened, back=back_to(batch))


def candidates_page(batch: Batch, findings: tuple[Finding, ...] = (), chosen: list[int] | None = None) -> str:
    """Show the list, what it may become, what stands in the way of whom, and what was changed."""
    planning = batch.state is BatchState.PLANNED
    office = planning and may(OFFICE, batch_id=batch.id)
    learners = learners_of(batch) if planning else []
    waiting = [one for one in learners if one.candidate is None]
    changes = roster_changes(batch.id)
    return render_template(
        "pages/exams/candidates.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        candidates=candidates_by_name(batch.id),
        carried=carried_into(batch.id),
        eligible=[one for one in waiting if one.may_sit],
        barred=[one for one in waiting if not one.may_sit],
        doubtful={one.id: one for one in learners if one.candidate is not None and not one.may_sit},
        notes=list(dict.fromkeys(note for one in learners for note in one.findings if not note.stops)),
        chosen=chosen,
        findings=findings,
        planning=planning,
        office=office,
        frozen=bool(rules.unfrozen(batch.freezes_at, clock.now())),
        asked=[one for one in changes if one.state is ChangeState.OPEN],
        changes=[one for one in changes if one.state is not ChangeState.OPEN],
        answers=lambda one: planning and may(ROSTER_APPROVERS, change_id=one.id),
        change_kinds=CHANGE_KINDS,
        may_open=may(MAPPING_READERS, batch_id=batch.id) and bool(batch.candidates),
    )
