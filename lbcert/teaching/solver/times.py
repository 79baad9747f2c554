"""Between the calendar and the minutes of a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from lbcert.core.clock import SHANGHAI
from lbcert.core.workdays import DayKind
from lbcert.teaching.patterns import Timing
from lbcert.teaching.planner import stretches
from lbcert.teaching.rules import CLASS_HOUR

_MINUTE = timedelta(minutes=1)


def minute(at: datetime, first: date) -> int:
    """Give a moment in minutes from the midnight, in local time, before the plan's first day."""
    return (at.astimezone(SHANGHAI) - _midnight(first)) // _MINUTE


def moment(minutes: int, first: date) -> datetime:
    """Give the moment, in local time, that is so many minutes into the plan."""
    return _midnight(first) + minutes * _MINUTE


def starts(
    timing: Timing, days: Iterable[date], kind_of: Callable[[date], DayKind], hours: int, first: date
) -> tuple[int, ...]:
    """Give the minutes at which a meeting of so many class hours may begin: back to back in each window that holds it."""
    found = []
    for day in days:
        for at, ends in stretches(timing, day, kind_of(day)):
            found += [minute(at + n * hours * CLASS_HOUR, first) for n in range((ends - at) // (hours * CLASS_HOUR))]
    return tuple(sorted(set(found)))


def _midnight(first: date) -> datetime:
    return datetime.combine(first, time(), SHANGHAI)
