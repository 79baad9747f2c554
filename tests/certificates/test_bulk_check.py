"""Many certificates checked at once: by page, command and call, each line as a single check would say."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest

from lbcert.certificates.models import Reason
from lbcert.certificates.operations import revoke
from lbcert.certificates.queries import bulk_check
from lbcert.certificates.queries.verdict import of_number
from lbcert.certificates.token import link
from lbcert.core.findings import Refused
from lbcert.core.sheets import Column, Table, write_workbook
from lbcert.testing.scenes import played_once
from tests.certificates.scene import issued, printed

FORMULA = '=HYPERLINK("http://evil","x")'


@pytest.fixture
@played_once
def scene(app):
    scene = printed(issued())
    revoke(scene.issuer, scene.certificates[1].id, Reason.FRAUD, "替考")
    return scene


def sheet(*numbers):
    return write_workbook(Table("名单", [Column("n", "证书编号", digits=True)], [{"n": number} for number in numbers]))


def zipped(scene):
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("张三.pdf", scene.certificates[0].file.read())
        archive.writestr("=1+1.png", b"no picture")
        archive.writestr("说明.txt", "text")
    return made.getvalue()


def read(data):
    """Give what the sheet of verdicts says, and hold that no cell starts a formula."""
    rows = list(openpyxl.load_workbook(BytesIO(data)).active.iter_rows(min_row=2))
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [(row[0].value, row[1].value) for row in rows]


def test_each_line_of_a_sheet_is_judged_as_a_single_check(scene):
    first, second = scene.certificates
    foreign = link.write("https://clone.example", first.token)
    found = bulk_check.of_upload(sheet(first.number, second.number, foreign, "X1", FORMULA))
    assert [each.verdict and each.verdict.outcome for each in found] == ["valid", "revoked", "valid", "unknown", None]
    assert found[4].problem.rule == "sheets.formula"
    assert (found[0].verdict.fields, found[2].verdict.foreign_host) == (of_number(first.number).fields, "clone.example")
    written = bulk_check.write_verdicts(found, str)
    assert read(written) == [
        (first.number, "有效"), (second.number, "已撤销"), (foreign, "有效"), ("X1", "查无此证"), (FORMULA, "没有查成"),
    ]  # fmt: skip
    assert "张三".encode() not in ZipFile(BytesIO(written)).read("xl/sharedStrings.xml")


def test_a_changed_pdf_is_told_from_the_original_in_the_sheet(scene):
    original = scene.certificates[0].file.read()
    found = bulk_check.of_files([("原件.pdf", original), ("改动.pdf", original + b"\n%")])
    rows = openpyxl.load_workbook(BytesIO(bulk_check.write_verdicts(list(found), str))).active.iter_rows(
        values_only=True
    )
    said = {row[0]: dict(zip(head, row, strict=True))["PDF 文件"] for head in [next(rows)] for row in rows}
    assert said["原件.pdf"].startswith("这份 PDF 与发证时的原件逐字节相同")
    assert said["改动.pdf"].startswith("这份 PDF 不是发证时的原件")


def test_the_page_and_the_call_take_a_sheet_or_a_zip_without_an_account(scene, app):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    lines = [("张三.pdf", "有效"), ("=1+1.png", "没有查成"), ("说明.txt", "没有查成")]
    answer = browser.post("/verify/bulk", data={"file": (BytesIO(zipped(scene)), "证书.zip")})
    assert (answer.status_code, read(answer.data)) == (200, lines)
    sent = {"file": (BytesIO(sheet(scene.certificates[1].number)), "名单.xlsx")}
    results = browser.post("/api/v1/verify/bulk", data=sent).json["results"]
    assert [(each["verdict"]["outcome"], each["problem"]) for each in results] == [("revoked", None)]
    sent = {"file": (BytesIO(zipped(scene)), "证书.zip")}
    assert read(browser.post("/api/v1/verify/bulk?format=xlsx", data=sent).data) == lines
    for bad in (b"", b"no sheet", zipped(scene)[:-30]):
        assert browser.post("/verify/bulk", data={"file": (BytesIO(bad), "a.xlsx")}).status_code == 422
        assert browser.post("/api/v1/verify/bulk", data={"file": (BytesIO(bad), "a.xlsx")}).status_code == 422


def test_who_tries_too_often_or_too_much_is_held_back(scene, app):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    with pytest.raises(Refused) as refusal:
        bulk_check.of_upload(sheet(*(f"X{number}" for number in range(bulk_check.MOST_LINES + 1))))
    assert "sheets.too_many_rows" in refusal.value
    codes = [
        browser.post("/verify/bulk", data={"file": (BytesIO(sheet("X1")), "a.xlsx")}).status_code for _ in range(7)
    ]
    assert codes == [200] * 6 + [429]
