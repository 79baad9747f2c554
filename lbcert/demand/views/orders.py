"""Orders: the list, one order with its lines, and what may be done with it."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands.queries import catalogue, label_of
from lbcert.core.access import Actor, Role, acting, holds
from lbcert.core.database import load
from lbcert.core.pages import Column, export_sheet, form_page, in_words, paging_from_request, version_sent, wants_export
from lbcert.core.papers import papers_of
from lbcert.demand import operations, queries
from lbcert.demand.forms import LineForm, OrderForm, PaperForm, TermsForm, fen
from lbcert.demand.models import Order, OrderKind, OrderLine, OrderState
from lbcert.demand.operations.orders import DESK
from lbcert.demand.queries import READS, READS_ORDER, line_place, order_place
from lbcert.demand.views.room import room, send_paper
from lbcert.parties.pickers import RegionField

MAKES = holds(*DESK, Role.EMPLOYER)
CHANGES = holds(*DESK, Role.EMPLOYER, at=order_place)
CHANGES_LINE = holds(*DESK, Role.EMPLOYER, at=line_place)
CLOSES = holds(*DESK, at=order_place)
STATE_SIGNS = {OrderState.OPEN: "info", OrderState.FULFILLED: "ok", OrderState.CANCELLED: "stop"}

COLUMNS = [
    Column("number", _l("订单号"), "code", url=lambda row: url_for("demand.order", order_id=row.id), sort="number"),
    Column("party", _l("用人单位或需求方"), value=lambda row: row.party.name, sort="party"),
    Column("kind", _l("类型"), value=lambda row: row.kind.label),
    Column(
        "items",
        _l("培训项目"),
        value=lambda row: in_words(tuple(dict.fromkeys(label_of(line.item) for line in row.lines))),
    ),
    Column("headcount", _l("人数"), "number", lambda row: sum(line.headcount for line in row.lines)),
    Column("arrival", _l("最早到岗"), "date", lambda row: min((line.arrival_on for line in row.lines), default=None)),
    Column("signed_on", _l("签订日期"), "date", sort="signed"),
    Column(
        "state", _l("状态"), "status", lambda row: (in_words(row.state.label), STATE_SIGNS[row.state]), sort="state"
    ),
]


@room.page("/", see=READS, menu=(_l("订单"), "clipboard-list"))
def index() -> ResponseReturnValue:
    """List the orders of the actor's region or organisation."""
    actor = acting()
    paging = paging_from_request(queries.ORDER_SORTS, "-signed", ("kind", "state", "region", "targeted"))
    if wants_export():
        return export_sheet(COLUMNS, queries.orders_all(actor, paging), gettext("订单"))
    yes_no = [("1", gettext("有定向名额")), ("0", gettext("非定向"))]
    filters = [
        {"name": "kind", "label": gettext("类型"), "options": [(k.value, in_words(k.label)) for k in OrderKind]},
        {"name": "state", "label": gettext("状态"), "options": [(s.value, in_words(s.label)) for s in OrderState]},
        {"name": "targeted", "label": gettext("定向"), "options": yes_no},
    ]
    return render_template(
        "pages/demand/orders.html",
        columns=COLUMNS,
        page=queries.orders_page(actor, paging),
        filters=filters,
        may_make=MAKES.admits(actor, {}),
        may_import=holds(*DESK).admits(actor, {}),
    )


@room.page("/orders/new", see=MAKES, methods=("GET", "POST"))
def new_order() -> ResponseReturnValue:
    """Register an order with its first line."""
    actor = acting()
    items = list(catalogue(_home(actor)).items)
    form = OrderForm(items=items, agreements=queries.agreement_choices(actor), **_usual(actor))

    def save() -> str:
        made = operations.create_order(
            actor,
            OrderKind(form.kind.data),
            form.party_id.data or 0,
            form.home_region_code.data or "",
            form.signed_on.data,
            [form.line],
            agreement_id=form.agreement_id.data or None,
            retention_terms=form.retention_terms.data or "",
        )
        return url_for("demand.order", order_id=made.id)

    lead = gettext("先登记第一行，其余的行在订单页上添加。只有企业订单和协作协议订单承诺岗位。")
    return form_page(form, save, title=gettext("登记订单"), lead=lead, back=(gettext("订单"), url_for("demand.index")))


def _usual(actor: Actor) -> dict[str, object]:
    """Fill in what an account nearly always writes: its region, or its own organisation."""
    home = next((grant.region_code for grant in actor.grants if grant.role in DESK and grant.region_code), None)
    own = next((grant.organisation_id for grant in actor.grants if grant.role is Role.EMPLOYER), None)
    return {"home_region_code": home, "party_id": own}


def _home(actor: Actor) -> str:
    """Give the region whose catalogue a form offers: the one typed, the desk's own, or the whole country."""
    typed = RegionField.read(request.form.get("home_region_code", "").strip())
    return str(typed or _usual(actor)["home_region_code"] or "000000")


@room.page("/orders/<int:order_id>", see=READS_ORDER)
def order(order_id: int) -> str:
    """Show an order: its lines with headcount and seats, its papers, what may be done."""
    found, actor, where = load(Order, order_id), acting(), {"order_id": order_id}
    is_open = found.state is OrderState.OPEN
    return render_template(
        "pages/demand/order.html",
        order=found,
        sign=STATE_SIGNS[found.state],
        label=label_of,
        counts=queries.seat_counts([line.id for line in found.lines]),
        papers=papers_of(f"order:{order_id}"),
        may_change=is_open and CHANGES.admits(actor, where),
        may_close=is_open and CLOSES.admits(actor, where),
        may_attach=CHANGES.admits(actor, where),
        paper_form=PaperForm(formdata=None),
    )


@room.page("/orders/<int:order_id>/lines/new", see=CHANGES, methods=("GET", "POST"))
def new_line(order_id: int) -> ResponseReturnValue:
    """Add a line."""
    found = load(Order, order_id)
    form = LineForm(items=list(catalogue(found.home_region_code).items))
    url = url_for("demand.order", order_id=order_id)

    def save() -> str:
        operations.add_line(acting(), order_id, form.line)
        return url

    return form_page(form, save, title=gettext("添加一行"), back=(found.number, url))


@room.page("/lines/<int:line_id>/edit", see=CHANGES_LINE, methods=("GET", "POST"))
def edit_line(line_id: int) -> ResponseReturnValue:
    """Better a line."""
    line = load(OrderLine, line_id)
    form = TermsForm(obj=line, data={"wage_min": line.wage_min_fen / 100, "wage_max": line.wage_max_fen / 100})
    url = url_for("demand.order", order_id=line.order_id)

    def save() -> str:
        operations.change_line(
            acting(),
            line_id,
            form.headcount.data or 0,
            fen(form.wage_min.data),
            fen(form.wage_max.data),
            form.arrival_on.data,
            travel_days=form.travel_days.data or 0,
            post=form.post.data or "",
            version=version_sent(),
        )
        return url

    lead = gettext("人数只能增加，月薪只能提高，到岗只能推后；其他更改请撤销后重新登记。")
    title, back = in_words(label_of(line.item)), (line.order.number, url)
    return form_page(form, save, title=title, lead=lead, back=back, version=line.version)


@room.page("/orders/<int:order_id>/papers", see=CHANGES, methods=("GET", "POST"))
def attach_paper(order_id: int) -> ResponseReturnValue:
    """Attach the signed order."""
    form, url = PaperForm(), url_for("demand.order", order_id=order_id)

    def save() -> str:
        operations.attach_order_paper(acting(), order_id, form.file.data.read(), form.file.data.filename)
        return url

    title = gettext("上传签字盖章的订单")
    return form_page(form, save, title=title, back=(load(Order, order_id).number, url), submit=gettext("上传"))


@room.page("/orders/<int:order_id>/papers/<int:paper_id>", see=READS_ORDER)
def order_paper(order_id: int, paper_id: int) -> Response:
    """Download a paper of an order."""
    return send_paper(paper_id, f"order:{order_id}")


@room.page("/orders/<int:order_id>/cancel", see=CHANGES, methods=("POST",))
def cancel_order(order_id: int) -> ResponseReturnValue:
    """Cancel an order, and say what that set free."""
    cancelled = operations.cancel_order(acting(), order_id, request.form.get("reason", ""))
    flash(gettext("订单已撤销，已开的培训班保留。"), "warn")
    for note in cancelled.notes:
        flash(in_words(note.message), "info")
    return redirect(url_for("demand.order", order_id=order_id))


@room.page("/orders/<int:order_id>/fulfil", see=CLOSES, methods=("POST",))
def fulfil_order(order_id: int) -> ResponseReturnValue:
    """Close an order whose people are at work."""
    operations.fulfil_order(acting(), order_id)
    return redirect(url_for("demand.order", order_id=order_id))
