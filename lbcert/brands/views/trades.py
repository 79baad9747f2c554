"""Occupations, 工种 and abilities: the list, one by hand, and a bureau's file."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from lbcert.brands import operations, queries, rules, sheets
from lbcert.brands.forms import TRADE_KIND_LABELS, SheetForm, TradeForm
from lbcert.brands.views.room import room
from lbcert.core.access import SIGNED_IN, Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Missing
from lbcert.core.pages import Column, form_page, paging_from_request
from lbcert.core.papers import Paper
from lbcert.core.reference import TradeKind

KEEPS = holds(Role.ADMIN, Role.BUREAU_OFFICER)

COLUMNS = [
    Column("name", _l("名称"), sort="name"),
    Column("kind", _l("类别"), value=lambda row: TRADE_KIND_LABELS[row.kind]),
    Column("edition", _l("大典年版"), "number", sort="edition"),
    Column("code", _l("职业编码"), "code", sort="code"),
]


@room.page("/trades", see=SIGNED_IN, menu=(_l("职业和工种"), "briefcase"))
def trades() -> str:
    """List the trades."""
    paging = paging_from_request(queries.TRADE_SORTS, "name", ("kind", "edition"))
    kinds = [(kind.value, label) for kind, label in TRADE_KIND_LABELS.items()]
    return render_template(
        "pages/brands/trades.html",
        columns=COLUMNS,
        page=queries.trades_page(paging),
        filters=[
            {"name": "kind", "label": gettext("类别"), "options": kinds},
            {"name": "edition", "label": gettext("大典年版"), "options": [(year, year) for year in rules.EDITIONS]},
        ],
        may_keep=KEEPS.admits(acting(), {}),
    )


@room.page("/trades/new", see=KEEPS, methods=("GET", "POST"))
def new_trade() -> ResponseReturnValue:
    """Put one trade on file."""
    form = TradeForm()

    def save() -> str:
        edition = int(form.edition.data) if form.edition.data else None
        code = (form.code.data or "").strip() or None
        operations.add_trade(acting(), TradeKind(form.kind.data), form.name.data or "", edition=edition, code=code)
        return url_for("brands.trades")

    return form_page(form, save, title=gettext("登记职业或工种"), back=_back())


@room.page("/trades/sheets/new", see=KEEPS, methods=("GET", "POST"))
def new_trade_sheet() -> ResponseReturnValue:
    """Hand in a list of occupations."""
    form = SheetForm()

    def save() -> str:
        file = form.file.data
        paper = operations.submit_trades(acting(), file.read(), file.filename)
        return url_for("brands.trade_sheet", paper_id=paper.id)

    lead = gettext("列：大典年版、职业编码、职业名称、类别。请用人社部门下发的文件，网上流传的编码多有错误。")
    return form_page(form, save, title=gettext("导入职业目录"), lead=lead, back=_back(), submit=gettext("上传并检查"))


@room.page("/trades/sheets/<int:paper_id>", see=KEEPS, methods=("GET", "POST"))
def trade_sheet(paper_id: int) -> ResponseReturnValue:
    """Show what a list of occupations would do, and do it."""
    paper = load(Paper, paper_id)
    if paper.kind != "trade_sheet":
        raise Missing(f"trade sheet {paper_id}")
    checked = sheets.check_trades(paper.file.read())
    if FlaskForm().validate_on_submit():
        count = len(checked.good)
        operations.import_trades(acting(), paper_id)
        flash(gettext("已导入 %(count)s 条。", count=count), "ok")
        return redirect(url_for("brands.trades"))
    return render_template("pages/brands/trade_sheet.html", checked=checked, paper_id=paper_id)


def _back() -> tuple[str, str]:
    return gettext("职业和工种"), url_for("brands.trades")
