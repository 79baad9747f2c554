"""Equipment (设备): what the lessons of a module need for so many learners, and what a place has, a line each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say

#: A thing, how many, in what unit, and for how many learners: 焊机 1 台/2 人, 投影仪 1 台.
_NEED = re.compile(r"(.+?)\s*(\d{1,5})\s*([^\d\s/]{0,6})(?:\s*/\s*(\d{1,4})\s*(?:人|learners?)?)?")
_STOCK = re.compile(r"(.+?)\s*(\d{1,7})\s*([^\d\s]{0,6})")
#: Characters of all lines.
LONGEST = 2000


@dataclass(frozen=True)
class Need:
    """So many of a thing, for every so many learners; None: however many they are."""

    thing: str
    count: int
    unit: str
    learners: int | None = None

    def among(self, learners: int) -> int:
        """Give how many so many learners need; never none."""
        groups = 1 if self.learners is None else max(1, -(-learners // self.learners))
        return self.count * groups


def read_needs(text: str) -> tuple[list[Need], list[Finding]]:
    """Read what a module's lessons need, a line each: ``焊机 1 台/2 人``, ``投影仪 1 台``."""
    needs: list[Need] = []
    findings: list[Finding] = []
    for number, line in _lines(text):
        found = _NEED.fullmatch(line)
        if found is None or not int(found[2]) or (found[4] is not None and not int(found[4])):
            message = say("设备第 {row} 行读不懂，请写成“焊机 1 台/2 人”或“投影仪 1 台”", row=number)
            findings.append(refuse("brands.equipment_unreadable", message))
        else:
            needs.append(Need(_key(found[1]), int(found[2]), found[3], int(found[4]) if found[4] else None))
    if len(text) > LONGEST:
        findings.append(refuse("brands.equipment_long", say("设备超过 {most} 个字，请改短", most=LONGEST)))
    return needs, findings


def read_stock(text: str) -> dict[str, int | None]:
    """Read what a place has, a line each: ``焊机 10 台``; None for what stands without a number: enough of it."""
    stock: dict[str, int | None] = {}
    for _, line in _lines(text):
        found = _STOCK.fullmatch(line)
        thing = _key(found[1] if found else line)
        before = stock.get(thing, 0)
        stock[thing] = before + int(found[2]) if found and before is not None else None
    return stock


def lacking(needs: Iterable[Need], stock: Mapping[str, int | None], learners: int) -> list[tuple[Need, int, int]]:
    """Give what a place lacks for so many learners: each thing with how many are needed, and how many are there."""
    wanted = ((need, need.among(learners), stock.get(need.thing, 0)) for need in needs)
    return [(need, count, there) for need, count, there in wanted if there is not None and there < count]


def _lines(text: str) -> list[tuple[int, str]]:
    plain = unicodedata.normalize("NFKC", text)
    lines = ((number, " ".join(line.split())) for number, line in enumerate(re.split(r"\r\n|[\r\n;]", plain), 1))
    return [(number, line) for number, line in lines if line]


def _key(thing: str) -> str:
    return thing.strip().casefold()
