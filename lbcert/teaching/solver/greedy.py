"""A first plan: pieces in their order, each meeting at the earliest start at which everything is free, and never back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lbcert.teaching.solver import measure
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem

#: The starts of a piece, and what may be taken then.
Options = Mapping[int, Sequence[tuple[str, ...]]]


class Board:
    """When resources are held, and where."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._held: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)

    def hold(self, meeting: Meeting) -> None:
        """Note a meeting."""
        end, place = self.problem.end(meeting), self.problem.piece[meeting.piece].place
        for name in meeting.taken:
            for day in range(meeting.start // DAY, (end - 1) // DAY + 1):
                self._held[name, day].append((meeting.start, end, place))

    def is_free(self, name: str, start: int, end: int, place: str) -> bool:
        """Tell whether a resource is in no meeting then, and can come from the one before and to the one after."""
        way = DAY if self.problem.travel else 0
        for day in range((start - way) // DAY, (end - 1 + way) // DAY + 1):
            for begins, ends, there in self._held.get((name, day), ()):
                way_there = self.problem.journey(place, there)
                if begins < end + way_there and start < ends + way_there:
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


def lay(problem: Problem, meetings: Sequence[Meeting], options: Mapping[str, Options]) -> list[Meeting]:
    """Lay what is missing around the meetings that stand; what finds no place is left out. Wishes that bind are kept."""
    board = Board(problem)
    for meeting in meetings:
        board.hold(meeting)
    plan = _Laid(problem, meetings)
    for name, count in measure.missing(problem, meetings).items():
        piece = problem.piece[name]
        left = count
        for start, needs in options[name].items():
            if not left:
                break
            open_ones = board.open_at(piece, start, needs)
            if open_ones is None:
                continue
            meeting = Meeting(name, start, tuple(plan.choice(piece, free) for free in open_ones))
            if plan.add(meeting):
                board.hold(meeting)
                left -= 1
    return plan.meetings[len(meetings) :]


class _Laid:
    """The meetings laid so far."""

    def __init__(self, problem: Problem, meetings: Sequence[Meeting]) -> None:
        self.problem, self.meetings = problem, list(meetings)
        self._by_piece: dict[str, list[Meeting]] = defaultdict(list)
        for meeting in meetings:
            self._by_piece[meeting.piece].append(meeting)

    def choice(self, piece: Piece, free: Sequence[str]) -> str:
        """Choose the cheapest; of equals what the piece's last meeting took, or the first."""
        last = self._by_piece[piece.name][-1].taken if self._by_piece[piece.name] else ()
        return min(free, key=lambda name: (piece.costs.get(name, 0), name not in last))

    def add(self, meeting: Meeting) -> bool:
        """Add a meeting, unless it breaks a wish that binds."""
        before = self._broken(meeting.piece)
        self._by_piece[meeting.piece].append(meeting)
        if self._broken(meeting.piece) > before:
            self._by_piece[meeting.piece].pop()
            return False
        self.meetings.append(meeting)
        return True

    def _broken(self, piece: str) -> int:
        found = 0
        for number in self.problem.touched[piece]:
            wish = self.problem.wishes[number]
            if wish.weight is None:
                own = [each for name in wish.of(self.problem) for each in self._by_piece[name]]
                found += measure.breach(wish, self.problem, own)
        return found
