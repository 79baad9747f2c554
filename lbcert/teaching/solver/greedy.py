"""A first plan: pieces in their order, each by whoever serves it best, as early as everything is free, and never back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from lbcert.teaching.solver import measure
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem
from lbcert.teaching.solver.wishes import Bar, OfResource, Wish

#: Ways to take what a piece needs that are tried.
_TRIES = 60

#: The starts of a piece, and what may be taken then.
Options = Mapping[int, Sequence[tuple[str, ...]]]


class Board:
    """When resources are held, and where."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self._is_far = problem, problem.farthest > 0
        self._held: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)

    def hold(self, meeting: Meeting) -> None:
        """Note a meeting."""
        end, place = self.problem.end(meeting), self.problem.piece[meeting.piece].place
        for name in meeting.taken:
            for day in range(meeting.start // DAY, (end - 1) // DAY + 1):
                self._held[name, day].append((meeting.start, end, place))

    def is_free(self, name: str, start: int, end: int, place: str) -> bool:
        """Tell whether a resource is in no meeting then, and can come from the one before and to the one after."""
        near = self.problem.farthest
        for day in range((start - near) // DAY, (end - 1 + near) // DAY + 1):
            for begins, ends, there in self._held.get((name, day), ()):
                way = self.problem.journey(place, there) if self._is_far else 0
                if begins < end + way and start < ends + way:
                    return False
        return True

    def open_at(self, piece: Piece, start: int, needs: Sequence[tuple[str, ...]]) -> list[list[str]] | None:
        """Give what is free of each need of a piece at a start; None where something is not."""
        found = []
        for need in needs:
            free = [name for name in need if self.is_free(name, start, start + piece.minutes, piece.place)]
            if not free:
                return None
            found.append(free)
        return found


def lay(
    problem: Problem, meetings: Sequence[Meeting], options: Mapping[str, Options], counts: Mapping[str, int]
) -> list[Meeting]:
    """Lay so many of each piece around the meetings that stand; what finds no place is left out. Wishes that bind are kept."""
    laying = _Laying(problem, meetings, options)
    for name, count in counts.items():
        laying.lay(problem.piece[name], count)
    return laying.laid


class _Laying:
    """What is laid so far."""

    def __init__(self, problem: Problem, meetings: Sequence[Meeting], options: Mapping[str, Options]) -> None:
        self.problem, self.options = problem, options
        self.laid: list[Meeting] = []
        self._held, self._board = measure.Held(problem, meetings), Board(problem)
        for meeting in meetings:
            self._board.hold(meeting)

    def lay(self, piece: Piece, count: int) -> None:
        """Lay a piece with one trainer in one room, whichever serve it best; what is left then, with whoever is free."""
        every = [
            dict.fromkeys(name for needs in self.options[piece.name].values() for name in needs[n])
            for n in _each(piece)
        ]
        tries = [self._with(piece, count, taken) for taken in islice(product(*every), _TRIES)]
        best = min(tries, key=lambda found: (-len(found), self._price(piece, found)), default=[])
        for meeting in best:
            self._keep(meeting)
        left = count - len(best)
        for start, needs in self.options[piece.name].items():
            if not left:
                return
            free = self._board.open_at(piece, start, needs)
            if free is None:
                continue
            meeting = Meeting(
                piece.name, start, tuple(min(names, key=lambda n: piece.costs.get(n, 0)) for names in free)
            )
            if self._is_allowed(meeting, []):
                self._keep(meeting)
                left -= 1

    def _with(self, piece: Piece, count: int, taken: tuple[str, ...]) -> list[Meeting]:
        """Give what could be laid of a piece, always taking the same."""
        found: list[Meeting] = []
        over = 0
        for start, needs in self.options[piece.name].items():
            if len(found) == count:
                break
            end = start + piece.minutes
            if start < over or not all(
                name in need and self._board.is_free(name, start, end, piece.place)
                for name, need in zip(taken, needs, strict=True)
            ):
                continue
            meeting = Meeting(piece.name, start, taken)
            if self._is_allowed(meeting, found):
                found.append(meeting)
                over = end
        return found

    def _keep(self, meeting: Meeting) -> None:
        self._board.hold(meeting)
        self._held.add(meeting)
        self.laid.append(meeting)

    def _touched(self, piece: str, taken: Sequence[str]) -> Iterator[Wish]:
        for number in self.problem.touched[piece]:
            wish = self.problem.wishes[number]
            if not isinstance(wish, OfResource) or wish.resource in taken:
                yield wish

    def _is_allowed(self, meeting: Meeting, before: list[Meeting]) -> bool:
        """Tell whether a meeting breaks no wish that binds; bars are kept by the options."""
        return not any(
            self._held.breach(wish, [*before, meeting]) > self._held.breach(wish, before)
            for wish in self._touched(meeting.piece, meeting.taken)
            if wish.weight is None and not isinstance(wish, Bar)
        )

    def _price(self, piece: Piece, found: list[Meeting]) -> int:
        """Tell what meetings add to the cost of the plan."""
        if not found:
            return 0
        return measure.of_options(self.problem, found) + sum(
            wish.weight * (self._held.breach(wish, found) - self._held.breach(wish))
            for wish in self._touched(piece.name, found[0].taken)
            if wish.weight
        )


def _each(piece: Piece) -> range:
    return range(len(piece.needs))
