"""The file for the national query, and its answer."""

from __future__ import annotations

import base64
from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates.forms import AnswerSheetForm
from lbcert.certificates.models import QueryReport, Reported
from lbcert.certificates.operations import reports as operations
from lbcert.certificates.places import LOOKS_AT_REPORTS, READS_ANSWER, REPORTS_BATCH, REPORTS_FILE
from lbcert.certificates.queries.reports import ANSWER_KIND, LOOKING, batches, line_of, reports_of
from lbcert.certificates.views.room import room
from lbcert.core import clock
from lbcert.core.access import acting, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import in_words, paging_from_request, send_workbook, take_in
from lbcert.core.staging import find, findings_of, places_of, rows_page, sent_row
from lbcert.exams.models import Batch

KINDS = {Reported.SENT: "wait", Reported.ACCEPTED: "ok", Reported.REFUSED: "stop"}


@room.page("/certificates/query", see=holds(*LOOKING), menu=(_l("联网查询"), "world"))
def query() -> str:
    """List the batches with what has to go to the national query, overdue ones first."""
    return render_template("pages/certificates/query.html", lines=batches(acting()))


@room.page("/certificates/query/<int:batch_id>", see=LOOKS_AT_REPORTS)
def query_batch(batch_id: int) -> str:
    """Show a batch: what is to be sent, the files, and how each certificate stands."""
    return _batch(load(Batch, batch_id))


@room.page("/certificates/query/<int:batch_id>", see=REPORTS_BATCH, methods=("POST",))
def make_report(batch_id: int) -> ResponseReturnValue:
    """Make a file."""
    try:
        operations.make_query_report(acting(), batch_id)
    except Refused as refused:
        db.session.expire_all()
        return _batch(load(Batch, batch_id), refused.findings), 422
    flash(gettext("文件已生成，请下载后上报"), "success")
    return redirect(url_for("certificates.query_batch", batch_id=batch_id))


@room.page("/certificates/query/files/<int:report_id>/download", see=REPORTS_FILE, methods=("POST",))
def report_file(report_id: int) -> ResponseReturnValue:
    """Give the file; who took it is written down."""
    report = operations.read_query_report(acting(), report_id)
    return send_workbook(base64.b64decode(report.content), f"联网查询-{report.batch.number}-{report.id}")


@room.page("/certificates/query/files/<int:report_id>/answer", see=REPORTS_FILE, methods=("POST",))
def upload_answer(report_id: int) -> ResponseReturnValue:
    """Take an answer for a dry run."""
    staged, findings = take_in(AnswerSheetForm(), partial(operations.receive_answer, acting(), report_id))
    if staged:
        return redirect(url_for("certificates.query_answer", staged_id=staged.id))
    db.session.expire_all()
    return _batch(load(QueryReport, report_id).batch, findings), 422


@room.page("/certificates/query/answers/<int:staged_id>", see=READS_ANSWER)
def query_answer(staged_id: int) -> str:
    """Show what an answer would do, row by row."""
    return _answer(staged_id)


@room.page("/certificates/query/answers/<int:staged_id>/take", see=READS_ANSWER, methods=("POST",))
def take_answer(staged_id: int) -> ResponseReturnValue:
    """Write the good rows."""
    try:
        staged = operations.take_answer(acting(), staged_id)
    except Refused as refused:
        db.session.expire_all()
        return _answer(staged_id, refused.findings), 422
    flash(gettext("回执已登记，共 %(count)s 本", count=staged.good), "success")
    return redirect(url_for("certificates.query_batch", batch_id=load(QueryReport, staged.subject_id).batch_id))


@room.page("/certificates/query/answers/<int:staged_id>/discard", see=READS_ANSWER, methods=("POST",))
def discard_answer(staged_id: int) -> ResponseReturnValue:
    """Throw an answer away."""
    staged = operations.discard_answer(acting(), staged_id)
    return redirect(url_for("certificates.query_batch", batch_id=load(QueryReport, staged.subject_id).batch_id))


def _batch(batch: Batch, findings: tuple[Finding, ...] = ()) -> str:
    return render_template(
        "pages/certificates/query_batch.html",
        batch=batch,
        line=line_of(batch),
        reports=reports_of(batch.id),
        today=clock.today(),
        badge=lambda one: (in_words(one.state.label), KINDS[one.state]),
        makes=REPORTS_BATCH.admits(acting(), {"batch_id": batch.id}),
        form=AnswerSheetForm(formdata=None),
        findings=findings,
    )


def _answer(staged_id: int, findings: tuple[Finding, ...] = ()) -> str:
    staged = find(ANSWER_KIND, staged_id)
    if staged.discarded_at:
        raise Missing(f"{ANSWER_KIND} {staged_id}")
    paging = paging_from_request(filters=("show",), path=url_for("certificates.query_answer", staged_id=staged.id))
    page, places = rows_page(staged, paging), places_of(staged)
    return render_template(
        "pages/certificates/query_answer.html",
        staged=staged,
        batch=load(QueryReport, staged.subject_id).batch,
        rows=[(row, sent_row(row, places)) for row in page.rows],
        paging=page.paging,
        general=findings_of(staged),
        findings=findings,
    )
