"""The scanner's page as the server gives it, and its form where there are no scripts."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urljoin

import pypdfium2
import pytest

from lbcert.certificates.status_list import compress, sign_list
from lbcert.certificates.token import base36, trust_list
from lbcert.certificates.token.claims import LIST_SIZE
from lbcert.certificates.token.keys import IssuerKey, Signer, key_ring
from lbcert.certificates.token.reasons import Reason
from lbcert.certificates.token.trust_list import TrustList
from lbcert.core.reference import Trade, TradeKind
from lbcert.testing import factories as make
from tests.certificates.scene import issued, printed
from tests.certificates.test_public_page import words_of


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def sent(client, name="file", data=b"", **fields):
    file = {name: (BytesIO(data), "certificate.pdf")} if data else {}
    return client.post("/scan/", data=file | fields, content_type="multipart/form-data")


def test_the_page_carries_its_words_and_asks_nobody_else(app, client):
    assert client.get("/scan").headers["Location"].endswith("/scan/")
    answer = client.get("/scan/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert re.findall(r'(?:src|href)="(?!\.\./static/|manifest|\./\?lang|/verify)[^"]*"', answer.text) == []
    known = json.loads(re.search(r'id="known">(.*?)</script>', answer.text, re.DOTALL)[1])
    assert set(known["refusals"]) == set(Reason)
    assert known["types"]["2"] == {"label": "职业技能等级证书", "levels": known["types"]["2"]["levels"]}
    assert known["types"]["2"]["levels"]["5"] == "五级/初级工"
    assert "Scan and check" in client.get("/scan/?lang=en").text


def test_the_worker_names_every_file_that_the_page_needs_and_changes_with_them(app, client):
    worker = client.get("/scan/worker.js")
    assert worker.mimetype == "text/javascript"
    kept = json.loads(re.search(r"const KEPT = (.*);", worker.text)[1])
    for name in kept:
        with client.get(urljoin("/scan/", name)) as answer:
            assert answer.status_code == 200, name
    assert {"./", "manifest.webmanifest", "../static/scan/page.js", "../static/scan/scan.css"} <= set(kept)
    assert client.get("/scan/worker.js").text == worker.text
    app.config["LBCERT"] = replace(app.config["LBCERT"], demo=True)
    assert client.get("/scan/worker.js").text != worker.text


def test_names_are_those_of_the_numbers_in_tokens(app, client):
    certificate = issued().certificates[0]
    names = client.get("/scan/names.json").json
    assert names["brands"][str(certificate.brand.number)] == certificate.brand.name
    assert names["trades"]["202206310103"] == "电工"


def test_what_a_phone_keeps_for_a_million_certificates_is_under_150_kb(app, client):
    """A million certificates are one list of 2^20, here with 1 % revoked; the names are the whole classification's."""
    codes = [(f"6-29-{at // 100:02}-{at % 100:02}", f"制冷空调系统安装维修工{at:04}") for at in range(1636)]
    make.store(*[Trade(kind=TradeKind.OCCUPATION, name=name, edition=2022, code=code) for code, name in codes])
    signer, now = Signer.fresh(), datetime(2025, 9, 1, tzinfo=UTC)
    keys = key_ring([IssuerKey(signer.kid, signer.alg, signer.public_key, frozenset(), now)])
    chance = random.Random(1)  # noqa: S311 - a fixed seed, no secret
    revoked = [(index, 1) for index in chance.sample(range(LIST_SIZE), LIST_SIZE // 100)]
    kept = [
        client.get("/scan/names.json").data,
        sign_list("https://v.example.cn/status/0.cwt", compress(revoked), signer, now),
        trust_list.sign(TrustList("v.example.cn", 1, now, None, keys), signer),
    ]
    assert sum(map(len, kept)) < 150_000, list(map(len, kept))


def test_a_pdf_a_picture_a_number_and_a_link_are_judged_without_scripts(app, client):
    app.config["WTF_CSRF_ENABLED"] = True  # as in use: the page is the same for all and holds no token
    certificate = printed().certificates[0]
    pdf = certificate.file.read()
    picture = BytesIO()
    pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil().save(picture, "JPEG")
    asked = [
        {"data": pdf},
        {"data": picture.getvalue()},
        {"what": certificate.number},
        {"what": f"https://v.example.cn/v/{base36.encode(certificate.token)}"},
    ]
    for each in asked:
        answer = sent(client, **each)
        assert answer.status_code == 200
        assert "有效 VALID" in words_of(answer.text)
        assert certificate.number in answer.text
    assert "v.example.cn" in words_of(answer.text), "a foreign host is called out"


def test_several_certificates_in_one_pdf_are_listed(app, client):
    first, second = printed().certificates
    both = pypdfium2.PdfDocument.new()
    for certificate in (first, second):
        both.import_pages(pypdfium2.PdfDocument(certificate.file.read()))
    file = BytesIO()
    both.save(file)
    read = words_of(sent(client, data=file.getvalue()).text)
    assert first.number in read
    assert second.number in read


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.7"])
def test_what_is_no_certificate_is_answered_with_what_to_do(app, client, data):
    answer = sent(client, data=data)
    assert answer.status_code == 422
    assert 'class="note bad"' in answer.text
    assert "打开相机扫码" in answer.text


def test_numbers_cannot_be_tried_in_series(app, client):
    answers = {sent(client, what=f"S00005300012325500{number:04}").status_code for number in range(35)}
    assert answers == {200, 429}
