"""The sender's own sheet, given back with what is wrong written beside each row."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from lbcert.core.findings import Finding, Level
from lbcert.core.sheets.cells import Cell, Kind
from lbcert.core.sheets.columns import RESULT_TITLE, plain_title
from lbcert.core.sheets.reading import Sheet
from lbcert.core.sheets.writing import LONGEST_TEXT, new_workbook, sheet_name
from lbcert.core.words import Message

_COLOURS = {Level.REFUSE: "#F8D0CC", Level.EXCEPTION: "#FBE3C0", Level.WARN: "#FFF4CC"}
_PLAIN = {"num_format": "@", "valign": "top", "text_wrap": True}
_HEADER = {**_PLAIN, "bold": True, "bg_color": "#DDE8F3"}
#: the worst first
_ORDER = list(Level)
_WIDTH, _RESULT_WIDTH = 18, 60


def marked_copy(
    sheet: Sheet, findings: Mapping[int, Sequence[Finding]], words: Callable[[Message], str] = str
) -> bytes:
    """Give back ``sheet`` as .xlsx with a column 检查结果, rows that stop in red and rows with a warning in yellow.

    ``findings`` are those of each row by its number, the sheet's own among them where they are to be shown. Every row
    stays at its number and every cell is text, so the sender corrects this copy and sends it again; the column is then
    passed over.
    """
    buffer = io.BytesIO()
    kept = [place for place in range(_width(sheet)) if not _is_result(sheet, place)]
    with new_workbook(buffer) as book:
        plain, header = book.add_format(_PLAIN), book.add_format(_HEADER)
        coloured = {level: book.add_format({**_PLAIN, "bg_color": colour}) for level, colour in _COLOURS.items()}
        page = book.add_worksheet(sheet_name(sheet.name))
        page.set_column(0, len(kept) - 1, _WIDTH, plain)
        page.set_column(len(kept), len(kept), _RESULT_WIDTH, plain)
        page.freeze_panes(sheet.header_row, 0)
        for number, cells in enumerate(sheet.heading, start=1):
            _write(page, number, cells, kept, header if number == sheet.header_row else plain)
        page.write_string(sheet.header_row - 1, len(kept), _title(words), header)
        for row in sheet.rows:
            said = sorted(findings.get(row.number, ()), key=lambda finding: _ORDER.index(finding.level))
            style = coloured.get(said[0].level, plain) if said else plain
            _write(page, row.number, row.cells, kept, style)
            if said:
                text = "\n".join(words(finding.message) for finding in said)[:LONGEST_TEXT]
                page.write_string(row.number - 1, len(kept), text, style)
    return buffer.getvalue()


def _title(words: Callable[[Message], str]) -> str:
    """Give the column's title, with what it means in another language in brackets, where a reader of titles skips it."""
    said = words(Message(RESULT_TITLE))
    return RESULT_TITLE if said == RESULT_TITLE else f"{RESULT_TITLE} ({said})"


def _width(sheet: Sheet) -> int:
    return max(len(cells) for cells in [*sheet.heading, *(row.cells for row in sheet.rows)])


def _is_result(sheet: Sheet, place: int) -> bool:
    header = sheet.heading[-1]
    return place < len(header) and plain_title(header[place].text) == RESULT_TITLE


def _write(page: Worksheet, number: int, cells: Sequence[Cell], kept: Sequence[int], style: Format) -> None:
    for to, place in enumerate(kept):
        if place < len(cells) and cells[place].kind is not Kind.EMPTY:
            page.write_string(number - 1, to, cells[place].text, style)
        else:
            page.write_blank(number - 1, to, None, style)
