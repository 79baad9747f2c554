"""Orders: made, added to, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lbcert.brands.models import TrainingItem
from lbcert.brands.queries import label_of, plugins_of_items
from lbcert.core import clock, papers, sequences
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import Paper
from lbcert.core.reference import Region, ancestry
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand import rules
from lbcert.demand.models import Agreement, Order, OrderKind, OrderLine, OrderState, Side, TargetedSeat, TargetState
from lbcert.demand.queries import duty_in, line_label, line_place, line_values, order_place
from lbcert.parties.models import Organisation
from lbcert.plugins import plugins

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)
#: The states of a seat from which its order's cancellation takes it.
_UNDER_WAY = (TargetState.LISTED, TargetState.SIGNED, TargetState.TRAINING, TargetState.GRADUATED)


def _asked(home_region_code: str, party_id: int) -> Place:
    return Place(regions=(home_region_code,), organisations=(party_id,))


@operation("demand.create_order", say("登记订单"), allow=holds(*DESK, Role.EMPLOYER, at=_asked))
def create_order(
    actor: Any,
    kind: OrderKind,
    party_id: int,
    home_region_code: str,
    signed_on: date,
    lines: Sequence[rules.Line],
    *,
    agreement_id: int | None = None,
    retention_terms: str = "",
) -> Order:
    """Register an order for a region's people; a targeted line gets one open seat a head.

    Refused for a party that cannot give such an order, an agreement that does not hold, a line that cannot be meant,
    an item of another region's catalogue, and targeted seats behind which nobody's promise of a job stands.
    """
    load(Region, home_region_code)
    party = load(Organisation, party_id)
    findings = rules.party_fits(kind, party.kind, party.name)
    findings += _agreement(kind, agreement_id, party, home_region_code)
    if not lines:
        findings.append(refuse("demand.no_lines", say("订单至少要有一行：培训项目、人数、月薪、地点和到岗日期")))
    if signed_on > clock.today():
        findings.append(refuse("demand.signed_later", say("签订日期 {day} 在今天之后", day=signed_on.isoformat())))
    for number, line in enumerate(lines, start=1):
        findings += _line(line, signed_on, home_region_code, number)
        if line.targeted:
            findings += _backing(kind, agreement_id, party)
    refuse_on(dict.fromkeys(findings))
    year = signed_on.year
    order = Order(
        number=f"DD-{home_region_code}-{year}-{sequences.take(f'order:{home_region_code}:{year}')[0]:04d}",
        kind=kind,
        party_id=party.id,
        agreement_id=agreement_id,
        home_region_code=home_region_code,
        signed_on=signed_on,
        retention_terms=retention_terms.strip(),
    )
    db.session.add(order)
    for line in lines:
        _add(order, line)
    return order


@operation("demand.add_line", say("订单增加一行"), allow=holds(*DESK, Role.EMPLOYER, at=order_place))
def add_line(actor: Any, order_id: int, line: rules.Line) -> OrderLine:
    """Add a line to an open order, refused as in ``create_order``."""
    order = load(Order, order_id, lock=True)
    refuse_on(
        rules.order_stands(order.state, order.number),
        _line(line, order.signed_on, order.home_region_code, len(order.lines) + 1),
        _backing(order.kind, order.agreement_id, order.party) if line.targeted else [],
    )
    return _add(order, line)


@operation("demand.change_line", say("修改订单行"), allow=holds(*DESK, Role.EMPLOYER, at=line_place))
def change_line(
    actor: Any,
    line_id: int,
    headcount: int,
    wage_min_fen: int,
    wage_max_fen: int,
    arrival_on: date,
    *,
    travel_days: int = 0,
    post: str = "",
    version: int | None = None,
) -> OrderLine:
    """Better a line: more people, more pay, later, nearer. What is worse for those who count on it is refused."""
    line = load(OrderLine, line_id, lock=True)
    old, order = line_values(line), line.order
    new = rules.Line(
        line.item_id, headcount, wage_min_fen, wage_max_fen, line.place_region_code, arrival_on, travel_days, line.targeted, post.strip(),
    )  # fmt: skip
    label = line_label(line)
    refuse_on(
        stale(line, version),
        rules.order_stands(order.state, order.number),
        rules.line_shape(new, order.signed_on, label),
        rules.line_change(old, new, label),
    )
    line.headcount, line.arrival_on, line.travel_days = headcount, arrival_on, travel_days
    line.wage_min_fen, line.wage_max_fen, line.post = wage_min_fen, wage_max_fen, new.post
    if line.targeted:
        open_seats(line, headcount - old.headcount)
    return line


@operation("demand.attach_order_paper", say("附上订单扫描件"), allow=holds(*DESK, Role.EMPLOYER, at=order_place))
def attach_order_paper(actor: Any, order_id: int, data: bytes, file_name: str) -> Paper:
    """Attach the signed order: PDF, JPEG or PNG."""
    order = load(Order, order_id)
    return papers.receive(f"order:{order.id}", "signed_order", data, file_name, actor.id)


@dataclass(frozen=True)
class Cancelled:
    """A cancelled order, and what its cancellation set free or took away, as notes."""

    order: Order
    notes: tuple[Finding, ...]


@operation("demand.cancel_order", say("取消订单"), allow=holds(*DESK, Role.EMPLOYER, at=order_place))
def cancel_order(actor: Any, order_id: int, reason: str, *, version: int | None = None) -> Cancelled:
    """Cancel an open order with a reason. Its cohorts stand; their freed seats are listed in the notes.

    Its targeted seats that are under way end by the employer's side; whoever arrived keeps the job.
    """
    order = load(Order, order_id, lock=True)
    unsaid = [] if reason.strip() else [refuse("demand.cancel_reason", say("请写明撤销订单的原因"))]
    refuse_on(stale(order, version), rules.order_stands(order.state, order.number), unsaid)
    notes = [note for line in order.lines for note in _end_seats(line, reason.strip())]
    order.state, order.cancelled_reason = OrderState.CANCELLED, reason.strip()
    db.session.flush()
    hooks = plugins().for_brand(plugins_of_items([line.item_id for line in order.lines]))
    for freed in hooks.lbcert_order_cancelled(order_id=order.id, line_ids=[line.id for line in order.lines]):
        notes += freed
    return Cancelled(order, tuple(notes))


@operation("demand.fulfil_order", say("办结订单"), allow=holds(*DESK, at=order_place))
def fulfil_order(actor: Any, order_id: int, *, version: int | None = None) -> Order:
    """Close an order whose people are at work; no more seats can be allotted to it."""
    order = load(Order, order_id, lock=True)
    refuse_on(stale(order, version), rules.order_stands(order.state, order.number))
    order.state = OrderState.FULFILLED
    return order


def open_seats(line: OrderLine, count: int) -> None:
    """Open so many more seats of a targeted line, for the post and the least wage that it names."""
    post = line.post or load(TrainingItem, line.item_id).name
    line.targets.extend(TargetedSeat(post=post, wage_fen=line.wage_min_fen) for _ in range(count))


def _add(order: Order, line: rules.Line) -> OrderLine:
    row = OrderLine(
        order=order,
        item_id=line.item_id,
        headcount=line.headcount,
        wage_min_fen=line.wage_min_fen,
        wage_max_fen=line.wage_max_fen,
        place_region_code=line.place_region_code,
        arrival_on=line.arrival_on,
        travel_days=line.travel_days,
        targeted=line.targeted,
        post=line.post.strip(),
    )
    db.session.add(row)
    if line.targeted:
        open_seats(row, line.headcount)
    return row


def _line(line: rules.Line, signed_on: date, home_region_code: str, number: int) -> list[Finding]:
    item = load(TrainingItem, line.item_id)
    load(Region, line.place_region_code)
    label = say("第 {row} 行{name}", row=number, name=label_of(item))
    findings = rules.line_shape(line, signed_on, label)
    if item.region_code not in ancestry(home_region_code):
        message = say(
            "{label}：这一项目在{region}的目录里，请选本地或上级目录的项目", label=label, region=item.region.name
        )
        findings.append(refuse("demand.item_elsewhere", message))
    return findings


def _agreement(kind: OrderKind, agreement_id: int | None, party: Organisation, home_region_code: str) -> list[Finding]:
    """Judge the agreement that an order names: of this region, in force, and the party one of its own."""
    if kind is not OrderKind.AGREEMENT:
        message = say("只有协作协议订单才对应协作协议")
        return [] if agreement_id is None else [refuse("demand.agreement_unasked", message)]
    if agreement_id is None:
        return [refuse("demand.agreement_missing", say("请选择这一订单所依据的协作协议；没有的请先登记协议"))]
    agreement = load(Agreement, agreement_id)
    findings = []
    if (
        not agreement.valid_from <= clock.today() <= agreement.valid_to
        or agreement.home_region_code != home_region_code
    ):
        message = say("协作协议 {number} 不在有效期内，或不是本地签订的", number=agreement.number)
        findings.append(refuse("demand.agreement_not_in_force", message))
    if duty_in(agreement_id, party.id) is None:
        message = say("{party}不是协作协议 {number} 的一方", party=party.name, number=agreement.number)
        findings.append(refuse("demand.no_party", message))
    return findings


def _backing(kind: OrderKind, agreement_id: int | None, party: Organisation) -> list[Finding]:
    own = duty_in(agreement_id, party.id)
    return rules.backs_targeted(kind, party.name, own.duty if own else None, own.state if own else None)


def _end_seats(line: OrderLine, reason: str) -> list[Finding]:
    notes = []
    for seat in line.targets:
        if seat.state not in _UNDER_WAY or seat.person is None:
            continue
        message = say(
            "{person}的定向名额（{state}）随订单撤销，请为其另行联系单位",
            person=seat.person.name,
            state=seat.state.label,
        )
        notes.append(Finding("demand.seat_ended", Level.NOTE, message, subject=f"seat:{seat.id}"))
        seat.state, seat.withdrawn_by = TargetState.WITHDRAWN, Side.EMPLOYER
        seat.withdrawn_reason = str(say("订单撤销：{reason}", reason=reason))[:300]
    return notes
