"""Files made to do harm, or merely damaged: each gets a clear answer that names the cure."""

from __future__ import annotations

import io
import resource
import struct
import time
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter
import xlwt

from lbcert.core.sheets import Column, Limits, Unreadable, read_sheet

COLUMNS = (Column("name", "姓名", required=True), Column("id_number", "身份证号", digits=True))
CURES = ("另存为 .xlsx", "取消密码", "重新选择", "分成几个文件", "只粘贴数值", "改短", "多余的列")


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        read_sheet(data, COLUMNS, limits)
    finding = caught.value.finding
    assert finding.stops
    assert any(cure in str(finding.message) for cure in CURES), finding.message
    return finding.rule.removeprefix("sheets.")


def good(rows: int = 2) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["姓名", "身份证号"])
    for number in range(rows):
        page.append(["吴军", f"{number:018}"])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def repacked(change: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *change]):
            new.writestr(name, change.get(name) or old.read(name))
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_the_plain_file_that_these_tests_bend_is_readable() -> None:
    assert len(read_sheet(good(), COLUMNS).rows) == 2
    assert len(read_sheet(repacked({}), COLUMNS).rows) == 2


def test_an_empty_file() -> None:
    assert refusal(b"") == "empty_file"


def test_a_file_of_100_mb_is_refused_before_it_is_read() -> None:
    started = time.perf_counter()
    assert refusal(b"PK\x03\x04" + bytes(100_000_000)) == "too_large"
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("cut", [30, 400, -200])
def test_a_broken_workbook(cut: int) -> None:
    assert refusal(good()[:cut]) == "broken"


def test_a_workbook_with_flipped_bytes() -> None:
    data = bytearray(good(500))
    start = data.index(b"sheet1.xml") + 40
    data[start : start + 20] = bytes(20)
    assert refusal(bytes(data)) == "broken"


@pytest.mark.parametrize("missing", ["<worksheet", "<row"])
def test_a_workbook_whose_sheet_is_not_xml(missing: str) -> None:
    assert refusal(repacked({SHEET: missing.encode()})) in {"broken", "no_header"}


def test_a_workbook_with_a_password() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(3000)
    assert refusal(ole) == "password"


def test_a_zip_with_a_password() -> None:
    data = bytearray(good())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(signature, at + 4)
    assert refusal(bytes(data)) == "password"


def test_an_old_workbook_that_is_damaged() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"a" * 3000) == "broken"


def test_a_zip_bomb_that_says_what_it_is() -> None:
    bomb = repacked({"xl/media/zeros.xml": bytes(150_000_000)})
    assert len(bomb) < 1_000_000
    assert refusal(bomb) == "unpacks_too_large"


def test_a_zip_bomb_that_says_what_it_is_is_never_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("lbcert.core.sheets.guards._unpack")
    bomb = repacked({"xl/media/zeros.bin": bytes(150_000_000)})
    assert refusal(bomb, Limits(packing_ratio=2_000)) == "unpacks_too_large"


def test_a_zip_bomb_by_its_ratio() -> None:
    assert (
        refusal(repacked({"xl/media/zeros.bin": bytes(30_000_000)}), Limits(packing_ratio=100)) == "unpacks_too_large"
    )


def test_a_zip_bomb_whose_directory_lies() -> None:
    bomb = bytearray(repacked({"xl/media/zeros.bin": bytes(150_000_000)}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.rfind(signature)
        struct.pack_into("<I", bomb, at + place, 1000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(bytes(bomb)) in {"broken", "unpacks_too_large"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_what_is_unpacked_is_counted_whatever_the_directory_says(monkeypatch: pytest.MonkeyPatch) -> None:
    data = good(5_000)
    monkeypatch.setattr("lbcert.core.sheets.guards._check_directory", lambda *_: None)
    assert refusal(data, Limits(unpacked_bytes=50_000)) == "unpacks_too_large"


def test_a_zip_of_thousands_of_members() -> None:
    assert refusal(repacked({f"xl/{number}.bin": b"x" for number in range(1_100)})) == "unpacks_too_large"


LAUGHS = b'<!DOCTYPE lol [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("declaration", [LAUGHS, OUTSIDE, LAUGHS.lower()])
def test_xml_entities(part: str, declaration: bytes) -> None:
    assert (
        refusal(repacked({part: b'<?xml version="1.0"?>' + declaration + b"<worksheet>&b;</worksheet>"})) == "entities"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_xml_entities_in_another_encoding(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS.decode() + "<worksheet/>"
    assert refusal(repacked({SHEET: text.encode(encoding)})) == "entities"


def test_xml_entities_at_the_seam_of_two_pieces() -> None:
    for shift in range(12):
        padding = b" " * ((1 << 16) - 21 - shift)
        xml = b'<?xml version="1.0"?>' + padding + b'<!DOCTYPE x SYSTEM "x"><worksheet/>'
        assert refusal(repacked({SHEET: xml}), Limits(packing_ratio=1_000)) == "entities"


def test_the_workbook_reader_itself_takes_no_entities() -> None:
    assert openpyxl.DEFUSEDXML


@pytest.mark.parametrize("encoding", ["big5", "utf-16-le", "utf-32"])
def test_a_csv_in_an_encoding_that_nobody_named(encoding: str) -> None:
    assert refusal("姓名,身份證號\n吳軍,530128197506150012\n".encode(encoding)) in {"not_a_sheet", "no_header"}


def test_a_csv_in_two_encodings() -> None:
    data = "姓名,身份证号\n".encode() + "吴军,1\n".encode("gb18030")
    assert refusal(data) in {"not_a_sheet", "no_header"}


def test_a_csv_with_an_open_quote_does_not_swallow_its_rows() -> None:
    assert refusal('姓名,身份证号\n"吴军,1\n王平,2\n'.encode()) == "broken"


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7\n" + bytes(100), b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(range(256)) * 10]
)
def test_other_files_are_not_sheets(data: bytes) -> None:
    assert refusal(data) == "not_a_sheet"


def test_a_zip_that_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    assert refusal(buffer.getvalue()) == "not_a_sheet"


def test_a_sheet_of_another_form() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write_row(0, 0, ["用人单位", "等级"])
    with pytest.raises(Unreadable) as caught:
        read_sheet(buffer.getvalue(), COLUMNS)
    assert "姓名、身份证号" in str(caught.value.finding.message)


def test_too_many_rows() -> None:
    assert refusal(good(101), Limits(rows=100)) == "too_many_rows"
    assert len(read_sheet(good(100), COLUMNS, Limits(rows=100)).rows) == 100


def test_too_many_columns() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["姓名", "身份证号"])
        page.write_string(1, 16_383, "x")
    assert refusal(buffer.getvalue()) == "too_many_columns"
    assert refusal(("姓名,身份证号" + "," * 300 + "\n吴军,1\n").encode()) == "too_many_columns"


def test_a_name_of_10_000_characters_is_named_by_its_place() -> None:
    with pytest.raises(Unreadable) as caught:
        read_sheet(("姓名,身份证号\n吴军,1\n" + "字" * 10_000 + ",2\n").encode(), COLUMNS)
    assert caught.value.finding.rule == "sheets.cell_too_long"
    assert "单元格 A3 有 10000 个字符" in str(caught.value.finding.message)


def test_a_csv_cell_beyond_what_csv_itself_reads() -> None:
    assert refusal(("姓名,身份证号\n" + "字" * 200_000 + ",2\n").encode()) == "broken"


@pytest.mark.parametrize("reference", ["A99999999999", "A1048577", "ZZZZZZ2"])
def test_a_cell_that_claims_an_impossible_place(reference: str) -> None:
    row = reference.lstrip("AZ")
    xml = (
        b"<worksheet " + MAIN + b"><sheetData>"
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>\xe5\xa7\x93\xe5\x90\x8d</t></is></c>'
        b'<c r="B1" t="inlineStr"><is><t>\xe8\xba\xab\xe4\xbb\xbd\xe8\xaf\x81\xe5\x8f\xb7</t></is></c></row>'
        b'<row r="' + row.encode() + b'"><c r="' + reference.encode() + b'" t="inlineStr"><is><t>x</t></is></c></row>'
        b"</sheetData></worksheet>"
    )
    started = time.process_time()
    assert refusal(repacked({SHEET: xml})) in {"broken", "too_many_columns"}
    assert time.process_time() - started < 20


def test_one_cell_in_the_far_corner_of_an_old_workbook_costs_little_memory() -> None:
    book = xlwt.Workbook()
    page = book.add_sheet("x")
    page.write(0, 0, "姓名")
    page.write(0, 1, "身份证号")
    page.write(65_535, 255, "x")
    buffer = io.BytesIO()
    book.save(buffer)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert [row.number for row in read_sheet(buffer.getvalue(), COLUMNS).rows] == [65_536]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_ten_thousand_rows_are_read_in_seconds_and_little_memory() -> None:
    data = good(10_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    assert len(read_sheet(data, COLUMNS).rows) == 10_000
    assert time.process_time() - started < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_crc_that_does_not_fit() -> None:
    data = bytearray(good())
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 16, zlib.crc32(b"something else"))
    assert refusal(bytes(data)) == "broken"
