"""What we send out is opened again, with the reader that anybody would use and with our own."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.sheets import RESULT_TITLE, Column, Kind, Table, marked_copy, read_sheet, write_csv, write_workbook
from lbcert.core.sheets.columns import plain_title
from lbcert.core.words import say

COLUMNS = (
    Column("name", "姓名", required=True),
    Column("id_number", "身份证号", required=True, digits=True, width=22),
    Column("score", "成绩"),
    Column("day", "日期"),
)
DANGEROUS = ["=1+1", "+86", "-1+1", "@SUM(A1)", "＝1+1", "\t=1", "\r=1", '=HYPERLINK("http://127.0.0.1/","x")']


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def page_of(rows: Sequence[dict[str, object]]) -> Any:
    return opened(write_workbook(Table("名册", COLUMNS, rows))).active


def test_an_export_is_read_back_as_it_was_written() -> None:
    row = {"name": "葛曾䮌", "id_number": "530128197506150012", "score": 67.5, "day": date(2025, 7, 24)}
    sheet = read_sheet(write_workbook(Table("名册", COLUMNS, [row])), COLUMNS)
    assert [sheet.rows[0][column.key].text for column in COLUMNS] == [
        "葛曾䮌",
        "530128197506150012",
        "67.5",
        "2025-07-24",
    ]
    assert sheet.findings == ()


def test_identifiers_are_text_down_the_whole_column() -> None:
    page = page_of([{"name": "吴军", "id_number": 530128197506150}])
    assert (page["B2"].value, page["B2"].data_type, page["B2"].number_format) == ("530128197506150", "s", "@")
    data = write_workbook(Table("名册", COLUMNS, []))
    assert opened(data).active.column_dimensions["B"].width == pytest.approx(22.7, abs=0.1)


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_of_a_workbook_is_a_formula_or_a_link(text: str) -> None:
    page = page_of([{"name": text, "id_number": text, "score": text, "day": "http://127.0.0.1/"}])
    assert {cell.data_type for cell in page[2]} == {"s"}
    assert all(cell.hyperlink is None for cell in page[2])


def test_numbers_money_and_moments_keep_their_kind() -> None:
    moment = datetime(2025, 7, 24, 16, 30, tzinfo=UTC)
    page = page_of([{"name": True, "score": Decimal("4800.50"), "day": moment}, {"name": None, "score": 0, "day": ""}])
    assert [cell.value for cell in page[2]] == ["是", None, 4800.5, datetime(2025, 7, 25, 0, 30)]  # noqa: DTZ001
    assert [cell.value for cell in page[3]] == [None, None, 0, None]


def test_sheets_get_names_that_excel_takes() -> None:
    data = write_workbook(
        Table("三段式[宁蒗]:2025/07*?", COLUMNS, []), Table("长" * 40, COLUMNS, []), Table("", COLUMNS, [])
    )
    assert opened(data).sheetnames == ["三段式 宁蒗  2025 07", "长" * 31, "Sheet"]


def test_tables_with_the_same_name_stand_side_by_side() -> None:
    tables = [Table("长" * 40, COLUMNS, [])] * 2 + [Table("A", COLUMNS, []), Table("a", COLUMNS, [])]
    assert opened(write_workbook(*tables)).sheetnames == ["长" * 31, "长" * 26 + " (2)", "A", "a (2)"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_field_of_a_csv_begins_a_formula(text: str) -> None:
    data = write_csv(COLUMNS, [{"name": text, "id_number": text}])
    fields = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1]
    assert fields[:2] == [f"'{text}"] * 2


def test_a_csv_keeps_identifiers_whole_and_is_read_back() -> None:
    data = write_csv(COLUMNS, [{"name": "吴军", "id_number": "53012819750615001X", "score": -5}])
    assert data.startswith(b"\xef\xbb\xbf")
    assert "吴军,\t53012819750615001X,-5," in data.decode()
    row = read_sheet(data, COLUMNS).rows[0]
    assert [row["id_number"].text, row["score"].as_number()] == ["53012819750615001X", Decimal(-5)]


ROSTER = [
    ["禄劝县花名册"],
    ["姓名", "身份证号", "备注", "成绩"],
    ["吴军", "530128197506150012", "老学员", 80],
    [],
    ["=1+1", 530724199001015000, None, "缺考"],
    ["王平", "530128197506150012"],
]
FINDINGS = {
    5: [Finding("x.warn", Level.WARN, say("提醒一句")), refuse("x.name", say("{name} 有误", name="姓名"))],
    6: [Finding("x.warn", Level.WARN, say("只是提醒"))],
}


@pytest.fixture
def roster() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in ROSTER:
        page.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def fill(cell: Any) -> str | None:
    return cell.fill.start_color.rgb if cell.fill.fill_type else None


def test_a_marked_copy_says_beside_each_row_what_is_wrong(roster: bytes) -> None:
    page = opened(marked_copy(read_sheet(roster, COLUMNS), FINDINGS)).active
    assert page["A1"].value == "禄劝县花名册"
    assert [cell.value for cell in page[2]] == ["姓名", "身份证号", "备注", "成绩", RESULT_TITLE]
    assert [cell.value for cell in page[3]] == ["吴军", "530128197506150012", "老学员", "80", None]
    assert page["E5"].value == "姓名 有误\n提醒一句"
    assert page["E6"].value == "只是提醒"


def test_bad_rows_are_coloured_by_their_worst_finding(roster: bytes) -> None:
    page = opened(marked_copy(read_sheet(roster, COLUMNS), FINDINGS)).active
    refused, warned = {fill(cell) for cell in page[5]}, {fill(cell) for cell in page[6]}
    assert {fill(cell) for cell in page[3]} == {None}
    assert len(refused) == len(warned) == 1
    assert refused != warned
    assert None not in refused | warned


def test_a_marked_copy_computes_nothing_and_mends_nothing(roster: bytes) -> None:
    data = marked_copy(read_sheet(roster, COLUMNS), FINDINGS)
    assert {cell.data_type for row in opened(data).active for cell in row if cell.value is not None} == {"s"}
    again = read_sheet(data, COLUMNS)
    assert [row.number for row in again.rows] == [3, 5, 6]
    assert (again.rows[1]["name"].kind, again.rows[1]["id_number"].kind) == (Kind.FORMULA, Kind.LOST_DIGITS)
    assert RESULT_TITLE not in "".join(str(finding.message) for finding in again.findings)


def test_a_corrected_copy_that_fails_again_gets_one_column_of_results_not_two(roster: bytes) -> None:
    once = marked_copy(read_sheet(roster, COLUMNS), FINDINGS)
    page = opened(marked_copy(read_sheet(once, COLUMNS), {3: FINDINGS[6]})).active
    assert [cell.value for cell in page[2]].count(RESULT_TITLE) == 1
    assert [page["E3"].value, page["E5"].value] == ["只是提醒", None]


def test_a_marked_copy_speaks_the_reader_s_language(roster: bytes) -> None:
    page = opened(
        marked_copy(read_sheet(roster, COLUMNS), FINDINGS, words=lambda message: message.msgid.upper())
    ).active
    assert page["E5"].value == "{NAME} 有误\n提醒一句"


@pytest.mark.parametrize(
    "title", ["姓名", " 姓 名 ", "姓名*", "*姓名", "姓名：", "姓名(必填)", "姓名（必填）*", "姓\n名"]
)
def test_a_title_s_decoration_is_passed_over(title: str) -> None:
    assert plain_title(title) == "姓名"
