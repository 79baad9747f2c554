"""Between the calendar and the minutes of a problem."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta

from lbcert.core.clock import SHANGHAI
from lbcert.core.workdays import DayKind
from lbcert.teaching.patterns import Timing
from lbcert.teaching.rules import CLASS_HOUR

_MINUTE = timedelta(minutes=1)


def minute(at: datetime, first: date) -> int:
    """Give a moment in minutes from the midnight, in local time, before the plan's first day."""
    return (at.astimezone(SHANGHAI) - _midnight(first)) // _MINUTE


def moment(minutes: int, first: date) -> datetime:
    """Give the moment, in local time, that is so many minutes into the plan."""
    return _midnight(first) + minutes * _MINUTE


def starts(
    timing: Timing,
    days: Iterable[date],
    kind_of: Callable[[date], DayKind],
    hours: int,
    first: date,
    after: Collection[int] = (),
) -> tuple[int, ...]:
    """Give the minutes at which a meeting of so many class hours may begin: back to back in each window that holds it.

    They begin with the window, and anew at the minutes ``after`` which something is to be had again.
    """
    length = hours * (CLASS_HOUR // _MINUTE)
    found = set[int]()
    for day in days:
        for begins, ends in stretches(timing, day, kind_of(day)):
            at, end = minute(begins, first), minute(ends, first)
            for begin in (at, *(each for each in after if at < each < end)):
                found.update(range(begin, end - length + 1, length))
    return tuple(sorted(found))


def hours_at_once(
    timing: Timing,
    days: Collection[date],
    kind_of: Callable[[date], DayKind],
    most: int,
    limit: int | None,
    needed: int,
) -> int:
    """Give the most class hours of a meeting, up to ``most``, with which the windows hold what is needed, or most of it.

    ``limit`` are the class hours of a day.
    """
    windows = [[(end - at) // CLASS_HOUR for at, end in stretches(timing, day, kind_of(day))] for day in days]

    def held(hours: int) -> int:
        on_days = (sum(window // hours for window in each) for each in windows)
        return hours * sum(meetings if limit is None else min(meetings, limit // hours) for meetings in on_days)

    return max(range(1, most + 1), key=lambda hours: (min(held(hours), needed), hours))


def stretches(timing: Timing, day: date, kind: DayKind) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches of a day in which a class may be taught, in their order."""
    spans = {opening.span for opening in timing.openings if opening.span and opening.is_on(day, kind)}
    for begins, ends in sorted(spans):
        yield datetime.combine(day, begins, SHANGHAI), datetime.combine(day, ends, SHANGHAI)


def _midnight(first: date) -> datetime:
    return datetime.combine(first, time(), SHANGHAI)
