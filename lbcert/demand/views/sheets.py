"""Order sheets: handed in, looked at row by row, imported."""

from __future__ import annotations

from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.brands.queries import label_of, sheet_place
from lbcert.core import clock
from lbcert.core.access import acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import form_page, in_words, send_workbook
from lbcert.core.papers import Paper
from lbcert.core.sheets import marked_copy
from lbcert.demand import operations, sheets
from lbcert.demand.forms import ImportForm, OrderSheetForm
from lbcert.demand.operations.orders import DESK
from lbcert.demand.views.room import room

IMPORTS = holds(*DESK, at=sheet_place)


@room.page("/sheets/new", see=holds(*DESK), methods=("GET", "POST"))
def new_sheet() -> ResponseReturnValue:
    """Hand in an order sheet."""
    actor, form = acting(), OrderSheetForm()
    if request.method == "GET":
        form.region_code.data = next((grant.region_code for grant in actor.grants if grant.role in DESK), None)
        form.signed_on.data = clock.today()

    def save() -> str:
        file = form.file.data
        paper = operations.submit_orders(actor, form.region_code.data or "", file.read(), file.filename)
        return url_for("demand.sheet", paper_id=paper.id, signed_on=form.signed_on.data)

    lead = gettext(
        "共 11 列：%(columns)s。先检查，再导入。", columns=in_words(tuple(column.title for column in sheets.COLUMNS))
    )
    back = gettext("订单"), url_for("demand.index")
    return form_page(form, save, title=gettext("导入订单"), lead=lead, back=back, submit=gettext("上传并检查"))


@room.page("/sheets/<int:paper_id>", see=IMPORTS, methods=("GET", "POST"))
def sheet(paper_id: int) -> ResponseReturnValue:
    """Show what an order sheet would do, row by row, and do it."""
    form = ImportForm(signed_on=_signed_on())
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            made = operations.import_orders(acting(), paper_id, form.signed_on.data, good_only=form.good_only.data)
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已导入 %(count)s 张订单。", count=len(made)), "ok")
            return redirect(url_for("demand.index"))
    shown = render_template(
        "pages/demand/sheet.html",
        checked=_checked(paper_id, form.signed_on.data or clock.today()),
        paper_id=paper_id,
        form=form,
        findings=[finding for finding in findings if not finding.subject.startswith("row:")],
        is_refused=bool(findings),
        label=label_of,
    )
    return shown, 422 if request.method == "POST" else 200


@room.page("/sheets/<int:paper_id>/marked", see=IMPORTS)
def marked_sheet(paper_id: int) -> Response:
    """Give the sheet back with its findings beside the rows."""
    checked = _checked(paper_id, _signed_on())
    return send_workbook(marked_copy(checked.sheet, checked.by_row, in_words), gettext("订单检查结果"))


def _checked(paper_id: int, signed_on: date) -> sheets.CheckedOrders:
    paper = load(Paper, paper_id)
    if paper.kind != "order_sheet":
        raise Missing(f"order sheet {paper_id}")
    return sheets.check_orders(paper.file.read(), paper.subject.partition(":")[2], signed_on)


def _signed_on() -> date:
    """Give the day that the address asks about (``?signed_on=2025-06-01``), or today."""
    try:
        return date.fromisoformat(request.args.get("signed_on", ""))
    except ValueError:
        return clock.today()
