"""Says why there is no plan: the smallest set of demands that cannot stand together, and the least that may be given up.

A demand is a wish that binds, or that all meetings of a piece find a place. The smallest set is found from its two sides (implicit
hitting sets): what may be given up so that the rest can stand is collected, cheapest first; the conflict must share a demand with each
of these. The smallest set that does, once it cannot stand itself, is the answer, and nothing smaller is.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.words import Message, say, some
from lbcert.teaching.solver import measure, terms
from lbcert.teaching.solver.greedy import Board
from lbcert.teaching.solver.model import Model
from lbcert.teaching.solver.neighbourhoods import holding
from lbcert.teaching.solver.problem import Label, Meeting, Piece, Problem
from lbcert.teaching.solver.wishes import Bar, Wish

#: A wish is rather given up than a lesson.
_GIVEN_UP = {Wish: 1, Piece: 10}

Demand = Wish | Piece


@dataclass(frozen=True)
class Conflict:
    """Demands that cannot stand together."""

    demands: tuple[Demand, ...]
    #: No smaller set is at odds; False where time ran out before that was shown.
    is_smallest: bool
    #: Demands without which the others can stand, the nearest first.
    ways_out: tuple[tuple[Demand, ...], ...]

    def findings(self) -> list[Finding]:
        """Say it."""
        message = say("这些要求不能同时满足：{demands}", demands=some(map(said, self.demands)))
        return [
            refuse("teaching.wishes_at_odds", message),
            *(
                Finding(
                    "teaching.way_out", Level.NOTE, say("放弃以下要求即可排课：{demands}", demands=some(map(said, way)))
                )
                for way in self.ways_out
            ),
        ]


def said(demand: Demand) -> Label:
    """Put a demand in words."""
    if isinstance(demand, Wish):
        return demand.words
    return say("“{piece}”的 {count} 次课全部排下", piece=demand.label, count=demand.count)


def explain(
    problem: Problem, meetings: Sequence[Meeting] = (), *, seconds: float = 10, workers: int = 2
) -> Conflict | None:
    """Find the smallest set of demands that cannot stand together; None where a plan exists, or time is up.

    ``meetings`` is the best plan so far: the pieces that it could not place are looked at first, then those that hold what these
    lack, and so on outwards. What is at odds among some pieces is at odds among all.
    """
    until = time.monotonic() + seconds
    names = set(measure.missing(problem, meetings)) if meetings else set(problem.piece)
    while True:
        asker = _Asker(problem.part(names), until, workers)
        found = asker.conflict()
        more = names | (set(holding(problem, meetings, names)) if meetings else set())
        if found or time.monotonic() >= until or len(names) == len(problem.piece):
            return found
        names = more if more != names else set(problem.piece)


def unplaced(problem: Problem, meetings: Sequence[Meeting]) -> list[Finding]:
    """Say of each piece that is not wholly placed what stands in its way, and at how many of its times."""
    board, held = Board(problem), measure.Held(problem, meetings)
    for meeting in meetings:
        board.hold(meeting)
    return [
        Finding("teaching.unplaced", Level.WARN, _why(problem, problem.piece[name], count, board, held))
        for name, count in measure.missing(problem, meetings).items()
    ]


def _why(problem: Problem, piece: Piece, count: int, board: Board, held: measure.Held) -> Message:
    if not piece.starts:
        return say("“{piece}”还有 {count} 次课没有排下：起止日期内没有上课时段", piece=piece.label, count=count)
    met: Counter[Message | str] = Counter()
    open_starts = problem.options(piece, but=_bars(problem))
    for start in piece.starts:
        end = start + piece.minutes
        for need in piece.needs:
            if any(problem.is_open(name, start, end) and board.is_free(name, start, end, piece.place) for name in need):
                continue
            for name in need:
                label = problem.resource[name].label or name
                is_open = problem.is_open(name, start, end)
                met[say("{who}已有安排", who=label) if is_open else say("{who}没有空", who=label)] += 1
        if start in open_starts and (needs := board.open_at(piece, start, open_starts[start])):
            met.update(_broken(problem, Meeting(piece.name, start, tuple(need[0] for need in needs)), held))
    reasons = some((say("{reason}（{count} 个时段）", reason=why, count=times) for why, times in met.most_common()), 5)
    return say(
        "“{piece}”还有 {count} 次课没有排下，可选的 {all} 个时段里：{reasons}",
        piece=piece.label, count=count, all=len(piece.starts), reasons=reasons,
    )  # fmt: skip


def _broken(problem: Problem, meeting: Meeting, held: measure.Held) -> Iterable[Message | str]:
    """Give the wishes that bind and that one more meeting would break."""
    for number in problem.touched[meeting.piece]:
        wish = problem.wishes[number]
        if wish.weight is None and held.breach(wish, [meeting]) > held.breach(wish):
            yield wish.words


def _bars(problem: Problem) -> list[Bar]:
    return [wish for wish in problem.wishes if isinstance(wish, Bar)]


class _Asker:
    """Asks whether demands can stand together."""

    def __init__(self, problem: Problem, until: float, workers: int) -> None:
        self.problem, self.until, self.workers = problem, until, workers
        self.demands: list[Demand] = [*(wish for wish in problem.wishes if wish.weight is None), *problem.pieces]

    def conflict(self) -> Conflict | None:
        """Find the smallest set that cannot stand, or in the time that there is one of which no part could be left out."""
        first = self._give_up(set())
        if not first:
            return None
        ways_out = [first]
        while True:
            asked = _hitting(ways_out, len(self.demands))
            given_up = self._give_up(asked)
            if given_up is None:
                return self._conflict(asked, ways_out, is_smallest=True)
            if not given_up:
                return self._conflict(self._shrunk(), ways_out, is_smallest=False)
            ways_out.append(given_up)

    def _conflict(self, numbers: Collection[int], ways_out: list[set[int]], *, is_smallest: bool) -> Conflict:
        nearest = sorted(ways_out, key=lambda way: sum(_price(self.demands[number]) for number in way))
        return Conflict(self._of(numbers), is_smallest, tuple(map(self._of, nearest)))

    def _of(self, numbers: Iterable[int]) -> tuple[Demand, ...]:
        return tuple(self.demands[number] for number in sorted(numbers))

    def _shrunk(self) -> set[int]:
        """Leave out of all demands, which cannot stand, what can be left out so that the rest still cannot (each for a moment)."""
        kept = set(range(len(self.demands)))
        for number in sorted(kept):
            if self._give_up(kept - {number}, seconds=0.5) is None:
                kept.discard(number)
        return kept

    def _give_up(self, asked: Collection[int], seconds: float | None = None) -> set[int] | None:
        """Find the least to give up, of what is not asked, so that a plan exists; None: what is asked cannot stand.

        Nothing where nothing need be, or where time is up.
        """
        problem, bars = self.problem, _bars(self.problem)
        pinned = Counter(meeting.piece for meeting in problem.pinned)
        free = {piece.name: piece.count - pinned[piece.name] for piece in problem.pieces}
        model = Model(problem, problem.pinned, free, lambda piece: problem.options(piece, but=bars))
        model.cost = []
        lits = [model.cp.new_bool_var("") for _ in self.demands]
        for number, (demand, lit) in enumerate(zip(self.demands, lits, strict=True)):
            if number in asked:
                model.cp.add(lit == 0)
            elif seconds is not None:
                continue
            short = (
                terms.total(terms.breach(demand, model))
                if isinstance(demand, Wish)
                else model.missing.get(demand.name, 0)
            )
            model.cp.add(short == 0).only_enforce_if(lit.negated())
            model.cost.append((lit, _price(demand)))
        outcome = model.solve(seconds or self.until - time.monotonic(), self.workers)
        if outcome.meetings is None:
            return None if outcome.is_proved else set()
        return {number for number, lit in enumerate(lits) if outcome.value(lit)} if outcome.is_proved else set()


def _price(demand: Demand) -> int:
    return _GIVEN_UP[Wish if isinstance(demand, Wish) else Piece]


def _hitting(sets: Sequence[set[int]], count: int) -> set[int]:
    """Find the fewest numbers below ``count`` of which each set has one."""
    model = cp_model.CpModel()
    lits = [model.new_bool_var("") for _ in range(count)]
    for each in sets:
        model.add_bool_or([lits[number] for number in each])
    model.minimize(sum(lits))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.solve(model)
    return {number for number, lit in enumerate(lits) if solver.boolean_value(lit)}
