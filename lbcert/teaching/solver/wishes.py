"""What may be wished of a plan: conditions with a name in words, each hard or with the weight of one unit of its breach.

Each kind says what one unit is. What a plan's breach of a wish comes to is told by ``measure``, and to the solver by ``terms``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lbcert.core.words import Message

if TYPE_CHECKING:
    from lbcert.teaching.solver.problem import Problem


@dataclass(frozen=True)
class Wish:
    """A condition on a plan."""

    #: How it is said to people: "张伟 3 月 10 日至 24 日不上课".
    words: Message | str
    #: None binds the plan; a number, below 1000, is what each unit of its breach costs.
    weight: int | None

    def of(self, problem: Problem) -> Iterable[str]:
        """Give the pieces whose meetings it bears on."""
        raise NotImplementedError


@dataclass(frozen=True)
class OfPieces(Wish):
    """A condition on pieces taken together."""

    pieces: tuple[str, ...]

    def of(self, problem: Problem) -> Iterable[str]:
        """Give its pieces."""
        return [name for name in self.pieces if name in problem.piece]


@dataclass(frozen=True)
class OfResource(Wish):
    """A condition on all meetings that take a resource."""

    resource: str

    def of(self, problem: Problem) -> Iterable[str]:
        """Give the pieces that may take its resource."""
        return problem.users.get(self.resource, ())


@dataclass(frozen=True)
class Bar(Wish):
    """No meeting of these pieces takes one of these resources in these spans; what is left empty is any. Unit: a meeting."""

    pieces: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    def of(self, problem: Problem) -> Iterable[str]:
        """Give its pieces, or those that may take its resources."""
        if self.pieces or not self.resources:
            return [name for name in self.pieces or problem.piece if name in problem.piece]
        return dict.fromkeys(piece for name in self.resources for piece in problem.users.get(name, ()))

    def bars(self, resource: str, start: int, end: int) -> bool:
        """Tell whether one of its pieces may not take a resource then."""
        return (not self.resources or resource in self.resources) and (
            not self.spans or any(begins < end and start < ends for begins, ends in self.spans)
        )


@dataclass(frozen=True)
class Limit(OfResource):
    """A resource has no more class hours on a day, or in seven days from the plan's first. Unit: a class hour beyond."""

    hours: int
    days: int = 1


@dataclass(frozen=True)
class Order(Wish):
    """The first pieces are over before one of the later begins. Unit: the wish."""

    first: tuple[str, ...]
    later: tuple[str, ...]

    def of(self, problem: Problem) -> Iterable[str]:
        """Give both."""
        return [name for name in (*self.first, *self.later) if name in problem.piece]


@dataclass(frozen=True)
class Spread(OfPieces):
    """The meetings of these pieces are on so many days or more. Unit: a day too few."""

    days: int


@dataclass(frozen=True)
class Few(OfPieces):
    """These pieces have all meetings with one resource of a kind: one trainer, one room. Unit: a further resource."""

    kind: str


@dataclass(frozen=True)
class Share(OfPieces):
    """No more class hours of these pieces are with these resources, one of which a meeting takes. Unit: a class hour beyond."""

    resources: frozenset[str]
    hours: int


@dataclass(frozen=True)
class Compact(OfResource):
    """A resource has no lonely meeting: another one begins or ended within ``reach`` minutes that day. Unit: a lonely one."""

    reach: int = 0


@dataclass(frozen=True)
class Idle(OfResource):
    """A resource has no idle period between two meetings of a day: a gap. Unit: a period in which it waits.

    A lunch break, and what is left of a morning in which no meeting fits, is in no period.
    """

    #: When a meeting could be, one after the other.
    periods: tuple[tuple[int, int], ...]

    def within(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Give the periods between two moments."""
        return self.periods[bisect_left(self._starts, start) : bisect_right(self._ends, end)]

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.periods]

    @cached_property
    def _ends(self) -> list[int]:
        return [end for _, end in self.periods]


@dataclass(frozen=True)
class Journeys(OfResource):
    """A resource does not go away from home. Unit: days in one place, one after the other, are one journey."""


@dataclass(frozen=True)
class Nights(OfResource):
    """A resource sleeps away from home no more nights in a row. Unit: a night beyond.

    It sleeps at home between two meetings where one is in a place that ``ways`` does not name, or there is time for the way home from
    the first, a night of ``rest`` minutes and the way to the second.
    """

    most: int
    #: Places away, with the minutes on the way.
    ways: tuple[tuple[str, int], ...]
    rest: int

    def is_away(self, end: int, place: str, start: int, other: str) -> bool:
        """Tell whether it sleeps away between a meeting that ends and another that starts."""
        ways = dict(self.ways)
        return place in ways and other in ways and start - end < ways[place] + ways[other] + self.rest


@dataclass(frozen=True)
class Finish(OfResource):
    """A resource has its last meeting early. Unit: a day from ``first`` (in days of the plan) to that of the last meeting."""

    first: int = 0
