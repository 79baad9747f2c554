"""JSON calls about orders."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from lbcert.core.access import acting
from lbcert.core.api import Calls, PageQuery, WholeNumber
from lbcert.core.pages import paging_from_request
from lbcert.demand import queries, rules
from lbcert.demand.models import OrderKind
from lbcert.demand.operations import create_order
from lbcert.demand.queries import ORDER_SORTS, READS_ORDER
from lbcert.demand.views.orders import MAKES, READS

calls = Calls("demand", __name__, "订单：用人单位和输入地要多少人、做什么、何时到岗")


class LineShape(Schema):
    """What one line asks for; wages in 分 a month."""

    item_id = WholeNumber(required=True)
    headcount = WholeNumber(required=True)
    wage_min_fen = WholeNumber(required=True)
    wage_max_fen = WholeNumber(required=True)
    place_region_code = fields.String(required=True, validate=validate.Length(max=12))
    arrival_on = fields.Date(required=True)
    travel_days = WholeNumber(load_default=0)
    targeted = fields.Boolean(load_default=False)
    post = fields.String(load_default="", validate=validate.Length(max=60))


class OrderShape(Schema):
    """A new order."""

    kind = fields.Enum(OrderKind, by_value=True, required=True)
    party_id = WholeNumber(required=True)
    home_region_code = fields.String(required=True, validate=validate.Length(max=12))
    signed_on = fields.Date(required=True)
    lines = fields.List(fields.Nested(LineShape), required=True, validate=validate.Length(min=1, max=100))
    agreement_id = WholeNumber(load_default=None, allow_none=True)
    retention_terms = fields.String(load_default="", validate=validate.Length(max=300))


class OrderList(Schema):
    """One page of orders."""

    total = fields.Integer()
    page = fields.Integer()
    rows = fields.List(fields.Dict())


@calls.call("/orders", see=READS)
@calls.arguments(PageQuery, location="query", unknown="exclude")
@calls.response(200, OrderList)
def list_orders(_query: dict[str, Any]) -> dict[str, Any]:
    """List the orders that the account may see."""
    page = queries.orders_page(acting(), paging_from_request(ORDER_SORTS, "-signed"))
    rows = [queries.order_facts(order.id) for order in page.rows]
    return {"total": page.paging.total, "page": page.paging.page, "rows": rows}


@calls.call("/orders/<int:order_id>", see=READS_ORDER)
@calls.response(200, description="the order with its lines, seats and papers; persons masked")
def get_order(order_id: int) -> dict[str, Any]:
    """Give one order."""
    return queries.order_facts(order_id)


@calls.call("/orders", see=MAKES, methods=("POST",))
@calls.arguments(OrderShape)
@calls.response(201, description="the order as it was registered")
def post_order(sent: dict[str, Any]) -> dict[str, Any]:
    """Register an order; a targeted line gets one open seat a head. 422 with all findings when it is refused."""
    lines = [rules.Line(**line) for line in sent.pop("lines")]
    order = create_order(acting(), sent.pop("kind"), lines=lines, **sent)
    return queries.order_facts(order.id)
