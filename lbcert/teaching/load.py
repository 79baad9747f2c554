"""Class hours on each day, as the learners have them: electives that meet side by side are a full day for nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import date


class Load:
    """How many class hours are on each day; ``learners`` are those of each module, by its id."""

    def __init__(self, learners: Mapping[int, Collection[int]]) -> None:
        self._learners = learners
        self._hours: dict[date, Counter[int]] = defaultdict(Counter)

    def add(self, day: date, module_id: int, hours: int) -> None:
        """Take hours of a module as held on a day."""
        self._hours[day][module_id] += hours

    def on(self, day: date, module_id: int) -> int:
        """Give the hours of that day for whichever learner of the module has most of them; all, where it has no learners."""
        hours = self._hours[day]
        return max(
            (
                sum(count for other, count in hours.items() if learner in self._of(other) or not self._of(other))
                for learner in self._of(module_id)
            ),
            default=hours.total(),
        )

    def _of(self, module_id: int) -> Collection[int]:
        return self._learners.get(module_id, ())
