"""Reading a sheet that a county sent into rows that a room can judge, with what is wrong with its form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from openpyxl.utils import get_column_letter

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.sheets.cells import EMPTY, Cell, Kind, lost_digits
from lbcert.core.sheets.columns import HEADER_WITHIN, Column, Header, find_header, header_findings
from lbcert.core.sheets.grids import Grid, open_grids
from lbcert.core.sheets.guards import Limits, Unreadable, broken
from lbcert.core.words import Message, say

#: Excel's own last row; a file that counts further is forged
_LAST_ROW = 1_048_576

_FORM_FINDINGS = {
    Kind.FORMULA: (
        "formula",
        Level.REFUSE,
        say("第 {row} 行「{title}」是公式，不予计算。请改为直接填写内容。"),
    ),
    Kind.ERROR: (
        "error_value",
        Level.REFUSE,
        say("第 {row} 行「{title}」是 Excel 的错误值。请改为直接填写内容。"),
    ),
    Kind.LOST_DIGITS: (
        "lost_digits",
        Level.REFUSE,
        say("第 {row} 行「{title}」存成了数字，末几位已丢失，无法找回。请把单元格设为文本格式后重新填写。"),
    ),
}
_EMPTY_CELL = ("empty_cell", Level.REFUSE, say("第 {row} 行缺少「{title}」，请补填。"))
_NUMBER_CELL = ("number_cell", Level.NOTE, say("第 {row} 行「{title}」是数字格式，已按文字读取。"))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of data: ``row["phone"]`` is its cell in that column, empty when the sheet has no such column."""

    #: as Excel shows it
    number: int
    #: everything in the row, unknown columns too
    cells: tuple[Cell, ...]
    places: Mapping[str, int]
    #: what is wrong with the form of its cells; subject ``row:14``
    findings: tuple[Finding, ...] = ()

    def __getitem__(self, key: str) -> Cell:
        place = self.places.get(key)
        return self.cells[place] if place is not None and place < len(self.cells) else EMPTY

    @property
    def subject(self) -> str:
        """What a finding about this row says it is about."""
        return f"row:{self.number}"


@dataclass(frozen=True)
class Sheet:
    """The one sheet of a file that holds the form: its rows of data, wholly empty ones left out."""

    name: str
    rows: tuple[Row, ...]
    #: where each column stands
    places: Mapping[str, int]
    #: the rows above the data, the header last
    heading: tuple[tuple[Cell, ...], ...]
    #: what is wrong with the sheet as a whole
    findings: tuple[Finding, ...] = ()

    @property
    def header_row(self) -> int:
        """The header's row as Excel shows it."""
        return len(self.heading)


def read_sheet(data: bytes, columns: Sequence[Column], limits: Limits | None = None) -> Sheet:
    """Read the sheet in ``data`` (.xlsx, .xls or .csv, told by content) that has ``columns``, in any order.

    Formulas are never computed, and digits that the sender's program threw away are never guessed: both are findings of
    their row. .xls keeps no trace of a formula that its reader could see; there the last computed value is read. A file
    that cannot be read raises Unreadable, whose finding names the cure.
    """
    limits = limits or Limits()
    grids = open_grids(data, limits)
    found: Sheet | None = None
    others: list[str] = []
    for grid in grids:
        rows = _bounded(grid, limits)
        top = list(islice(rows, HEADER_WITHIN))
        header = find_header(top, columns)
        if header and found:
            others.append(grid.name)
        elif header:
            found = _sheet(grid.name, top, rows, header, columns, limits)
    if not found:
        raise _no_header(columns)
    if others:
        message = say(
            "只读取了工作表「{name}」，没有读取：{others}。如有需要，请分别上传。",
            name=found.name,
            others=tuple(others),
        )
        warning = Finding("sheets.other_sheets", Level.WARN, message)
        found = Sheet(found.name, found.rows, found.places, found.heading, (*found.findings, warning))
    return found


def _bounded(grid: Grid, limits: Limits) -> Iterator[tuple[Cell, ...]]:
    for number, row in enumerate(grid.rows, start=1):
        if number > _LAST_ROW:
            raise broken()
        if len(row) > limits.columns:
            message = say(
                "第 {row} 行有 {width} 列，超过 {limit} 列。请删去表格右侧多余的列后重新上传。",
                row=number,
                width=len(row),
                limit=limits.columns,
            )
            raise Unreadable("too_many_columns", message)
        for place, cell in enumerate(row):
            if len(cell.text) > limits.cell_characters:
                message = say(
                    "单元格 {place} 有 {length} 个字符，超过 {limit} 个。请改短后重新上传。",
                    place=f"{get_column_letter(place + 1)}{number}",
                    length=len(cell.text),
                    limit=limits.cell_characters,
                )
                raise Unreadable("cell_too_long", message)
        yield tuple(row)


def _sheet(
    name: str,
    top: list[tuple[Cell, ...]],
    rest: Iterator[tuple[Cell, ...]],
    header: Header,
    columns: Sequence[Column],
    limits: Limits,
) -> Sheet:
    heading = tuple(top[: header.row + 1])
    findings = header_findings(heading[-1], header, columns)
    rows: list[Row] = []
    for number, cells in enumerate(chain(top[header.row + 1 :], rest), start=len(heading) + 1):
        if all(cell.kind is Kind.EMPTY for cell in cells):
            continue
        if len(rows) == limits.rows:
            message = say("表格超过 {limit} 行。请分成几个文件后重新上传。", limit=limits.rows)
            raise Unreadable("too_many_rows", message)
        rows.append(_row(number, cells, header.places, columns))
    if not rows:
        findings += (refuse("sheets.no_rows", say("表头下面没有数据，请填写后重新上传。")),)
    return Sheet(name, tuple(rows), header.places, heading, findings)


def _row(number: int, cells: tuple[Cell, ...], places: Mapping[str, int], columns: Sequence[Column]) -> Row:
    findings: list[Finding] = []
    read = list(cells)
    for column in columns:
        place = places.get(column.key)
        if place is None:
            continue
        cell = read[place] if place < len(read) else EMPTY
        if column.digits and cell.kind is Kind.TEXT and lost_digits(cell):
            cell = read[place] = Cell(cell.text, Kind.LOST_DIGITS)
        finding = _cell_finding(number, column, cell)
        if finding:
            findings.append(finding)
    return Row(number, tuple(read), places, tuple(findings))


def _cell_finding(number: int, column: Column, cell: Cell) -> Finding | None:
    """Say what is wrong with the form of one cell; what it *says* is for the room to judge."""
    wrong: tuple[str, Level, Message] | None = None
    if cell.kind in _FORM_FINDINGS:
        wrong = _FORM_FINDINGS[cell.kind]
    elif column.required and cell.kind is Kind.EMPTY:
        wrong = _EMPTY_CELL
    elif column.digits and cell.kind is Kind.NUMBER:
        wrong = _NUMBER_CELL
    if not wrong:
        return None
    rule, level, message = wrong
    filled = say(message.msgid, row=number, title=column.title)
    return Finding(f"sheets.{rule}", level, filled, subject=f"row:{number}")


def _no_header(columns: Sequence[Column]) -> Unreadable:
    titles = "、".join(column.title for column in columns)
    message = say(
        "没有找到表头：前 {within} 行里应有一行写着{titles}。"
        "如果文件打开后是乱码，请用 Excel 或 WPS 另存为 .xlsx 后重新上传。",
        within=HEADER_WITHIN,
        titles=titles,
    )
    return Unreadable("no_header", message)
