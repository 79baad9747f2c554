"""The three promises of an order: how many, by when, and to whom; all of it in plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.words import Message, say
from lbcert.demand.models import TARGET_WAY, Duty, DutyState, OrderKind, OrderState, Side, TargetState
from lbcert.parties.models import OrganisationKind

#: people; what is larger is a slip of the finger, and each targeted head is a row
LARGEST_LINE = 5_000
#: days
LONGEST_TRAVEL = 60


@dataclass(frozen=True)
class Line:
    """What one line of an order asks for; wages in 分 a month."""

    item_id: int
    headcount: int
    wage_min_fen: int
    wage_max_fen: int
    place_region_code: str
    arrival_on: date
    travel_days: int = 0
    targeted: bool = False
    post: str = ""


# Order


def promises_jobs(kind: OrderKind) -> bool:
    """Tell whether an order of this kind promises jobs; a destination's demand is a figure and nobody's word."""
    return kind is not OrderKind.DESTINATION


def party_fits(kind: OrderKind, party_kind: OrganisationKind, party: str) -> list[Finding]:
    """Refuse an employer's order of what is no employer, and a destination's demand of who cannot speak for it."""
    speakers = {
        OrderKind.EMPLOYER: {OrganisationKind.EMPLOYER},
        OrderKind.DESTINATION: {
            OrganisationKind.BUREAU,
            OrganisationKind.SERVICE_CENTRE,
            OrganisationKind.STATION_AWAY,
            OrganisationKind.ASSOCIATION,
        },
    }
    if kind not in speakers or party_kind in speakers[kind]:
        return []
    message = say(
        "{party}登记为{party_kind}，不能提出{kind}：{kind}由{speakers}提出",
        party=party,
        party_kind=party_kind.label,
        kind=kind.label,
        speakers=tuple(each.label for each in OrganisationKind if each in speakers[kind]),
    )
    return [refuse("demand.party_kind", message)]


def backs_targeted(
    kind: OrderKind, party: str, duty: Duty | None = None, state: DutyState | None = None
) -> list[Finding]:
    """Refuse targeted seats that nobody's promise of a job stands behind ([S0]).

    ``duty`` and ``state`` are the party's own in the agreement that the order carries out, where it carries one out.
    """  # fmt: skip
    if not promises_jobs(kind):
        message = say(
            "{party}的输入地需求不承诺岗位，不能设定向名额；请由用人单位下企业订单，或按协作协议下订单", party=party
        )
        return [refuse("demand.no_promise", message)]
    if kind is OrderKind.AGREEMENT and duty is not Duty.JOBS:
        message = say("{party}在协作协议中没有承诺保障就业，不能设定向名额；请由承诺保障就业的一方下订单", party=party)
        return [refuse("demand.no_guarantee", message)]
    if kind is OrderKind.AGREEMENT and state is DutyState.BROKEN:
        message = say("{party}在协作协议中保障就业的承诺登记为未履行，不能再设定向名额", party=party)
        return [refuse("demand.broken_guarantee", message)]
    return []


def line_shape(line: Line, signed_on: date, label: str | Message) -> list[Finding]:
    """Refuse a line that cannot be meant: nobody or too many, wages or days out of order. ``label`` names it."""
    findings = []
    if not 0 < line.headcount <= LARGEST_LINE:
        message = say("{label}：人数应在 1 至 {most} 之间，现为 {count}", label=label, most=LARGEST_LINE, count=line.headcount)  # fmt: skip
        findings.append(refuse("demand.headcount", message))
    if not 0 < line.wage_min_fen <= line.wage_max_fen:
        message = say(
            "{label}：月薪下限应大于 0，且不高于上限；现为 {least} 至 {most} 元",
            label=label,
            least=_yuan(line.wage_min_fen),
            most=_yuan(line.wage_max_fen),
        )
        findings.append(refuse("demand.wage", message))
    if line.arrival_on <= signed_on:
        message = say(
            "{label}：到岗日期 {arrival} 应晚于签订日期 {signed}",
            label=label,
            arrival=line.arrival_on.isoformat(),
            signed=signed_on.isoformat(),
        )
        findings.append(refuse("demand.arrival", message))
    if not 0 <= line.travel_days <= LONGEST_TRAVEL:
        message = say("{label}：路途天数应在 0 至 {most} 之间", label=label, most=LONGEST_TRAVEL)
        findings.append(refuse("demand.travel_days", message))
    return findings


def line_change(old: Line, new: Line, label: str | Message) -> list[Finding]:
    """Refuse to make a line worse for those who count on it: fewer people, less pay, earlier or with a longer way."""
    worse = {
        "demand.headcount_cut": new.headcount < old.headcount,
        "demand.wage_cut": new.wage_min_fen < old.wage_min_fen or new.wage_max_fen < old.wage_max_fen,
        "demand.arrival_earlier": new.arrival_on < old.arrival_on or new.travel_days > old.travel_days,
    }
    said = {
        "demand.headcount_cut": say("{label}：人数只能增加，减少会落下已安排的学员；确需减少请撤销后重新登记", label=label),
        "demand.wage_cut": say("{label}：月薪只能提高，学员凭原来的数额报名；确需降低请撤销后重新登记", label=label),
        "demand.arrival_earlier": say(
            "{label}：到岗日期不能提前，路途天数不能增加，否则已排的班来不及结业；确需提前请撤销后重新登记", label=label
        ),
    }  # fmt: skip
    return [refuse(rule, said[rule]) for rule, is_worse in worse.items() if is_worse]


def order_stands(state: OrderState, number: str) -> list[Finding]:
    """Refuse to build on an order that is cancelled or fulfilled."""
    if state is OrderState.OPEN:
        return []
    message = say("订单 {number} {state}，不能再用于安排学员或修改", number=number, state=state.label)
    return [refuse("demand.order_not_open", message)]


def open_headcount(headcount: int, allotted: int) -> int:
    """Give how many of a line's people no cohort has a seat for yet."""
    return max(0, headcount - allotted)


def within_open_headcount(wanted: int, headcount: int, allotted: int, line: str, *, subject: str) -> list[Finding]:
    """Judge an allotment of ``wanted`` seats to a line: beyond the open headcount it needs an exception.

    ``allotted`` are the line's seats in other cohorts, freed ones left out; ``subject`` is what the exception is
    granted for.
    """
    free = open_headcount(headcount, allotted)
    if wanted <= free:
        return []
    message = say(
        "{line}：订单 {headcount} 人，已安排 {allotted} 个名额，还可安排 {free} 个，现要 {wanted} 个；请减少名额，或申请特殊情况审批",
        line=line,
        headcount=headcount,
        allotted=allotted,
        free=free,
        wanted=wanted,
    )
    return [Finding("demand.open_headcount", Level.EXCEPTION, message, subject=subject)]


def latest_end(arrival_on: date, travel_days: int) -> date:
    """Give the last day on which a cohort may end, so that its people travel and arrive in time."""
    return arrival_on - timedelta(days=travel_days + 1)


def ends_in_time(ends_on: date, arrival_on: date, travel_days: int, line: str, *, subject: str = "") -> list[Finding]:
    """Refuse a cohort that does not end before the line's arrival date less the days of travel."""
    latest = latest_end(arrival_on, travel_days)
    if ends_on <= latest:
        return []
    message = say(
        "{line}：{arrival} 到岗，路途 {travel} 天，培训班最迟 {latest} 结束，现定 {ends}",
        line=line,
        arrival=arrival_on.isoformat(),
        travel=travel_days,
        latest=latest.isoformat(),
        ends=ends_on.isoformat(),
    )
    return [refuse("demand.ends_too_late", message, subject=subject)]


# Targeted


def listed(person: str, employer: str, *, is_listed: bool, subject: str = "") -> list[Finding]:
    """Refuse a targeted seat to somebody who is not on the employer's list (拟招名单)."""
    if is_listed:
        return []
    message = say("{person}不在{employer}的拟招名单上，不能占用定向名额；请先由用人单位点名", person=person, employer=employer)  # fmt: skip
    return [refuse("demand.not_listed", message, subject=subject)]


def seat_wage(wage_fen: int, least: int, most: int, person: str) -> list[Finding]:
    """Refuse a seat's wage outside the line's range; all in 分 a month."""
    if least <= wage_fen <= most:
        return []
    message = say(
        "{person}：定向岗位月薪应在订单的 {least} 至 {most} 元之间，现为 {wage} 元",
        person=person,
        least=_yuan(least),
        most=_yuan(most),
        wage=_yuan(wage_fen),
    )
    return [refuse("demand.seat_wage", message)]


def intent_in_time(person: str, signed_on: date | None, starts_on: date, *, subject: str = "") -> list[Finding]:
    """Refuse a targeted learner whose intent was not signed before the day on which the cohort starts."""
    if signed_on is None:
        message = say("{person}尚未签订就业意向，不能按定向开班；请先签订并上传意向书", person=person)
        return [refuse("demand.intent_missing", message, subject=subject)]
    if signed_on < starts_on:
        return []
    message = say(
        "{person}的就业意向签于 {signed}，须早于开班日期 {starts}",
        person=person,
        signed=signed_on.isoformat(),
        starts=starts_on.isoformat(),
    )
    return [refuse("demand.intent_late", message, subject=subject)]


def next_step(state: TargetState, to: TargetState, person: str, *, subject: str = "") -> list[Finding]:
    """Refuse a step that skips a state, goes back, or leaves a seat that somebody has stepped back from."""
    if state is not TargetState.WITHDRAWN and to in TARGET_WAY and TARGET_WAY.index(to) == TARGET_WAY.index(state) + 1:
        return []
    message = say(
        "{person}的定向名额现为“{state}”，不能直接改为“{to}”：须依次为{way}",
        person=person,
        state=state.label,
        to=to.label,
        way=tuple(step.label for step in TARGET_WAY),
    )
    return [refuse("demand.state_jumped", message, subject=subject)]


def step_back(
    state: TargetState, side: Side, reason: str, person: str, *, has_fallback: bool, subject: str
) -> list[Finding]:
    """Judge a step back from a seat: with a reason, before 稳岗, and by an employer only with another one to fall back on.

    A learner who has signed has turned other work down; an employer who leaves one without a fallback needs an exception.
    """  # fmt: skip
    findings = []
    if state in {TargetState.OPEN, TargetState.STABLE, TargetState.WITHDRAWN}:
        message = say("{person}的定向名额现为“{state}”，无需也不能退出", person=person, state=state.label)
        findings.append(refuse("demand.no_step_back", message, subject=subject))
    if not reason.strip():
        findings.append(refuse("demand.withdrawal_reason", say("请写明退出的原因"), subject=subject))
    if side is Side.EMPLOYER and state is not TargetState.LISTED and not has_fallback:
        message = say("{person}已签就业意向，用人单位退出须写明由哪一家单位接收；确无接收单位请申请特殊情况审批", person=person)  # fmt: skip
        findings.append(Finding("demand.fallback", Level.EXCEPTION, message, subject=subject))
    return findings


# Agreement


def duties(given: Iterable[tuple[str, Duty]], agreement: str) -> list[Finding]:
    """Refuse an agreement of fewer than two parties, and a party with two duties; ``given`` are (party, duty)."""
    parties = [party for party, _ in given]
    findings = [
        refuse("demand.party_twice", say("{agreement}：{party}写了两次，每一方只承担一项职责", agreement=agreement, party=party))
        for party in dict.fromkeys(parties)
        if parties.count(party) > 1
    ]  # fmt: skip
    if len(set(parties)) < 2:  # noqa: PLR2004 (nobody agrees alone)
        findings.append(refuse("demand.lone_party", say("{agreement}：协作协议至少有两方", agreement=agreement)))
    return findings


def _yuan(fen: int) -> str:
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen / 100:.2f}"
