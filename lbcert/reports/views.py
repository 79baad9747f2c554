"""Pages that look down the whole process."""

from __future__ import annotations

from flask import Response, render_template, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands.queries import label_of
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Missing
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, wants_export
from lbcert.core.room import Room
from lbcert.demand.models import Order, OrderState
from lbcert.demand.queries import order_place
from lbcert.reports import queries

room = Room("reports", __name__, url_prefix="/reports")

READERS = (
    Role.BUREAU_OFFICER,
    Role.SERVICE_CENTRE,
    Role.AUDITOR,
    Role.EMPLOYER,
    Role.ASSOCIATION,
)
OFFICERS = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR)

STEPS = [
    Column("wanted", _l("需求"), "number", lambda row: row[1].wanted),
    Column("enrolled", _l("报名"), "number", lambda row: row[1].enrolled),
    Column("opened", _l("开班"), "number", lambda row: row[1].opened),
    Column("completed", _l("结业"), "number", lambda row: row[1].completed),
    Column("certified", _l("取证"), "number", lambda row: row[1].certified),
    Column("arrived", _l("到岗"), "number", lambda row: row[1].arrived),
    Column("stable", _l("稳岗"), "number", lambda row: row[1].stable),
    Column("promoted", _l("在岗提升"), "number", lambda row: row[1].promoted),
]
ORDERS = [
    Column(
        "number",
        _l("订单编号"),
        "code",
        lambda row: row[0].number,
        lambda row: url_for("reports.order", order_id=row[0].id),
        "number",
    ),
    Column("party", _l("用人单位"), value=lambda row: row[0].party.name, sort="party"),
    Column("signed", _l("签订日期"), "date", lambda row: row[0].signed_on, sort="signed"),
    *STEPS,
]
LINES = [Column("line", _l("需求项目"), value=lambda row: row[0]), *STEPS]
BRANDS = [
    Column("brand", _l("品牌")),
    Column("cohorts", _l("培训班"), "number"),
    Column("persons", _l("人数（人）"), "number"),
    Column("person_times", _l("人次"), "number"),
    Column("certificates", _l("有效证书"), "number"),
]


@room.page("/orders", see=holds(*READERS), menu=(_l("订单进度"), "chart-bar"))
def orders() -> str | Response:
    """Show how far each order got."""
    paging = paging_from_request(queries.SORTS, "-signed", ("state",))
    page = queries.orders_page(acting(), paging)
    if wants_export():
        return export_sheet(ORDERS, page.rows, gettext("订单进度"))
    states = [
        {"name": "state", "label": gettext("状态"), "options": [(s.value, in_words(s.label)) for s in OrderState]}
    ]
    return render_template("pages/reports/orders.html", columns=ORDERS, page=page, filters=states)


@room.page("/orders/<int:order_id>", see=holds(*READERS, at=order_place))
def order(order_id: int) -> str:
    """Show how far each line of an order got."""
    found = load(Order, order_id)
    progress = queries.progress_of([line.id for line in found.lines])
    if not found.lines:
        raise Missing(f"order {order_id} has no lines")
    rows = [(label_of(line.item), progress[line.id]) for line in found.lines]
    return render_template(
        "pages/reports/order.html", order=found, columns=LINES, rows=rows, total=queries.sum_of(found, progress)
    )


@room.page("/brands", see=holds(*OFFICERS), menu=(_l("品牌统计"), "chart-bar"))
def brands() -> str | Response:
    """Show what each brand trained, persons and person-times apart."""
    rows = queries.brand_counts(acting())
    if wants_export():
        return export_sheet(BRANDS, rows, gettext("品牌统计"))
    return render_template("pages/reports/brands.html", columns=BRANDS, rows=rows)
