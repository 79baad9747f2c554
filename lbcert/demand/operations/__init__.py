"""What the room does: the only code that writes its tables."""

from __future__ import annotations

from lbcert.demand.operations.agreements import attach_agreement_paper, create_agreement, report_duty
from lbcert.demand.operations.imports import import_orders, submit_orders
from lbcert.demand.operations.orders import (
    Cancelled,
    add_line,
    attach_order_paper,
    cancel_order,
    change_line,
    create_order,
    fulfil_order,
)
from lbcert.demand.operations.seats import (
    advance_seat,
    employer_steps_back,
    give_up_seat,
    learner_steps_back,
    name_by_number,
    name_person,
    sign_intent,
)

__all__ = [
    "Cancelled",
    "add_line",
    "advance_seat",
    "attach_agreement_paper",
    "attach_order_paper",
    "cancel_order",
    "change_line",
    "create_agreement",
    "create_order",
    "employer_steps_back",
    "fulfil_order",
    "give_up_seat",
    "import_orders",
    "learner_steps_back",
    "name_by_number",
    "name_person",
    "report_duty",
    "sign_intent",
    "submit_orders",
]
