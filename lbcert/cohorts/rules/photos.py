"""Whose photo a file is, by its name: the ID number, or a name that is one learner's alone."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity.id_number import parse_id_number
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.identity.person_name import tidy_person_name
from lbcert.core.words import say

_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_BETWEEN = re.compile(r"[\s_\-—+,，、()（）]+")


@dataclass(frozen=True)
class Sitter:
    """A learner of the cohort, as far as a photo's name tells."""

    person_id: int
    name: str
    id_number: str
    masked: str
    has_photo: bool


@dataclass
class Entry:
    """One file: its name with the ID number masked, whose photo it is, and what there is to say about it."""

    row: int
    file: str
    sitter: Sitter | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What a finding about this file says it is about."""
        return f"row:{self.row}"

    @property
    def is_good(self) -> bool:
        """Tell whether it may be kept."""
        return self.sitter is not None and not any(finding.stops for finding in self.findings)

    def add(self, finding: Finding) -> None:
        """Take a finding as one about this file."""
        message = say("“{file}”：{what}", file=self.file, what=finding.message)
        self.findings.append(Finding(finding.rule, finding.level, message, finding.source, self.subject))


def read_name(row: int, path: str, sitters: Sequence[Sitter], today: date) -> Entry:
    """Find whose photo a file is: 530128….jpg, 王小明.jpg, or 王小明_530128….jpg as assessment bodies ask for."""
    named = PurePosixPath(unicodedata.normalize("NFKC", path))
    found = _NUMBER.search(named.stem)
    entry = Entry(row, _NUMBER.sub(lambda number: mask_id_number(number[0]), named.name)[:120])
    written = _NUMBER.sub("", named.stem)
    name = tidy_person_name(_BETWEEN.sub("", written) if found else written).text[:30]
    if found:
        _by_number(entry, found[0].upper(), name, sitters, today)
    else:
        _by_name(entry, name, sitters)
    if entry.is_good and entry.sitter and entry.sitter.has_photo:
        entry.add(
            Finding(
                "cohorts.photo_replaces", Level.WARN, say("{who} 已有照片，保存后换成这一张", who=entry.sitter.name)
            )
        )
    return entry


def one_photo_each(entries: Sequence[Entry]) -> None:
    """Hold back all photos of a learner who has several: which is the right one, nobody can tell."""
    of: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.sitter and entry.is_good:
            of[entry.sitter.person_id].append(entry)
    for several in of.values():
        for entry in several if len(several) > 1 else []:
            others = tuple(f"“{other.file}”" for other in several if other is not entry)
            message = say("与{others}是同一人的照片，请只留一张", others=others)
            entry.add(refuse("cohorts.photo_twice", message))


def still_missing(sitters: Sequence[Sitter], entries: Sequence[Entry]) -> list[str]:
    """Name the learners who have no photo and get none from these files."""
    served = {entry.sitter.person_id for entry in entries if entry.is_good and entry.sitter}
    return [sitter.name for sitter in sitters if not sitter.has_photo and sitter.person_id not in served]


def _by_number(entry: Entry, number: str, name: str, sitters: Sequence[Sitter], today: date) -> None:
    sitter = next((each for each in sitters if each.id_number == number), None)
    if sitter is None:
        wrong = parse_id_number(number, today)
        message = say("本班名册里没有身份证号 {number}", number=mask_id_number(number))
        entry.add(wrong if isinstance(wrong, Finding) else refuse("cohorts.photo_stranger", message))
    elif name and name != sitter.name:
        message = say("身份证号 {number} 在名册里是{who}，不是“{name}”，请核对", number=sitter.masked, who=sitter.name, name=name)  # fmt: skip
        entry.add(refuse("cohorts.photo_of_another", message))
    else:
        entry.sitter = sitter


def _by_name(entry: Entry, name: str, sitters: Sequence[Sitter]) -> None:
    called = [each for each in sitters if each.name == name]
    if len(called) > 1:
        message = say("本班有 {count} 位{name}，请用身份证号作文件名", count=len(called), name=name)
        entry.add(refuse("cohorts.photo_name_shared", message))
    elif called:
        entry.sitter = called[0]
    else:
        message = say("本班名册里没有“{name}”；文件名应为学员的身份证号或姓名", name=name)
        entry.add(refuse("cohorts.photo_stranger", message))
