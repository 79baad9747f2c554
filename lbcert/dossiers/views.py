"""The list of batches' files; a file with its papers, editions and readings."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Role, acting, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, in_words, paging_from_request
from lbcert.core.room import Room
from lbcert.dossiers import operations, rules
from lbcert.dossiers.contents import brought_papers
from lbcert.dossiers.forms import PaperForm, ReadingForm
from lbcert.dossiers.models import Dossier, Reading
from lbcert.dossiers.places import ANSWERERS, ASKERS, KEEPERS, OPENERS, VISITORS
from lbcert.dossiers.queries import Shelf, dossiers_of, list_shelves
from lbcert.dossiers.rules import SignedPaper
from lbcert.exams.models import Batch, BatchState

room = Room("dossiers", __name__, url_prefix="/dossiers")
LISTERS = holds(Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, Role.AUDITOR)


def _state(shelf: Shelf) -> tuple[str, str]:
    return (gettext("已归档"), "ok") if shelf.dossier else (gettext("待归档"), "warn")


COLUMNS = [
    Column("number", _l("批次号"), "code", value=lambda row: row.batch.number, sort="number",
           url=lambda row: url_for("dossiers.batch", batch_id=row.batch.id)),
    Column("cohort", _l("培训班"), value=lambda row: row.batch.cohort.name),
    Column("held_on", _l("认定日期"), "date", value=lambda row: row.batch.held_on, sort="held_on"),
    Column("state", _l("档案"), "status", _state),
    Column("keep_until", _l("保存至"), "date", value=lambda row: row.dossier and row.dossier.keep_until, sort="keep_until"),
]  # fmt: skip


@room.page("/", see=LISTERS, menu=(_l("批次档案"), "folder"))
def index() -> str:
    """List published batches and whether their files are closed."""
    paging = paging_from_request(("number", "held_on", "keep_until"), "-held_on", ("state",))
    states = [("open", gettext("待归档")), ("closed", gettext("已归档"))]
    return render_template(
        "pages/dossiers/shelves.html",
        page=list_shelves(acting(), paging),
        columns=COLUMNS,
        fields=[{"name": "state", "label": gettext("档案"), "options": states}],
    )


@room.page("/batch/<int:batch_id>", see=VISITORS)
def batch(batch_id: int) -> str:
    """Show a batch's file: what it wants, what is there, its editions, and who read them."""
    return _page(batch_id)


@room.page("/batch/<int:batch_id>/papers", see=KEEPERS, methods=("POST",))
def bring(batch_id: int) -> ResponseReturnValue:
    """Keep the scan of a signed paper."""
    form = PaperForm().offer()
    if not form.validate_on_submit():
        return _page(batch_id, form=form), 422
    sent = form.file.data
    kind = SignedPaper(form.kind.data)
    return _take(
        batch_id,
        lambda: operations.bring_paper(acting(), batch_id, kind, sent.read(), sent.filename or ""),
        gettext("材料已收下"),
    )


@room.page("/batch/<int:batch_id>/close", see=KEEPERS, methods=("POST",))
def close(batch_id: int) -> ResponseReturnValue:
    """Close the file: a new signed edition."""
    return _take(batch_id, lambda: operations.close_dossier(acting(), batch_id), gettext("已归档并签名"))


@room.page("/<int:dossier_id>/readings", see=ASKERS, methods=("POST",))
def ask(dossier_id: int) -> ResponseReturnValue:
    """Ask to read an edition."""
    batch_id = load(Dossier, dossier_id).batch_id
    form = ReadingForm()
    if not form.validate_on_submit():
        return _page(batch_id, reading_form=form), 422
    reason = form.reason.data or ""
    return _take(
        batch_id, lambda: operations.ask_to_read(acting(), dossier_id, reason), gettext("已申请，等另一人批准")
    )


@room.page("/readings/<int:reading_id>/grant", see=ANSWERERS, methods=("POST",))
def grant(reading_id: int) -> ResponseReturnValue:
    """Let somebody read."""
    return _take(
        load(Reading, reading_id).dossier.batch_id,
        lambda: operations.answer_reading(acting(), reading_id, granted=True),
        gettext("已批准调阅"),
    )


@room.page("/readings/<int:reading_id>/decline", see=ANSWERERS, methods=("POST",))
def decline(reading_id: int) -> ResponseReturnValue:
    """Let somebody not read, and say why."""
    return _take(
        load(Reading, reading_id).dossier.batch_id,
        lambda: operations.answer_reading(
            acting(), reading_id, granted=False, answer=request.form.get("reason", "")
        ),
        gettext("未批准调阅"),
    )  # fmt: skip


@room.page("/readings/<int:reading_id>/open", see=OPENERS, methods=("POST",))
def open_file(reading_id: int) -> ResponseReturnValue:
    """Take the ZIP out; each time is kept."""
    try:
        operations.open_dossier(acting(), reading_id)
    except Refused as refused:
        db.session.expire_all()
        return _page(load(Reading, reading_id).dossier.batch_id, refused.findings), 422
    stored = load(Reading, reading_id).dossier.file
    return send_file(
        BytesIO(stored.read()), "application/zip", as_attachment=True, download_name=stored.name, max_age=0
    )


def _take(batch_id: int, step: Callable[[], Any], said: str) -> ResponseReturnValue:
    try:
        step()
    except Refused as refused:
        db.session.expire_all()
        return _page(batch_id, refused.findings), 422
    flash(said, "success")
    return redirect(url_for("dossiers.batch", batch_id=batch_id))


def _page(
    batch_id: int,
    findings: tuple[Finding, ...] = (),
    form: PaperForm | None = None,
    reading_form: ReadingForm | None = None,
) -> str:
    batch = load(Batch, batch_id)
    wanted, brought = operations.wanted_papers(batch), brought_papers(batch.id)
    editions = dossiers_of(batch.id)
    keeps = KEEPERS.admits(acting(), {"batch_id": batch.id}) and batch.state is BatchState.PUBLISHED
    return render_template(
        "pages/dossiers/batch.html",
        batch=batch,
        papers=[(paper, wanted[paper], brought.get(paper, [])) for paper in SignedPaper],
        missing=rules.missing_papers(wanted, brought),
        editions=editions,
        findings=findings,
        keeps=keeps,
        form=(form or PaperForm(formdata=None).offer()) if keeps else None,
        reading_form=reading_form or ReadingForm(formdata=None),
        may_answer={
            reading.id: ANSWERERS.admits(acting(), {"reading_id": reading.id}) and not reading.reader.is_of(acting())
            for edition in editions
            for reading in edition.readings
        },
        me=acting().id,
        words=in_words,
    )
