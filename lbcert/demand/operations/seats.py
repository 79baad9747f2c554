"""Targeted seats: named, signed, walked through, and stepped back from."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from lbcert.brands.queries import plugins_of_items
from lbcert.core import clock, papers
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.id_number import parse_id_number, tidy_id_number
from lbcert.core.identity.person_name import tidy_person_name
from lbcert.core.operation import INSIDE, operation
from lbcert.core.seal import keyring
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand import rules
from lbcert.demand.models import OrderLine, OrderState, Side, TargetedSeat, TargetState
from lbcert.demand.operations.orders import DESK, open_seats
from lbcert.demand.queries import SERVES_SEAT, line_label, line_place, seat_of, seat_place
from lbcert.parties.models import Person
from lbcert.plugins import plugins


@operation("demand.name_person", say("登记拟招人员"), allow=holds(*DESK, Role.EMPLOYER, at=line_place))
def name_person(
    actor: Any, line_id: int, person_id: int, *, post: str = "", wage_fen: int | None = None
) -> TargetedSeat:
    """Put a person on the employer's list (拟招), on an open seat of a targeted line.

    ``wage_fen`` is in 分 a month, by default the line's least; ``post`` by default the line's. Refused when the order is
    not open, no seat is, the wage is outside the line's range, and for somebody who is on the list.
    """
    line = load(OrderLine, line_id, lock=True)
    person = load(Person, person_id)
    wage = line.wage_min_fen if wage_fen is None else wage_fen
    seat = db.session.scalar(
        select(TargetedSeat)
        .where(TargetedSeat.line_id == line.id, TargetedSeat.state == TargetState.OPEN)
        .order_by(TargetedSeat.id)
        .limit(1)
        .with_for_update()
    )
    findings = rules.order_stands(line.order.state, line.order.number)
    findings += rules.seat_wage(wage, line.wage_min_fen, line.wage_max_fen, person.name)
    if seat_of(line.id, person.id):
        message = say("{person}已在{employer}的拟招名单上", person=person.name, employer=line.order.party.name)
        findings.append(refuse("demand.already_targeted", message))
    if seat is None:
        message = say("{line}没有待点名的定向名额", line=line_label(line))
        findings.append(refuse("demand.no_open_seat", message))
    refuse_on(findings)
    assert seat is not None  # noqa: S101 (refused above)
    seat.person_id, seat.state, seat.wage_fen = person.id, TargetState.LISTED, wage
    seat.post = post.strip() or seat.post
    return seat


@operation("demand.name_by_number", say("凭身份证号码登记拟招人员"), allow=holds(*DESK, Role.EMPLOYER, at=line_place))
def name_by_number(
    actor: Any, line_id: int, name: str, id_number: str, *, post: str = "", wage_fen: int | None = None
) -> TargetedSeat:
    """Name a person by name and ID number, as an employer knows one.

    Refused for a number that cannot be one, and unless both fit somebody on file; which of them does not is not said.
    """
    tidy = tidy_id_number(id_number).text
    parsed = parse_id_number(tidy, clock.today())
    if isinstance(parsed, Finding):
        refuse_on([parsed])
    person = db.session.scalar(select(Person).where(Person.id_index == keyring().index("id_number", tidy)))
    if person is None or person.name != tidy_person_name(name).text:
        message = say("没有姓名和公民身份号码都相符的登记人员：请核对；尚未登记的先由劳务工作站或培训机构登记")
        refuse_on([refuse("demand.person_unknown", message)])
    assert person is not None  # noqa: S101 (refused above)
    return name_person(actor, line_id, person.id, post=post, wage_fen=wage_fen)


@operation("demand.sign_intent", say("登记学员意向书"), allow=holds(*DESK, Role.EMPLOYER, at=seat_place) | SERVES_SEAT)
def sign_intent(actor: Any, seat_id: int, signed_on: date, data: bytes, file_name: str) -> TargetedSeat:
    """File the learner's signed intent to take the seat: PDF, JPEG or PNG.

    Refused before the person is named, for a day to come, and while the person has signed with another employer.
    """
    seat = load(TargetedSeat, seat_id, lock=True)
    name = _name(seat)
    findings = rules.next_step(seat.state, TargetState.SIGNED, name, subject=f"seat:{seat.id}")
    findings += rules.order_stands(seat.line.order.state, seat.line.order.number)
    if signed_on > clock.today():
        message = say("{person}的意向签订日期 {day} 在今天之后", person=name, day=signed_on.isoformat())
        findings.append(refuse("demand.intent_to_come", message))
    refuse_on(findings)
    papers.receive(f"seat:{seat.id}", "signed_intent", data, file_name, actor.id)
    seat.state, seat.intent_signed_on = TargetState.SIGNED, signed_on
    return seat


@operation("demand.advance_seat", say("定向名额进入下一步"), allow=INSIDE)
def advance_seat(actor: Any, seat_id: int, to: TargetState, on: date) -> TargetedSeat:
    """Take a seat one step on, as part of what happened to its learner ``on`` that day: 参训, 结业, 到岗, 稳岗.

    Refused for a step that skips another, and for 参训 unless the intent was signed before the cohort's start.
    """
    seat = load(TargetedSeat, seat_id, lock=True)
    name, subject = _name(seat), f"seat:{seat.id}"
    findings = rules.next_step(seat.state, to, name, subject=subject)
    if to is TargetState.TRAINING:
        findings += rules.intent_in_time(name, seat.intent_signed_on, on, subject=subject)
    refuse_on(findings)
    seat.state = to
    return seat


@operation("demand.employer_steps_back", say("登记用人单位放弃人选"), allow=holds(*DESK, Role.EMPLOYER, at=seat_place))
def employer_steps_back(
    actor: Any, seat_id: int, reason: str, *, fallback_line_id: int | None = None, version: int | None = None
) -> TargetedSeat:
    """Record that the employer gives a named person up, with the reason and the other employer's line that takes over.

    The seat is open again while the order is, in the cohort too. Without a fallback, somebody who has signed needs an exception.
    """
    return _freed(_step_back(seat_id, Side.EMPLOYER, reason, fallback_line_id, version))


@operation("demand.learner_steps_back", say("登记学员放弃定向名额"), allow=holds(*DESK, at=seat_place) | SERVES_SEAT)
def learner_steps_back(
    actor: Any, seat_id: int, reason: str, *, fallback_line_id: int | None = None, version: int | None = None
) -> TargetedSeat:
    """Record that a learner gives a seat up, with the reason; never by the employer's own account."""
    return _freed(_step_back(seat_id, Side.LEARNER, reason, fallback_line_id, version))


@operation("demand.give_up_seat", say("让出定向名额"), allow=INSIDE)
def give_up_seat(actor: Any, seat_id: int, reason: str) -> TargetedSeat:
    """Record that a learner gives a seat up as part of what happened to him, such as leaving a cohort."""
    return _step_back(seat_id, Side.LEARNER, reason, None, None)


def _step_back(
    seat_id: int, side: Side, reason: str, fallback_line_id: int | None, version: int | None
) -> TargetedSeat:
    seat = load(TargetedSeat, seat_id, lock=True)
    refuse_on(
        stale(seat, version),
        rules.step_back(
            seat.state, side, reason, _name(seat), has_fallback=fallback_line_id is not None, subject=f"seat:{seat.id}"
        ),
        _fallback(seat, fallback_line_id),
    )
    seat.state, seat.withdrawn_by, seat.withdrawn_reason = TargetState.WITHDRAWN, side, reason.strip()
    seat.fallback_line_id = fallback_line_id
    if seat.line.order.state is OrderState.OPEN:
        open_seats(seat.line, 1)
    return seat


def _freed(seat: TargetedSeat) -> TargetedSeat:
    """Tell who may have seated the person by it."""
    db.session.flush()
    plugins().for_brand(plugins_of_items([seat.line.item_id])).lbcert_seat_given_up(seat_id=seat.id)
    return seat


def _fallback(seat: TargetedSeat, fallback_line_id: int | None) -> list[Finding]:
    if fallback_line_id is None:
        return []
    line = load(OrderLine, fallback_line_id)
    findings = rules.order_stands(line.order.state, line.order.number)
    if line.order.party_id == seat.line.order.party_id or not rules.promises_jobs(line.order.kind):
        message = say("{line}不能接收：接收单位须是承诺岗位的另一家单位", line=line_label(line))
        findings.append(refuse("demand.fallback_line", message))
    return findings


def _name(seat: TargetedSeat) -> str:
    return seat.person.name if seat.person else str(say("待点名的名额"))
