"""Plans a problem: first everything into place, piece by piece, then better and better parts of the plan, until time is up.

Each round takes up some meetings, leaves the others standing, and lets CP-SAT place what was taken up at the least cost (large
neighbourhood search). A problem small enough is taken up whole, and its plan proved the cheapest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from lbcert.teaching.solver import greedy, measure, terms
from lbcert.teaching.solver.model import Model, Outcome
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


#: Rounds in a row that may fail to place what is missing, before others come between them.
_PATIENCE = 10


class _Search:
    """A plan that is made better, round by round."""

    def __init__(self, problem: Problem, effort: Effort, start: list[Meeting]) -> None:
        self.problem, self.effort = problem, effort
        self.begun = time.monotonic()
        self.random = Random(effort.seed)  # noqa: S311 (no secret)
        self.pinned = set(problem.pinned)
        self.meetings = [*problem.pinned, *(each for each in start if each not in self.pinned)]
        self.options = {piece.name: problem.options(piece) for piece in problem.pieces}
        self.meetings += greedy.lay(problem, self.meetings, self.options)
        self.bound: int | None = None
        self.is_proved = False
        self.size = effort.size
        #: Rounds since one placed something that was missing.
        self.failed = 0
        self.free = sum(piece.count for piece in problem.pieces) - len(self.pinned)
        self.breaches = [0] * len(problem.wishes)
        #: What the search makes less: with what is missing and what is broken.
        self.cost = 0
        self._measure(range(len(problem.wishes)))

    def run(self, on_better: Callable[[Plan], None], stop: Callable[[], bool]) -> None:
        """Do rounds until the plan is proved best, time or rounds are over, or somebody stops it."""
        on_better(self.plan())
        rounds = 0
        while not (self.is_proved or self._is_over() or stop() or rounds == self.effort.rounds):
            before = self.cost
            self._better(rounds)
            rounds += 1
            if self.cost < before:
                on_better(self.plan())

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

    def _better(self, number: int) -> None:
        free = [each for each in self.meetings if each not in self.pinned]
        missing = measure.missing(self.problem, self.meetings)
        if number == 0 and self._is_small():
            self._round(set(free), missing)
            return
        around = Around(self.problem, free, self.size, self.random)
        if missing and (self.failed < _PATIENCE or number % 2):
            wide = replace(around, size=3 * self.size)
            outcome = self._round(wide.pieces([self.random.choice(list(missing))]), missing, only_place=True)
            self.failed = 0 if len(self.meetings) > len(free) + len(self.pinned) else self.failed + 1
        else:
            costly = [
                index for index, units in enumerate(self.breaches) if units and self.problem.wishes[index].weight != 0
            ]
            taken = (around.any_wish(costly), around.any_days(), around.any_wish(costly), around.any_piece())[
                number % 4
            ]
            outcome = self._round(taken, {})
        self.size = max(8, self.size * 9 // 10) if not outcome.is_proved else min(self.free, self.size + 2)

    def _round(self, taken: set[Meeting], missing: dict[str, int], *, only_place: bool = False) -> Outcome:
        """Place anew what is taken up, and what is missing; keep it where it is no dearer."""
        free = {name: len(own) for name, own in by_piece(sorted(taken)).items()}
        for name, count in missing.items():
            free[name] = free.get(name, 0) + count
        standing = [each for each in self.meetings if each not in taken]
        model = Model(self.problem, standing, free, lambda piece: self.options[piece.name])
        touched = sorted({number for name in free for number in self.problem.touched[name]})
        asked = [number for number in touched if not only_place or self.problem.wishes[number].weight is None]
        terms.ask(model, asked, dict(enumerate(self.breaches)))
        model.hint(taken)
        left = self.effort.seconds - (time.monotonic() - self.begun)
        outcome = model.solve(left, self.effort.workers, self.random.randrange(1 << 30), self.effort.work)
        if outcome.meetings is not None:
            self._keep([*standing, *outcome.meetings], touched)
            if self.pinned.issuperset(standing) and len(taken) + sum(missing.values()) == self.free:
                self.bound = max(0, outcome.bound) if outcome.bound < measure.MISSING else None
                self.is_proved = outcome.is_proved
        return outcome

    def _keep(self, meetings: list[Meeting], touched: Iterable[int]) -> None:
        old = self.meetings, list(self.breaches), self.cost
        self.meetings = meetings
        self._measure(touched)
        if self.cost > old[2]:
            self.meetings, self.breaches, self.cost = old

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
        return time.monotonic() - self.begun >= self.effort.seconds
