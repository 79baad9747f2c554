"""When a learner may check in and out by phone, and what it comes to: plain rules over times, each refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from lbcert.core import clock
from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Form, Key, key
from lbcert.core.words import Message, say
from lbcert.teaching.models import AttendanceMark, Leg

#: Whoever comes to the last minutes of a short lesson does not check out by scanning twice.
_AT_LEAST = timedelta(minutes=5)
#: A moment is told to the minute: one from which something may be done, to the next one.
_TO_THE_NEXT = timedelta(minutes=1) - timedelta.resolution
_MINUTES = say("分钟")
_SECONDS = say("秒")


def _within(least: int, most: int) -> Form:
    return Form(f"{least}–{most}", lambda value: least <= value <= most)


def _key(name: str, label: Message, unit: Message, form: Form | None = None) -> Key:
    return key(f"teaching.{name}", label, Follows.SITE, int, unit, form)


@dataclass(frozen=True)
class Limits:
    """From when until when, and for how long. No document says so: these are the product's own, until a bureau sets others."""

    #: a QR is accepted for so long after it was drawn
    qr_seconds: int = 20
    #: a code spoken in an online lesson changes after so long
    code_seconds: int = 60
    #: before a lesson begins
    opens_minutes: int = 30
    #: after it began: from then on it is 迟到
    late_minutes: int = 10
    #: after it began: from then on the trainer marks by hand
    closes_minutes: int = 45
    #: before it ends
    leaves_minutes: int = 10
    #: after it ended
    out_minutes: int = 30
    #: Who says so, by name, where somebody does.
    sources: Mapping[str, str] = field(default_factory=dict)

    def until(self, name: str) -> timedelta:
        """Give one of them as a span of time."""
        unit = "seconds" if name.endswith("_seconds") else "minutes"
        return timedelta(**{unit: getattr(self, name)})


#: Which key sets which of the limits.
LIMITS = {
    "qr_seconds": _key("qr_seconds", say("签到二维码的有效时间"), _SECONDS, _within(15, 30)),
    "code_seconds": _key("code_seconds", say("线上签到口令多久一换"), _SECONDS, _within(30, 300)),
    "opens_minutes": _key("check_in_opens", say("上课前多久可以签到"), _MINUTES, _within(0, 240)),
    "late_minutes": _key("check_in_late", say("上课后多久签到算迟到"), _MINUTES, _within(0, 240)),
    "closes_minutes": _key("check_in_closes", say("上课后多久不能再签到"), _MINUTES, _within(1, 480)),
    "leaves_minutes": _key("check_out_opens", say("下课前多久可以签退"), _MINUTES, _within(0, 240)),
    "out_minutes": _key("check_out_closes", say("下课后多久不能再签退"), _MINUTES, _within(1, 480)),
}


def limits_from(rulings: Mapping[str, Any]) -> Limits:
    """Give the limits that rulings set, by the names of `LIMITS`, and the product's own for the rest."""
    on_file = {name: found for name, found in rulings.items() if found.is_on_file}
    return Limits(
        **{name: found.value for name, found in on_file.items()},
        sources={name: found.source for name, found in on_file.items()},
    )


@dataclass(frozen=True)
class Times:
    """A lesson's times, and when a learner came and left so far."""

    starts_at: datetime
    ends_at: datetime
    came_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def next_leg(self) -> Leg | None:
        """What a scan now would be for; None after both."""
        if self.left_at:
            return None
        return Leg.OUT if self.came_at else Leg.IN


def in_time(at: datetime, times: Times, limits: Limits) -> list[Finding]:
    """Find that a scan comes too early, too late, or again."""
    if times.came_at and times.left_at:
        message = say("您 {came} 已签到、{left} 已签退，不用再签", came=wall(times.came_at), left=wall(times.left_at))
        return [refuse("teaching.checked_out_already", message)]
    if times.came_at:
        return _in_time_to_leave(at, times.came_at, times, limits)
    opens, closes = times.starts_at - limits.until("opens_minutes"), times.starts_at + limits.until("closes_minutes")
    if at < opens:
        message = say(
            "还没到签到时间：{start} 上课，{opens} 起可以签到", start=wall(times.starts_at), opens=wall(opens)
        )
        return [refuse("teaching.check_in_early", message, limits.sources.get("opens_minutes", ""))]
    if at > min(closes, times.ends_at):
        message = say("签到已在 {closes} 截止，请找教师点名", closes=wall(min(closes, times.ends_at)))
        return [refuse("teaching.check_in_late", message, limits.sources.get("closes_minutes", ""))]
    return []


def _in_time_to_leave(at: datetime, came_at: datetime, times: Times, limits: Limits) -> list[Finding]:
    opens = max(times.ends_at - limits.until("leaves_minutes"), came_at + _AT_LEAST)
    closes = max(times.ends_at, opens) + limits.until("out_minutes")
    if at < opens:
        message = say("您 {came} 已签到；签退请在 {opens} 以后", came=wall(came_at), opens=wall(opens + _TO_THE_NEXT))
        return [refuse("teaching.checked_in_already", message, limits.sources.get("leaves_minutes", ""))]
    if at > closes:
        message = say("签退已在 {closes} 截止，请找教师登记", closes=wall(closes))
        return [refuse("teaching.check_out_late", message, limits.sources.get("out_minutes", ""))]
    return []


def may_show(at: datetime, times: Times, limits: Limits) -> list[Finding]:
    """Find that a trainer shows the code when nobody may scan it yet, or any more."""
    opens, closes = times.starts_at - limits.until("opens_minutes"), times.ends_at + limits.until("out_minutes")
    if opens <= at <= closes:
        return []
    message = say("这节课在 {opens} 至 {closes} 之间可以签到、签退", opens=wall(opens), closes=wall(closes))
    return [refuse("teaching.check_in_closed", message)]


def mark_of(at: datetime, starts_at: datetime, limits: Limits) -> AttendanceMark:
    """Give the mark of somebody who came at a time."""
    return AttendanceMark.LATE if at > starts_at + limits.until("late_minutes") else AttendanceMark.PRESENT


def counted(heads: int) -> list[Finding]:
    """Find a number of heads that is none."""
    if 0 <= heads <= 10_000:  # noqa: PLR2004 (no class is larger)
        return []
    return [refuse("teaching.head_count", say("人数不能为负"))]


def wall(moment: datetime | None) -> str:
    """Write the time of day on a wall in China."""
    return f"{clock.local(moment):%H:%M}" if moment else ""
