"""Working days (工作日) with the moved days of the yearly arrangement (调休), for the clocks that notices set.

The State Council names each year's holidays and weekend work days late in the year before. Until then a year is counted
on its weekdays, and every answer that touched it says so, to be counted again when the arrangement is out.

An *overlay* holds what the bureau has entered: ``{day: True}`` for a work day, ``{day: False}`` for a day off (a local
holiday such as 火把节, or a whole new year). An arrangement always begins with 1 January, so a year whose 1 January the
overlay holds counts as known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

import chinese_calendar

from lbcert.core.findings import Finding, Level
from lbcert.core.words import Message, say

Overlay = Mapping[date, bool]

#: Years whose arrangement comes with the program.
PUBLISHED_YEARS = frozenset(day.year for day in chinese_calendar.holidays)

_NO_OVERLAY: Overlay = MappingProxyType({})
_A_DAY = timedelta(days=1)
_FIRST_WEEKEND_DAY = 5


class DayKind(StrEnum):
    """What the calendar makes of a day: a weekend on which people work (调休) is no weekend, a holiday is neither."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    WORKED_WEEKEND = "worked_weekend"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    DayKind.WORKDAY: say("工作日"),
    DayKind.WEEKEND: say("周末"),
    DayKind.HOLIDAY: say("节假日"),
    DayKind.WORKED_WEEKEND: say("调休上班日"),
}


@dataclass(frozen=True)
class DueDay:
    """The day on which a number of working days is reached."""

    day: date
    #: years that were counted on weekdays alone
    guessed_years: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class DayCount:
    """How many working days a stretch of days has."""

    days: int
    #: years that were counted on weekdays alone
    guessed_years: frozenset[int] = field(default_factory=frozenset)


def is_year_known(year: int, overlay: Overlay = _NO_OVERLAY) -> bool:
    """Tell whether the holiday arrangement of ``year`` is on file, shipped or entered."""
    return year in PUBLISHED_YEARS or date(year, 1, 1) in overlay


def is_working_day(day: date, overlay: Overlay = _NO_OVERLAY) -> bool:
    """Tell whether people work on ``day``; the overlay goes first, and an unknown year works on its weekdays."""
    if day in overlay:
        return overlay[day]
    if day.year in PUBLISHED_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return plain_kind(day) is DayKind.WORKDAY


def plain_kind(day: date) -> DayKind:
    """Tell what ``day`` is by its weekday alone."""
    return DayKind.WEEKEND if day.weekday() >= _FIRST_WEEKEND_DAY else DayKind.WORKDAY


def kind_of(day: date, overlay: Overlay = _NO_OVERLAY) -> DayKind:
    """Tell what ``day`` is; in an unknown year, a workday or a weekend."""
    plain = plain_kind(day)
    if is_working_day(day, overlay):
        return plain if plain is DayKind.WORKDAY else DayKind.WORKED_WEEKEND
    is_named = day in overlay or day in chinese_calendar.holidays
    return DayKind.HOLIDAY if is_named or plain is DayKind.WORKDAY else DayKind.WEEKEND


def add_working_days(start: date, days: int, count_start_day: bool = False, overlay: Overlay = _NO_OVERLAY) -> DueDay:
    """Find the day on which ``days`` working days from ``start`` are reached.

    Whether the start day counts is policy; it counts only if it is itself a working day. Negative ``days`` go back, for
    papers that are due so many working days *before* something. Zero gives the start day, whatever day it is.
    """
    step = _A_DAY if days > 0 else -_A_DAY
    left, day, years = abs(days), start, set()
    if left and not count_start_day:
        day += step
    while left:
        years.add(day.year)
        left -= is_working_day(day, overlay)
        if left:
            day += step
    return DueDay(day, _unknown(years, overlay))


def working_days_between(first: date, last: date, overlay: Overlay = _NO_OVERLAY) -> DayCount:
    """Count the working days from ``first`` to ``last``, both included; none when ``last`` lies before ``first``."""
    stretch = [first + _A_DAY * n for n in range((last - first).days + 1)]
    working = sum(is_working_day(day, overlay) for day in stretch)
    return DayCount(working, _unknown({day.year for day in stretch}, overlay))


def guess_finding(counted: DueDay | DayCount, subject: str = "") -> Finding | None:
    """Say that an answer rests on weekdays alone, or nothing when every year it touched is known."""
    if not counted.guessed_years:
        return None
    years = tuple(sorted(counted.guessed_years))
    message = say(
        "{years} 年的放假调休安排尚未录入，工作日暂按周一至周五计算；安排公布后请录入并重新核对。", years=years
    )
    return Finding("workdays.year_unknown", Level.WARN, message, subject=subject)


def _unknown(years: set[int], overlay: Overlay) -> frozenset[int]:
    return frozenset(year for year in years if not is_year_known(year, overlay))
