"""Class hours on each day, as the learners have them: electives that meet side by side are a full day for nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date


class Load:
    """How many class hours are on each day; ``learners`` are those of each module, by its id."""

    def __init__(self, learners: Mapping[int, Collection[int]]) -> None:
        self._learners = learners
        self._hours: dict[date, list[tuple[Collection[int], int]]] = defaultdict(list)

    def add(self, day: date, module_id: int, hours: int, learners: Collection[int] | None = None) -> None:
        """Take hours of a module as held on a day, for some of its ``learners`` where they are given."""
        self._hours[day].append((self._of(module_id) if learners is None else learners, hours))

    def on(self, day: date, module_id: int, learners: Collection[int] | None = None) -> int:
        """Give the hours of that day for whichever of the learners has most of them; all, where a module has no learners."""
        hours = self._hours[day]
        return max(
            (
                sum(count for whom, count in hours if learner in whom or not whom)
                for learner in (self._of(module_id) if learners is None else learners)
            ),
            default=sum(count for _, count in hours),
        )

    def _of(self, module_id: int) -> Collection[int]:
        return self._learners.get(module_id, ())
