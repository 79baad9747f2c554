"""An examiner's own sheet by candidate number: download it, send it, look at each row, and have all of it taken over."""

from __future__ import annotations

from functools import partial

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import paging_from_request, send_workbook, take_in
from lbcert.core.staging import StagedSheet, find, findings_of, places_of, rows_page, sent_row
from lbcert.exams import operations, own_sheet
from lbcert.exams.forms import OwnSheetForm
from lbcert.exams.models import Batch
from lbcert.exams.places import OWN_SHEET, SCORERS
from lbcert.exams.queries.marks import own_sheets, schemes_of
from lbcert.exams.rules import parts_of
from lbcert.exams.views.room import again, room, state_badge


@room.page("/<int:batch_id>/own-sheet", see=SCORERS, methods=("GET", "POST"))
def own_sheet_form(batch_id: int) -> ResponseReturnValue:
    """Offer the template, and take a filled sheet for a dry run."""
    form = OwnSheetForm()
    staged, findings = take_in(form, partial(operations.stage_own_sheet, acting(), batch_id))
    if staged:
        return redirect(url_for("exams.staged_own_sheet", staged_id=staged.id))
    batch = again(batch_id)
    page = render_template(
        "pages/exams/own_sheet.html", batch=batch, badge=state_badge(batch), form=form, findings=findings
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/<int:batch_id>/own-sheet/template", see=SCORERS)
def own_sheet_template(batch_id: int) -> Response:
    """Give the sheet to be filled in: candidate numbers and no names."""
    batch = load(Batch, batch_id)
    sheets = own_sheets(batch, acting().person_id)
    content = own_sheet.template(sheets, parts_of(with_review=batch.with_review), schemes_of(batch.id))
    return send_workbook(content, f"{gettext('评分表')}-{batch.number}")


@room.page("/own-sheets/<int:staged_id>", see=OWN_SHEET)
def staged_own_sheet(staged_id: int) -> str:
    """Show what a sheet would do, row by row."""
    return _page(_there(staged_id))


@room.page("/own-sheets/<int:staged_id>/take", see=OWN_SHEET, methods=("POST",))
def take_over_own_sheet(staged_id: int) -> ResponseReturnValue:
    """Write its marks, all of them or none."""
    try:
        staged = operations.take_over_own_sheet(acting(), staged_id)
    except Refused as refused:
        return _page(_there(staged_id), refused.findings), 422
    flash(gettext("成绩已录入"), "success")
    return redirect(url_for("exams.marking", batch_id=staged.subject_id))


@room.page("/own-sheets/<int:staged_id>/discard", see=OWN_SHEET, methods=("POST",))
def discard_own_sheet(staged_id: int) -> ResponseReturnValue:
    """Throw it away."""
    try:
        staged = operations.discard_own_sheet(acting(), staged_id)
    except Refused as refused:
        return _page(_there(staged_id), refused.findings), 422
    return redirect(url_for("exams.own_sheet_form", batch_id=staged.subject_id))


def _there(staged_id: int) -> StagedSheet:
    """Give a staged sheet; one that was decided is not there any more."""
    staged = find(own_sheet.KIND, staged_id)
    if not staged.is_open:
        raise Missing(f"own sheet {staged_id}")
    return staged


def _page(staged: StagedSheet, findings: tuple[Finding, ...] = ()) -> str:
    batch = again(staged.subject_id)
    paging = paging_from_request(filters=("show",), path=url_for("exams.staged_own_sheet", staged_id=staged.id))
    page, places = rows_page(staged, paging), places_of(staged)
    return render_template(
        "pages/exams/staged_own_sheet.html",
        staged=staged,
        batch=batch,
        written=partial(own_sheet.written, parts_of(with_review=batch.with_review), schemes_of(batch.id)),
        rows=[(row, sent_row(row, places)) for row in page.rows],
        paging=page.paging,
        general=findings_of(staged),
        findings=findings,
    )
