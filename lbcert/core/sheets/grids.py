"""The sheets of a file as rows of cells, from each format that counties send: .xlsx, .xls and .csv.

The content decides how a file is read, never its name: many a "名册.xls" is a web page or a CSV.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import openpyxl
import xlrd
from xlrd.biffh import XLRDError

from lbcert.core.sheets import guards
from lbcert.core.sheets.cells import EMPTY, Cell, Kind, text_cell, value_cell
from lbcert.core.sheets.guards import Limits, Unreadable
from lbcert.core.words import say

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(rb"(\xef\xbb\xbf)?\s*<(html|!doctype|\?xml|table|meta|head|body|style)", re.IGNORECASE)
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = b"\xff\xfe", b"\xfe\xff"
_QUOTED_TEXT = re.compile(r'="([^"]*)"')
_DELIMITERS = ",\t;"
_LINES_TO_JUDGE_BY = 20
_ROWS_AT_A_TIME = 500


@dataclass(frozen=True)
class Grid:
    """One visible sheet: its rows come one by one, the first being row 1 as Excel shows it, none left out."""

    name: str
    rows: Iterator[Sequence[Cell]]


def open_grids(data: bytes, limits: Limits) -> list[Grid]:
    """Open the visible sheets of a file; rows are read when asked for. Raises Unreadable."""
    guards.check_size(data, limits)
    if data.startswith(_ZIP):
        return _xlsx(data, limits)
    if data.startswith(_OLE):
        return _xls(data)
    if _MARKUP.match(data):
        message = say("这个文件其实是网页，只是名字像表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后重新上传。")
        raise Unreadable("web_page", message)
    return [Grid("", _csv(_decode(data)))]


def _xlsx(data: bytes, limits: Limits) -> list[Grid]:
    if "[Content_Types].xml" not in guards.check_archive(data, limits):
        raise Unreadable("not_a_sheet", _OTHER_FORMAT)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="openpyxl")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except Exception as error:
        raise guards.broken() from error
    return [Grid(sheet.title, _xlsx_rows(sheet)) for sheet in sheets]


def _xlsx_rows(sheet: Any) -> Iterator[Sequence[Cell]]:
    # WPS writes wrong dimensions; without them each row ends at its own last cell
    sheet.reset_dimensions()
    rows = sheet.iter_rows()
    while True:
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", module="openpyxl")
                some = list(islice(rows, _ROWS_AT_A_TIME))
        except Exception as error:
            raise guards.broken() from error
        if not some:
            return
        for row in some:
            yield [_xlsx_cell(cell.value, cell.data_type) for cell in row]


def _xlsx_cell(value: object, data_type: str) -> Cell:
    if value is None:
        return EMPTY
    if data_type == "f":
        return Cell(str(getattr(value, "text", value)), Kind.FORMULA)
    if data_type == "e":
        return Cell(str(value), Kind.ERROR)
    return value_cell(value)


def _xls(data: bytes) -> list[Grid]:
    if _ENCRYPTED_PACKAGE in data:
        raise guards.protected()
    try:
        book = xlrd.open_workbook(file_contents=data, ragged_rows=True, logfile=io.StringIO())
    except XLRDError as error:
        raise (guards.protected() if "encrypted" in str(error) else guards.broken()) from error
    except Exception as error:
        raise guards.broken() from error
    return [Grid(sheet.name, _xls_rows(sheet, book.datemode)) for sheet in book.sheets() if sheet.visibility == 0]


def _xls_rows(sheet: Any, datemode: Any) -> Iterator[Sequence[Cell]]:
    for row in sheet.get_rows():
        yield [_xls_cell(cell.ctype, cell.value, datemode) for cell in row]


def _xls_cell(kind: int, value: Any, datemode: Any) -> Cell:
    if kind == xlrd.XL_CELL_ERROR:
        return Cell(xlrd.error_text_from_code.get(value, "#?"), Kind.ERROR)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return value_cell(bool(value))
    if kind == xlrd.XL_CELL_DATE:
        try:
            return value_cell(xlrd.xldate_as_datetime(value, datemode))
        except (ValueError, OverflowError):
            return value_cell(value)
    return value_cell(value)


def _decode(data: bytes) -> str:
    encodings = ["utf-8", "gb18030"]
    if data.startswith(_UTF8_MARK):
        encodings = ["utf-8-sig"]
    elif data.startswith(_UTF16_MARKS):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Unreadable("not_a_sheet", _OTHER_FORMAT)


def _csv(text: str) -> Iterator[Sequence[Cell]]:
    first_lines = "".join(text.splitlines(keepends=True)[:_LINES_TO_JUDGE_BY])
    delimiter = max(_DELIMITERS, key=first_lines.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in rows:
            yield [_csv_cell(field) for field in row]
    except csv.Error as error:
        message = say(
            "CSV 文件第 {line} 行附近的引号不成对或内容过长。请改正，或另存为 .xlsx 后重新上传。", line=rows.line_num
        )
        raise Unreadable("broken", message) from error


def _csv_cell(field: str) -> Cell:
    # Chinese Excel keeps a number whole by a tab before it, other programs by ="…"
    text = field.removeprefix("\t")
    quoted = _QUOTED_TEXT.fullmatch(text)
    return text_cell(quoted[1] if quoted else text)


_OTHER_FORMAT = say(
    "这个文件不是 Excel 工作簿，也不是 UTF-8 或 GB18030 编码的 CSV。请用 Excel 或 WPS 另存为 .xlsx 后重新上传。"
)
