"""Reports."""

from datetime import date

from lbcert.demand.models import Order, OrderKind, OrderLine
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories
from tests.access.machinery import HERE, Row


def order(stage):
    """Give an order of the employer here, of one line."""
    line = OrderLine(
        item_id=stage.cohort.item_id, headcount=5, wage_min_fen=400000, wage_max_fen=500000, place_region_code=HERE,
        arrival_on=date(2025, 9, 1),
    )  # fmt: skip
    party = stage.at(OrganisationKind.EMPLOYER)
    made = Order(
        number="BB1",
        kind=OrderKind.EMPLOYER,
        party_id=party.id,
        home_region_code=HERE,
        signed_on=date(2025, 6, 1),
        lines=[line],
    )
    return stage.once("reported order", lambda: factories.store(made))


READERS = "bureau_officer service_centre auditor employer association"
ROUTES = {
    "GET /reports/orders": Row(" ".join(f"{role}*" for role in READERS.split())),
    "GET /reports/orders/<int:order_id>": Row(READERS, lambda stage: {"order_id": order(stage).id}),
    "GET /reports/brands": Row("bureau_officer* service_centre* auditor*"),
}
