"""What counts as placed, as stable, and as a better job."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say
from lbcert.placement.models import Channel

STABLE_MONTHS = key("placement.stable_months", say("稳定就业月数"), Follows.HOME, int, say("个月"))


@dataclass(frozen=True)
class JobDetails:
    """A job as it is reported; the wage is 分 a month."""

    employer_id: int
    place_region_code: str
    post: str
    started_on: date
    wage_fen: int
    has_contract: bool
    channel: Channel
    seasonal: bool = False
    #: The order line that promised it.
    line_id: int | None = None
    #: 用工单位, for dispatched labour.
    host_employer_id: int | None = None


@dataclass(frozen=True)
class Promotion:
    """The job before and after of somebody at work already; wages are 分 a month."""

    employer_id: int
    post_before: str
    post_after: str
    wage_before_fen: int
    wage_after_fen: int
    as_of: date
    grade_before: str = ""
    grade_after: str = ""


def new_placement(who: str, *, in_service: bool) -> list[Finding]:
    """Find that somebody who kept the job held before the training is put down as newly placed."""
    if not in_service:
        return []
    message = say("{who} 参训前已在岗，不算转移就业；请登记在岗提升", who=who)
    return [refuse("placement.in_service", message, "人 与 人次、转移就业 与 在岗提升 分开统计")]


def was_in_service(who: str, *, in_service: bool) -> list[Finding]:
    """Find that somebody without a job before the training is put down as promoted in it."""
    if in_service:
        return []
    return [refuse("placement.not_in_service", say("{who} 参训前不在岗，请登记就业记录", who=who))]


def in_order(who: str, began: date, started_on: date, today: date) -> list[Finding]:
    """Find a job that began before the training did, or that is still to begin."""
    found = []
    if started_on < began:
        days = {"day": started_on.isoformat(), "began": began.isoformat()}
        message = say("{who} 的到岗日期 {day} 早于开班日期 {began}", who=who, **days)
        found.append(refuse("placement.before_training", message))
    if started_on > today:
        found.append(
            refuse("placement.not_begun", say("{who} 的到岗日期 {day} 还没有到", who=who, day=started_on.isoformat()))
        )
    return found


def wage(who: str, wage_fen: int) -> list[Finding]:
    """Find a monthly wage, in 分, that is none."""
    if wage_fen > 0:
        return []
    return [refuse("placement.wage", say("请填写 {who} 的月工资", who=who))]


def post(who: str, text: str) -> list[Finding]:
    """Find a post that nobody named."""
    return [] if text.strip() else [refuse("placement.post", say("请填写 {who} 的岗位", who=who))]


def months_between(first: date, last: date) -> int:
    """Count whole months: from 15 March to 14 June are two, to 15 June three."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def is_stable(started_on: date, seen_to: date | None, needed: Ruling, *, seasonal: bool) -> bool:
    """Tell whether a job has lasted the months of the policy, as seen by somebody; seasonal work never does.

    Without a policy on file nothing is stable: how long is long enough is the bureau's to say.
    """
    if seasonal or seen_to is None or not needed.is_on_file:
        return False
    return months_between(started_on, seen_to) >= int(needed.value)
