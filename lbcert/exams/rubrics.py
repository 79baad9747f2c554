"""Writing a rubric: its lines as somebody types or pastes them, and when it is whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say
from lbcert.exams.models import MOST_ITEMS
from lbcert.exams.scoring import Item

FULL = 100
_LONGEST_NAME, _LONGEST_GUIDE = 40, 300
#: Between the fields of a line: as copied from a table, or as typed.
_TABLE, _TYPED = re.compile(r" *\t *"), re.compile(r"\s*[|｜,，]\s*")
_WHOLE = re.compile(r"\d{1,3}")


def read_lines(text: str) -> tuple[list[Item], list[Finding]]:
    """Read items, one a line: name, weight, the most points (the weight where it is left out), what they are given for.

    The fields are parted by tabs, as a table copies them, or by commas. Gives the items of the lines that could be read,
    and what is wrong with the others.
    """
    items, findings = [], []
    for number, line in enumerate((line for line in text.splitlines() if line.strip()), start=1):
        between = _TABLE if "\t" in line else _TYPED
        name, weight, most, guide = (*between.split(line.strip(), maxsplit=3), "", "", "")[:4]
        if not name or not _WHOLE.fullmatch(weight) or not (_WHOLE.fullmatch(most) or not most):
            message = say(
                "第 {row} 行“{line}”应为：项目名称，权重，满分，评分要点；权重和满分为整数",
                row=number,
                line=line.strip()[:40],
            )
            findings.append(refuse("exams.rubric_line", message, subject=f"row:{number}"))
        else:
            items.append(Item(name, int(weight), int(most or weight), guide))
    return items, findings


def as_lines(items: Sequence[Item]) -> str:
    """Write items as they are read, for a next version."""
    return "\n".join("\t".join([one.name, str(one.weight), str(one.most), one.guide]).rstrip() for one in items)


def whole(items: Sequence[Item]) -> list[Finding]:
    """Find why items are no rubric: none or too many, a name twice, odd points, or weights that do not come to 100."""
    if not 1 <= len(items) <= MOST_ITEMS:
        message = say("评分细则应有 1 至 {most} 个项目，现有 {count} 个", most=MOST_ITEMS, count=len(items))
        return [refuse("exams.rubric_items", message)]
    findings = [finding for item in items for finding in _item(item)]
    for name, count in Counter(item.name for item in items).items():
        if count > 1:
            findings.append(refuse("exams.rubric_twice", say("项目“{name}”出现不止一次", name=name)))
    weights = sum(item.weight for item in items)
    if weights != FULL:
        findings.append(refuse("exams.rubric_weights", say("各项权重合计应为 100，现在是 {sum}", sum=weights)))
    return findings


def _item(item: Item) -> list[Finding]:
    if not item.name.strip() or len(item.name) > _LONGEST_NAME or len(item.guide) > _LONGEST_GUIDE:
        message = say(
            "项目“{name}”：名称应为 1 至 {name_most} 个字，评分要点不超过 {guide_most} 个字",
            name=item.name[:_LONGEST_NAME], name_most=_LONGEST_NAME, guide_most=_LONGEST_GUIDE,
        )  # fmt: skip
        return [refuse("exams.rubric_name", message)]
    if not (1 <= item.weight <= FULL and 1 <= item.most <= FULL):
        message = say("项目“{name}”的权重和满分都应为 1 至 100 的整数", name=item.name)
        return [refuse("exams.rubric_range", message)]
    if item.weight * 100 % item.most:
        message = say(
            "项目“{name}”权重 {weight}、满分 {most}，每 1 分折不成整的百分之一分；请把满分改为与权重相同，或改为 5、10、20、50、100",
            name=item.name, weight=item.weight, most=item.most,
        )  # fmt: skip
        return [refuse("exams.rubric_hundredths", message)]
    return []
