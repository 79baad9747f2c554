"""What a plan is worth, told from its meetings alone: what clashes in it, and what its breach of each wish comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import singledispatch
from itertools import accumulate, pairwise

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

#: What a meeting costs that found no place: more than all that it may spare.
MISSING = 100_000
#: What a unit costs of a wish that binds, where the plan that is made better broke it already.
BROKEN = 10_000


def clashes(problem: Problem, meetings: Iterable[Meeting]) -> list[tuple[str, Meeting, Meeting]]:
    """Find each resource that would be in two meetings at once, or cannot be in the second place in time."""
    found = []
    held = defaultdict(list)
    for meeting in sorted(meetings, key=lambda each: each.start):
        for name in meeting.taken:
            held[name].append(meeting)
    for name, sessions in held.items():
        for number, one in enumerate(sessions):
            for other in sessions[number + 1 :]:
                if other.start >= problem.end(one) + problem.farthest:
                    break
                places = (problem.piece[each.piece].place for each in (one, other))
                if other.start < problem.end(one) + problem.journey(*places):
                    found.append((name, one, other))
    return found


def missing(problem: Problem, meetings: Sequence[Meeting]) -> dict[str, int]:
    """Give the pieces of which not all meetings found a place, with how many did not."""
    planned: dict[str, int] = defaultdict(int)
    for meeting in meetings:
        planned[meeting.piece] += 1
    return {piece.name: short for piece in problem.pieces if (short := piece.count - planned[piece.name]) > 0}


def of_options(problem: Problem, meetings: Iterable[Meeting]) -> int:
    """Add up what meetings cost for the resources that they take."""
    return sum(problem.piece[each.piece].costs.get(name, 0) for each in meetings for name in each.taken)


class Held:
    """Meetings, by what they bear on."""

    def __init__(self, problem: Problem, meetings: Iterable[Meeting] = ()) -> None:
        self.problem = problem
        self.of_piece: dict[str, list[Meeting]] = defaultdict(list)
        self.of_resource: dict[str, list[Meeting]] = defaultdict(list)
        for meeting in meetings:
            self.add(meeting)

    def add(self, meeting: Meeting) -> None:
        """Take a meeting in."""
        self.of_piece[meeting.piece].append(meeting)
        for name in meeting.taken:
            self.of_resource[name].append(meeting)

    def breach(self, wish: Wish, more: Sequence[Meeting] = ()) -> int:
        """Tell what the breach of a wish comes to, with some meetings more."""
        if isinstance(wish, OfResource):
            meetings = self.of_resource.get(wish.resource, [])
        else:
            meetings = [each for name in dict.fromkeys(wish.of(self.problem)) for each in self.of_piece.get(name, ())]
        return breach(wish, self.problem, [*meetings, *more])


@singledispatch
def breach(wish: Wish, problem: Problem, meetings: Sequence[Meeting]) -> int:
    """Tell what the breach of a wish comes to, in its units; ``meetings`` are those of its pieces, at least."""
    raise NotImplementedError(type(wish))


@breach.register
def _(wish: Bar, problem: Problem, meetings: Sequence[Meeting]) -> int:
    pieces = set(wish.of(problem))
    return sum(
        each.piece in pieces and any(wish.bars(name, each.start, problem.end(each)) for name in each.taken)
        for each in meetings
    )


@breach.register
def _(wish: Limit, problem: Problem, meetings: Sequence[Meeting]) -> int:
    hours: dict[int, int] = defaultdict(int)
    for each in meetings:
        if wish.resource in each.taken:
            hours[each.start // DAY // wish.days] += problem.piece[each.piece].hours
    return sum(max(0, held - wish.hours) for held in hours.values())


@breach.register
def _(wish: Order, problem: Problem, meetings: Sequence[Meeting]) -> int:
    over = max((problem.end(each) for each in meetings if each.piece in wish.first), default=0)
    begun = min((each.start for each in meetings if each.piece in wish.later), default=over)
    return int(begun < over)


@breach.register
def _(wish: Spread, problem: Problem, meetings: Sequence[Meeting]) -> int:
    own = [each for each in meetings if each.piece in wish.pieces]
    lacking = sum(problem.piece[name].count for name in wish.pieces) - len(own)
    return max(0, wish.days - lacking - len({each.start // DAY for each in own}))


@breach.register
def _(wish: Few, problem: Problem, meetings: Sequence[Meeting]) -> int:
    used = {name for each in meetings if each.piece in wish.pieces for name in each.taken}
    return max(0, sum(problem.resource[name].kind == wish.kind for name in used) - 1)


@breach.register
def _(wish: Share, problem: Problem, meetings: Sequence[Meeting]) -> int:
    own = (each for each in meetings if each.piece in wish.pieces and not wish.resources.isdisjoint(each.taken))
    return max(0, sum(problem.piece[each.piece].hours for each in own) - wish.hours)


@breach.register
def _(wish: Compact, problem: Problem, meetings: Sequence[Meeting]) -> int:
    held = sorted((each.start, problem.end(each)) for each in meetings if wish.resource in each.taken)
    near = [one[0] // DAY == other[0] // DAY and other[0] - one[1] <= wish.reach for one, other in pairwise(held)]
    return sum(not before and not after for before, after in zip([False, *near], [*near, False], strict=True) if held)


@breach.register
def _(wish: Idle, problem: Problem, meetings: Sequence[Meeting]) -> int:
    return periods_idle(wish, ((each.start, problem.end(each)) for each in meetings if wish.resource in each.taken))


def periods_idle(wish: Idle, held: Iterable[tuple[int, int]]) -> int:
    """Count the periods in which a resource waits between meetings of a day; ``held`` are their starts and ends."""
    stretches = sorted(held)
    overs = accumulate((end for _, end in stretches), max)
    pairs = zip(overs, pairwise(stretches), strict=False)
    return sum(
        len(wish.within(over, start)) for over, ((begun, _), (start, _)) in pairs if begun // DAY == start // DAY
    )


@breach.register
def _(wish: Journeys, problem: Problem, meetings: Sequence[Meeting]) -> int:
    at_home = {"", problem.resource[wish.resource].home}
    away = {
        (place, each.start // DAY)
        for each in meetings
        if wish.resource in each.taken and (place := problem.piece[each.piece].place) not in at_home
    }
    return sum((place, day - 1) not in away for place, day in away)


@breach.register
def _(wish: Nights, problem: Problem, meetings: Sequence[Meeting]) -> int:
    held = [each for each in meetings if wish.resource in each.taken]
    return nights_beyond(wish, ((each.start, problem.end(each), problem.piece[each.piece].place) for each in held))


def nights_beyond(wish: Nights, held: Iterable[tuple[int, int, str]]) -> int:
    """Count the nights beyond those that a resource may be away in a row; ``held`` are its meetings' starts, ends and places."""
    beyond = nights = 0
    for one, other in pairwise(sorted(each for each in held if each[2])):
        is_away = wish.is_away(one[1], one[2], other[0], other[2])
        more = other[0] // DAY - one[1] // DAY if is_away else 0
        beyond += max(0, nights + more - wish.most) - max(0, nights - wish.most)
        nights = nights + more if is_away else 0
    return beyond


@breach.register
def _(wish: Finish, _problem: Problem, meetings: Sequence[Meeting]) -> int:
    return max((each.start // DAY - wish.first for each in meetings if wish.resource in each.taken), default=0)
