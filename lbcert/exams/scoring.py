"""What a candidate's marks come to: one marker's points, the mean of two who are near enough, or the mark of the third."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say
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
class Scheme:
    """How a part is marked: by how many, and by how many points two may differ."""

    markers: int = 1
    tolerance: int = 0
    #: By the key alone: nobody marks it.
    by_computer: bool = False

    @property
    def is_blind(self) -> bool:
        """Tell whether a marker sees his own marks alone."""
        return self.markers > 1


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
