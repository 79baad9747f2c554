"""Sheets as counties send them, made here in the formats that Excel, WPS and older systems write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import xlwt

from lbcert.core.findings import Level
from lbcert.core.sheets import Cell, Column, Kind, Sheet, Unreadable, read_sheet

ROSTER = (
    Column("id_number", "公民身份号码", ("身份证号码", "身份证号"), required=True, digits=True),
    Column("name", "姓名", required=True),
    Column("phone", "联系电话", ("手机号",), digits=True),
    Column("address", "家庭住址"),
    Column("account", "银行账号", digits=True),
)
TITLES = [column.title for column in ROSTER]
PERSON = ["530128197506150012", "葛曾䮌", "13812341234", "禄劝县", "6223690558872527245"]


def xlsx(rows: Sequence[Sequence[Any]], **sheets: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    for sheet, content in [(first, rows), *((book.create_sheet(name), content) for name, content in sheets.items())]:
        for row in content:
            sheet.append(row)
    return saved(book)


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def xls(rows: Sequence[Sequence[Any]]) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            style = [day] if isinstance(value, date) else []
            sheet.write(number, place, value, *style)
    return saved(book)


def csv(text: str, encoding: str) -> bytes:
    return text.replace("\n", "\r\n").encode(encoding)


def rules(sheet: Sheet) -> list[tuple[int, str]]:
    return [(row.number, finding.rule) for row in sheet.rows for finding in row.findings]


def texts(sheet: Sheet) -> list[list[str]]:
    return [[row[column.key].text for column in ROSTER] for row in sheet.rows]


def test_a_clean_roster_is_read_without_findings() -> None:
    sheet = read_sheet(xlsx([TITLES, PERSON]), ROSTER)
    assert texts(sheet) == [PERSON]
    assert {row[key].kind for row in sheet.rows for key in sheet.places} == {Kind.TEXT}
    assert rules(sheet) == []
    assert sheet.findings == ()


def test_columns_come_in_any_order_and_under_other_titles() -> None:
    titles = ["银行账号", "姓 名*", "身份证号(必填)", "手机号：", "家庭住址"]
    row = [PERSON[4], PERSON[1], PERSON[0], PERSON[2], PERSON[3]]
    assert texts(read_sheet(xlsx([titles, row]), ROSTER)) == [PERSON]


def test_the_header_is_found_below_title_rows_and_rows_keep_their_numbers() -> None:
    sheet = read_sheet(xlsx([["禄劝县培训学员花名册"], ["填表单位:", "某培训学校"], TITLES, [], PERSON]), ROSTER)
    assert sheet.header_row == 3
    assert [row.number for row in sheet.rows] == [5]
    assert sheet.rows[0].subject == "row:5"


def test_empty_rows_are_passed_over_wherever_they_stand() -> None:
    rows: list[list[Any]] = [TITLES, PERSON, [None] * 5, ["", " ", "\u3000", None, ""], PERSON, *([[""] * 5] * 50)]
    assert [row.number for row in read_sheet(xlsx(rows), ROSTER).rows] == [2, 5]


def test_missing_and_unknown_columns_are_findings() -> None:
    sheet = read_sheet(xlsx([["姓名", "家庭住址", "备注", "检查结果"], ["吴军", "禄劝县", "x", "y"]]), ROSTER)
    found = {finding.rule: finding for finding in sheet.findings}
    assert set(found) == {"sheets.missing_column", "sheets.absent_columns", "sheets.unknown_columns"}
    assert found["sheets.missing_column"].level is Level.REFUSE
    assert "「公民身份号码」" in str(found["sheets.missing_column"].message)
    assert found["sheets.absent_columns"].level is Level.NOTE
    assert str(found["sheets.unknown_columns"].message) == "不认识这些列，没有读取：备注。"
    assert sheet.rows[0]["phone"] == Cell("", Kind.EMPTY)


def test_two_columns_of_one_title_are_refused() -> None:
    sheet = read_sheet(xlsx([["姓名", "公民身份号码", "身份证号"], ["吴军", PERSON[0], PERSON[0]]]), ROSTER)
    assert [finding.rule for finding in sheet.findings if finding.stops] == ["sheets.column_twice"]


def test_a_header_without_rows_is_refused() -> None:
    assert "sheets.no_rows" in {finding.rule for finding in read_sheet(xlsx([TITLES]), ROSTER).findings}


def test_the_form_s_sheet_is_found_behind_instructions_and_a_second_one_is_not_passed_over_in_silence() -> None:
    data = xlsx([["填表说明"], ["请用文本格式"]], 名册=[TITLES, PERSON], 第二期=[TITLES, PERSON])
    sheet = read_sheet(data, ROSTER)
    assert sheet.name == "名册"
    assert [finding.rule for finding in sheet.findings] == ["sheets.other_sheets"]
    assert "第二期" in str(sheet.findings[0].message)


def test_a_hidden_sheet_is_not_read() -> None:
    book = openpyxl.Workbook()
    hidden, shown = book.active, book.create_sheet("名册")
    assert hidden is not None
    for sheet, name in ((hidden, "旧名"), (shown, "吴军")):
        sheet.append(TITLES)
        sheet.append([PERSON[0], name])
    hidden.sheet_state = "hidden"
    assert [row["name"].text for row in read_sheet(saved(book), ROSTER).rows] == ["吴军"]


def test_a_workbook_that_gives_a_wrong_size_is_read_whole() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([TITLES, PERSON]))) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<dimension ref="A1:E2"', b'<dimension ref="A1"'))
    assert b'ref="A1"' in zipfile.ZipFile(buffer).read("xl/worksheets/sheet1.xml")
    assert texts(read_sheet(buffer.getvalue(), ROSTER)) == [PERSON]


def test_a_formula_is_never_computed() -> None:
    sheet = read_sheet(xlsx([TITLES, [PERSON[0], '=HYPERLINK("http://127.0.0.1/","x")']]), ROSTER)
    assert sheet.rows[0]["name"] == Cell('=HYPERLINK("http://127.0.0.1/","x")', Kind.FORMULA)
    assert not sheet.rows[0]["name"].is_usable
    assert rules(sheet) == [(2, "sheets.formula")]
    finding = sheet.rows[0].findings[0]
    assert (finding.level, finding.subject) == (Level.REFUSE, "row:2")
    assert str(finding.message) == "第 2 行「姓名」是公式，不予计算。请改为直接填写内容。"


def test_text_that_looks_like_a_formula_is_taken_for_one() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.append(TITLES)
    page.append(PERSON)
    page["D2"].value = " =1+1"
    page["D2"].data_type = "s"
    assert rules(read_sheet(saved(book), ROSTER)) == [(2, "sheets.formula")]


def test_an_id_number_in_a_number_cell_has_lost_its_digits_and_is_never_rounded() -> None:
    sheet = read_sheet(xlsx([TITLES, [530724199001015000, "任志波"], [5.30724199001015e17, "任志波"]]), ROSTER)
    assert {row["id_number"].kind for row in sheet.rows} == {Kind.LOST_DIGITS}
    assert rules(sheet) == [(2, "sheets.lost_digits"), (3, "sheets.lost_digits")]
    assert "文本格式" in str(sheet.rows[0].findings[0].message)


def test_fifteen_digits_in_a_number_cell_are_whole_and_sixteen_are_not() -> None:
    sheet = read_sheet(
        xlsx([TITLES, [530724850104991, "甲乙", None, None, 999999999999999], [PERSON[0], "甲乙", None, None, 10**15]]),
        ROSTER,
    )
    assert sheet.rows[0]["id_number"] == Cell("530724850104991", Kind.NUMBER)
    assert sheet.rows[0]["account"] == Cell("999999999999999", Kind.NUMBER)
    assert sheet.rows[1]["account"].kind is Kind.LOST_DIGITS


def test_scientific_form_in_text_is_lost_digits_in_an_identifier_and_text_elsewhere() -> None:
    sheet = read_sheet(csv("公民身份号码,姓名,家庭住址\n5.30724E+17,任志波,1.5E+10\n", "utf-8"), ROSTER)
    assert sheet.rows[0]["id_number"].kind is Kind.LOST_DIGITS
    assert sheet.rows[0]["address"].kind is Kind.TEXT
    assert rules(sheet) == [(2, "sheets.lost_digits")]


def test_a_phone_in_a_number_cell_is_read_and_noted() -> None:
    sheet = read_sheet(xlsx([TITLES, [PERSON[0], "阿苏子日", 13887654321]]), ROSTER)
    assert sheet.rows[0]["phone"] == Cell("13887654321", Kind.NUMBER)
    assert [(finding.rule, finding.level) for finding in sheet.rows[0].findings] == [("sheets.number_cell", Level.NOTE)]


def test_an_empty_required_cell_and_an_error_value_are_findings_of_their_row() -> None:
    sheet = read_sheet(xlsx([TITLES, [PERSON[0], None], [PERSON[0], "#N/A"]]), ROSTER)
    assert rules(sheet) == [(2, "sheets.empty_cell"), (3, "sheets.error_value")]


def test_untidy_text_is_left_for_the_room_to_put_right() -> None:
    sheet = read_sheet(xlsx([TITLES, [" 530724200202219983\u3000", "阿依古丽•吐尔逊"]]), ROSTER)
    assert sheet.rows[0]["id_number"].text == " 530724200202219983\u3000"


def test_numbers_dates_and_times_come_as_people_write_them() -> None:
    columns = [Column(key, key) for key in ("整数", "小数", "日期", "时刻", "时间", "真假")]
    row = [79.0, 0.1 + 0.2, date(2025, 7, 24), datetime(2025, 7, 24, 8, 30), time(8, 30), True]  # noqa: DTZ001
    cells = read_sheet(xlsx([[column.title for column in columns], row]), columns).rows[0].cells
    assert [cell.text for cell in cells] == ["79", "0.3", "2025-07-24", "2025-07-24 08:30", "08:30", "TRUE"]


@pytest.mark.parametrize(
    "text", ["2025-07-24", "2025/7/24", "2025.7.24", "2025年7月24日", "20250724", " 2025-07-24 08:30"]
)
def test_dates_are_read_in_every_usual_form(text: str) -> None:
    assert Cell(text, Kind.TEXT).as_date() == date(2025, 7, 24)


@pytest.mark.parametrize("text", ["08:30", "8：30", "8时30分", "2025-07-24 08:30", "08:30:00"])
def test_times_are_read_in_every_usual_form(text: str) -> None:
    assert Cell(text, Kind.TEXT).as_time() == time(8, 30)


@pytest.mark.parametrize("text", ["", "缺考", "2025-02-30", "25:00", "7月24日", "12-60", "NaN", "1e5", "inf"])
def test_what_is_no_date_time_or_number_is_none_and_never_zero(text: str) -> None:
    cell = Cell(text, Kind.TEXT)
    assert (cell.as_date(), cell.as_time(), cell.as_number()) == (None, None, None)


def test_numbers_are_exact() -> None:
    assert Cell(" 67.5 ", Kind.TEXT).as_number() == Decimal("67.5")
    assert Cell("=1", Kind.FORMULA).as_number() is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_of_any_chinese_excel_is_read_with_numbers_behind_a_tab(encoding: str) -> None:
    text = ",".join(TITLES) + "\n\t530128197506150012,葛曾䮌,13812341234,禄劝县,\t6223690558872527245\n"
    sheet = read_sheet(csv(text, encoding), ROSTER)
    assert texts(sheet) == [PERSON]
    assert rules(sheet) == []


def test_a_csv_row_is_counted_as_excel_counts_it() -> None:
    text = '姓名,身份证号,家庭住址\n吴军,530128197506150012,"禄劝县\n屏山镇"\n\n王平,530128197506150012,x\n'
    assert [row.number for row in read_sheet(csv(text, "gb18030"), ROSTER).rows] == [2, 4]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_s_delimiter_is_found(delimiter: str) -> None:
    text = delimiter.join(["姓名", "身份证号"]) + "\n" + delimiter.join(["吴军", PERSON[0]]) + "\n"
    assert [row["name"].text for row in read_sheet(csv(text, "utf-8"), ROSTER).rows] == ["吴军"]


def test_the_csv_trick_of_an_equals_sign_is_text_and_any_other_a_formula() -> None:
    sheet = read_sheet(csv('姓名,身份证号,家庭住址\n吴军,"=""530128197506150012""",=1+1\n', "utf-8"), ROSTER)
    assert sheet.rows[0]["id_number"] == Cell("530128197506150012", Kind.TEXT)
    assert rules(sheet) == [(2, "sheets.formula")]


def test_an_old_workbook_is_read_with_its_numbers_and_dates() -> None:
    columns = (*ROSTER, Column("day", "日期"), Column("gone", "误差"))
    rows = [
        [*TITLES, "日期", "合格"],
        [*PERSON, date(2025, 7, 24), True],
        [],
        [5.30724199001015e17, "任志波", 13887654321],
    ]
    sheet = read_sheet(xls(rows), columns)
    assert sheet.name == "名册"
    assert texts(sheet)[0] == PERSON
    assert sheet.rows[0]["day"] == Cell("2025-07-24", Kind.DATE)
    assert [row.number for row in sheet.rows] == [2, 4]
    assert rules(sheet) == [(4, "sheets.lost_digits"), (4, "sheets.number_cell")]


def test_the_name_of_a_file_decides_nothing() -> None:
    page = "<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode("gb18030")
    with pytest.raises(Unreadable) as caught:
        read_sheet(page, ROSTER)
    assert caught.value.finding.rule == "sheets.web_page"
