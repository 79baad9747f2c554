"""Whether a person may learn in a cohort: age, times a year, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lbcert.cohorts.models import EnrolmentState
from lbcert.core import policy
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.id_number import Sex, age_on
from lbcert.core.policy import Follows, Ruling
from lbcert.core.words import Message, say

#: {"male": [16, 60], "female": [16, 55]}; null in place of a number is no limit on that side.
AGE = policy.key("cohorts.age", say("参训年龄"), Follows.HOME, dict, say("周岁"))
TIMES_A_YEAR = policy.key("cohorts.times_a_year", say("每人每年参训次数上限"), Follows.HOME, int, say("次"))


@dataclass(frozen=True)
class Learner:
    """A person as the rules see one; ``who`` is how findings name the person or the row."""

    who: str | Message
    sex: Sex
    born: date
    subject: str = ""


@dataclass(frozen=True)
class Attended:
    """Another cohort that a person is or was in."""

    number: str
    starts_on: date
    state: EnrolmentState
    #: of the same trade and level
    same_item: bool


def age(learner: Learner, starts_on: date, limits: Ruling) -> Iterator[Finding]:
    """Refuse who is younger or older on the first day than the rule in force for that sex."""
    if not limits.is_on_file or learner.born > starts_on:
        return
    least, most = limits.value.get(learner.sex.value) or (None, None)
    years = age_on(learner.born, starts_on)
    values = {"who": learner.who, "years": years, "day": starts_on.isoformat()}
    if least is not None and years < least:
        message = say("{who}开班日（{day}）{years} 周岁，未满 {least} 周岁", least=least, **values)
        yield refuse("cohorts.age", message, limits.source, learner.subject)
    if most is not None and years > most:
        message = say("{who}开班日（{day}）{years} 周岁，超过 {most} 周岁", most=most, **values)
        yield refuse("cohorts.age", message, limits.source, learner.subject)


def not_twice(learner: Learner, item: str, held: Sequence[str], attended: Sequence[Attended]) -> Iterator[Finding]:
    """Refuse who learns the same trade and level elsewhere or has done, or whose ``held`` certificates are as high."""
    if held:
        message = say(
            "{who}已持有“{item}”同级或更高等级证书（{number}），同一项目同一等级不重复培训",
            who=learner.who,
            item=item,
            number=held[0],
        )
        yield refuse("cohorts.same_item_before", message, subject=learner.subject)
        return
    for other in attended:
        if other.same_item and other.state in {EnrolmentState.ENROLLED, EnrolmentState.COMPLETED}:
            message = say(
                "{who}已在 {number} 班参加过“{item}”培训，同一项目同一等级不重复培训",
                who=learner.who,
                item=item,
                number=other.number,
            )
            yield refuse("cohorts.same_item_before", message, subject=learner.subject)
            return


def times_a_year(learner: Learner, year: int, attended: Sequence[Attended], limit: Ruling) -> Iterator[Finding]:
    """Refuse who has been trained as often in the year of the start as the rule allows (人次, by the start)."""
    times = sum(1 for other in attended if other.starts_on.year == year and other.state is not EnrolmentState.LEFT)
    if limit.is_on_file and times >= limit.value:
        message = say(
            "{who}在 {year} 年已参加培训 {times} 次，达到每年 {most} 次的上限",
            who=learner.who,
            year=year,
            times=times,
            most=limit.value,
        )
        yield refuse("cohorts.times_a_year", message, limit.source, learner.subject)


def place_in_cohort(learner: Learner, state: EnrolmentState | None) -> Iterator[Finding]:
    """Refuse who is in this cohort already, or has finished it."""
    if state in {EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.FAILED}:
        yield refuse("cohorts.already_enrolled", say("{who}已在本班", who=learner.who), subject=learner.subject)


def leaving(name: str, state: EnrolmentState, on: date, today: date, reason: str) -> Iterator[Finding]:
    """Refuse a 退班 of somebody who is not in the class, without a reason, or on a day to come."""
    if state not in {EnrolmentState.APPLIED, EnrolmentState.ENROLLED}:
        yield refuse("cohorts.not_in_class", say("{name}现为“{state}”，不能退班", name=name, state=state.label))
    if not reason.strip():
        yield refuse("cohorts.leave_reason", say("请写明 {name} 退班的原因", name=name))
    if on > today:
        yield refuse("cohorts.leave_day", say("{name} 的退班日期不能晚于今天", name=name))
