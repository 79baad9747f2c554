"""The sheets of this room: lists of certificate numbers in, verdicts out."""

from __future__ import annotations

from lbcert.core.findings import Refused
from lbcert.core.sheets import Column, Limits, read_sheet

NUMBER = Column(
    "number",
    "证书编号",
    ("编号", "证书号", "证书编号或链接", "链接", "证书链接", "二维码链接", "number"),
    True,
    True,
    30,
)

VERDICTS = [
    Column("what", "送查的内容", digits=True, width=30),
    Column("outcome", "结论", width=12),
    Column("explanation", "说明", width=50),
    Column("type", "证书种类", width=18),
    Column("number", "证书编号", digits=True, width=26),
    Column("fields", "证书内容", width=60),
    Column("expires_on", "有效期至"),
    Column("successor", "换发新证", digits=True, width=26),
    Column("file", "PDF 文件", width=50),
    Column("foreign_host", "链接指向的外站", width=20),
    Column("as_of", "查验时间", width=18),
]


def read_numbers(data: bytes, most: int) -> list[str]:
    """Read the column of numbers or links of a sheet. Raises ``Refused`` where one cell or the sheet cannot be read."""
    sheet = read_sheet(data, [NUMBER], Limits(rows=most))
    every = [*sheet.findings, *(finding for row in sheet.rows for finding in row.findings)]
    if findings := [finding for finding in every if finding.stops]:
        raise Refused(findings)
    return [row["number"].text.strip() for row in sheet.rows]
