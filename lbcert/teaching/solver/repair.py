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

from lbcert.teaching.solver import measure, terms
from lbcert.teaching.solver.greedy import Board
from lbcert.teaching.solver.model import Model, Outcome
from lbcert.teaching.solver.problem import DAY, Meeting, Problem, by_piece
from lbcert.teaching.solver.wishes import Bar, Limit


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
    fixed = {each for each in plan if each.start < now or each in problem.pinned}
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


class _Repair:
    def __init__(self, problem: Problem, plan: list[Meeting], hit: set[Meeting], until: float, workers: int) -> None:
        self.problem, self.plan, self.hit, self.until, self.workers = problem, plan, hit, until, workers
        self.movable = [each for each in plan if each not in problem.pinned]

    def run(self) -> tuple[list[Meeting], bool]:
        """Free more and more until the repair is proved the smallest, or time is up."""
        clashing = {each for _, *pair in measure.clashes(self.problem, self.plan) for each in pair}
        free, links = self.hit | (clashing & set(self.movable)), 0
        best = [each for each in self.plan if each not in free]
        if not free:
            return self.plan, True
        while True:
            outcome, model = self._fewest(free)
            if outcome.meetings is None:
                return best, False
            best = [*(each for each in self.plan if each not in free), *outcome.meetings]
            beyond = len({*self.plan} - {*best}) - len(self.hit)
            all_placed = len(best) == len(self.plan)
            more = free | self._near(free)
            is_smallest = outcome.is_proved and ((all_placed and beyond <= links + 1) or more == free)
            if is_smallest or time.monotonic() >= self.until:
                return self._finest(model, outcome, free), is_smallest
            free, links = more, links + 1

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

    def _fewest(self, free: set[Meeting]) -> tuple[Outcome, Model]:
        model = self._model(free)
        self._ask(model, soft=False)
        altered = []
        for meeting in sorted(free):
            lits = model.literals(meeting)
            if lits is not None and meeting not in self.hit:
                altered.append(model.cp.new_bool_var(""))
                for lit in lits:
                    model.cp.add_implication(altered[-1].negated(), lit)
        model.cost += [(lit, 1) for lit in altered]
        model.hint(free - self.hit)
        return model.solve(self.until - time.monotonic(), self.workers), model

    def _finest(self, model: Model, outcome: Outcome, free: set[Meeting]) -> list[Meeting]:
        """Of the repairs with as few changes, find one that keeps times and is cheap, in what is left of the time."""
        best = [*(each for each in self.plan if each not in free), *(outcome.meetings or ())]
        left = self.until - time.monotonic()
        if left < 0.2:  # noqa: PLR2004 (seconds; nothing comes of less)
            return best
        model.cp.add(terms.total(model.cost) <= outcome.cost)
        model.cp.clear_hints()
        model.hint(outcome.meetings or ())
        model.cost = []
        self._ask(model, soft=True)
        for meeting in free:
            begins = model.begins(meeting)
            if begins is not None:
                model.cost.append((begins, -measure.BROKEN))
        finer = model.solve(left, self.workers)
        if finer.meetings is None:
            return best
        return [*(each for each in self.plan if each not in free), *finer.meetings]

    def _near(self, free: set[Meeting]) -> set[Meeting]:
        """Find the movable meetings that hold what a free one might take, or that a binding wish ties to one."""
        wanted = Board(self.problem)
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

    def _holds(self, meeting: Meeting, name: str, wanted: Board) -> bool:
        place = self.problem.piece[meeting.piece].place
        return not wanted.is_free(name, meeting.start, self.problem.end(meeting), place)
