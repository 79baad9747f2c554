"""An examiner's own sheet of marks by candidate number, without names: written for what waits for him, judged row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lbcert.core.findings import Finding, refuse
from lbcert.core.sheets import Column, Row, Sheet, Table, write_workbook
from lbcert.core.words import Message, say
from lbcert.exams import scoring
from lbcert.exams.models import Absence, Part
from lbcert.exams.queries.marks import OwnSheet, given_of
from lbcert.exams.scoring import Given, Item, Scheme
from lbcert.exams.sheets import COLUMNS as COUNTY
from lbcert.exams.sheets import differs, item_columns, item_key, not_wanted, read_part

NUMBER = Column("number", "考生号", ("考号", "准考证号"), required=True, digits=True)
KIND = "exams.own_sheet"


@dataclass
class Entry:
    """One row: the candidate's number, the marks that it would add by part with their seats, and what was found."""

    row: int
    number: str
    marks: dict[Part, Given] = field(default_factory=dict)
    seats: dict[Part, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether nothing stops it."""
        return not any(finding.stops for finding in self.findings)


def columns(parts: Sequence[Part], schemes: Mapping[Part, Scheme]) -> list[Column]:
    """Give the sheet's columns: the number, and a part each, before it the items of the part's rubric."""
    county = {column.key: column for column in COUNTY}
    return [NUMBER, *(one for part in parts for one in (*item_columns(part, schemes[part].items), county[part]))]


def template(sheets: Sequence[OwnSheet], parts: Sequence[Part], schemes: Mapping[Part, Scheme]) -> bytes:
    """Write the workbook to be filled in: everybody for whom something waits, with what the examiner gave already."""
    rows = [_written(sheet, parts) for sheet in sheets if sheet.seats]
    return write_workbook(Table("评分表", columns(parts, schemes), rows))


def judge(sheet: Sheet, own: Mapping[str, OwnSheet], parts: Sequence[Part]) -> list[Entry]:
    """Judge every row against the candidates as one examiner sees them, by number; an empty cell is 未录 and no zero."""
    numbers = [row["number"].text.strip() for row in sheet.rows]
    often = Counter(numbers)
    return [
        _judged(row, number, own.get(number), parts, often) for row, number in zip(sheet.rows, numbers, strict=True)
    ]


def _written(sheet: OwnSheet, parts: Sequence[Part]) -> dict[str, Any]:
    row: dict[str, Any] = {"number": sheet.number}
    for part in parts:
        value = sheet.value(part)
        row[part] = str(value.label) if isinstance(value, Absence) else value
        by_item = sheet.marks[part].by_item if part in sheet.marks else None
        row |= {item_key(part, place): points for place, points in enumerate(by_item or ())}
    return row


def _judged(row: Row, number: str, own: OwnSheet | None, parts: Sequence[Part], often: Mapping[str, int]) -> Entry:
    entry = Entry(row.number, number, findings=list(row.findings))
    if not row["number"].is_usable:
        return entry  # its form is found fault with already
    if own is None:
        message = say("第 {row} 行：考生号 {number} 不在本批次，请核对", row=row.number, number=number)
        entry.findings.append(refuse("exams.sheet_unknown_number", message, subject=row.subject))
        return entry
    if often[number] > 1:
        message = say("第 {row} 行：考生号 {number} 在表中出现不止一次，请只保留一行", row=row.number, number=number)
        entry.findings.append(refuse("exams.sheet_twice", message, subject=row.subject))
    read: dict[Part, Given] = {}
    for part in parts:
        items = own.schemes[part].items
        if part in own.seats or any(row[key].text.strip() for key in _keys(part, items)):
            entry.findings += read_part(row, number, part, items, read)
    for part, given in read.items():
        now = own.marks.get(part)
        if now is not None:
            entry.findings += differs(row, number, part, given_of(now), given)
        elif part not in own.seats:
            why = {"carried": part in own.carried, "by_computer": own.schemes[part].by_computer}
            entry.findings.append(not_wanted(row, number, part, **why))
        else:
            who = say("第 {row} 行 {who} ", row=row.number, who=number)
            entry.findings += scoring.itemised(who, part, own.schemes[part].items, given, row.subject)
            entry.marks[part], entry.seats[part] = given, own.seats[part]
    return entry


def _keys(part: Part, items: Sequence[Item]) -> list[str]:
    return [part, *(item_key(part, place) for place in range(len(items)))]


def written(parts: Sequence[Part], schemes: Mapping[Part, Scheme], row: Row) -> list[tuple[Message | str, str]]:
    """Give what a row says, cell by cell that is filled: the items of a part, and the part itself."""
    cells: list[tuple[Message | str, str]] = []
    for part in parts:
        items = schemes[part].items
        cells += [(item.name, row[item_key(part, place)].text) for place, item in enumerate(items)]
        cells.append((part.label, row[part].text))
    return [(title, text) for title, text in cells if text]
