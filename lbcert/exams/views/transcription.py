"""The exam office's page for the county's sheet of marks: upload, look, take over or put aside."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.exams import operations, scoring
from lbcert.exams.forms import TranscriptionForm
from lbcert.exams.models import Batch, Transcription
from lbcert.exams.operations.transcription import checked
from lbcert.exams.places import PAPER_READERS, TRANSCRIBERS, TRANSCRIPTION_OFFICE
from lbcert.exams.queries.batches import scorers_of, transcriptions_of
from lbcert.exams.rules import parts_of
from lbcert.exams.views.room import again, back_to, file_answer, room, state_badge


@room.page("/<int:batch_id>/transcriptions", see=TRANSCRIBERS, methods=("GET", "POST"))
def transcriptions(batch_id: int) -> ResponseReturnValue:
    """Upload a sheet with its signed paper, for a dry run."""
    batch = load(Batch, batch_id)
    form = TranscriptionForm()
    form.offer(scorers_of(batch))
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        sheet, paper = form.sheet.data, form.paper.data
        try:
            staged = operations.stage_transcription(
                acting(),
                batch_id,
                form.examiner_id.data,
                sheet.read(),
                sheet.filename or "",
                paper.read(),
                paper.filename or "",
                (paper.mimetype or "application/octet-stream")[:100],
            )
        except Refused as refused:
            findings = refused.findings
            batch = again(batch_id)
        else:
            return redirect(url_for("exams.transcription", transcription_id=staged.id))
    page = render_template(
        "pages/exams/transcriptions.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        form=form,
        findings=findings,
        earlier=transcriptions_of(batch.id),
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/transcriptions/<int:transcription_id>", see=TRANSCRIPTION_OFFICE)
def transcription(transcription_id: int) -> str:
    """Show what a staged sheet would do, row by row."""
    return _page(load(Transcription, transcription_id))


@room.page("/transcriptions/<int:transcription_id>/take", see=TRANSCRIPTION_OFFICE, methods=("POST",))
def take_over(transcription_id: int) -> ResponseReturnValue:
    """Write its marks, all of them or none."""
    try:
        row = operations.take_over_transcription(acting(), transcription_id)
    except Refused as refused:
        again(load(Transcription, transcription_id).batch_id)
        return _page(load(Transcription, transcription_id), refused.findings), 422
    flash(gettext("成绩已录入"), "success")
    return redirect(url_for("exams.batch", batch_id=row.batch_id))


@room.page("/transcriptions/<int:transcription_id>/discard", see=TRANSCRIPTION_OFFICE, methods=("POST",))
def discard(transcription_id: int) -> ResponseReturnValue:
    """Put a staged sheet aside."""
    row = operations.discard_transcription(acting(), transcription_id)
    return redirect(url_for("exams.transcriptions", batch_id=row.batch_id))


@room.page("/transcriptions/<int:transcription_id>/paper", see=PAPER_READERS)
def paper(transcription_id: int) -> Response:
    """Show the signed paper."""
    return file_answer(load(Transcription, transcription_id).paper)


def _page(row: Transcription, findings: tuple[Finding, ...] = ()) -> str:
    batch = row.batch
    is_open = row.taken_at is None and row.discarded_at is None
    sheet = checked(batch, row.examiner_id, row.sheet.read()) if is_open else None
    return render_template(
        "pages/exams/transcription.html",
        row=row,
        batch=batch,
        back=(gettext("返回成绩表"), url_for("exams.transcriptions", batch_id=batch.id)),
        sheet=sheet,
        findings=list(findings) or (sheet.all_findings if sheet else []),
        parts=parts_of(with_review=batch.with_review),
        given=scoring.shown,
    )
