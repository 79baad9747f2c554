"""Registering and withdrawing examiners' cards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lbcert.core import clock, files
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.papers import no_paper
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import appointing
from lbcert.exams.models import CardGrade, CardScope, ExaminerCard
from lbcert.exams.places import CARD_KEEPERS, CARD_WITHDRAWERS
from lbcert.parties.models import Organisation, Person


@operation("exams.register_card", say("登记考评员证卡"), allow=CARD_KEEPERS)
def register_card(
    actor: Any,
    body_id: int,
    person_id: int,
    number: str,
    grade: CardGrade,
    trades: Mapping[int, SkillLevel | None],
    valid_from: date,
    valid_to: date,
    data: bytes,
    file_name: str,
    media_type: str,
) -> ExaminerCard:
    """Register the card of somebody who examines for a body, with its paper.

    ``trades`` gives by trade the highest level, None for every one. Refused without number, trade or paper, for dates out
    of order, and for a number that is registered.
    """
    body, person = load(Organisation, body_id), load(Person, person_id)
    number = "".join(number.split()).upper()
    refuse_on(
        appointing.whole_card(number, appointing.Dates(valid_from, valid_to), len(trades)),
        no_paper(data, file_name) if data else [refuse("exams.card_paper", say("请附上考评员证卡的扫描件或照片"))],
    )
    card = ExaminerCard(
        body_id=body.id,
        person_id=person.id,
        number=number,
        grade=grade,
        valid_from=valid_from,
        valid_to=valid_to,
        paper_id=files.keep(data, file_name, media_type).id,
        account_id=actor.id,
    )
    card.scopes = [CardScope(trade_id=load(Trade, trade).id, level=level) for trade, level in trades.items()]
    db.session.add(card)
    return card


@operation("exams.withdraw_card", say("注销考评员证卡"), allow=CARD_WITHDRAWERS)
def withdraw_card(actor: Any, card_id: int, reason: str) -> ExaminerCard:
    """Let a card hold no longer from today on; it stays on file. Refused without a reason."""
    card = load(ExaminerCard, card_id, lock=True)
    refuse_on(appointing.may_withdraw(card, reason))
    card.withdrawn_on, card.withdrawn_reason = clock.today(), reason.strip()
    return card
