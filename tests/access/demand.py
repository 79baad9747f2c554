"""Orders, agreements, targeted seats."""

from datetime import date, timedelta
from io import BytesIO

import xlsxwriter

from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.papers import papers_of
from lbcert.demand import operations
from lbcert.demand.models import Duty, DutyState, OrderKind, TargetState
from lbcert.demand.rules import Line
from lbcert.demand.sheets import COLUMNS
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories
from tests.access.machinery import HERE, Row

DESK = "bureau_officer service_centre"
PARTY = f"{DESK} employer"
READERS = f"{PARTY} auditor station provider_clerk"
PDF = b"%PDF-1.7 signed"
ANYWHERE = "bureau_officer* service_centre*"


def officer(stage):
    return stage.account(Role.BUREAU_OFFICER)


def line(stage, **changes):
    item = stage.once("demand item", lambda: factories.item("保洁", trade=factories.trade("保洁", None), level=None))
    usual = {"place_region_code": HERE, "arrival_on": clock.today() + timedelta(days=90), "targeted": True}
    return Line(item.id, 5, 400_000, 500_000, **{**usual, **changes})


def firm(stage):
    return stage.at(OrganisationKind.EMPLOYER)


def terms(stage):
    return {
        "kind": OrderKind.EMPLOYER, "party_id": firm(stage).id, "home_region_code": HERE, "signed_on": clock.today(),
        "lines": [line(stage)],
    }  # fmt: skip


def order(stage):
    return stage.once("order", lambda: operations.create_order(officer(stage), **terms(stage)))


def order_id(stage):
    return {"order_id": order(stage).id}


def line_id(stage):
    return {"line_id": order(stage).lines[0].id}


def seat(stage):
    """Name somebody on a seat."""

    def make():
        return operations.name_person(officer(stage), line_id(stage)["line_id"], stage.person.id)

    return stage.once("seat", make)


def seat_id(stage):
    return {"seat_id": seat(stage).id}


def agreement(stage):
    """Make an agreement of the county's bureau and the firm."""

    def make():
        parties = [(stage.at(OrganisationKind.BUREAU).id, Duty.TRAINING), (firm(stage).id, Duty.JOBS)]
        today = clock.today()
        return operations.create_agreement(
            officer(stage), HERE, "协议", today, today, today + timedelta(days=365), parties
        )

    return stage.once("agreement", make)


def agreement_id(stage):
    return {"agreement_id": agreement(stage).id}


def duty_id(stage):
    return {"duty_id": agreement(stage).parties[0].id}


def new_agreement(stage):
    day = date(2025, 1, 1)
    parties = [(stage.at(OrganisationKind.BUREAU).id, Duty.TRAINING), (firm(stage).id, Duty.JOBS)]
    return {
        "home_region_code": HERE, "name": "协议", "signed_on": day, "valid_from": day, "valid_to": day, "parties": parties,
    }  # fmt: skip


def workbook(stage):
    arrival = (clock.today() + timedelta(days=60)).isoformat()
    row = [firm(stage).name, firm(stage).credit_code, "保洁", "", 7, HERE, 4000, 5000, arrival, "企业订单", "否"]
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [column.title for column in COLUMNS])
        page.write_row(1, 0, row)
    return buffer.getvalue()


def sheet(stage):
    line(stage)
    submit = lambda: operations.submit_orders(officer(stage), HERE, workbook(stage), "订单.xlsx")  # noqa: E731
    return {"paper_id": stage.once("order sheet", submit).id}


def paper(stage, subject, attach):
    """Give the first paper of a subject."""
    if not papers_of(subject):
        attach()
    return {"paper_id": papers_of(subject)[0].id}


def order_paper(stage):
    own = order_id(stage)
    attach = lambda: operations.attach_order_paper(officer(stage), *own.values(), PDF, "a.pdf")  # noqa: E731
    return own | paper(stage, f"order:{own['order_id']}", attach)


def agreement_paper(stage):
    own = agreement_id(stage)
    attach = lambda: operations.attach_agreement_paper(officer(stage), *own.values(), PDF, "a.pdf")  # noqa: E731
    return own | paper(stage, f"agreement:{own['agreement_id']}", attach)


def signed_seat(stage):
    """Make another seat of the order, whose learner has signed."""

    def make():
        named = operations.name_person(officer(stage), line_id(stage)["line_id"], factories.person("签约人").id)
        return operations.sign_intent(officer(stage), named.id, clock.today(), PDF, "a.pdf")

    return stage.once("signed seat", make)


def seat_paper(stage):
    own = signed_seat(stage).id
    return {"seat_id": own, "paper_id": papers_of(f"seat:{own}")[0].id}


OPERATIONS = {
    "demand.create_order": Row(PARTY, terms),
    "demand.add_line": Row(PARTY, lambda stage: {**order_id(stage), "line": line(stage)}),
    "demand.change_line": Row(
        PARTY,
        lambda stage: {
            **line_id(stage), "headcount": 6, "wage_min_fen": 400_000, "wage_max_fen": 500_000,
            "arrival_on": clock.today() + timedelta(days=90),
        },
    ),
    "demand.attach_order_paper": Row(PARTY, lambda stage: {**order_id(stage), "data": PDF, "file_name": "a.pdf"}),
    "demand.cancel_order": Row(PARTY, lambda stage: {**order_id(stage), "reason": "停产"}),
    "demand.fulfil_order": Row(DESK, order_id),
    "demand.create_agreement": Row(DESK, new_agreement),
    "demand.report_duty": Row(DESK, lambda stage: {**duty_id(stage), "state": DutyState.KEPT, "note": "完成"}),
    "demand.attach_agreement_paper": Row(
        DESK, lambda stage: {**agreement_id(stage), "data": PDF, "file_name": "a.pdf"}
    ),
    "demand.name_person": Row(PARTY, lambda stage: {**line_id(stage), "person_id": factories.person().id}),
    "demand.name_by_number": Row(PARTY, lambda stage: {**line_id(stage), "name": "无", "id_number": "无"}),
    "demand.sign_intent": Row(
        f"{PARTY} station",
        lambda stage: {**seat_id(stage), "signed_on": clock.today(), "data": PDF, "file_name": "a.pdf"},
    ),
    "demand.advance_seat": Row(
        "inside", lambda stage: {**seat_id(stage), "to": TargetState.TRAINING, "on": clock.today()}
    ),
    "demand.employer_steps_back": Row(PARTY, lambda stage: {**seat_id(stage), "reason": "改招"}),
    "demand.learner_steps_back": Row(f"{DESK} station", lambda stage: {**seat_id(stage), "reason": "有事"}),
    "demand.give_up_seat": Row("inside", lambda stage: {**seat_id(stage), "reason": "退班"}),
    "demand.submit_orders": Row(
        DESK, lambda stage: {"home_region_code": HERE, "data": workbook(stage), "file_name": "a.xlsx"}
    ),
    "demand.import_orders": Row(DESK, lambda stage: {**sheet(stage), "signed_on": clock.today()}),
}  # fmt: skip

SIGNS = f"{PARTY} station"
LOOKS = f"{PARTY} auditor"
WORKS = "bureau_officer* service_centre* auditor* employer*"
ROUTES = {
    "GET /demand/": Row(f"{WORKS} station* provider_clerk*"),
    "GET /demand/orders/new": Row(f"{ANYWHERE} employer*"),
    "POST /demand/orders/new": Row(f"{ANYWHERE} employer*"),
    "GET /demand/orders/<int:order_id>": Row(READERS, order_id),
    "GET /demand/orders/<int:order_id>/lines/new": Row(PARTY, order_id),
    "POST /demand/orders/<int:order_id>/lines/new": Row(PARTY, order_id),
    "GET /demand/lines/<int:line_id>/edit": Row(PARTY, line_id),
    "POST /demand/lines/<int:line_id>/edit": Row(PARTY, line_id),
    "GET /demand/orders/<int:order_id>/papers": Row(PARTY, order_id),
    "POST /demand/orders/<int:order_id>/papers": Row(PARTY, order_id),
    "GET /demand/orders/<int:order_id>/papers/<int:paper_id>": Row(READERS, order_paper),
    "POST /demand/orders/<int:order_id>/cancel": Row(PARTY, order_id),
    "POST /demand/orders/<int:order_id>/fulfil": Row(DESK, order_id),
    "GET /demand/lines/<int:line_id>/seats": Row(READERS, line_id),
    "GET /demand/lines/<int:line_id>/seats/new": Row(PARTY, line_id),
    "POST /demand/lines/<int:line_id>/seats/new": Row(PARTY, line_id),
    "GET /demand/seats/<int:seat_id>": Row(READERS, seat_id),
    "GET /demand/seats/<int:seat_id>/intent": Row(SIGNS, seat_id),
    "POST /demand/seats/<int:seat_id>/intent": Row(SIGNS, seat_id),
    "GET /demand/seats/<int:seat_id>/papers/<int:paper_id>": Row(READERS, seat_paper),
    "GET /demand/seats/<int:seat_id>/employer-steps-back": Row(PARTY, seat_id),
    "POST /demand/seats/<int:seat_id>/employer-steps-back": Row(PARTY, seat_id),
    "GET /demand/seats/<int:seat_id>/learner-steps-back": Row(f"{DESK} station", seat_id),
    "POST /demand/seats/<int:seat_id>/learner-steps-back": Row(f"{DESK} station", seat_id),
    "GET /demand/sheets/new": Row(ANYWHERE),
    "POST /demand/sheets/new": Row(ANYWHERE),
    "GET /demand/sheets/<int:paper_id>": Row(DESK, sheet),
    "POST /demand/sheets/<int:paper_id>": Row(DESK, sheet),
    "GET /demand/sheets/<int:paper_id>/marked": Row(DESK, sheet),
    "GET /demand/agreements": Row(WORKS),
    "GET /demand/agreements/new": Row(ANYWHERE),
    "POST /demand/agreements/new": Row(ANYWHERE),
    "GET /demand/agreements/<int:agreement_id>": Row(LOOKS, agreement_id),
    "GET /demand/duties/<int:duty_id>": Row(DESK, duty_id),
    "POST /demand/duties/<int:duty_id>": Row(DESK, duty_id),
    "GET /demand/agreements/<int:agreement_id>/papers": Row(DESK, agreement_id),
    "POST /demand/agreements/<int:agreement_id>/papers": Row(DESK, agreement_id),
    "GET /demand/agreements/<int:agreement_id>/papers/<int:paper_id>": Row(LOOKS, agreement_paper),
}
