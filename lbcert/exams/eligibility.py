"""Who may sit an exam by what he was taught and by what his level asks for (申报条件): pure rules, each naming what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from lbcert.brands.models import ModuleKind
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.reference import SkillLevel
from lbcert.core.words import Message, say
from lbcert.exams.models import StatementKind

HOURS_TAUGHT = key("exams.hours_taught_share", say("报考前已授课时的最低比例"), Follows.SITE, int, say("%"))
SHARES = {
    ModuleKind.THEORY: key("exams.theory_share", say("报考前理论课时的最低到课比例"), Follows.SITE, int, say("%")),
    ModuleKind.PRACTICE: key("exams.practice_share", say("报考前实操课时的最低到课比例"), Follows.SITE, int, say("%")),
}
_MONTHS = 12


@dataclass(frozen=True)
class Hours:
    """Class hours of a learner's own modules of one kind."""

    planned: int = 0
    taught: int = 0
    attended: int = 0


def enough_hours(who: str, hours: Mapping[ModuleKind, Hours], limits: Mapping[object, Ruling]) -> list[Finding]:
    """Find that less was taught than planned, or that he attended too little of the planned theory or practice.

    ``limits`` has a ruling for ``HOURS_TAUGHT`` and one for each kind of module.
    """
    planned, taught = sum(one.planned for one in hours.values()), sum(one.taught for one in hours.values())
    findings = _share(
        "exams.hours_taught",
        say("{who} 的课程已授 {part}/{whole} 课时（{percent}%），低于规定的 {limit}%，请先补足课时"),
        who, taught, planned, limits[HOURS_TAUGHT],
    )  # fmt: skip
    for kind, rule in ((ModuleKind.THEORY, "exams.theory_share"), (ModuleKind.PRACTICE, "exams.practice_share")):
        one = hours.get(kind, Hours())
        words = (
            say("{who} 的理论课到课 {part}/{whole} 课时（{percent}%），低于规定的 {limit}%")
            if kind is ModuleKind.THEORY
            else say("{who} 的实操课到课 {part}/{whole} 课时（{percent}%），低于规定的 {limit}%")
        )
        findings += _share(rule, words, who, one.attended, one.planned, limits[kind])
    return findings


def _share(rule: str, words: Message, who: str, part: int, whole: int, limit: Ruling) -> list[Finding]:
    if not limit.is_on_file:
        return limit.note()
    if not whole or part * 100 >= limit.value * whole:
        return []
    message = say(words.msgid, who=who, part=part, whole=whole, percent=part * 100 // whole, limit=limit.value)
    return [refuse(rule, message, limit.source)]


# 申报条件


class Route(Protocol):
    """One way to a level, as it is on file."""

    min_age: int | None
    years: int
    held_level: SkillLevel | None
    proof: StatementKind | None
    source: str


@dataclass(frozen=True)
class Background:
    """What is known of somebody in the trade that is examined."""

    who: str
    birth_date: date
    #: First and last day of each stretch of work in the trade.
    work: Sequence[tuple[date, date]] = ()
    #: Certificates of the trade that stand, each with the day of its issue.
    held: Mapping[SkillLevel, date] = field(default_factory=dict)
    proofs: frozenset[StatementKind] = frozenset()

    def years(self, day: date, since: date = date.min) -> int:
        """Count the whole years of work up to ``day``, from ``since`` on; no day counts twice."""
        months, begins, ends = 0, since, since
        for first, last in sorted(self.work):
            if first > ends:
                months, begins, ends = months + _months(begins, ends), first, first
            ends = max(ends, min(last + timedelta(days=1), day))
        return (months + _months(begins, ends)) // _MONTHS


def _months(begins: date, ends: date) -> int:
    return (ends.year - begins.year) * _MONTHS + ends.month - begins.month - (ends.day < begins.day)


def age_on(birth_date: date, day: date) -> int:
    """Count the years of somebody's life on a day, by the full date."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def may_enter(person: Background, trade: str, level: SkillLevel, routes: Sequence[Route], day: date) -> list[Finding]:
    """Find that somebody meets none of the ways that are on file for a level; no way on file asks nothing, and a note says so."""
    if not routes:
        message = say("“{trade}”{level}没有登记在册的申报条件，按不设限处理", trade=trade, level=level.label)
        return [Finding("exams.no_entry_routes", Level.NOTE, message)]
    if any(_meets(person, route, day) for route in routes):
        return []
    held = tuple(one.label for one in person.held)
    known = [say("年满 {age} 周岁", age=age_on(person.birth_date, day))]
    known.append(say("从事本职业 {years} 年", years=person.years(day)))
    if held:
        known.append(say("持有{levels}证书", levels=held))
    known += [one.label for one in sorted(person.proofs) if one is not StatementKind.WORK]
    message = say(
        "{who} 不符合{level}的申报条件，须满足其中一项：{ways}。已证明的：{known}；如有其他证明，请上传后再列入",
        who=person.who, level=level.label, ways=tuple(map(in_words, routes)), known=tuple(known),
    )  # fmt: skip
    return [refuse("exams.entry_conditions", message, routes[0].source)]


def _meets(person: Background, route: Route, day: date) -> bool:
    if route.min_age is not None and age_on(person.birth_date, day) < route.min_age:
        return False
    if route.proof is not None and route.proof not in person.proofs:
        return False
    if route.held_level is None:
        return person.years(day) >= route.years
    issued = person.held.get(route.held_level)
    return issued is not None and (not route.years or person.years(day, issued) >= route.years)


def in_words(route: Route) -> Message:
    """Say one way to a level, as a notice does."""
    if route.held_level is not None and route.years:
        way = say("取得{level}证书后从事本职业满 {years} 年", level=route.held_level.label, years=route.years)
    elif route.held_level is not None:
        way = say("持有{level}证书", level=route.held_level.label)
    elif route.years:
        way = say("从事本职业满 {years} 年", years=route.years)
    else:
        way = say("从事或准备从事本职业")
    if route.proof is not None:
        plain = route.held_level is None and not route.years
        way = route.proof.label if plain else say("{way}且{proof}", way=way, proof=route.proof.label)
    if route.min_age is not None:
        way = say("{way}（年满 {age} 周岁）", way=way, age=route.min_age)
    return way
