"""Changes the fewest meetings of a plan that can no longer be held: a trainer falls ill, a room closes.

Past and pinned meetings stay. Only the meetings hit are taken up at first; if they find no place, so are those that hold what they
might take, and so on outwards. A change beyond those hit is of use only where a chain of meetings, each wanting what the next one
holds, leads to one that was hit. So a repair that changes *k* meetings beyond those hit is the smallest, once everything within *k* - 1 links
has been free to move.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from lbcert.teaching.solver import greedy, measure, terms
from lbcert.teaching.solver.model import Model
from lbcert.teaching.solver.neighbourhoods import holding
from lbcert.teaching.solver.problem import DAY, Meeting, Problem, by_piece
from lbcert.teaching.solver.wishes import Bar, Limit

#: Seconds of which something comes: what the first try has where putting it as a model took all.
_LEAST = 0.5


@dataclass(frozen=True)
class Change:
    """A meeting before and after; None after: it found no place, None before: it had none."""

    before: Meeting | None
    after: Meeting | None


@dataclass(frozen=True)
class Repair:
    """A plan that can be held again, and what changed."""

    meetings: tuple[Meeting, ...]
    changes: tuple[Change, ...]
    #: Proved: no plan with as few left out changes fewer.
    is_smallest: bool
    #: Meetings in the past or pinned that cannot be held as they stand; somebody has to say what becomes of them.
    stuck: tuple[Meeting, ...]
    seconds: float


def repair(
    problem: Problem, meetings: Iterable[Meeting], *, now: int = 0, seconds: float = 5, workers: int = 2
) -> Repair:
    """Repair a plan for a problem that has changed since: see ``Problem.with_busy``.

    Meetings that began before ``now`` and pinned ones stay. Of the repairs with the fewest changes, the time goes into one that keeps
    times where it can and costs the least.
    """
    begun = time.monotonic()
    plan = list(dict.fromkeys([*problem.pinned, *meetings]))
    pinned = set(problem.pinned)
    fixed = {each for each in plan if each.start < now or each in pinned}
    problem = replace(
        problem,
        pinned=tuple(sorted(fixed)),
        pieces=tuple(
            replace(piece, starts=tuple(start for start in piece.starts if start >= now)) for piece in problem.pieces
        ),
    )
    broken = _hit(problem, plan)
    search = _Repair(problem, plan, broken - fixed, begun + seconds, workers)
    after, is_smallest = search.run()
    return Repair(
        tuple(sorted(after, key=lambda each: (each.start, each))),
        tuple(changes(plan, after)),
        is_smallest,
        tuple(sorted(broken & fixed)),
        time.monotonic() - begun,
    )


def changes(before: Collection[Meeting], after: Collection[Meeting]) -> list[Change]:
    """Tell what changed from one plan to the other, each meeting beside the one of its piece that came in its place."""
    gone, come = by_piece(sorted(set(before) - set(after))), by_piece(sorted(set(after) - set(before)))
    found = []
    for name in dict.fromkeys([*gone, *come]):
        left, new = gone.get(name, []), come.get(name, [])
        for old in list(left):
            same_time = next((each for each in new if each.start == old.start), None)
            if same_time:
                found.append(Change(old, same_time))
                left.remove(old)
                new.remove(same_time)
        found += [Change(*pair) for pair in zip_longest(left, new)]
    return sorted(found, key=lambda each: (each.before or each.after).start)  # type: ignore[union-attr]


def _hit(problem: Problem, plan: Sequence[Meeting]) -> set[Meeting]:
    """Find the meetings that cannot be held: something that they take is not to be had, or is barred."""
    hit = {each for each in plan if not all(problem.is_open(n, each.start, problem.end(each)) for n in each.taken)}
    for wish in problem.wishes:
        if isinstance(wish, Bar) and wish.weight is None:
            hit.update(each for each in plan if measure.breach(wish, problem, [each]))
    return hit


@dataclass(frozen=True)
class _Found:
    """A repair among those in which some meetings are free to move."""

    model: Model
    free: set[Meeting]
    #: None: nothing was found in the time, and it is what it was looked for beside.
    cost: int | None
    meetings: list[Meeting]
    #: None is better among these.
    is_proved: bool
    left_out: int
    #: How many changes it has beyond those hit.
    beyond: int

    def size(self) -> tuple[int, int]:
        """Give what a repair is to have little of, the worse first."""
        return self.left_out, self.beyond

    def is_smallest(self, links: int, least: int) -> bool:
        """Tell whether no repair is smaller, where none is among those that free so many links, and none leaves out less."""
        return self.left_out == least and self.beyond <= links + 1


class _Repair:
    def __init__(self, problem: Problem, plan: list[Meeting], hit: set[Meeting], until: float, workers: int) -> None:
        self.problem, self.plan, self.hit, self.until, self.workers = problem, plan, hit, until, workers
        #: Seconds that a repair took, a free meeting, when last tried; and those of putting it as a model.
        self.pace = self.put = 0.0
        fixed = set(problem.pinned)
        self.movable = [each for each in plan if each not in fixed]

    def run(self) -> tuple[list[Meeting], bool]:
        """Free more and more until the repair is proved the smallest, or time is up; then make it as fine as may be."""
        clashing = {each for _, *pair in measure.clashes(self.problem, self.plan) for each in pair}
        hit = self.hit | (clashing & set(self.movable))
        if not hit:
            return self.plan, True
        best = self._fewest(hit, self._laid(hit))
        links = 0 if best.is_proved else None
        best, least = self._through_the_way(best)
        free = hit
        while links is not None and not best.is_smallest(links, least):
            more = free | self._near(free)
            if more == free:
                return self._finest(best), True
            if not self._has_time_for(more):
                break
            free, found = more, self._fewest(more, best.meetings)
            best = min(best, found, key=_Found.size)
            links = links + 1 if found.is_proved else None
        return self._finest(best), links is not None and best.is_smallest(links, least)

    def _through_the_way(self, best: _Found) -> tuple[_Found, int]:
        """Look where a place is likely first: free what holds all that a meeting left out could take, and so on.

        Gives the best, and how many are left out at least: those which the pieces looked at leave out, were they all there is.
        """
        free, names, least = best.free, {each.piece for each in best.free}, 0
        while best.left_out > least and self._can_put(free):
            least = max(least, self._left_out_at_least(names))
            names |= set(holding(self.problem, self.plan, names))
            more = free | {each for each in self.movable if each.piece in names}
            if best.left_out <= least or more == free or not self._has_time_for(more):
                break
            free = more
            best = min(best, self._fewest(free, best.meetings), key=_Found.size)
        return best, least

    def _left_out_at_least(self, names: Collection[str]) -> int:
        """Tell how many meetings of some pieces find no place, whatever becomes of all others."""
        part = self.problem.part(names)
        counts = {name: len(own) for name, own in by_piece(self.movable).items() if name in names}
        model, held = Model(part, part.pinned, counts), measure.Held(part, [e for e in self.plan if e.piece in names])
        binding = [n for n, wish in enumerate(part.wishes) if wish.weight is None and not held.breach(wish)]
        terms.ask(model, binding, {})
        bound = model.solve(self._left() / 2, self.workers).bound
        return -(-bound // measure.MISSING)

    def _left(self) -> float:
        return self.until - time.monotonic()

    def _has_time_for(self, free: set[Meeting]) -> bool:
        return self.pace * len(free) < self._left()

    def _can_put(self, free: set[Meeting]) -> bool:
        """Tell whether there is time to put these as a model, and for something to come of it."""
        return self.put * len(free) + _LEAST < self._left()

    def _model(self, free: set[Meeting]) -> Model:
        """Give the model in which these may move, and everything stands that stood."""
        counts = {name: len(own) for name, own in by_piece(sorted(free)).items()}
        return Model(self.problem, (each for each in self.plan if each not in free), counts)

    def _ask(self, model: Model, *, soft: bool) -> None:
        wishes = self.problem.wishes
        asked = sorted({n for name in model.missing for n in self.problem.touched[name]})
        held = measure.Held(self.problem, self.plan)
        now = {number: held.breach(wishes[number]) for number in asked if wishes[number].weight is None}
        terms.ask(model, [number for number in asked if (wishes[number].weight is None) != soft], now)

    def _laid(self, hit: set[Meeting]) -> list[Meeting]:
        """Lay those hit around all others, one after another: what there is where the search finds nothing in its time."""
        standing = [each for each in self.plan if each not in hit]
        counts = {name: len(own) for name, own in by_piece(sorted(hit)).items()}
        options = {name: self.problem.options(self.problem.piece[name]) for name in counts}
        return standing + greedy.lay(self.problem, standing, options, counts)

    def _fewest(self, free: set[Meeting], known: list[Meeting]) -> _Found:
        """Find the repair with the fewest changes where these may move; the known one where none is found in the time."""
        begun = time.monotonic()
        model = self._model(free)
        self._ask(model, soft=False)
        for meeting in sorted(free - self.hit):
            lits = model.literals(meeting)
            if lits is not None:
                altered = model.cp.new_bool_var("")
                model.cost.append((altered, 1))
                for lit in lits:
                    model.cp.add_implication(altered.negated(), lit)
        model.hint(set(known))
        self.put = (time.monotonic() - begun) / len(free)
        outcome = model.solve(max(self._left(), _LEAST), self.workers)
        self.pace = (time.monotonic() - begun) / len(free)
        is_found = outcome.meetings is not None
        meetings = (
            [*(e for e in self.plan if e not in free), *outcome.meetings] if outcome.meetings is not None else known
        )
        return _Found(
            model, free, outcome.cost if is_found else None, meetings, is_found and outcome.is_proved,
            len(self.plan) - len(meetings), len({*self.plan} - {*meetings}) - len(self.hit),
        )  # fmt: skip

    def _finest(self, found: _Found) -> list[Meeting]:
        """Of the repairs with as few changes, find one that keeps times and is cheap, in what is left of the time."""
        model = found.model
        if found.cost is None or not self._can_put(found.free):
            return found.meetings
        model.cp.add(terms.total(model.cost) <= found.cost)
        model.cp.clear_hints()
        model.hint(found.meetings)
        model.cost = []
        self._ask(model, soft=True)
        for meeting in found.free:
            begins = model.begins(meeting)
            if begins is not None:
                model.cost.append((begins, -measure.BROKEN))
        finer = model.solve(self._left(), self.workers)
        if finer.meetings is None:
            return found.meetings
        return [*(each for each in self.plan if each not in found.free), *finer.meetings]

    def _near(self, free: set[Meeting]) -> set[Meeting]:
        """Find the movable meetings that hold what a free one might take, or that a binding wish ties to one."""
        wanted = greedy.Board(self.problem)
        periods: dict[str, set[int]] = defaultdict(set)
        tied: set[str] = set()
        names = {each.piece for each in free}
        for name in names:
            piece = self.problem.piece[name]
            for start, needs in self.problem.options(piece).items():
                for resource in dict.fromkeys(each for need in needs for each in need):
                    wanted.hold(Meeting(name, start, (resource,)))
                    periods[resource].add(start // DAY)
        limits = []
        for number in sorted({n for name in names for n in self.problem.touched[name]}):
            wish = self.problem.wishes[number]
            if isinstance(wish, Limit) and wish.weight is None:
                limits.append((wish.resource, wish.days, {day // wish.days for day in periods[wish.resource]}))
            elif not isinstance(wish, Bar) and wish.weight is None:
                tied.update(wish.of(self.problem))
        return {
            each
            for each in self.movable
            if each.piece in tied
            or any(self._holds(each, name, wanted) for name in each.taken)
            or any(name in each.taken and each.start // DAY // days in within for name, days, within in limits)
        }

    def _holds(self, meeting: Meeting, name: str, wanted: greedy.Board) -> bool:
        place = self.problem.piece[meeting.piece].place
        return not wanted.is_free(name, meeting.start, self.problem.end(meeting), place)
