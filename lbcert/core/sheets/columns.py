"""The columns that a room expects in a sheet, and how they are found in what was sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.sheets.cells import Cell
from lbcert.core.words import say

#: title rows and instructions may stand above the header, in at most so many rows
HEADER_WITHIN = 20

#: our own column in a marked copy, which comes back when the sender corrects that copy
RESULT_TITLE = "检查结果"

_DECORATION = re.compile(r"\([^()]*\)$|[\s*:_]+")
_ENOUGH_TITLES = 2


@dataclass(frozen=True)
class Column:
    """One column of a form: read by any of its titles, written under the first.

    ``required``: the sheet must have it and every row must fill it. ``digits``: an identifier (ID number, phone,
    account), which is text even though it looks like a number.
    """

    key: str
    title: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    digits: bool = False
    #: in characters of half width, for writing
    width: int = 14


@dataclass(frozen=True)
class Header:
    """Where the columns of a form stand in a sheet: the row, as an index, and the place of each key."""

    row: int
    places: Mapping[str, int]


def find_header(rows: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> Header | None:
    """Find the row that names most of ``columns``, at least two of them, in any order."""
    best: Header | None = None
    for index, row in enumerate(rows):
        header = Header(index, _places(row, columns))
        if len(header.places) > (len(best.places) if best else 0):
            best = header
    return best if best and len(best.places) >= min(_ENOUGH_TITLES, len(columns)) else None


def header_findings(row: Sequence[Cell], header: Header, columns: Sequence[Column]) -> tuple[Finding, ...]:
    """Say which columns are missing, unknown, or there twice."""
    known = {title: column.title for column in columns for title in _titles(column)}
    named = [plain_title(cell.text) for cell in row]
    missing = [column for column in columns if column.key not in header.places]
    twice = _titles_of(known[title] for title in named if title and title in known)
    unknown = [cell.text.strip() for cell, title in zip(row, named, strict=True) if title and title not in known]
    findings = [
        refuse("sheets.missing_column", say("表中缺少「{title}」列，请补上后重新上传。", title=column.title))
        for column in missing
        if column.required
    ]
    findings += [
        refuse("sheets.column_twice", say("表中有两列「{title}」，请只保留一列。", title=title)) for title in twice
    ]
    optional = [column.title for column in missing if not column.required]
    if optional:
        message = say("表中没有这些列，按空白处理：{titles}。", titles=tuple(optional))
        findings.append(Finding("sheets.absent_columns", Level.NOTE, message))
    strange = [title for title in unknown if plain_title(title) != RESULT_TITLE]
    if strange:
        message = say("不认识这些列，没有读取：{titles}。", titles=tuple(title[:20] for title in strange))
        findings.append(Finding("sheets.unknown_columns", Level.WARN, message))
    return tuple(findings)


def plain_title(text: str) -> str:
    """Reduce a title to what it says: no blanks, width, stars, colons or bracketed remark (``姓名 *(必填)``)."""
    plain = unicodedata.normalize("NFKC", text)
    while (shorter := _DECORATION.sub("", plain)) != plain:
        plain = shorter
    return plain


def _titles(column: Column) -> set[str]:
    return {plain_title(title) for title in (column.title, *column.aliases)}


def _places(row: Sequence[Cell], columns: Sequence[Column]) -> dict[str, int]:
    keys = {title: column.key for column in columns for title in _titles(column)}
    places: dict[str, int] = {}
    for place, cell in enumerate(row):
        key = keys.get(plain_title(cell.text))
        if key:
            places.setdefault(key, place)
    return places


def _titles_of(titles: Iterable[str]) -> list[str]:
    seen = list(titles)
    return [title for title in dict.fromkeys(seen) if seen.count(title) > 1]
