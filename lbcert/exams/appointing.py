"""The rules of an appointment beside the separation: no examiner stays at one school for long, and each holds a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say, some
from lbcert.exams.models import Batch, ExaminerCard
from lbcert.exams.rules import Subject, reasoned

#: How many of a school's batches running one person may examine.
ROTATION_BATCHES = key(
    "exams.rotation_batches", say("考评员在同一培训机构连续考评的批次上限"), Follows.BODY, int, say("批")
)
#: Whether examiners must hold a card that is valid on the day of the exam.
CARD_REQUIRED = key("exams.card_required", say("考评员须持有效证卡"), Follows.BODY, bool)
#: Days before its end that a card shows among what waits.
CARD_NOTICE_DAYS = 60
_MOST_NAMED = 10


def rotation(who: str, runs: Mapping[str, Sequence[Batch]], most: Ruling) -> list[Finding]:
    """Find schools at which somebody would examine more batches running than the policy allows.

    ``runs`` gives by school the consecutive batches that would be his, the one that he is appointed to among them.
    """
    if not most.is_on_file:
        return most.note() if runs else []
    return [
        refuse(
            "exams.rotation",
            say(
                "{who} 会在培训机构“{school}”连续考评 {count} 批，规定最多 {most} 批，请轮换另一人：{batches}",
                who=who, school=school, count=len(run), most=most.value,
                batches=some([f"{batch.number}（{batch.held_on}）" for batch in run], _MOST_NAMED),
            ),
            most.source,
            " ".join(f"batch:{batch.id}" for batch in run[:_MOST_NAMED]),
        )
        for school, run in runs.items()
        if len(run) > most.value
    ]  # fmt: skip


def carded(who: str, cards: Sequence[ExaminerCard], subject: Subject, required: Ruling) -> list[Finding]:
    """Find that no card of somebody covers trade and level on the day of the exam, where a policy asks for one."""
    if not required.value or any(card.covers(subject.trade_id, subject.level, subject.day) for card in cards):
        return []
    wanted = say(
        "“{trade}”{level}、{day}",
        trade=subject.trade, level=subject.level.label if subject.level else "", day=subject.day,
    )  # fmt: skip
    if not cards:
        message = say("{who} 没有登记考评员证卡，请先登记覆盖{wanted}的证卡，或另选一人", who=who, wanted=wanted)
        return [refuse("exams.no_card", message, required.source)]
    held = [
        say("{number}（{first} 至 {last}）", number=card.number, first=card.valid_from, last=card.withdrawn_on or card.valid_to)
        for card in cards
    ]  # fmt: skip
    message = say(
        "{who} 的考评员证卡不覆盖{wanted}，请先登记新证卡，或另选一人：{cards}",
        who=who, wanted=wanted, cards=some(held, _MOST_NAMED),
    )  # fmt: skip
    about = " ".join(f"card:{card.id}" for card in cards[:_MOST_NAMED])
    return [refuse("exams.card_not_valid", message, required.source, about)]


@dataclass(frozen=True)
class Dates:
    """From when to when a card holds."""

    first: date
    last: date


def whole_card(number: str, dates: Dates, trades: int) -> list[Finding]:
    """Find a card without a number or a trade, or that ends before it begins."""
    findings = []
    if not number.strip():
        findings.append(refuse("exams.card_number", say("请填写证卡编号")))
    if dates.last < dates.first:
        message = say("有效期截止 {last} 早于起始 {first}", last=dates.last, first=dates.first)
        findings.append(refuse("exams.card_dates", message))
    if not trades:
        findings.append(refuse("exams.card_trades", say("请选择证卡上的职业（工种）和等级")))
    return findings


def may_withdraw(card: ExaminerCard, reason: str) -> list[Finding]:
    """Find a card that was withdrawn before, or no reason for it."""
    gone = (
        [refuse("exams.card_withdrawn", say("证卡 {number} 已经注销", number=card.number))] if card.withdrawn_on else []
    )
    return [*gone, *reasoned(reason)]
