"""How points become stars: weighted criteria, thresholds, veto items. A scheme is data; nothing here knows one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say

#: Points are out of 100 for each criterion.
FULL = 100


@dataclass(frozen=True)
class Criterion:
    """What is judged, and its weight: a whole number, of no meaning but beside the others'."""

    key: str
    label: str
    weight: int


@dataclass(frozen=True)
class Threshold:
    """So many points, of 100, give so many stars."""

    stars: int
    points: int


def scheme_holds(criteria: Sequence[Criterion], thresholds: Sequence[Threshold], reviewers: int) -> list[Finding]:
    """Find what keeps a scheme from judging anybody: no weights, thresholds out of order, too few reviewers."""
    found = []
    if not criteria or any(criterion.weight <= 0 for criterion in criteria):
        found.append(refuse("star_rating.weights", say("每项评价指标都要有大于 0 的权重")))
    if len({criterion.key for criterion in criteria}) != len(criteria):
        found.append(refuse("star_rating.criteria_twice", say("评价指标不能重名")))
    rising = sorted(thresholds, key=lambda threshold: threshold.stars)
    in_order = all(low.points < high.points for low, high in pairwise(rising))
    within = all(0 <= threshold.points <= FULL and threshold.stars > 0 for threshold in thresholds)
    if (
        not thresholds
        or not in_order
        or not within
        or len({threshold.stars for threshold in thresholds}) != len(rising)
    ):
        message = say("星级分数线须在 0 到 100 之间，星级越高分数线越高，每个星级一条")
        found.append(refuse("star_rating.thresholds", message))
    if reviewers < 1 or reviewers % 2 == 0:
        found.append(refuse("star_rating.reviewers", say("评审人数须为单数")))
    return found


def weighted(points: Mapping[str, Fraction], criteria: Sequence[Criterion]) -> Fraction:
    """Give the weighted mean, exact; raises ``KeyError`` for a criterion without points."""
    total = sum(criterion.weight for criterion in criteria)
    return sum((points[criterion.key] * criterion.weight for criterion in criteria), Fraction(0)) / total


def stars(points: Fraction, thresholds: Sequence[Threshold], *, vetoed: bool) -> int:
    """Give the stars for exact points: the highest threshold reached, none when a veto item stands. 79.99 is not 80."""
    if vetoed:
        return 0
    return max((threshold.stars for threshold in thresholds if points >= threshold.points), default=0)
