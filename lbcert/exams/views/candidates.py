"""Who sits the exam, by name; and the mapping of numbers to names, opened with a reason."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.exams import operations
from lbcert.exams.models import Batch, BatchState
from lbcert.exams.places import CANDIDATE_OFFICE, MAPPING_READERS, OFFICE, WATCHERS
from lbcert.exams.queries.candidates import candidates_by_name, learners_of
from lbcert.exams.views.room import again, back_to, may, room, state_badge


@room.page("/<int:batch_id>/candidates", see=WATCHERS)
def candidates(batch_id: int) -> str:
    """Show the candidates by name, without their numbers; while planning, also who else may sit the exam."""
    return _page(load(Batch, batch_id))


@room.page("/<int:batch_id>/candidates", see=OFFICE, methods=("POST",))
def add_candidates(batch_id: int) -> ResponseReturnValue:
    """Put the chosen learners forward."""
    chosen = request.form.getlist("learner", type=int)
    try:
        batch = operations.add_candidates(acting(), batch_id, chosen)
    except Refused as refused:
        return _page(again(batch_id), refused.findings, chosen), 422
    flash(gettext("考生共 %(count)s 名", count=len(batch.candidates)), "success")
    return redirect(url_for("exams.candidates", batch_id=batch_id))


@room.page("/candidates/<int:candidate_id>/remove", see=CANDIDATE_OFFICE, methods=("POST",))
def remove_candidate(candidate_id: int) -> ResponseReturnValue:
    """Take a learner off the list."""
    batch = operations.remove_candidate(acting(), candidate_id)
    return redirect(url_for("exams.candidates", batch_id=batch.id))


@room.page("/<int:batch_id>/mapping", see=MAPPING_READERS, methods=("POST",))
def mapping(batch_id: int) -> ResponseReturnValue:
    """Show which number is whose; the reason is kept."""
    batch = load(Batch, batch_id)
    try:
        opened = operations.open_mapping(acting(), batch_id, request.form.get("reason", ""))
    except Refused as refused:
        return _page(again(batch_id), refused.findings), 422
    return render_template("pages/exams/mapping.html", batch=batch, candidates=opened, back=back_to(batch))


def _page(batch: Batch, findings: tuple[Finding, ...] = (), chosen: list[int] | None = None) -> str:
    planning = batch.state is BatchState.PLANNED and may(OFFICE, batch_id=batch.id)
    learners = learners_of(batch) if planning else []
    return render_template(
        "pages/exams/candidates.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        candidates=candidates_by_name(batch.id),
        eligible=[one for one in learners if one.candidate is None and one.may_sit],
        barred=[one for one in learners if one.candidate is None and not one.may_sit],
        chosen=chosen,
        findings=findings,
        planning=planning,
        may_open=may(MAPPING_READERS, batch_id=batch.id) and bool(batch.candidates),
    )
