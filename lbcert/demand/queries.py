"""What pages, imports and later rooms read of agreements, orders and targeted seats."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from lbcert.brands.models import TrainingItem
from lbcert.brands.queries import label_of
from lbcert.core import clock
from lbcert.core.access import Actor, Place, Role, holds, only, visible
from lbcert.core.database import db, load
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.papers import papers_of
from lbcert.core.reference import ancestry, prefix
from lbcert.core.words import Message, say
from lbcert.demand import rules
from lbcert.demand.models import (
    Agreement,
    AgreementParty,
    Duty,
    Order,
    OrderKind,
    OrderLine,
    OrderState,
    TargetedSeat,
    TargetState,
)
from lbcert.parties.models import Organisation

#: Who reads orders: over their home region, and an employer its own.
READERS = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.EMPLOYER)
#: Who reads them from an organisation in that region: a station finds the people, a provider teaches them.
LOCALS = (Role.STATION, Role.PROVIDER_CLERK)

# Where things stand, for gates


def order_place(order_id: int) -> Place:
    """Give the home region and the party of an order."""
    return _place(load(Order, order_id))


def line_place(line_id: int) -> Place:
    """Give the place of a line's order."""
    return _place(load(OrderLine, line_id).order)


def seat_place(seat_id: int) -> Place:
    """Give the place of a targeted seat's order."""
    return _place(load(TargetedSeat, seat_id).line.order)


def agreement_place(agreement_id: int) -> Place:
    """Give the home region and the parties of an agreement."""
    agreement = load(Agreement, agreement_id)
    parties = tuple(party.organisation_id for party in agreement.parties)
    return Place(regions=(agreement.home_region_code,), organisations=parties)


def duty_place(duty_id: int) -> Place:
    """Give the home region of the agreement in which a duty stands; its parties do not judge themselves."""
    return Place(regions=(load(AgreementParty, duty_id).agreement.home_region_code,))


def _place(order: Order) -> Place:
    return Place(regions=(order.home_region_code,), organisations=(order.party_id,))


def served_regions(actor: Actor, *roles: Role) -> set[str]:
    """Give the regions whose orders an account serves from an organisation that lies in them, by one of ``roles``."""
    bodies = [grant.organisation_id for grant in actor.grants if grant.role in roles and grant.organisation_id]
    codes = db.session.scalars(select(Organisation.region_code).where(Organisation.id.in_(bodies))) if bodies else ()
    return {around for code in codes for around in ancestry(code)}


def _serves_order(actor: Actor, order_id: int) -> bool:
    return load(Order, order_id).home_region_code in served_regions(actor, *LOCALS)


def _serves_seat(actor: Actor, seat_id: int) -> bool:
    return load(TargetedSeat, seat_id).line.order.home_region_code in served_regions(actor, Role.STATION)


#: Who may read one order.
READS_ORDER = holds(*READERS, at=order_place) | only("serves the order's region", _serves_order)
#: A station in the home region of a targeted seat's order.
SERVES_SEAT = only("station in the order's region", _serves_seat)
#: Who may open the lists.
READS = holds(*READERS, *LOCALS)

# Orders

ORDER_SORTS = {"number": Order.number, "signed": Order.signed_on, "party": Organisation.name, "state": Order.state}


def orders_page(actor: Actor, paging: Paging) -> Page[Order]:
    """List the orders that an account may see. Filters: kind, state, region (of work), targeted (1 or 0)."""
    return paginate(db.session(), _orders(actor, paging), paging, ORDER_SORTS, Order.id)


def orders_all(actor: Actor, paging: Paging) -> Iterable[Order]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_orders(actor, paging), paging, ORDER_SORTS, Order.id))


def _orders(actor: Actor, paging: Paging) -> Select[Any]:
    found = (
        select(Order)
        .join(Order.party)
        .where(
            or_(
                visible(actor, *READERS, region=[Order.home_region_code], organisation=[Order.party_id]),
                Order.home_region_code.in_(served_regions(actor, *LOCALS)),
            )
        )
        .options(selectinload(Order.party), selectinload(Order.lines).selectinload(OrderLine.item))
    )
    lines = select(OrderLine.order_id).join(OrderLine.item)
    if paging.search:
        matching = lines.where(TrainingItem.name.contains(paging.search, autoescape=True))
        found = found.where(
            or_(
                Order.number.contains(paging.search, autoescape=True),
                Organisation.name.contains(paging.search, autoescape=True),
                Organisation.credit_code == paging.search.upper(),
                Order.id.in_(matching),
            )
        )
    if (kind := paging.filters.get("kind")) in set(OrderKind):
        found = found.where(Order.kind == kind)
    if (state := paging.filters.get("state")) in set(OrderState):
        found = found.where(Order.state == state)
    if region := paging.filters.get("region"):
        found = found.where(
            Order.id.in_(lines.where(OrderLine.place_region_code.startswith(prefix(region), autoescape=True)))
        )
    if (targeted := paging.filters.get("targeted")) in {"0", "1"}:
        found = found.where(Order.id.in_(lines.where(OrderLine.targeted.is_(targeted == "1"))))
    return found


def open_lines(home_region_code: str, item_id: int | None = None) -> list[OrderLine]:
    """List the lines of open orders that a cohort of this region (and item) could serve, the earliest arrival first.

    An order of a wider region asks for people of this one too.
    """
    query = (
        select(OrderLine)
        .join(OrderLine.order)
        .where(
            Order.state == OrderState.OPEN,
            Order.home_region_code.in_(ancestry(home_region_code)),
            OrderLine.arrival_on > clock.today(),
        )
        .options(selectinload(OrderLine.order).selectinload(Order.party), selectinload(OrderLine.item))
    )
    if item_id is not None:
        query = query.where(OrderLine.item_id == item_id)
    return list(db.session.scalars(query.order_by(OrderLine.arrival_on, OrderLine.id)))


def line_label(line: OrderLine) -> Message:
    """Name a line: 海安康养服务示例有限公司订单 DD-530724-2025-0001 的养老护理员（五级/初级工）."""
    party, number = line.order.party.name, line.order.number
    return say("{party}订单 {number} 的{item}", party=party, number=number, item=label_of(line.item))


def line_values(line: OrderLine) -> rules.Line:
    """Give a line as the rules judge it."""
    return rules.Line(
        item_id=line.item_id,
        headcount=line.headcount,
        wage_min_fen=line.wage_min_fen,
        wage_max_fen=line.wage_max_fen,
        place_region_code=line.place_region_code,
        arrival_on=line.arrival_on,
        travel_days=line.travel_days,
        targeted=line.targeted,
        post=line.post,
    )


def same_order(kind: OrderKind, party_id: int, line: rules.Line) -> Order | None:
    """Find an open order that already asks for just this."""
    return db.session.scalar(
        select(Order)
        .join(Order.lines)
        .where(
            Order.kind == kind,
            Order.state == OrderState.OPEN,
            Order.party_id == party_id,
            OrderLine.item_id == line.item_id,
            OrderLine.headcount == line.headcount,
            OrderLine.place_region_code == line.place_region_code,
            OrderLine.arrival_on == line.arrival_on,
        )
        .limit(1)
    )


def order_facts(order_id: int) -> dict[str, Any]:
    """Give an order with its lines, seats and papers as plain values; persons masked, wages in 分."""
    order = load(Order, order_id)
    counts = seat_counts([line.id for line in order.lines])
    return {
        "id": order.id,
        "number": order.number,
        "kind": order.kind.value,
        "state": order.state.value,
        "party": {"id": order.party_id, "name": order.party.name, "credit_code": order.party.credit_code},
        "agreement_id": order.agreement_id,
        "home_region": order.home_region_code,
        "signed_on": order.signed_on.isoformat(),
        "cancelled_reason": order.cancelled_reason,
        "retention_terms": order.retention_terms,
        "lines": [
            {
                "id": line.id,
                "item": {
                    "id": line.item_id,
                    "name": line.item.name,
                    "level": line.item.level.value if line.item.level else None,
                },
                "headcount": line.headcount,
                "wage_min_fen": line.wage_min_fen,
                "wage_max_fen": line.wage_max_fen,
                "place_region": line.place_region_code,
                "arrival_on": line.arrival_on.isoformat(),
                "travel_days": line.travel_days,
                "targeted": line.targeted,
                "post": line.post,
                "seats": {state.value: count for state, count in counts[line.id].items()},
            }
            for line in order.lines
        ],
        "papers": [{"id": paper.id, "kind": paper.kind, "name": paper.file.name} for paper in papers_of(f"order:{order.id}")],
    }  # fmt: skip


# Targeted seats


def seat_of(line_id: int, person_id: int) -> TargetedSeat | None:
    """Give the seat on which the employer's list names a person, if it does: who has none is not on the list."""
    return db.session.scalar(
        select(TargetedSeat).where(
            TargetedSeat.line_id == line_id,
            TargetedSeat.person_id == person_id,
            TargetedSeat.state != TargetState.WITHDRAWN,
        )
    )


def seats_of_line(line_id: int) -> list[TargetedSeat]:
    """List a line's seats, the named ones first, those that somebody stepped back from among them."""
    query = select(TargetedSeat).where(TargetedSeat.line_id == line_id).options(selectinload(TargetedSeat.person))
    return list(db.session.scalars(query.order_by(TargetedSeat.person_id.is_(None), TargetedSeat.id)))


def seat_counts(line_ids: Collection[int]) -> dict[int, dict[TargetState, int]]:
    """Count each line's targeted seats by state; a state without a seat is left out."""
    counts: dict[int, dict[TargetState, int]] = {line_id: {} for line_id in line_ids}
    query = (
        select(TargetedSeat.line_id, TargetedSeat.state, func.count())
        .where(TargetedSeat.line_id.in_(line_ids))
        .group_by(TargetedSeat.line_id, TargetedSeat.state)
    )
    for line_id, state, count in db.session.execute(query):
        counts[line_id][state] = count
    return counts


def fallback_lines(seat: TargetedSeat) -> list[OrderLine]:
    """List the lines of other employers that could take the learner of a seat: same item, open, with jobs promised."""
    return [
        line
        for line in open_lines(seat.line.order.home_region_code, seat.line.item_id)
        if line.order.party_id != seat.line.order.party_id and rules.promises_jobs(line.order.kind)
    ]


# Agreements

AGREEMENT_SORTS = {"number": Agreement.number, "signed": Agreement.signed_on, "valid": Agreement.valid_to}


def agreements_page(actor: Actor, paging: Paging) -> Page[Agreement]:
    """List the agreements that an account may see: of its region, or of its organisation."""
    return paginate(db.session(), _agreements(actor, paging), paging, AGREEMENT_SORTS, Agreement.id)


def agreements_all(actor: Actor, paging: Paging) -> Iterable[Agreement]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_agreements(actor, paging), paging, AGREEMENT_SORTS, Agreement.id))


def agreement_choices(actor: Actor) -> dict[int, str]:
    """Name the agreements in force that an account may see, for a field to choose from."""
    today = clock.today()
    in_force = _agreements(actor, Paging()).where(Agreement.valid_from <= today, Agreement.valid_to >= today)
    return {row.id: f"{row.number} {row.name}" for row in db.session.scalars(in_force.order_by(Agreement.id))}


def _agreements(actor: Actor, paging: Paging) -> Select[Any]:
    own = select(AgreementParty.agreement_id).where(
        visible(actor, *READERS, organisation=[AgreementParty.organisation_id])
    )
    found = (
        select(Agreement)
        .where(or_(visible(actor, *READERS, region=[Agreement.home_region_code]), Agreement.id.in_(own)))
        .options(selectinload(Agreement.parties).selectinload(AgreementParty.organisation))
    )
    if paging.search:
        by_party = (
            select(AgreementParty.agreement_id)
            .join(AgreementParty.organisation)
            .where(Organisation.name.contains(paging.search, autoescape=True))
        )
        found = found.where(
            or_(
                Agreement.name.contains(paging.search, autoescape=True),
                Agreement.number.contains(paging.search, autoescape=True),
                Agreement.id.in_(by_party),
            )
        )
    return found


def agreements_of(party_id: int, home_region_code: str) -> list[Agreement]:
    """List the agreements in force today of a party with a region."""
    today = clock.today()
    query = (
        select(Agreement)
        .join(Agreement.parties)
        .where(
            AgreementParty.organisation_id == party_id,
            Agreement.home_region_code == home_region_code,
            Agreement.valid_from <= today,
            Agreement.valid_to >= today,
        )
    )
    return list(db.session.scalars(query.order_by(Agreement.id)))


def duty_in(agreement_id: int | None, party_id: int) -> AgreementParty | None:
    """Give a party's row in an agreement; None where it is no party."""
    query = select(AgreementParty).where(
        AgreementParty.agreement_id == agreement_id, AgreementParty.organisation_id == party_id
    )
    return db.session.scalar(query)


def guarantors(agreement: Agreement) -> list[AgreementParty]:
    """List the parties that guarantee jobs."""
    return [party for party in agreement.parties if party.duty is Duty.JOBS]
