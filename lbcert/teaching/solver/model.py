"""A problem, or a part of it, as a model of CP-SAT.

A piece's meetings are alike, so the model asks not when each one is, but at which starts there is one (``use``), and what it takes
then (``take``): no order among equals is searched. A resource's meetings exclude each other in cliques: all that would run at one
moment, and all of one stretch in one place with all of another that cannot be reached in time.

Meetings that stand are part of the model as constants, so a part of a plan is solved by the same lines as the whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ortools.sat.python import cp_model

from lbcert.teaching.solver.greedy import Board, Options
from lbcert.teaching.solver.measure import MISSING
from lbcert.teaching.solver.problem import Meeting, Piece, Problem


class Entry(NamedTuple):
    """A meeting that may be held: when, where, and the literal that says whether it is."""

    start: int
    end: int
    piece: Piece
    lit: cp_model.IntVar


@dataclass(frozen=True)
class Outcome:
    """What a solve came to."""

    #: None where nothing was found.
    meetings: list[Meeting] | None
    #: Nothing is better; with no meetings: there is no plan.
    is_proved: bool
    #: What it costs, and what any solution costs at least.
    cost: int
    bound: int
    #: Tells whether a literal holds in it.
    value: Callable[[cp_model.IntVar], bool]


class Model:
    """The meetings that stand, and pieces of which so many meetings are free to be placed."""

    def __init__(
        self,
        problem: Problem,
        standing: Iterable[Meeting],
        free: Mapping[str, int],
        options: Callable[[Piece], Options] | None = None,
    ) -> None:
        self.problem = problem
        self.cp = cp_model.CpModel()
        self.true = self.cp.new_constant(1)
        #: What may be held of a piece, and by a resource.
        self.of_piece: dict[str, list[Entry]] = defaultdict(list)
        self.of_resource: dict[str, list[Entry]] = defaultdict(list)
        #: How many meetings of a piece find no place.
        self.missing: dict[str, cp_model.IntVar] = {}
        self.cost: list[tuple[cp_model.IntVar, int]] = []
        self._take: dict[tuple[str, int], tuple[cp_model.IntVar, list[dict[str, cp_model.IntVar]]]] = {}
        board = Board(problem)
        self._free = [problem.piece[name] for name, count in free.items() if count]
        #: What stands.
        self.standing = list(standing)
        for meeting in self.standing:
            board.hold(meeting)
        for piece in self._free:
            self._place(piece, free[piece.name], (options or problem.options)(piece), board)
        self._exclude()
        for meeting in self.standing:
            piece = problem.piece[meeting.piece]
            entry = Entry(meeting.start, problem.end(meeting), piece, self.true)
            self.of_piece[piece.name].append(entry)
            for name in meeting.taken:
                self.of_resource[name].append(entry)

    def literals(self, meeting: Meeting) -> list[cp_model.IntVar] | None:
        """Give the literals that hold together where just this meeting is held; None where it cannot be."""
        use, takes = self._take.get((meeting.piece, meeting.start), (None, []))
        if use is None or any(name not in take for name, take in zip(meeting.taken, takes, strict=True)):
            return None
        return [use, *(take[name] for name, take in zip(meeting.taken, takes, strict=True))]

    def begins(self, meeting: Meeting) -> cp_model.IntVar | None:
        """Give the literal that says that the meeting's piece has one at its time, whatever it takes."""
        return self._take.get((meeting.piece, meeting.start), (None,))[0]

    def choices(
        self, pieces: Collection[str]
    ) -> Iterable[tuple[int, int, cp_model.IntVar, list[dict[str, cp_model.IntVar]]]]:
        """Give each stretch at which one of these pieces may be held, with its literal, and what it may take of each need."""
        for (name, start), (use, takes) in self._take.items():
            if name in pieces:
                yield start, start + self.problem.piece[name].minutes, use, takes

    def any_of(self, lits: Sequence[cp_model.IntVar]) -> cp_model.IntVar:
        """Give a literal that is true exactly where one of several is."""
        if any(lit is self.true for lit in lits):
            return self.true
        if len(lits) == 1:
            return lits[0]
        found = self.cp.new_bool_var("")
        self.cp.add_bool_or([*lits, found.negated()])
        for lit in lits:
            self.cp.add_implication(lit, found)
        return found

    def hint(self, meetings: Iterable[Meeting]) -> None:
        """Begin the search from a plan."""
        held = {(each.piece, each.start): each for each in meetings}
        for key, (use, takes) in self._take.items():
            self.cp.add_hint(use, key in held)
            for number, take in enumerate(takes):
                for name, lit in take.items():
                    if lit is not use:
                        self.cp.add_hint(lit, key in held and held[key].taken[number] == name)

    def solve(self, seconds: float, workers: int, seed: int = 0, effort: float = 0) -> Outcome:
        """Find the cheapest way to place what is free; ``effort`` bounds the work itself, which no busy machine changes."""
        self.cp.minimize(cp_model.LinearExpr.weighted_sum(*map(list, zip(*self.cost, strict=True))) if self.cost else 0)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
        solver.parameters.num_workers = workers
        # All constraints in the linear relaxation: parts of timetables were solved in half the time.
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = seed
        if effort:
            solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.cp)
        bound = round(solver.best_objective_bound) if self.cost and status != cp_model.INFEASIBLE else 0
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Outcome(None, status == cp_model.INFEASIBLE, 0, bound, solver.boolean_value)
        meetings = [
            Meeting(
                name, start, tuple(next(r for r, lit in take.items() if solver.boolean_value(lit)) for take in takes)
            )
            for (name, start), (use, takes) in self._take.items()
            if solver.boolean_value(use)
        ]
        return Outcome(meetings, status == cp_model.OPTIMAL, round(solver.objective_value), bound, solver.boolean_value)

    def _place(self, piece: Piece, count: int, options: Options, board: Board) -> None:
        cp, uses = self.cp, []
        for start, needs in options.items():
            end = start + piece.minutes
            open_ones = board.open_at(piece, start, needs)
            if open_ones is None:
                continue
            use = cp.new_bool_var("")
            uses.append(use)
            self.of_piece[piece.name].append(Entry(start, end, piece, use))
            takes = []
            for names in open_ones:
                take = {names[0]: use} if len(names) == 1 else {name: cp.new_bool_var("") for name in names}
                if len(names) > 1:
                    cp.add_exactly_one([use.negated(), *take.values()])
                takes.append(take)
                for name, lit in take.items():
                    self.of_resource[name].append(Entry(start, end, piece, lit))
                    if cost := piece.costs.get(name):
                        self.cost.append((lit, cost))
            self._take[piece.name, start] = use, takes
        missing = self.missing[piece.name] = cp.new_int_var(0, count, "")
        cp.add(sum(uses) + missing == count)
        self.cost.append((missing, MISSING))

    def _exclude(self) -> None:
        """Let no resource be in two places."""
        for entries in self.of_resource.values():
            stretches: dict[tuple[int, int, str], list[cp_model.IntVar]] = defaultdict(list)
            for start, end, piece, lit in entries:
                stretches[start, end, piece.place].append(lit)
            ordered, longest = sorted(stretches), max(end - start for start, end, _ in stretches)
            done = set()
            for moment in sorted({start for start, _, _ in stretches}):
                near = ordered[bisect_left(ordered, (moment - longest,)) : bisect_left(ordered, (moment + 1,))]
                running = [lit for stretch in near if stretch[1] > moment for lit in stretches[stretch]]
                key = frozenset(lit.index for lit in running)
                if len(running) > 1 and key not in done:
                    done.add(key)
                    self.cp.add_at_most_one(running)
            if self.problem.travel and len({place for _, _, place in stretches}) > 1:
                self._exclude_far(stretches)

    def _exclude_far(self, stretches: Mapping[tuple[int, int, str], list[cp_model.IntVar]]) -> None:
        ordered = sorted(stretches)
        for number, one in enumerate(ordered):
            for other in ordered[number + 1 : bisect_left(ordered, (one[1] + self.problem.farthest,))]:
                if 0 <= other[0] - one[1] < self.problem.journey(one[2], other[2]):
                    self.cp.add_at_most_one([*stretches[one], *stretches[other]])
