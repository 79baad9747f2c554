"""What the answers tell of a question (试题分析): how hard it was, whether it tells the able from the others, what was chosen. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

#: The share of candidates that is the upper, and the lower, group (Kelley 1939).
_GROUP_PERCENT = 27
#: Fewer candidates than this say little.
FEW = 30
#: A question is to be looked at again when almost all or almost none got it right, or when it does not discriminate (Ebel 1972).
TOO_HARD, TOO_EASY, TOO_DULL = 0.2, 0.95, 0.2


@dataclass(frozen=True)
class Reply:
    """One candidate's reply: what he chose (empty for nothing), whether it is right, and his points in tenths.

    ``rest`` are his points of all other questions. ``order`` breaks ties, so that the groups are the same each time.
    """

    chosen: str
    right: bool
    total: int
    rest: int
    order: str


@dataclass(frozen=True)
class Analysis:
    """What is told of a question."""

    count: int
    #: Share of candidates who got it right, 0 to 1.
    difficulty: float
    #: Correlation of right (1) and wrong (0) with the points of all other questions; None where either does not vary.
    point_biserial: float | None
    #: Right answers of the upper 27 % less those of the lower, by the size of a group; None for a single candidate.
    upper_lower: float | None
    #: How many chose each option, and how many (under "") chose nothing.
    choices: dict[str, int]

    @property
    def is_odd(self) -> bool:
        """Tell whether somebody should look at the question again."""
        dull = self.upper_lower is not None and self.upper_lower < TOO_DULL
        return not TOO_HARD <= self.difficulty <= TOO_EASY or dull


def analyse(replies: Sequence[Reply], choices: Collection[str]) -> Analysis:
    """Analyse the replies to a question with these choices; at least one."""
    rights = [float(one.right) for one in replies]
    chosen = Counter(letter for one in replies for letter in one.chosen or " ")
    return Analysis(
        count=len(replies),
        difficulty=sum(rights) / len(replies),
        point_biserial=_correlation(rights, [float(one.rest) for one in replies]),
        upper_lower=_upper_lower(replies),
        choices={letter: chosen[letter] for letter in choices} | {"": chosen[" "]},
    )


def _correlation(rights: Sequence[float], rests: Sequence[float]) -> float | None:
    if len(set(rights)) == 1 or len(set(rests)) == 1:
        return None
    return statistics.correlation(rights, rests)


def _upper_lower(replies: Sequence[Reply]) -> float | None:
    if len(replies) == 1:
        return None
    size = max(1, (_GROUP_PERCENT * len(replies) + 50) // 100)
    ranked = sorted(replies, key=lambda one: (-one.total, one.order))
    return (sum(one.right for one in ranked[:size]) - sum(one.right for one in ranked[-size:])) / size
