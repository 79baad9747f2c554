"""A certificate's code with one bit turned over: refused with its reason wherever it is asked about."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest

from lbcert.certificates.token import base36, link
from lbcert.core.sheets import Column, Table, write_workbook
from tests.access.certificates import certificate

REFUSED = "不是有效证书"
pytestmark = pytest.mark.parametrize("house", ["sqlite"], indirect=True)


@pytest.fixture
def visitor(house):
    return house.app.test_client()


@pytest.fixture
def flipped(house):
    """Give the token with one bit turned over: some forty bits, in each of its parts."""
    token = certificate(house.stage).token
    bits = range(0, 8 * len(token), len(token) // 5)
    return [token[: bit // 8] + bytes([token[bit // 8] ^ 1 << bit % 8]) + token[bit // 8 + 1 :] for bit in bits]


@pytest.fixture
def genuine(house):
    return certificate(house.stage).token


def test_the_public_page_and_the_call_refuse_it_with_its_reason(visitor, flipped, genuine):
    def asked(token):
        page = visitor.get(f"/V/{base36.encode(token)}")
        said = visitor.get(f"/api/v1/verify/code/{base36.encode(token)}")
        assert (page.status_code, said.status_code) == (200, 200)
        return page.text, said.json

    page, said = asked(genuine)
    assert said["refusal"] is None
    assert REFUSED not in page
    assert len(flipped) > 30
    for token in flipped:
        page, said = asked(token)
        assert (said["outcome"], said["number"], said["fields"]) == ("broken", "", [])
        assert REFUSED in page
        assert said["explanation"] in page
        assert said["refusal"]


def test_the_form_refuses_it_with_its_reason(visitor, flipped):
    for token in flipped[::6]:
        answer = visitor.post("/verify", data={"number": link.write("https://localhost", token)})
        assert answer.status_code == 200
        assert REFUSED in answer.text


def test_the_bulk_check_refuses_it_with_its_reason(visitor, flipped, genuine):
    tokens = [*flipped, genuine]
    links = [{"n": link.write("https://localhost", token)} for token in tokens]
    sheet = write_workbook(Table("名单", [Column("n", "证书编号")], links))
    answer = visitor.post("/verify/bulk", data={"file": (BytesIO(sheet), "名单.xlsx")})
    rows = list(openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows(min_row=2, values_only=True))
    assert [row[1] for row in rows] == [REFUSED] * len(flipped) + [rows[-1][1]]
    assert rows[-1][1] != REFUSED
    assert all(row[2] for row in rows)
    results = visitor.post("/api/v1/verify/bulk", data={"file": (BytesIO(sheet), "名单.xlsx")}).json["results"]
    assert [each["verdict"]["refusal"] is None for each in results] == [False] * len(flipped) + [True]
