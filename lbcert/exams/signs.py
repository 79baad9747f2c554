"""Signs of trouble in an exam: each a plain rule over its numbers, with the rows behind it. A sign proves nothing; somebody looks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt
from statistics import fmean, pstdev

from lbcert.core.policy import Follows, key
from lbcert.core.words import Message, say

#: Fewer than so many marks or candidates say nothing.
FEWEST = 10
#: Candidates of earlier exams that a pass rate is held against.
FEWEST_BEFORE = 30
#: A pass rate is out of line beyond so many standard errors.
ERRORS = 3


@dataclass(frozen=True)
class Limits:
    """From where on something is odd. No document says so: these are the product's own, until a bureau sets others."""

    #: so many points of a hundred lie between a pass rate and the usual one
    rate_points: int = 15
    #: all marks lie within so many points
    span: int = 5
    #: so many percent of the marks are one and the same
    same_share: int = 60
    #: an examiner's mean is so many points above that of the others
    kind_points: int = 10
    #: the gaps between marks differ by less than so many percent of their mean
    even_share: int = 10


#: Which key sets which of the limits.
LIMITS = {
    "rate_points": key("exams.sign_rate_points", say("合格率异常：相差"), Follows.BODY, int, say("个百分点")),
    "span": key("exams.sign_span", say("分数过于一致：全部在"), Follows.BODY, int, say("分")),
    "same_share": key("exams.sign_same_share", say("分数过于一致：相同的占"), Follows.BODY, int, say("%")),
    "kind_points": key("exams.sign_kind_points", say("考评员偏松：平均分高出"), Follows.BODY, int, say("分")),
    "even_share": key("exams.sign_even_share", say("评分时间过于均匀：间隔相差不到"), Follows.BODY, int, say("%")),
}


class SignKind(StrEnum):
    """Which rule found it."""

    RATE = "rate"
    ALIKE = "alike"
    KIND = "kind"
    EVEN = "even"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _LABELS[self]


_LABELS = {
    SignKind.RATE: say("合格率异常"),
    SignKind.ALIKE: say("分数过于一致"),
    SignKind.KIND: say("个别考评员偏松"),
    SignKind.EVEN: say("评分时间过于均匀"),
}


@dataclass(frozen=True)
class Given:
    """One mark as the signs look at it: by candidate number, never by name."""

    number: str
    part: str
    points: int
    scorer: str
    at: datetime
    #: Typed off a sheet, so that its time says nothing about the marking.
    transcribed: bool = False


@dataclass(frozen=True)
class Sign:
    """One sign, in words with its figures, and the marks behind it (none where it is about earlier exams)."""

    kind: SignKind
    message: Message
    rows: tuple[Given, ...] = ()


def pass_rate(passed: int, sat: int, before: tuple[int, int], limits: Limits) -> list[Sign]:
    """Find a pass rate that lies far from that of the earlier exams of the same body and item: ``before`` is (passed, sat)."""
    if sat < FEWEST or before[1] < FEWEST_BEFORE:
        return []
    now, usual = passed / sat, before[0] / before[1]
    error = sqrt(usual * (1 - usual) / sat)
    if abs(now - usual) <= ERRORS * error or abs(now - usual) * 100 < limits.rate_points:
        return []
    message = say(
        "本批次合格率 {now}%（{passed}/{sat}），该机构同一项目以往 {usual}%（{before}/{total}）",
        now=round(now * 100), passed=passed, sat=sat, usual=round(usual * 100), before=before[0], total=before[1],
    )  # fmt: skip
    return [Sign(SignKind.RATE, message)]


def alike(part: Message, marks: Sequence[Given], limits: Limits) -> list[Sign]:
    """Find marks of one part that hardly differ."""
    points = [one.points for one in marks]
    if len(points) < FEWEST:
        return []
    low, high = min(points), max(points)
    often = max(set(points), key=points.count)
    share = points.count(often) / len(points)
    if high - low <= limits.span:
        message = say(
            "{part}：{count} 个分数都在 {low} 至 {high} 分之间", part=part, count=len(points), low=low, high=high
        )
    elif share * 100 >= limits.same_share:
        message = say("{part}：{count} 个分数中 {share}% 都是 {often} 分", part=part, count=len(points), share=round(share * 100), often=often)  # fmt: skip
    else:
        return []
    return [Sign(SignKind.ALIKE, message, tuple(marks))]


def too_kind(part: Message, marks: Sequence[Given], limits: Limits) -> list[Sign]:
    """Find examiners whose mean for a part lies far above that of all others together."""
    found = []
    for scorer, own in by_scorer(marks).items():
        others = [one.points for one in marks if one.scorer != scorer]
        if len(own) < FEWEST or len(others) < FEWEST:
            continue
        mine, theirs = fmean(one.points for one in own), fmean(others)
        if mine - theirs >= limits.kind_points:
            message = say(
                "{part}：{who} 平均 {mine} 分，其他考评员平均 {theirs} 分", part=part, who=scorer, mine=f"{mine:.1f}", theirs=f"{theirs:.1f}"
            )  # fmt: skip
            found.append(Sign(SignKind.KIND, message, tuple(own)))
    return found


def too_even(marks: Sequence[Given], limits: Limits) -> list[Sign]:
    """Find examiners whose marks came at gaps that hardly differ, as nobody's do who looks at work."""
    found = []
    for scorer, own in by_scorer([one for one in marks if not one.transcribed]).items():
        times = sorted(one.at for one in own)
        gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
        mean = fmean(gaps) if len(gaps) >= FEWEST else 0
        if mean and pstdev(gaps) * 100 < limits.even_share * mean:
            message = say("{who} 的 {count} 个评分每隔约 {mean} 秒一个", who=scorer, count=len(own), mean=round(mean))
            found.append(Sign(SignKind.EVEN, message, tuple(own)))
    return found


def by_scorer(marks: Sequence[Given]) -> Mapping[str, list[Given]]:
    """Sort marks by who gave them."""
    found: dict[str, list[Given]] = {}
    for one in marks:
        found.setdefault(one.scorer, []).append(one)
    return found
