"""What a plan's cost becomes as one meeting comes or goes, told in microseconds.

When a resource is held is one whole number: a bit for each slot, a slot being a stretch of time in one place. Whether it is free for a
slot, and what its wishes come to, is told from that number; what they came to once is remembered. Wishes of pieces keep numbers of
their own, in fields of eight bits. ``measure`` says the same of whole plans, slowly, and is what counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import singledispatch
from typing import NamedTuple

from lbcert.teaching.solver import measure
from lbcert.teaching.solver.greedy import Options
from lbcert.teaching.solver.problem import DAY, Meeting, Problem
from lbcert.teaching.solver.wishes import (
    Bar,
    Compact,
    Few,
    Finish,
    Idle,
    Journeys,
    Limit,
    Nights,
    OfResource,
    Order,
    Share,
    Spread,
    Wish,
)

#: Bits of a field, in which meetings are counted.
_FIELD = 8


class Slot(NamedTuple):
    """When and where a meeting can be, and how many class hours it has."""

    start: int
    end: int
    place: str
    hours: int


#: What a change of a number from one to another at a slot costs.
Gauge = Callable[[int, int, int], int]


class Known(dict[int, int]):
    """What a number comes to, worked out when first asked."""

    def __init__(self, work_out: Callable[[int], int]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, number: int) -> int:
        found = self[number] = self._work_out(number)
        return found


class Tallies:
    """The numbers of a problem, and what watches each."""

    def __init__(self, problem: Problem, options: Mapping[str, Options]) -> None:
        self.problem = problem
        standing: dict[str, list[int]] = defaultdict(list)
        for each in problem.pinned:
            standing[each.piece].append(each.start)
        starts = {piece.name: sorted({*options[piece.name], *standing[piece.name]}) for piece in problem.pieces}
        self.slots = sorted(
            {
                Slot(start, start + piece.minutes, piece.place, piece.hours)
                for piece in problem.pieces
                for start in starts[piece.name]
            }
        )
        number: dict[tuple[int, int, str, int], int] = {slot: n for n, slot in enumerate(self.slots)}
        #: The slot of a piece's start.
        self.slot_of = {
            piece.name: {
                start: number[start, start + piece.minutes, piece.place, piece.hours] for start in starts[piece.name]
            }
            for piece in problem.pieces
        }
        self.resources = {resource.name: n for n, resource in enumerate(problem.resources)}
        #: The numbers: first those of the resources.
        self.held = [0] * len(self.resources)
        self.gauges: list[list[Gauge]] = [[] for _ in self.held]
        #: What a piece's meeting adds to numbers by its slot, and by what it takes.
        self.by_slot: dict[str, list[tuple[int, Mapping[int, int]]]] = defaultdict(list)
        self.by_taken: dict[str, list[tuple[int, Mapping[str, int]]]] = defaultdict(list)
        #: Bars that cost something, by piece.
        self.bars: dict[str, list[Bar]] = defaultdict(list)
        #: What the wishes come to while nothing is held.
        self.cost = 0
        self._shared: dict[object, Known] = {}
        for wish in problem.wishes:
            is_idle = isinstance(wish, OfResource) and wish.resource not in self.resources
            if wish.weight != 0 and not is_idle:
                watch(wish, self, measure.BROKEN if wish.weight is None else wish.weight)

    def clashing(self) -> list[int]:
        """Give for each slot those in which nothing can be that is in it: at the same time, or too far."""
        found = [1 << n for n in range(len(self.slots))]
        for n, one in enumerate(self.slots):
            for m in range(n + 1, len(self.slots)):
                other = self.slots[m]
                if other.start >= one.end + self.problem.farthest:
                    break
                if other.start < one.end + self.problem.journey(one.place, other.place):
                    found[n] |= 1 << m
                    found[m] |= 1 << n
        return found

    def option(self, meeting: Meeting) -> int:
        """Tell what a meeting costs for what it takes then, whatever else is held."""
        piece = self.problem.piece[meeting.piece]
        end = meeting.start + piece.minutes
        return sum(piece.costs.get(name, 0) for name in meeting.taken) + sum(
            bar.weight or 0
            for bar in self.bars[piece.name]
            if any(bar.bars(name, meeting.start, end) for name in meeting.taken)
        )

    def add(self, gauge: Gauge) -> int:
        """Add a number with what watches it."""
        self.held.append(0)
        self.gauges.append([gauge])
        return len(self.held) - 1

    def known(self, key: object, work_out: Callable[[int], int]) -> Known:
        """Give what numbers come to, one memory for all wishes of one key."""
        return self._shared.setdefault(key, Known(work_out))

    def of(self, number: int) -> Iterator[Slot]:
        """Give the slots of a number, in their order."""
        while number:
            low = number & -number
            yield self.slots[low.bit_length() - 1]
            number ^= low

    def within(self, part: Callable[[Slot], object]) -> list[int]:
        """Give for each slot all that have the same part of the plan, by their bits."""
        found: dict[object, int] = defaultdict(int)
        for n, slot in enumerate(self.slots):
            found[part(slot)] |= 1 << n
        return [found[part(slot)] for slot in self.slots]


def _parted(known: Known, parts: Sequence[int]) -> Gauge:
    """Watch the part of a number in which the change is."""
    return lambda before, after, slot: known[after & parts[slot]] - known[before & parts[slot]]


def _whole(known: Known) -> Gauge:
    return lambda before, after, _: known[after] - known[before]


def _fields(number: int) -> Iterator[int]:
    """Give what stands in the fields that are not empty."""
    while number:
        if field := number & 0xFF:
            yield field
        number >>= _FIELD


def _ranks(values: Iterable[int]) -> dict[int, int]:
    """Give the field of each value, in their order."""
    return {value: _FIELD * n for n, value in enumerate(sorted(set(values)))}


@singledispatch
def watch(wish: Wish, tallies: Tallies, weight: int) -> None:
    """Have the breach of a wish watched."""
    raise NotImplementedError(type(wish))


@watch.register
def _(wish: Bar, tallies: Tallies, _weight: int) -> None:
    if wish.weight is not None:  # no option has what is barred
        for name in wish.of(tallies.problem):
            tallies.bars[name].append(wish)


@watch.register
def _(wish: Compact, tallies: Tallies, weight: int) -> None:
    def lonely(number: int) -> int:
        held = list(tallies.of(number))
        return weight * sum(
            not any(
                other is not slot
                and (0 <= other.start - slot.end <= wish.reach or 0 <= slot.start - other.end <= wish.reach)
                for other in held
            )
            for slot in held
        )

    days = tallies.within(lambda slot: slot.start // DAY)
    known = tallies.known((Compact, wish.reach, weight), lonely)
    tallies.gauges[tallies.resources[wish.resource]].append(_parted(known, days))


@watch.register
def _(wish: Idle, tallies: Tallies, weight: int) -> None:
    def idle(number: int) -> int:
        return weight * measure.periods_idle(wish, (slot[:2] for slot in tallies.of(number)))

    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for slot in (tallies.slots[n] for name in wish.of(tallies.problem) for n in tallies.slot_of[name].values()):
        day = slot.start // DAY
        first[day], last[day] = min(first.get(day, slot.end), slot.end), max(last.get(day, slot.start), slot.start)
    if not any(wish.within(first[day], last[day]) for day in first):
        return  # it never waits: a third of the moves' time went into such
    days = tallies.within(lambda slot: slot.start // DAY)
    known = tallies.known((Idle, wish.periods, weight), idle)
    tallies.gauges[tallies.resources[wish.resource]].append(_parted(known, days))


@watch.register
def _(wish: Limit, tallies: Tallies, weight: int) -> None:
    def over(number: int) -> int:
        return weight * max(0, sum(slot.hours for slot in tallies.of(number)) - wish.hours)

    periods = tallies.within(lambda slot: slot.start // DAY // wish.days)
    known = tallies.known((Limit, wish.hours, wish.days, weight), over)
    tallies.gauges[tallies.resources[wish.resource]].append(_parted(known, periods))


@watch.register
def _(wish: Journeys, tallies: Tallies, weight: int) -> None:
    home = tallies.problem.resource[wish.resource].home

    def setting_out(number: int) -> int:
        away = {(slot.place, slot.start // DAY) for slot in tallies.of(number) if slot.place not in {"", home}}
        return weight * sum((place, day - 1) not in away for place, day in away)

    by_day: dict[int, int] = defaultdict(int)
    for n, slot in enumerate(tallies.slots):
        by_day[slot.start // DAY] |= 1 << n
    #: With the days on either side: a day before them sets out whatever is held in them.
    near = [sum(by_day.get(slot.start // DAY + days, 0) for days in (-1, 0, 1)) for slot in tallies.slots]
    known = tallies.known((Journeys, home, weight), setting_out)
    tallies.gauges[tallies.resources[wish.resource]].append(_parted(known, near))


@watch.register
def _(wish: Nights, tallies: Tallies, weight: int) -> None:
    def beyond(number: int) -> int:
        return weight * measure.nights_beyond(wish, (slot[:3] for slot in tallies.of(number)))

    known = tallies.known((Nights, wish.most, wish.ways, wish.rest, weight), beyond)
    tallies.gauges[tallies.resources[wish.resource]].append(_whole(known))


@watch.register
def _(wish: Finish, tallies: Tallies, weight: int) -> None:
    days = [0, *(max(0, slot.start // DAY - wish.first) * weight for slot in tallies.slots)]
    gauge: Gauge = lambda before, after, _: days[after.bit_length()] - days[before.bit_length()]  # noqa: E731
    tallies.gauges[tallies.resources[wish.resource]].append(gauge)


@watch.register
def _(wish: Spread, tallies: Tallies, weight: int) -> None:
    due = sum(tallies.problem.piece[name].count for name in wish.pieces)

    def short(number: int) -> int:
        days = list(_fields(number))
        return weight * max(0, wish.days - (due - sum(days)) - len(days))

    starts = {start for name in wish.pieces for start in tallies.slot_of[name]}
    field = _ranks(start // DAY for start in starts)
    known = tallies.known((Spread, wish.days, due, weight), short)
    tallies.cost += known[0]
    tally = tallies.add(_whole(known))
    for name in wish.pieces:
        slots = tallies.slot_of[name].items()
        tallies.by_slot[name].append((tally, {slot: 1 << field[start // DAY] for start, slot in slots}))


@watch.register
def _(wish: Few, tallies: Tallies, weight: int) -> None:
    def further(number: int) -> int:
        return weight * max(0, sum(1 for _ in _fields(number)) - 1)

    pieces = [tallies.problem.piece[name] for name in wish.pieces]
    taken = dict.fromkeys(name for piece in pieces for need in piece.needs for name in need)
    own = [name for name in taken if tallies.problem.resource[name].kind == wish.kind]
    tally = tallies.add(_whole(tallies.known((Few, weight), further)))
    adds = dict.fromkeys(taken, 0) | {name: 1 << _FIELD * n for n, name in enumerate(own)}
    for piece in pieces:
        tallies.by_taken[piece.name].append((tally, adds))


@watch.register
def _(wish: Share, tallies: Tallies, weight: int) -> None:
    def over(hours: int) -> int:
        return weight * max(0, hours - wish.hours)

    known = tallies.known((Share, wish.hours, weight), over)
    tallies.cost += known[0]
    tally = tallies.add(_whole(known))
    for piece in (tallies.problem.piece[name] for name in wish.pieces):
        taken = {name for need in piece.needs for name in need}
        adds = {name: piece.hours if name in wish.resources else 0 for name in taken}
        tallies.by_taken[piece.name].append((tally, adds))


@watch.register
def _(wish: Order, tallies: Tallies, weight: int) -> None:
    minutes = {piece.name: piece.minutes for piece in tallies.problem.pieces}
    ends = {slot: start + minutes[name] for name in wish.first for start, slot in tallies.slot_of[name].items()}
    begins = {slot: start for name in wish.later for start, slot in tallies.slot_of[name].items()}
    end_field, begin_field = _ranks(ends.values()), _ranks(begins.values())
    end_of = {rank: end for end, rank in end_field.items()}
    begin_of = {rank: begin for begin, rank in begin_field.items()}

    def broken(firsts: int, later: int) -> int:
        if not firsts or not later:
            return 0
        over = end_of[(firsts.bit_length() - 1) // _FIELD * _FIELD]
        begun = begin_of[((later & -later).bit_length() - 1) // _FIELD * _FIELD]
        return weight if begun < over else 0

    held = tallies.held
    first = tallies.add(lambda before, after, _: broken(after, held[later]) - broken(before, held[later]))
    later = tallies.add(lambda before, after, _: broken(held[first], after) - broken(held[first], before))
    for name in wish.first:
        tallies.by_slot[name].append(
            (first, {slot: 1 << end_field[ends[slot]] for slot in tallies.slot_of[name].values()})
        )
    for name in wish.later:
        tallies.by_slot[name].append(
            (later, {slot: 1 << begin_field[begins[slot]] for slot in tallies.slot_of[name].values()})
        )
