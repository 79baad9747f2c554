"""An invigilator's page, on the phone: who sits here, is it they, and what happens."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.exams import operations
from lbcert.exams.forms import IncidentForm
from lbcert.exams.models import Batch, BatchState, Candidate, IncidentKind, Post, Seen
from lbcert.exams.places import IDENTITY_CHECKERS, INCIDENT_READERS, ON_DUTY, ON_DUTY_FOR, holds_post
from lbcert.exams.queries.candidates import candidates_by_name
from lbcert.exams.queries.incidents import checks_of, incidents_of
from lbcert.exams.theory.queries.papers import draw_of
from lbcert.exams.views.room import file_answer, may, room


@room.page("/<int:batch_id>/duty", see=INCIDENT_READERS)
def duty(batch_id: int) -> str:
    """Show who sits the exam, with photo and last four, what a look at each gave, and what happened."""
    return _page(load(Batch, batch_id))


@room.page("/<int:batch_id>/incidents", see=ON_DUTY, methods=("POST",))
def record_incident(batch_id: int) -> ResponseReturnValue:
    """Write down what happened."""
    batch = load(Batch, batch_id)
    form, findings = IncidentForm(), ()  # type: tuple[IncidentForm, tuple[Finding, ...]]
    form.offer(candidates_by_name(batch_id))
    if form.validate_on_submit() and form.happened_at.data is not None:
        happened_at = datetime.combine(form.happened_at.data.date(), form.happened_at.data.time(), clock.SHANGHAI)
        try:
            operations.record_incident(
                acting(),
                batch_id,
                IncidentKind(form.kind.data),
                happened_at,
                form.what.data or "",
                form.done.data or "",
                form.room.data or "",
                form.candidate_id.data or None,
            )
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
            batch = load(Batch, batch_id)
        else:
            flash(gettext("已记录"), "success")
            return redirect(url_for("exams.duty", batch_id=batch_id))
    return _page(batch, form, findings), 422


@room.page("/candidates/<int:candidate_id>/identity", see=IDENTITY_CHECKERS, methods=("POST",))
def check_identity(candidate_id: int) -> ResponseReturnValue:
    """Write down what the look at a candidate gave."""
    batch_id = load(Candidate, candidate_id).batch_id
    sent = request.form.get("seen", "")
    try:
        if sent in set(Seen):
            operations.check_identity(acting(), candidate_id, Seen(sent), request.form.get("note", ""))
    except Refused as refused:
        db.session.expire_all()
        return _page(load(Batch, batch_id), findings=refused.findings), 422
    return redirect(url_for("exams.duty", batch_id=batch_id, _anchor=f"c{candidate_id}"))


@room.page("/candidates/<int:candidate_id>/photo", see=ON_DUTY_FOR)
def candidate_photo(candidate_id: int) -> Response:
    """Show a candidate's photo to whoever is on duty."""
    photo = load(Candidate, candidate_id).enrolment.person.photo
    if photo is None:
        raise Missing(f"photo of candidate {candidate_id}")
    return file_answer(photo)


def _page(batch: Batch, form: IncidentForm | None = None, findings: tuple[Finding, ...] = ()) -> str:
    candidates = candidates_by_name(batch.id)
    if form is None:
        form = IncidentForm(formdata=None)
        form.offer(candidates)
        form.happened_at.data = clock.local(clock.now()).replace(second=0, microsecond=0, tzinfo=None)
    checks = checks_of(batch.id)
    return render_template(
        "pages/exams/duty.html",
        batch=batch,
        candidates=candidates,
        checks=checks,
        kinds={"match": "ok", "doubt": "warn", "other": "stop"},
        incidents=incidents_of(batch.id),
        by_computer=draw_of(batch.id) is not None,
        form=form,
        findings=findings,
        acts=may(ON_DUTY, batch_id=batch.id) and batch.state is not BatchState.CANCELLED,
        checks_open=batch.state in {BatchState.PLANNED, BatchState.MARKING}
        and holds_post(acting(), batch.id, Post.INVIGILATOR),
    )
