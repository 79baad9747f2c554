"""Order sheets handed in, and the orders made of their good rows."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbcert.brands.queries import sheet_place
from lbcert.core import clock, papers
from lbcert.core.access import Place, holds
from lbcert.core.database import load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.papers import Paper
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand import sheets
from lbcert.demand.models import Order
from lbcert.demand.operations.orders import DESK, create_order
from lbcert.parties.models import OrganisationKind
from lbcert.parties.operations.organisations import keep_organisation

SHEET_TYPE = "application/octet-stream"


def _home(home_region_code: str) -> Place:
    return Place(regions=(home_region_code,))


@operation("demand.submit_orders", say("上传订单表"), allow=holds(*DESK, at=_home))
def submit_orders(actor: Any, home_region_code: str, data: bytes, file_name: str) -> Paper:
    """Hand in an order sheet for a region's people, to be looked at before it is imported. Refused when unreadable."""
    load(Region, home_region_code)
    sheets.check_orders(data, home_region_code, clock.today())
    return papers.attach(f"region:{home_region_code}", "order_sheet", data, file_name, SHEET_TYPE, actor.id)


@operation("demand.import_orders", say("导入订单表"), allow=holds(*DESK, at=sheet_place))
def import_orders(actor: Any, paper_id: int, signed_on: date, *, good_only: bool = False) -> list[Order]:
    """Make an order of each row of a sheet, with its employer where it is not on file and its targeted seats.

    Refused with every row's findings when one of them stops; with ``good_only`` those rows are left out, and only a sheet
    without any good row is refused.
    """
    paper = load(Paper, paper_id)
    home = paper.subject.partition(":")[2]
    checked = sheets.check_orders(paper.file.read(), home, signed_on)
    if not good_only:
        refuse_on(checked.findings, *(row.findings for row in checked.rows))
    if not checked.good:
        refuse_on([refuse("demand.nothing_to_import", say("表中没有可以导入的订单，请按提示改正后重新上传"))])
    employers: dict[str, int] = {}
    orders = []
    for row in checked.good:
        assert row.kind and row.employer and row.line  # noqa: S101, PT018 (a good row)
        employer = row.employer
        party_id = employer.id or employers.get(employer.credit_code)
        if party_id is None:
            kept = keep_organisation(
                actor, OrganisationKind.EMPLOYER, employer.name, employer.region_code, employer.credit_code
            )
            party_id = employers[employer.credit_code] = kept.id
        order = create_order(actor, row.kind, party_id, home, signed_on, [row.line], agreement_id=row.agreement_id)
        orders.append(order)
    return orders
