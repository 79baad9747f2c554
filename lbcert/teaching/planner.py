"""A plain planner: the modules of a plan laid one after another into the windows of a class, around what is taken already.

It is greedy: the earliest time at which everybody is free, and never back. What finds no place is said with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Protocol

from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Finding, Level
from lbcert.core.words import Message, say, some
from lbcert.core.workdays import DayKind
from lbcert.teaching.patterns import Held, Timing
from lbcert.teaching.resources import Taken
from lbcert.teaching.rules import CLASS_HOUR, Lesson, Slot

#: How far the next try lies where trainer or venue speak against a time.
_STEP = timedelta(minutes=15)


@dataclass
class Piece:
    """A module with the class hours that are still to be planned, how it is taught, and what stands in its way."""

    #: As it would be held; its own times are not read.
    lesson: Lesson
    module: str
    hours: int
    busy: Sequence[Slot | Taken]
    #: What it had to go round.
    met: dict[str | Message, None] = field(default_factory=dict)
    #: None: in any window of the class.
    held: Held | None = None


@dataclass(frozen=True)
class Bounds:
    """How much may be taught at once and on a day (None: as much as the windows hold), and what is on a day already."""

    hours_at_once: int
    hours_a_day: int | None
    hours_on: Callable[[date, int], int]


class Judge(Protocol):
    """Who knows what trainers and venues allow."""

    def findings(self, lesson: Lesson, learners: int) -> Sequence[Finding]:
        """Find what speaks against a lesson."""

    def count(self, lesson: Lesson) -> None:
        """Take a lesson as planned."""


def lay(
    pieces: Sequence[Piece],
    days: Sequence[date],
    timing: Timing,
    kind_of: Callable[[date], DayKind],
    bounds: Bounds,
    judge: Judge | None = None,
) -> list[Lesson]:
    """Lay the pieces, in their order, into the windows of the days; their ``hours`` go down to what found no place."""
    lessons: list[Lesson] = []
    for day in days:
        laid = 0
        end = datetime.combine(day, datetime.min.time(), SHANGHAI)
        for begins, ends in stretches(timing, day, kind_of(day)):
            limit = _day_limit(timing, bounds) - laid
            here = _open_to(pieces, timing, begins, ends, kind_of(day))
            for lesson in _fill(here, max(begins, end), ends, limit, bounds, judge):
                lessons.append(lesson)
                if judge:
                    judge.count(lesson)
                laid, end = laid + lesson.hours, lesson.ends_at
    return lessons


def unplaced(pieces: Sequence[Piece]) -> list[Finding]:
    """Say what found no place, and why."""
    return [
        Finding(
            "teaching.unplaced",
            Level.WARN,
            say(
                "模块“{module}”还有 {hours} 课时没有排下：起止日期内的上课时段已排满",
                module=piece.module, hours=piece.hours,
            )
            if not piece.met
            else say(
                "模块“{module}”还有 {hours} 课时没有排下：上课时段不够，教师、场地或学员当时另有安排：{others}",
                module=piece.module, hours=piece.hours, others=some(piece.met),
            ),
        )
        for piece in pieces
        if piece.hours
    ]  # fmt: skip


def _day_limit(timing: Timing, bounds: Bounds) -> int:
    return min(limit for limit in (timing.hours_a_day, bounds.hours_a_day, 24) if limit is not None)


def stretches(timing: Timing, day: date, kind: DayKind) -> Iterator[tuple[datetime, datetime]]:
    """Give the stretches of a day in which a class may be taught, in their order."""
    spans = {opening.span for opening in timing.openings if opening.span and opening.is_on(day, kind)}
    for begins, ends in sorted(spans):
        yield datetime.combine(day, begins, SHANGHAI), datetime.combine(day, ends, SHANGHAI)


def _open_to(pieces: Sequence[Piece], timing: Timing, begins: datetime, ends: datetime, kind: DayKind) -> list[Piece]:
    """Give the pieces that may be held in a stretch of a day; where the order of modules binds, none that would jump the queue."""

    def may(piece: Piece) -> bool:
        return any(
            opening.span and opening.is_on(begins.date(), kind) and opening.holds(begins, ends)
            for opening in timing.of(piece.held).openings
        )

    if timing.order:
        return list(takewhile(lambda piece: not piece.hours or may(piece), pieces))
    return [piece for piece in pieces if may(piece)]


def _fill(
    pieces: Sequence[Piece], at: datetime, ends: datetime, limit: int, bounds: Bounds, judge: Judge | None
) -> Iterator[Lesson]:
    """Fill one stretch of a day with the pieces in their order; ``limit`` are the class hours of a whole day still to be laid."""
    while at < ends and (piece := next((each for each in pieces if each.hours), None)):
        ahead = [slot for slot in piece.busy if slot.ends_at > at and slot.starts_at < ends]
        taken = min(ahead, key=lambda slot: slot.starts_at, default=None)
        left = limit - bounds.hours_on(at.date(), piece.lesson.module_id)
        free = ((taken.starts_at if taken else ends) - at) // CLASS_HOUR
        hours = min(free, piece.hours, left, bounds.hours_at_once)
        lesson = _held(piece, at, hours, judge)
        if lesson:
            piece.hours, limit, at = piece.hours - lesson.hours, limit - lesson.hours, lesson.ends_at
            yield lesson
        elif left <= 0:
            return
        elif hours > 0:
            at += _STEP
        elif taken:
            piece.met[str(taken.label)] = None
            at = taken.ends_at.astimezone(SHANGHAI)
        else:
            return


def _held(piece: Piece, at: datetime, most: int, judge: Judge | None) -> Lesson | None:
    """Give the longest lesson of a piece at a time that nothing speaks against; what does is remembered."""
    for hours in range(most, 0, -1):
        lesson = replace(piece.lesson, starts_at=at, ends_at=at + CLASS_HOUR * hours, hours=hours)
        against = [finding for finding in judge.findings(lesson, 0) if finding.stops] if judge else []
        if not against:
            return lesson
    if most > 0:
        piece.met[against[0].message] = None
    return None
