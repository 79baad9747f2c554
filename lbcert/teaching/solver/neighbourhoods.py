"""Which meetings of a plan are taken up to be placed anew: pieces that have to do with each other, days, or what costs most."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from lbcert.teaching.solver.greedy import Board
from lbcert.teaching.solver.problem import DAY, Meeting, Problem, by_piece
from lbcert.teaching.solver.wishes import Bar


@dataclass(frozen=True)
class Around:
    """Gives neighbourhoods of some ``size`` meetings, of those that may move."""

    problem: Problem
    meetings: Sequence[Meeting]
    size: int
    random: Random

    def any_piece(self) -> set[Meeting]:
        """Take up a piece and its kin."""
        return self.pieces([self.random.choice(self.problem.pieces).name])

    def any_wish(self, numbers: Sequence[int]) -> set[Meeting]:
        """Take up some pieces of one of these wishes, and their kin."""
        if not numbers:
            return self.any_piece()
        pieces = list(self.problem.wishes[self.random.choice(numbers)].of(self.problem))
        self.random.shuffle(pieces)
        return self.pieces(pieces[:3])

    def in_the_way(self, name: str) -> set[Meeting]:
        """Take up what holds all that a piece could take, what holds all that those could, and so on."""
        names, ring = [name], [name]
        room = self.size
        while ring and room > 0:
            ring = holding(self.problem, self.meetings, names)
            self.random.shuffle(ring)
            room -= sum(self.problem.piece[each].count for each in ring)
            names += ring
        return self.pieces(names)

    def any_days(self) -> set[Meeting]:
        """Take up the meetings of some days, one after the other."""
        first = self.random.choice(self.meetings).start // DAY
        days = {each: each.start // DAY for each in self.meetings}
        ordered = sorted(self.meetings, key=lambda each: (days[each] < first, days[each], self.random.random()))
        return set(ordered[: self.size])

    def pieces(self, names: Sequence[str]) -> set[Meeting]:
        """Take up these pieces, and their kin as far as there is room."""
        own, taken = by_piece(self.meetings), set[Meeting]()
        for name in self._walk(names):
            if taken and len(taken) + len(own.get(name, ())) > self.size:
                break
            taken.update(own.get(name, ()))
        return taken

    def _walk(self, names: Sequence[str]) -> Iterator[str]:
        """Give pieces, after the first ones each the kin of an earlier one; then all others."""
        seen = list(names)
        yield from names
        while seen and (kin := [name for name in self._kin(self.random.choice(seen)) if name not in seen]):
            seen.append(self.random.choice(kin))
            yield seen[-1]
        rest = [name for name in self.problem.piece if name not in seen]
        self.random.shuffle(rest)
        yield from rest

    def _kin(self, name: str) -> Iterable[str]:
        """Give the pieces that may take one of a piece's resources, picked at random, or have a wish with it."""
        wishes = self.problem.touched[name]
        if wishes and self.random.random() < 0.5:  # noqa: PLR2004 (either)
            return self.problem.wishes[self.random.choice(wishes)].of(self.problem)
        return self.problem.users[self.random.choice(self.random.choice(self.problem.piece[name].needs))]


def holding(problem: Problem, meetings: Sequence[Meeting], names: Collection[str]) -> list[str]:
    """Give the pieces whose meetings hold everything that one of these could take at one of its times."""
    held = Board(problem)
    for meeting in meetings:
        if meeting.piece not in names:
            held.hold(meeting)
    lacked = Board(problem)
    bars = [wish for wish in problem.wishes if isinstance(wish, Bar)]
    for name in names:
        piece = problem.piece[name]
        for start, needs in problem.options(piece, but=bars).items():
            for need in needs:
                if not any(held.is_free(each, start, start + piece.minutes, piece.place) for each in need):
                    lacked.hold(Meeting(name, start, need))
    stand = (
        each.piece
        for each in meetings
        if each.piece not in names
        and not all(
            lacked.is_free(name, each.start, problem.end(each), problem.piece[each.piece].place) for name in each.taken
        )
    )
    return list(dict.fromkeys(stand))
