"""Plans a problem: first everything into place, piece by piece, then better and better, until time is up.

One worker anneals for half of the time: a great many small moves, of which fewer and fewer make the plan dearer. Rounds take up some
meetings, leave the others standing, and let CP-SAT place what was taken up at the least cost (large neighbourhood search): so do the
other workers meanwhile, and all in the end. A problem small enough is taken up whole, and its plan proved the cheapest.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count
from random import Random
from typing import Any

from lbcert.teaching.solver import greedy, measure, terms
from lbcert.teaching.solver.annealing import Annealing
from lbcert.teaching.solver.model import Model
from lbcert.teaching.solver.neighbourhoods import Around
from lbcert.teaching.solver.problem import Meeting, Problem, by_piece


class Status(StrEnum):
    """How good a plan is known to be."""

    #: Nothing costs less.
    OPTIMAL = "optimal"
    #: Everything has its place, and no wish that binds is broken.
    FEASIBLE = "feasible"
    #: Some meetings have no place.
    PARTIAL = "partial"


@dataclass(frozen=True)
class Plan:
    """A plan, pinned meetings included, with what it costs."""

    meetings: tuple[Meeting, ...]
    status: Status
    #: The weights of broken wishes and dear options; what is missing is not in it.
    cost: int
    #: No plan with everything in place costs less; None where nothing is known.
    bound: int | None
    #: The breach of each wish of the problem, in its order.
    breaches: tuple[int, ...]
    #: How many meetings of which piece found no place.
    missing: dict[str, int]
    seconds: float


@dataclass(frozen=True)
class Effort:
    """How much is done for a plan.

    With one worker the same rounds give the same plan on any machine, as long as time is not what ends them.
    """

    seconds: float = 60
    workers: int = 2
    seed: int = 0
    #: None: as many as the time allows.
    rounds: int | None = None
    #: Meetings in a round at first; it grows while rounds are easy.
    size: int = 30
    #: Work allowed in a round, in CP-SAT's own seconds, which no busy machine changes.
    work: float = 0.5
    #: A problem with no more free options than this is taken up whole at first.
    whole: int = 10_000


def solve(
    problem: Problem,
    effort: Effort = Effort(),
    *,
    start: Iterable[Meeting] = (),
    on_better: Callable[[Plan], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
) -> Plan:
    """Plan a problem as well as the effort allows.

    ``start`` is a plan to begin from. ``on_better`` is told each plan that is better than those before; ``stop`` is asked
    between rounds, which take seconds at most: the plan is then the best so far.
    """
    search = _Search(problem, effort, list(start))
    search.run(on_better, stop)
    return search.plan()


#: The share of the time that is annealed, and from which on annealing takes up what others made cheaper meanwhile.
_ANNEALED, _COLD = 0.5, 0.6
#: Moves of the annealing between two looks at the clock, and seconds between two plans that it gives.
_MOVES, _GIVES_EACH = 500, 2.0
#: Rounds in a row that may fail to place what is missing, before others come between them.
_PATIENCE = 10


@dataclass(frozen=True)
class _Round:
    """What one round takes up, and the plan as it was then."""

    taken: set[Meeting]
    missing: dict[str, int]
    meetings: list[Meeting]
    breaches: list[int]
    seed: int
    workers: int = 1
    #: Costs of wishes do not count, only that everything finds a place.
    only_place: bool = False

    @property
    def free(self) -> dict[str, int]:
        """How many meetings of which piece are placed anew."""
        counts = Counter({name: len(own) for name, own in by_piece(sorted(self.taken)).items()})
        counts.update(self.missing)
        return counts


class _Search:
    """A plan that is made better, round by round, by as many threads as there are workers.

    Each solves a part of the plan as it finds it; what comes of it is put into the plan as it is by then, if it still fits and the
    plan is no dearer for it.
    """

    def __init__(self, problem: Problem, effort: Effort, start: list[Meeting]) -> None:
        self.problem, self.effort = problem, effort
        self.begun = time.monotonic()
        self.random = Random(effort.seed)  # noqa: S311 (no secret)
        self.pinned = set(problem.pinned)
        self.meetings = [*problem.pinned, *(each for each in start if each not in self.pinned)]
        self.options = {piece.name: problem.options(piece) for piece in problem.pieces}
        self.meetings += greedy.lay(problem, self.meetings, self.options, measure.missing(problem, self.meetings))
        self.bound: int | None = None
        self.is_proved = self.is_stopped = self.has_begun = self.has_annealed = False
        self.size, self.rounds = effort.size, 0
        #: Rounds since one placed something that was missing.
        self.failed = 0
        self.free = sum(piece.count for piece in problem.pieces) - len(self.pinned)
        self.breaches = [0] * len(problem.wishes)
        #: What the search makes less: with what is missing and what is broken.
        self.cost = 0
        self._measure(range(len(problem.wishes)))
        self.lock = threading.Lock()

    def run(self, on_better: Callable[[Plan], None], stop: Callable[[], bool]) -> None:
        """Do rounds until the plan is proved best, time or rounds are over, or somebody stops it.

        Who called is called back from his own thread.
        """
        told = self.cost
        on_better(self.plan())
        self.is_stopped = stop()
        if self._is_small() and not self._is_over():
            self._do(self._whole())
        with ThreadPoolExecutor(self.effort.workers) as pool:
            working = {pool.submit(self._work) for _ in range(self.effort.workers)}
            while working:
                done, working = wait(working, timeout=0.2)
                for each in done:
                    each.result()
                self.is_stopped = self.is_stopped or stop()
                if self.cost < told:
                    with self.lock:
                        told, plan = self.cost, self.plan()
                    on_better(plan)

    def plan(self) -> Plan:
        """Give the plan as it is."""
        missing = measure.missing(self.problem, self.meetings)
        broken = any(
            units and wish.weight is None for wish, units in zip(self.problem.wishes, self.breaches, strict=True)
        )
        status = Status.PARTIAL if missing or broken else Status.OPTIMAL if self.is_proved else Status.FEASIBLE
        cost = measure.of_options(self.problem, self.meetings) + sum(
            units * (wish.weight or 0) for wish, units in zip(self.problem.wishes, self.breaches, strict=True)
        )
        return Plan(
            tuple(sorted(self.meetings, key=lambda each: (each.start, each))),
            status,
            cost,
            self.bound,
            tuple(self.breaches),
            missing,
            time.monotonic() - self.begun,
        )

    def _work(self) -> None:
        while not self._is_over():
            with self.lock:
                is_first, self.has_begun = not self.has_begun, True
                chosen = None if is_first else self._choose()
            if chosen:
                self._do(chosen)
            else:
                self._anneal()

    def _anneal(self) -> None:
        """Make the plan better by small moves, from a temperature of a usual weight down to below the smallest."""
        weights = [wish.weight for wish in self.problem.wishes if wish.weight] or [1]
        hot, cold = sum(weights) / len(weights), min(weights) / 8
        annealing = Annealing(self.problem, self.meetings, self.options, self.random.randrange(1 << 30))
        begun, given, best, plan = self._spent(), time.monotonic(), self.cost, self.meetings
        for number in count():
            passed = (self._spent() - begun) / (_ANNEALED - begun)
            if self.effort.rounds is not None:
                passed = max(passed, number / self.effort.rounds)
            if passed >= 1 or self._is_over():
                break
            annealing.moves(_MOVES, hot * (cold / hot) ** passed)
            if annealing.cost < best:
                best, plan = annealing.cost, annealing.meetings()
            if time.monotonic() - given >= _GIVES_EACH:
                given, fewer = time.monotonic(), measure.MISSING // 2
                if best < self.cost - fewer or best < fewer:  # or else it would disturb who places what is missing
                    self._give(plan)
                if self.cost < best - (0 if passed > _COLD and best < fewer else fewer):
                    best, plan = self.cost, self.meetings
                    annealing = Annealing(self.problem, plan, self.options, self.random.randrange(1 << 30))
        self._give(plan)
        self.has_annealed = True

    def _give(self, plan: list[Meeting]) -> None:
        """Put a whole plan in the place of the one that there is, if it is cheaper."""
        with self.lock:
            old = self.meetings, list(self.breaches), self.cost
            self.meetings = plan
            self._measure(range(len(self.problem.wishes)))
            if self.cost > old[2]:
                self.meetings, self.breaches, self.cost = old

    def _spent(self) -> float:
        """Tell which share of the time is over."""
        return (time.monotonic() - self.begun) / self.effort.seconds

    def _whole(self) -> _Round:
        missing = measure.missing(self.problem, self.meetings)
        return self._round(set(self.meetings) - self.pinned, missing, workers=self.effort.workers)

    def _choose(self) -> _Round:
        """Choose what to take up next."""
        free = [each for each in self.meetings if each not in self.pinned]
        missing = measure.missing(self.problem, self.meetings)
        around, number = Around(self.problem, free, self.size, self.random), self.rounds
        self.rounds += 1
        if not free or (missing and (self.failed < _PATIENCE or number % 2)):
            self.failed += 1
            wide = replace(around, size=min(3 * self.effort.size + 6 * self.failed, self.free))
            name = self.random.choice(list(missing))
            return self._round(wide.in_the_way(name), {name: missing[name]}, only_place=not self.has_annealed)
        costly = [n for n, units in enumerate(self.breaches) if units and self.problem.wishes[n].weight != 0]
        turns = (lambda: around.any_wish(costly), around.any_days, lambda: around.any_wish(costly), around.any_piece)
        return self._round(turns[(number // 2 if missing else number) % len(turns)](), {})

    def _round(self, taken: set[Meeting], missing: dict[str, int], **more: Any) -> _Round:
        return _Round(taken, missing, self.meetings, list(self.breaches), self.random.randrange(1 << 30), **more)

    def _do(self, chosen: _Round) -> None:
        """Place anew what is taken up, and what is missing; keep it where it is no dearer."""
        standing = [each for each in chosen.meetings if each not in chosen.taken]
        free = chosen.free
        model = Model(self.problem, standing, free, lambda piece: self.options[piece.name])
        touched = sorted({number for name in free for number in self.problem.touched[name]})
        asked = [n for n in touched if not chosen.only_place or self.problem.wishes[n].weight is None]
        if chosen.only_place:
            model.cost = [(short, 1) for short in model.missing.values()]
        terms.ask(model, asked, dict(enumerate(chosen.breaches)))
        model.hint(chosen.taken)
        left = self.effort.seconds - (time.monotonic() - self.begun)
        work = self.effort.work * (1 + self.failed if chosen.only_place else 1)
        outcome = model.solve(left, chosen.workers, chosen.seed, work)
        with self.lock:
            if chosen.only_place:
                pass
            elif not outcome.is_proved:
                self.size = max(8, self.size * 9 // 10)
            elif self.size < self.free:
                self.size += 2
            if outcome.meetings is None:
                return
            self._keep(chosen, outcome.meetings, touched)
            if sum(free.values()) == self.free and not chosen.only_place:
                self.bound = max(0, outcome.bound) if outcome.bound < measure.MISSING else None
                self.is_proved = outcome.is_proved

    def _keep(self, chosen: _Round, placed: list[Meeting], touched: Iterable[int]) -> None:
        """Put what was placed where what was taken up stood, if it fits what others changed meanwhile, and is no dearer."""
        has_changed = self.meetings is not chosen.meetings
        old = self.meetings, list(self.breaches), self.cost
        meetings = [*(each for each in self.meetings if each not in chosen.taken), *placed]
        if has_changed and (self._has_more(meetings) or measure.clashes(self.problem, meetings)):
            return
        self.meetings = meetings
        self._measure(touched)
        if self.cost > old[2]:
            self.meetings, self.breaches, self.cost = old
        elif len(meetings) > len(old[0]):
            self.failed = 0

    def _has_more(self, meetings: Iterable[Meeting]) -> bool:
        """Tell whether a piece has more meetings than it should, as two threads placed what was missing."""
        planned = Counter(each.piece for each in meetings)
        return any(planned[name] > self.problem.piece[name].count for name in planned)

    def _measure(self, numbers: Iterable[int]) -> None:
        held, wishes = measure.Held(self.problem, self.meetings), self.problem.wishes
        for number in numbers:
            self.breaches[number] = held.breach(wishes[number])
        self.cost = (
            measure.MISSING * sum(measure.missing(self.problem, self.meetings).values())
            + measure.of_options(self.problem, self.meetings)
            + sum(
                units * (measure.BROKEN if wish.weight is None else wish.weight)
                for wish, units in zip(wishes, self.breaches, strict=True)
            )
        )

    def _is_small(self) -> bool:
        lits = sum(len(need) for options in self.options.values() for needs in options.values() for need in needs)
        return lits <= self.effort.whole

    def _is_over(self) -> bool:
        """Tell whether no round is to begin."""
        return (
            self.is_proved
            or self.is_stopped
            or not self.free
            or self.rounds == self.effort.rounds
            or self._spent() >= 1
        )
