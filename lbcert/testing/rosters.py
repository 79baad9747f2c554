"""Rosters of fictional people as counties send them: right check digits, numbers that nobody was given.

The sequence numbers of their ID numbers are 990 to 999; names are put together from common characters.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import openpyxl

from lbcert.cohorts.sheets import ROSTER, TITLES
from lbcert.core.identity.id_number import check_character
from lbcert.core.sheets import Table, write_workbook

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂云英华玉兰志文建国"
_CATEGORIES = ("农村转移就业劳动者", "登记失业人员", "脱贫劳动力")
_FIRST_BIRTH, _BIRTH_DAYS = date(1968, 1, 1), 14_000
#: sequence numbers 990 to 999
_SEQUENCES = 10


def number_of(region: str, serial: int) -> str:
    """Make the ID number of the ``serial``-th person of a county: a right check digit, born 1968 to 2006."""
    born = _FIRST_BIRTH + timedelta(days=(serial // _SEQUENCES * 37) % _BIRTH_DAYS)
    body = f"{region}{born:%Y%m%d}99{serial % _SEQUENCES}"
    return body + check_character(body)


def people(count: int, region: str = "530724", seed: int = 1) -> list[dict[str, str]]:
    """Make the rows of ``count`` people by column key, always the same for one ``seed``; at most 140,000 a county."""
    dice = random.Random(seed)  # noqa: S311 (fiction, no secret)
    rows = []
    for serial in range(count):
        name = dice.choice(_FAMILY) + "".join(dice.choices(_GIVEN, k=dice.choice((1, 2, 2))))
        rows.append(
            {
                "id_number": number_of(region, serial),
                "name": name,
                "ethnicity": dice.choice(("汉族", "彝族", "苗族")),
                "employment_register": f"{region}{dice.randrange(10**10):010d}",
                "category": dice.choice(_CATEGORIES),
                "household_kind": "农业户口",
                "household_region": region,
                "residence_region": region,
                "address": "云南省丽江市宁蒗彝族自治县大兴镇",
                "phone": f"13{(seed * 7 + serial) % 10**9:09d}",
                "bank_name": "农村信用社",
                "bank_holder": name,
                "bank_account": f"622369{serial + seed * 10**7:013d}",
            }
        )
    return rows


def workbook(rows: Iterable[Mapping[str, str]], columns: Sequence[Any] = ROSTER) -> bytes:
    """Write rows as an .xlsx with their columns in the order given."""
    return write_workbook(Table("Sheet1", columns, rows))


def raw_workbook(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Write rows as Excel would, each value in the kind of cell that it is: numbers, formulas and all."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append(list(TITLES.values()))
    for row in rows:
        sheet.append([row.get(key) for key in TITLES])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def gb18030(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Write rows as Excel saves CSV in China: GB18030, numbers behind a tab, CR LF."""
    lines = [",".join(TITLES.values())]
    for row in rows:
        texts = [row.get(key, "") for key in TITLES]
        lines.append(",".join(f"\t{text}" if text.isdigit() else text for text in texts))
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")
