"""Rules of 补考: how often, which passed parts are carried, and another form of the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say
from lbcert.exams.models import Part
from lbcert.exams.rules import months_before

#: How often the failed part may be sat again (domain.md 1.4: once, P14).
RESITS = key("exams.resits", say("补考次数"), Follows.BODY, int, say("次"))
#: How long a passed part counts (domain.md 1.4: not found in any document).
PART_MONTHS = key("exams.part_validity_months", say("单科合格成绩有效期"), Follows.BODY, int, say("个月"))


@dataclass(frozen=True)
class Earlier:
    """One exam that somebody sat before, in the same item: published, newest result, points that were marked in it."""

    result_id: int
    batch: str
    held_on: date
    #: Points of the parts that he really sat there, and the pass marks of that exam.
    points: Mapping[Part, int]
    pass_marks: Mapping[Part, int]
    #: Whether the exam counts as one that he sat: not where he was absent from all of it.
    sat: bool
    #: Whether the result was declared void, so that nothing of it counts.
    void: bool = False


@dataclass(frozen=True)
class Carried:
    """A passed part that counts in a later exam."""

    part: Part
    points: int
    result_id: int
    batch: str
    valid_until: date | None
    source: str


def carried(earlier: Sequence[Earlier], on: date, limits: Mapping[Part, int], months: Ruling) -> list[Carried]:
    """Choose the passed parts that count in an exam on a day, of each part the newest.

    A part counts when its points reach the pass mark of its own exam and, where it is known, of the new one, and the
    ``months`` since its exam are not over; without a policy it does not end.
    """
    found: dict[Part, Carried] = {}
    for one in sorted(earlier, key=lambda each: each.held_on):
        until = months_before(one.held_on, -months.value) if months.is_on_file else None
        if one.void or one.held_on >= on or (until is not None and until < on):
            continue
        for part, points in one.points.items():
            if points >= max(one.pass_marks[part], limits.get(part, 0)):
                found[part] = Carried(part, points, one.result_id, one.batch, until, months.source)
    return list(found.values())


def may_sit_again(who: str, earlier: Sequence[Earlier], granted: int, allowed: Ruling) -> list[Finding]:
    """Find that somebody has sat as often as the policy lets him; ``granted`` resits came of cases that were upheld."""
    sat = [one for one in earlier if one.sat]
    if not sat:
        return []
    if not allowed.is_on_file:
        return allowed.note()
    if len(sat) <= allowed.value + granted:
        return []
    message = say(
        "{who} 已考过 {count} 次（{batches}），补考只有 {allowed} 次；请重新报名参加培训后再考",
        who=who, count=len(sat), batches=tuple(one.batch for one in sat), allowed=allowed.value + granted,
    )  # fmt: skip
    return [refuse("exams.resits_used", message, allowed.source)]


def other_forms(needed: Mapping[Part, Mapping[str, Sequence[str]]], labels: Mapping[Part, str]) -> list[Finding]:
    """Find parts whose form of the paper is not on file, or is one that a candidate who sits again has seen.

    ``needed`` has, for each part that somebody sits again, the earlier labels with the names of those who saw them; the
    label is empty where none was on file.
    """
    findings = []
    for part, seen in needed.items():
        if part not in labels:
            names = tuple(dict.fromkeys(name for people in seen.values() for name in people))
            message = say("{names} 补考{part}，请登记试卷版本", names=names, part=part.label)
            findings.append(refuse("exams.form_missing", message))
        elif labels[part] in seen:
            message = say(
                "{names} 考过{part}的“{label}”卷，补考须用另一套试卷", names=tuple(seen[labels[part]]), part=part.label, label=labels[part]
            )  # fmt: skip
            findings.append(refuse("exams.same_form", message))
    return findings
