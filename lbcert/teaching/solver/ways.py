"""A piece as small moves (``annealing``) see it: numbers in place of names, and prices that are remembered."""

from __future__ import annotations

from lbcert.teaching.solver.greedy import Options
from lbcert.teaching.solver.problem import Meeting, Piece
from lbcert.teaching.solver.tallies import Tallies

#: What a meeting takes of each need with a choice.
Taken = tuple[int, ...]


class _Prices(dict[tuple[int, ...], int]):
    """What a meeting costs for its slot and what it takes then, worked out when first asked."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self._way = way

    def __missing__(self, key: tuple[int, ...]) -> int:
        found = self[key] = self._way.tallies.option(self._way.meeting(key[0], key[1:]))
        return found


class Way:
    """Where the meetings of a piece may be, what they may take then, and what that adds to the numbers that are watched."""

    def __init__(self, tallies: Tallies, piece: Piece, options: Options) -> None:
        self.tallies, self.piece = tallies, piece
        of = tallies.resources
        self._names = list(of)
        chosen = [n for n, need in enumerate(piece.needs) if len(need) > 1]
        #: What each meeting takes, and what watches it.
        self.fixed = [of[need[0]] for need in piece.needs if len(need) == 1]
        self.watched = [(t, gauge) for t in self.fixed for gauge in tallies.gauges[t]]
        self.slot_of = tallies.slot_of[piece.name]
        #: What may be taken of each need with a choice, by slot.
        self.open = {
            self.slot_of[start]: [[of[name] for name in needs[n]] for n in chosen] for start, needs in options.items()
        }
        self.slots = list(self.open)
        #: Whether that is not the same in all slots.
        self.varies = any(needs != self.open[self.slots[0]] for needs in self.open.values())
        self.by_slot = [(t, adds, tallies.gauges[t][0]) for t, adds in tallies.by_slot[piece.name]]
        self.by_taken = []
        for t, adds in tallies.by_taken[piece.name]:
            base = sum(adds[need[0]] for need in piece.needs if len(need) == 1)
            self.by_taken.append((t, base, {of[name]: add for name, add in adds.items()}, tallies.gauges[t][0]))
        self.price = _Prices(self)
        #: The slots in which it has a meeting.
        self.used = 0

    def taken(self, meeting: Meeting) -> Taken:
        """Give what a meeting has taken."""
        both = zip(self.piece.needs, meeting.taken, strict=True)
        return tuple(self.tallies.resources[name] for need, name in both if len(need) > 1)

    def meeting(self, slot: int, taken: Taken) -> Meeting:
        """Give a meeting by its names."""
        chosen = iter(taken)
        names = (need[0] if len(need) == 1 else self._names[next(chosen)] for need in self.piece.needs)
        return Meeting(self.piece.name, self.tallies.slots[slot].start, tuple(names))
