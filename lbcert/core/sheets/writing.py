"""Writing workbooks and CSV files in which no cell of ours ever starts a formula and no number loses a digit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lbcert.core import clock
from lbcert.core.sheets.columns import Column

#: no cell of a workbook can hold more
LONGEST_TEXT = 32_767

_HEADER = {
    "bold": True,
    "bg_color": "#DDE8F3",
    "border": 1,
    "border_color": "#A8B8C8",
    "text_wrap": True,
    "valign": "vcenter",
}
_TEXT = {"num_format": "@"}
_DATE = {"num_format": "yyyy-mm-dd"}
_MOMENT = {"num_format": "yyyy-mm-dd hh:mm"}

_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
_IDENTIFIER = re.compile(r"[0-9]+[0-9Xx]?")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
_LONGEST_SHEET_NAME = 31


@dataclass(frozen=True)
class Table:
    """One sheet of an export: its columns, and rows that give each column's value by its key."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, object]]


def write_workbook(*tables: Table) -> bytes:
    """Write each table as a sheet of one .xlsx: strings as strings, identifiers as text, dates as dates."""
    buffer = io.BytesIO()
    with new_workbook(buffer) as book:
        styles = {kind: book.add_format(style) for kind, style in _STYLES.items()}
        for table in tables:
            sheet = book.add_worksheet(sheet_name(table.name, book.sheetnames))
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(table.columns):
                sheet.set_column(place, place, column.width, styles["text"] if column.digits else None)
                sheet.write_string(0, place, column.title, styles["header"])
            for number, row in enumerate(table.rows, start=1):
                for place, column in enumerate(table.columns):
                    _write(sheet, number, place, row.get(column.key), column, styles)
    return buffer.getvalue()


def write_csv(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write a CSV that Excel opens as it is: UTF-8 with its mark, identifiers behind a tab.

    Any other text that could start a formula (``=``, ``+``, ``-``, ``@``, a tab) stands behind ``'``.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_csv_text(column.title) for column in columns])
    for row in rows:
        writer.writerow([_csv_field(row.get(column.key), column) for column in columns])
    return text.getvalue().encode("utf-8-sig")


def new_workbook(buffer: io.BytesIO) -> xlsxwriter.Workbook:
    """Open a workbook in memory, dated by our own clock."""
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": clock.now()})
    return book


def sheet_name(name: str, taken: Collection[str] = ()) -> str:
    """Make a name that Excel takes for a sheet: 31 characters, without its forbidden ones, and none twice in a book."""
    plain = _NOT_IN_SHEET_NAMES.sub(" ", name).strip("' ")[:_LONGEST_SHEET_NAME] or "Sheet"
    used = {other.casefold() for other in taken}
    unique, number = plain, 1
    while unique.casefold() in used:
        number += 1
        unique = f"{plain[: _LONGEST_SHEET_NAME - 5]} ({number})"
    return unique


def plain_text(value: object) -> str:
    """Write a value as people write it; nothing for None, 是 and 否 for a truth."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{_wall_clock(value):%Y-%m-%d %H:%M}"
    return str(value)[:LONGEST_TEXT]


_STYLES = {"header": _HEADER, "text": _TEXT, "date": _DATE, "moment": _MOMENT}


def _write(sheet: Worksheet, row: int, place: int, value: object, column: Column, styles: Mapping[str, Format]) -> None:
    match value:
        case datetime() if not column.digits:
            sheet.write_datetime(row, place, _wall_clock(value), styles["moment"])
        case date() if not column.digits:
            sheet.write_datetime(row, place, value, styles["date"])
        case int() | float() | Decimal() if not column.digits and not isinstance(value, bool):
            sheet.write_number(row, place, value)
        case _:
            text = plain_text(value)
            if text:
                sheet.write_string(row, place, text, styles["text"])


def _wall_clock(moment: datetime) -> datetime:
    """Take an aware moment to Beijing time; workbooks know no time zones."""
    return (clock.local(moment) if moment.tzinfo else moment).replace(tzinfo=None)


def _csv_field(value: object, column: Column) -> str:
    text = plain_text(value)
    if column.digits and _IDENTIFIER.fullmatch(text):
        return f"\t{text}"
    return text if isinstance(value, (int, float, Decimal)) else _csv_text(text)


def _csv_text(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text
