"""What is to be planned, as plain values: pieces of teaching, the resources they take, what stands already, and wishes.

Times are whole minutes from the midnight before the first day of the plan (``DAY`` of them a day); whoever makes a problem says
which day that is. Names are the maker's own, one for each piece and each resource; labels are for people.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from lbcert.core.words import Message
from lbcert.teaching.solver.wishes import Bar, Limit, Wish

DAY = 24 * 60
WEEK = 7 * DAY

Label = Message | str
#: From its first minute to the minute after its last.
Span = tuple[int, int]


@dataclass(frozen=True)
class Resource:
    """Who or what can be in one place at a time: a trainer, a venue, a cohort, a learner of two cohorts, a mentor."""

    name: str
    #: What it is, for ``Few``: "trainer", "venue", "learners".
    kind: str
    label: Label = ""
    #: When it is not to be had.
    busy: tuple[Span, ...] = ()
    #: The place where it sleeps; teaching there is no journey.
    home: str = ""


@dataclass(frozen=True)
class Piece:
    """So many meetings of one length, alike but for their times: a module of a cohort, or what is left of it.

    A module of 10 class hours in meetings of 4 is two pieces: two meetings of 4 and one of 2 (``cut`` cuts so).
    """

    name: str
    label: Label
    count: int
    minutes: int
    #: When a meeting may begin: the openings of the pattern, the days of the calendar, the order's dates are in here.
    starts: tuple[int, ...]
    #: A meeting takes one of each; what it takes in any case (its cohort) is a need with one to choose from.
    needs: tuple[tuple[str, ...], ...]
    #: Class hours of one meeting.
    hours: int = 1
    #: Where it is held, for travel and journeys; "" is anywhere (online).
    place: str = ""
    #: What a meeting costs that takes a resource, such as a venue that is too small.
    costs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Meeting:
    """One meeting of a piece as it is planned: when, and what it takes of each need, in their order."""

    piece: str
    start: int
    taken: tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """All that a plan depends on.

    No resource is ever in two meetings at once, nor in another place before it can be there; everything else is a wish.
    """

    pieces: tuple[Piece, ...]
    resources: tuple[Resource, ...]
    wishes: tuple[Wish, ...] = ()
    #: Meetings that stay as they are, in the past or held by somebody; they are among their pieces' ``count``.
    pinned: tuple[Meeting, ...] = ()
    #: Minutes from one place to another, either way; what is not in here takes none.
    travel: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @cached_property
    def piece(self) -> dict[str, Piece]:
        """Pieces by name."""
        return {piece.name: piece for piece in self.pieces}

    @cached_property
    def resource(self) -> dict[str, Resource]:
        """Resources by name."""
        return {resource.name: resource for resource in self.resources}

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """The pieces that may take a resource."""
        users: dict[str, list[str]] = defaultdict(list)
        for piece in self.pieces:
            for name in dict.fromkeys(name for need in piece.needs for name in need):
                users[name].append(piece.name)
        return users

    @cached_property
    def touched(self) -> dict[str, list[int]]:
        """The wishes, by their place in ``wishes``, which a meeting of a piece may bear on."""
        touched: dict[str, list[int]] = defaultdict(list)
        for number, wish in enumerate(self.wishes):
            for name in wish.of(self):
                touched[name].append(number)
        return touched

    @cached_property
    def farthest(self) -> int:
        """The minutes of the longest way."""
        return max(self.travel.values(), default=0)

    def end(self, meeting: Meeting) -> int:
        """Give the minute at which a meeting is over."""
        return meeting.start + self.piece[meeting.piece].minutes

    def journey(self, one: str, other: str) -> int:
        """Give the minutes between two places."""
        if one == other or not one or not other:
            return 0
        return self.travel.get((one, other), self.travel.get((other, one), 0))

    def options(self, piece: Piece, *, but: Iterable[Bar] = ()) -> dict[int, list[tuple[str, ...]]]:
        """Give the starts at which each need has something that is open, and what; bars in ``but`` bar nothing."""
        let = set(map(id, but))
        bars = [
            bar
            for number in self.touched[piece.name]
            if isinstance(bar := self.wishes[number], Bar) and bar.weight is None and id(bar) not in let
        ]
        found = {}
        for start in piece.starts:
            end = start + piece.minutes
            needs = [
                tuple(
                    name
                    for name in need
                    if self.is_open(name, start, end) and not any(bar.bars(name, start, end) for bar in bars)
                )
                for need in piece.needs
            ]
            if all(needs):
                found[start] = needs
        return found

    def with_busy(self, name: str, spans: Iterable[Span]) -> Problem:
        """Give the problem in which a resource is not to be had at more times: a trainer falls ill, a room closes."""
        resources = [replace(each, busy=(*each.busy, *spans)) if each.name == name else each for each in self.resources]
        return replace(self, resources=tuple(resources))

    def part(self, names: Collection[str]) -> Problem:
        """Give the problem of some pieces: what has no plan in it has none in the whole.

        Pinned meetings of the others are times at which resources are not to be had; wishes that the others might help to keep are left out.
        """
        if len(names) == len(self.piece):
            return self
        problem = self
        for meeting in self.pinned:
            if meeting.piece not in names:
                for name in meeting.taken:
                    problem = problem.with_busy(name, [(meeting.start, self.end(meeting))])
        return replace(
            problem,
            pieces=tuple(piece for piece in self.pieces if piece.name in names),
            wishes=tuple(
                wish for wish in self.wishes if isinstance(wish, Bar | Limit) or set(wish.of(self)) <= set(names)
            ),
            pinned=tuple(each for each in self.pinned if each.piece in names),
        )

    def is_open(self, name: str, start: int, end: int) -> bool:
        """Tell whether a resource is to be had from one minute to another, as far as its own busy times say."""
        begins, ends = self._closed[name]
        last = bisect_right(begins, end - 1) - 1
        return last < 0 or ends[last] <= start

    @cached_property
    def _closed(self) -> dict[str, tuple[list[int], list[int]]]:
        """When each resource begins and ends to be busy."""
        busy = {resource.name: joined(resource.busy) for resource in self.resources}
        return {name: ([start for start, _ in spans], [end for _, end in spans]) for name, spans in busy.items()}


def joined(spans: Iterable[Span]) -> list[Span]:
    """Give spans in order, as one where they touch or overlap."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def cut(hours: int, at_once: int) -> list[tuple[int, int]]:
    """Cut class hours into meetings of at most ``at_once``: pairs of how many meetings, and of how many hours each."""
    full, rest = divmod(hours, at_once)
    return [(count, length) for count, length in ((full, at_once), (1, rest)) if count and length]


def by_piece(meetings: Sequence[Meeting]) -> dict[str, list[Meeting]]:
    """Give meetings by their piece."""
    found: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        found[meeting.piece].append(meeting)
    return found
