"""What marks come to: a marker's items by their weights; then one marker's points, the mean of two who are near enough, or the third's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import Message, say
from lbcert.exams.models import Absence, Part

#: How many examiners score a part alone, 1 or 2; none on file is 1.
MARKERS = {
    Part.THEORY: key("exams.markers_theory", say("理论知识评分人数（1 或 2）"), Follows.BODY, int, say("人")),
    Part.PRACTICE: key("exams.markers_practice", say("操作技能评分人数（1 或 2）"), Follows.BODY, int, say("人")),
    Part.REVIEW: key("exams.markers_review", say("综合评审评分人数（1 或 2）"), Follows.BODY, int, say("人")),
}
#: How far two markers may differ before a third decides.
TOLERANCE = key("exams.marker_tolerance", say("两名考评员评分的允许差"), Follows.BODY, int, say("分"))

#: The third marker's seat; those of the first two are 1 and 2.
THIRD = 3
_FULL_MARKS = 100
Value = int | Absence


@dataclass(frozen=True)
class Item:
    """An item of a rubric: for how many of the part's 100 points it stands, and how many a marker gives at most."""

    name: str
    weight: int
    most: int
    guide: str = ""

    @property
    def worth(self) -> int:
        """What one point counts, in hundredths of a point of the part."""
        return self.weight * 100 // self.most


@dataclass(frozen=True)
class Given:
    """What a marker gives for a part: points, or an absence; ``by_item`` where a rubric asks, and then the points come of it."""

    points: int | None = None
    absence: Absence | None = None
    by_item: tuple[int, ...] | None = None

    @property
    def value(self) -> Value:
        """The points or the absence."""
        return self.absence if self.absence is not None else self.points  # type: ignore[return-value]  # one of both


@dataclass(frozen=True)
class Scheme:
    """How a part is marked: by how many, by how many points two may differ, and by which items where a rubric says so."""

    markers: int = 1
    tolerance: int = 0
    #: By the key alone: nobody marks it.
    by_computer: bool = False
    items: tuple[Item, ...] = ()

    @property
    def is_blind(self) -> bool:
        """Tell whether a marker sees his own marks alone."""
        return self.markers > 1


def total(items: Sequence[Item], points: Sequence[int]) -> int:
    """Give what the points of a rubric's items come to, 0 to 100, in whole points; a half is rounded up (四舍五入).

    The database does the same (``models.marks``), and so does the phone (``static/marking/items.js``).
    """
    hundredths = sum(given * item.worth for item, given in zip(items, points, strict=True))
    return (hundredths + 50) // 100


def summed(items: Sequence[Item], given: Given) -> Given:
    """Fill in the points of a mark that was given by item."""
    return given if given.by_item is None else replace(given, points=total(items, given.by_item))


def itemised(who: Message, part: Part, items: Sequence[Item], given: Given, subject: str = "") -> list[Finding]:
    """Find what is wrong with a mark's points by item: missing where a rubric asks for them, too few, or beyond an item's most."""
    by_item = given.by_item
    if by_item is None:
        message = say("{who}的{part}按评分细则评分，请逐项填写得分", who=who, part=part.label)
        return [refuse("exams.items_wanted", message, subject=subject)] if items and given.absence is None else []
    if given.absence is not None or not items or len(by_item) != len(items):
        message = say(
            "{who}的{part}有 {count} 个评分项目，送来 {given} 个得分；请重新打开本页再评",
            who=who, part=part.label, count=len(items), given=len(by_item),
        )  # fmt: skip
        return [refuse("exams.items_differ", message, subject=subject)]
    return [
        item_range(who, part, item, points, subject)
        for item, points in zip(items, by_item, strict=True)
        if not 0 <= points <= item.most
    ]


def item_range(who: Message, part: Part, item: Item, points: object, subject: str = "") -> Finding:
    """Say that an item's points are none that its rubric has."""
    message = say(
        "{who}的{part}“{item}”应为 0 至 {most} 的整数，不是“{points}”",
        who=who, part=part.label, item=item.name, most=item.most, points=str(points)[:20],
    )  # fmt: skip
    return refuse("exams.item_range", message, subject=subject)


def shown(given: Given) -> Message | int | str | None:
    """Give what a marker gave as it is read: an absence in words, points, and behind them those of the items."""
    if given.absence is not None:
        return given.absence.label
    return given.points if given.by_item is None else f"{given.points}（{' + '.join(map(str, given.by_item))}）"


def _agree(first: Value, second: Value, tolerance: int) -> bool:
    if isinstance(first, Absence) or isinstance(second, Absence):
        return first is second
    return abs(first - second) <= tolerance


def settled(values: Mapping[int, Value], scheme: Scheme) -> Value | None:
    """Give what counts of the marks by seat; None while a marker is missing or a third is wanted.

    The mean of two is rounded up at a half point (四舍五入); the database does the same (``models.schemes``).
    """
    if THIRD in values:
        return values[THIRD]
    first, second = values.get(1), values.get(2)
    if first is None or not scheme.is_blind:
        return first
    if second is None or not _agree(first, second, scheme.tolerance):
        return None
    if isinstance(first, Absence) or isinstance(second, Absence):
        return first
    return (first + second + 1) // 2


def wants_third(values: Mapping[int, Value], scheme: Scheme) -> bool:
    """Tell whether both markers have marked, too far apart, and no third yet."""
    has_both = scheme.is_blind and {1, 2} <= values.keys()
    return has_both and settled(values, scheme) is None


def free_seat(values: Mapping[int, Value], scheme: Scheme) -> int | None:
    """Give the seat of the next marker who has not marked yet; None where nobody else is wanted."""
    if wants_third(values, scheme):
        return THIRD
    return next((seat for seat in range(1, scheme.markers + 1) if seat not in values), None)


def schemes_on_file(markers: Mapping[Part, Ruling], tolerance: Ruling, examiners: int) -> list[Finding]:
    """Find what keeps a batch's parts from being marked as the policy says: odd values, no tolerance, nobody to be the third."""
    findings = []
    for ruling in markers.values():
        if ruling.is_on_file and ruling.value not in {1, 2}:
            message = say(
                "“{key}”登记为 {value}，只能是 1 或 2，请人社局更正政策参数", key=ruling.key.label, value=ruling.value
            )
            findings.append(refuse("exams.markers_value", message, ruling.source))
    two = [ruling for ruling in markers.values() if ruling.value == 2]  # noqa: PLR2004 (two markers)
    if not two:
        return findings
    if not tolerance.is_on_file or not 0 <= tolerance.value <= _FULL_MARKS:
        message = say(
            "评价机构所在地没有登记“{key}”（0 至 100 分），两人评分不能开始；请人社局登记", key=tolerance.key.label
        )
        findings.append(refuse("exams.tolerance_missing", message, tolerance.source))
    if examiners < THIRD:
        message = say(
            "本批次由两名考评员各自评分，相差过大时须由第三名考评员评定；现有考评员 {count} 名，请补充任命",
            count=examiners,
        )
        findings.append(refuse("exams.third_missing", message, two[0].source))
    return findings


def thirds_wanted(wanted: Mapping[Part, int]) -> list[Finding]:
    """Find candidates, counted by part, whose two markers are too far apart while no third has marked."""
    return [
        refuse(
            "exams.third_wanted",
            say("{count} 名考生的{part}两次评分相差过大，须由第三名考评员评定", count=count, part=part.label),
        )
        for part, count in wanted.items()
        if count
    ]
