"""How points become stars: weighted criteria, thresholds, veto items. A scheme is data; nothing here knows one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say

#: Points are out of 100 for each criterion.
FULL = 100
#: What the certificate's schema has room for.
MOST_STARS = 10


@dataclass(frozen=True)
class Criterion:
    """What is judged, and its weight: a whole number, of no meaning but beside the others'."""

    label: str
    weight: int


@dataclass(frozen=True)
class Threshold:
    """So many points, of 100, give so many stars."""

    stars: int
    points: int


def criteria_hold(criteria: Sequence[Criterion]) -> Iterator[Finding]:
    """Find what keeps criteria from judging anybody."""
    if not criteria or any(criterion.weight <= 0 or not criterion.label for criterion in criteria):
        yield refuse("star_rating.weights", say("至少要有一项评价指标，每项都要有名称和大于 0 的权重"))
    if len({criterion.label for criterion in criteria}) != len(criteria):
        yield refuse("star_rating.criteria_twice", say("评价指标不能重名"))


def thresholds_hold(thresholds: Sequence[Threshold]) -> Iterator[Finding]:
    """Find thresholds that are none, out of range, or do not rise with the stars."""
    rising = sorted(thresholds, key=lambda threshold: threshold.stars)
    rises = all(low.stars < high.stars and low.points < high.points for low, high in pairwise(rising))
    within = all(0 <= each.points <= FULL and 0 < each.stars <= MOST_STARS for each in thresholds)
    if not thresholds or not rises or not within:
        message = say(
            "分数线须在 0 到 100 之间，星级在 1 到 {most} 之间；每个星级一条，星级越高分数线越高", most=MOST_STARS
        )
        yield refuse("star_rating.thresholds", message)


def procedure_holds(
    name: str, source: str, reviewers: int, months: int, days: int, at_work_points: int
) -> Iterator[Finding]:
    """Find a scheme without name or document, with an even number of reviewers, or without validity or notice."""
    if not name or not source:
        yield refuse("star_rating.document", say("请填写方案名称和所依据的文件"))
    if reviewers < 1 or reviewers % 2 == 0:
        yield refuse("star_rating.reviewers", say("评审人数须为单数，现为 {count}", count=reviewers))
    if months < 1 or days < 1:
        yield refuse("star_rating.periods", say("有效期至少 1 个月，公示至少 1 个工作日"))
    if not 0 <= at_work_points <= FULL:
        yield refuse("star_rating.at_work_points", say("在岗得分须在 0 到 100 之间"))


def written(points: Fraction) -> str:
    """Write points with two decimals, rounded down: 79.996 never looks like 80."""
    hundredths = points * 100 // 1
    return f"{hundredths // 100}.{hundredths % 100:02}"


def weighted(points: Mapping[str, Fraction], criteria: Sequence[Criterion]) -> Fraction:
    """Give the weighted mean, exact; raises ``KeyError`` for a criterion without points."""
    total = sum(criterion.weight for criterion in criteria)
    return sum((points[criterion.label] * criterion.weight for criterion in criteria), Fraction(0)) / total


def stars(points: Fraction, thresholds: Sequence[Threshold], *, vetoed: bool) -> int:
    """Give the stars for exact points: the highest threshold reached, none when a veto item stands. 79.99 is not 80."""
    if vetoed:
        return 0
    return max((threshold.stars for threshold in thresholds if points >= threshold.points), default=0)
