"""The page that a scanned certificate opens, and the form for a number: what an employer sees."""

from __future__ import annotations

import json
import logging
import re
import zlib
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lbcert.certificates import qr
from lbcert.certificates.log import note
from lbcert.certificates.models import Reason
from lbcert.certificates.operations import replace, revoke, suspend
from lbcert.certificates.queries import log
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Outcome
from lbcert.certificates.token import base36, link
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Signer
from lbcert.core import clock
from lbcert.core.database import db
from tests.certificates.scene import PREFIX, THE_DAY, after_school_test, completed, issued, printed, run


def path_of(certificate):
    return f"/V/{base36.encode(certificate.token)}"


def words_of(page):
    """Give what a person reads, without the tags."""
    body = re.sub(r"<(style|title).*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_valid_certificate_shows_every_printed_field_and_hides_the_person(app, client):
    certificate = issued().certificates[0]
    answer = client.get(path_of(certificate))
    assert answer.status_code == 200
    read = words_of(answer.text)
    for text in ("有效", "VALID", "张*", "电工", "6-31-01-03", "2022", "五级/初级工", "80", "90", "社会培训评价组织评价",
                 "示例评价中心", "2025-08-20", certificate.number, "签发"):  # fmt: skip
        assert text in read, text
    assert "张三" not in answer.text
    assert certificate.person.id_masked[-4:] not in answer.text


def test_what_the_completion_prints_is_shown_too(app, client):
    scene = after_school_test()
    run("UPDATE sessions SET cancelled_reason = '停电'")
    certificate = completed(scene).certificates[0]
    read = words_of(client.get(path_of(certificate)).text)
    claims = json.loads(certificate.claims)
    for text in (claims["item"], claims["brand"], claims["cohort"], claims["start"], claims["end"], "72 课时",
                 "安全用电 8；电工基础 12；操作实训 52", "示例培训学校", claims["issued_on"], claims["number"]):  # fmt: skip
        assert text in read, text


def test_lower_case_works_and_no_cookie_is_set(app, client):
    path = path_of(issued().certificates[0])
    answer = client.get(path.lower())
    assert "有效" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "<script" not in answer.text
    assert "src=" not in answer.text
    assert "<link" not in answer.text


def test_english_for_who_asks(app, client):
    path = path_of(issued().certificates[0])
    for answer in (client.get(f"{path}?lang=en"), client.get(path, headers={"Accept-Language": "en-GB"})):
        read = words_of(answer.text)
        for text in ("Valid", "有效", "Name", "Occupation", "Certificate number", "Status history", "Issued"):
            assert text in read, text
        assert 'lang="en"' in answer.text


def test_a_revoked_certificate_says_when_why_and_by_whom(app, client):
    scene = issued()
    certificate = scene.certificates[0]
    with clock.at(datetime(2025, 9, 1, 17, tzinfo=UTC)):
        assert 'class="verdict ok"' in client.get(path_of(certificate)).text
        revoke(scene.issuer, certificate.id, Reason.FRAUD, "替考，举报人李某")
        answer = client.get(path_of(certificate))
    assert answer.status_code == 200
    read = words_of(answer.text)
    assert "已撤销" in read
    assert "2025-09-02 已撤销。原因：弄虚作假（示例评价中心）" in read
    assert "举报人" not in answer.text
    assert 'class="verdict stop"' in answer.text


def test_suspended_and_replaced_say_so_and_lead_on(app, client):
    scene = issued()
    first, second = scene.certificates
    suspend(scene.issuer, first.id, Reason.UNDER_REVIEW, "核查")
    assert "暂停使用" in words_of(client.get(path_of(first)).text)
    with clock.at(THE_DAY):
        successor = replace(scene.issuer, second.id, Reason.DAMAGED, "遗失")
    answer = client.get(path_of(second))
    assert "已换发" in words_of(answer.text)
    assert f'href="{path_of(successor)}"' in answer.text
    assert successor.number in answer.text
    assert "有效" in words_of(client.get(path_of(successor)).text)


def test_a_certificate_past_its_end_is_expired(app, client):
    scene = issued()
    certificate = scene.certificates[0]
    suffix = "_update" if db.engine.dialect.name == "sqlite" else " ON certificates"
    run(f"DROP TRIGGER tr_certificates_frozen_update{suffix}")
    run("UPDATE certificates SET expires_on = '2028-08-19' WHERE id = :id", id=certificate.id)
    db.session.rollback()
    with clock.at(datetime(2028, 8, 19, 15, tzinfo=UTC)):
        assert verdicts.of_number(certificate.number).outcome is Outcome.VALID
    with clock.at(datetime(2028, 8, 19, 16, tzinfo=UTC)):
        verdict = verdicts.of_number(certificate.number)
    assert verdict.outcome is Outcome.EXPIRED
    assert "2028-08-19" in str(verdict.explanation)


def test_a_good_signature_that_the_register_does_not_know_is_red(app, client, claims):
    scene = issued()
    key = scene.certificates[0].key
    stolen = Signer.of(load_pem_private_key(key.private_key.encode(), None))
    read = client.get(f"/V/{base36.encode(sign(claims, stolen))}")
    assert 'class="verdict stop"' in read.text
    assert "查无此证" in words_of(read.text)
    assert read.status_code == 200


def test_a_flipped_bit_is_refused_with_its_reason(app, client):
    certificate = issued().certificates[0]
    token = bytearray(certificate.token)
    token[-1] ^= 1
    answer = client.get(f"/V/{base36.encode(bytes(token))}")
    assert "不是有效证书" in words_of(answer.text)
    assert "签名不符" in answer.text
    for nonsense in ("Z", "0" * 3000, "%00%F0%9F", "AB.CD"):
        broken = client.get(f"/V/{nonsense}")
        assert broken.status_code == 200
        assert "不是有效证书" in broken.text


def test_a_program_gets_json_from_the_same_judgement(app, client):
    certificate = issued().certificates[0]
    data = client.get(path_of(certificate), headers={"Accept": "application/json"}).json
    assert (data["outcome"], data["number"], data["demo"]) == ("valid", certificate.number, False)
    assert {"label": "姓名", "value": "张*"} in data["fields"]
    assert data["history"][0]["reason"] == "issued"
    assert "张三" not in json.dumps(data, ensure_ascii=False)


def test_the_number_form_finds_it_and_compares_the_last_four(app, client):
    certificate = issued().certificates[0]
    last = certificate.person.id_number[-4:]
    typed = certificate.number.lower()[:10] + " " + certificate.number[10:]
    right = client.post("/verify", data={"number": typed, "last_four": last.lower()})
    assert "后四位：相符" in words_of(right.text)
    wrong = client.post("/verify", data={"number": certificate.number, "type": "skill_level", "last_four": "0000"})
    assert "后四位：不符" in words_of(wrong.text)
    other_type = client.post("/verify", data={"number": certificate.number, "type": "completion"})
    assert "查无此证" in words_of(other_type.text)
    assert "查无此证" in words_of(client.post("/verify", data={"number": f"{PREFIX}255999999"}).text)
    kept = client.post("/verify", data={"number": certificate.number, "last_four": "12"})
    assert kept.status_code == 422
    assert certificate.number in kept.text


def test_a_pasted_link_of_a_foreign_host_is_called_out(app, client):
    certificate = issued().certificates[0]
    foreign = link.write("https://v.fake.example", certificate.token)
    read = words_of(client.post("/verify", data={"number": foreign}).text)
    assert "v.fake.example" in read
    assert "有效" in read


def test_numbers_cannot_all_be_tried(app, client):
    issued()
    answers = [client.post("/verify", data={"number": f"{PREFIX}25500{n:04}"}).status_code for n in range(31)]
    assert answers == [200] * 30 + [429]
    assert client.get(path_of(db.session.get(verdicts.Certificate, 1))).status_code == 200


def test_the_address_of_a_page_that_fails_is_not_logged(app, client, caplog, monkeypatch):
    path = path_of(issued().certificates[0])
    monkeypatch.setattr(verdicts, "_judged", lambda _rows: 1 / 0)
    with caplog.at_level(logging.DEBUG):
        assert client.get(path).status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert path[3:] not in caplog.text


def test_a_printed_certificate_scanned_leads_to_its_own_page(app, client):
    certificate = printed().certificates[0]
    (text,) = qr.read_pdf(certificate.file.read())
    found = link.read(text)
    assert found.token == certificate.token
    answer = client.get("/" + text.split("/", 3)[3])
    assert certificate.number in answer.text
    (verdict,) = verdicts.of_file(certificate.file.read())
    assert (verdict.outcome, verdict.number, verdict.foreign_host) == (Outcome.VALID, certificate.number, "")


def test_a_pdf_that_was_changed_is_told_from_the_one_made_at_the_issue(app, client):
    certificate = printed().certificates[0]
    original = certificate.file.read()
    copied = BytesIO()
    with pikepdf.open(BytesIO(original)) as pdf:
        pdf.pages[0].contents_add(b"BT ET")
        pdf.save(copied)
    changed = copied.getvalue()
    for data, is_original, words in ((original, True, "逐字节相同"), (changed, False, "不是发证时的原件")):
        (verdict,) = verdicts.of_file(data)
        assert (verdict.outcome, verdict.is_original) == (Outcome.VALID, is_original)
        page = client.post("/scan/", data={"file": (BytesIO(data), "certificate.pdf")})
        assert words in page.text


def test_the_logs_proof_in_a_pdf_speaks_for_its_own_certificate_alone(app, client):
    first, second = printed().certificates
    pdf = first.file.read()
    (verdict,) = verdicts.of_file(pdf)
    assert verdict.logged_at == first.issued_at
    assert "日志证明成立：公开日志在 2025-08-20" in client.post("/scan/", data={"file": (BytesIO(pdf), "a.pdf")}).text
    bomb = zlib.compress(bytes(10_000_000))
    for inside, compressed in (
        (log.proof_of(second).encode(), None),
        (b"nothing", None),
        (b"", None),
        (bomb, "/FlateDecode"),
    ):
        copied = BytesIO()
        with pikepdf.open(BytesIO(pdf)) as opened:
            stream = opened.attachments["log-proof.txt"].get_file().obj
            stream.write(inside, filter=pikepdf.Name(compressed) if compressed else None)
            opened.save(copied)
        (verdict,) = verdicts.of_file(copied.getvalue())
        assert (verdict.outcome, verdict.logged_at) == (Outcome.VALID, None), inside[:9]


def test_a_pdf_carries_token_claims_and_the_logs_proof(app):
    certificate = printed().certificates[0]
    with pikepdf.open(BytesIO(certificate.file.read())) as pdf:
        assert pdf.check_pdf_syntax() == []  # as `qpdf --check`
        inside = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
        associated = [str(spec.UF) for spec in pdf.Root.AF]
        assert {str(spec.AFRelationship) for spec in pdf.Root.AF} == {"/Data"}
    assert sorted(inside) == sorted(associated) == ["certificate.cwt", "claims.json", "log-proof.txt"]
    assert inside["certificate.cwt"] == certificate.token
    assert json.loads(inside["claims.json"])["number"] == certificate.number
    proof = note.read_proof(inside["log-proof.txt"].decode())
    log.holds(proof, log.verifier())
    assert proof.extra.decode().splitlines()[1:3] == ["issue", certificate.token_digest]


@pytest.mark.parametrize("path", ["/V/", "/v/a/b"])
def test_other_addresses_are_no_certificates(app, client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("straight", "value", "index"),
    [
        (verdicts._BY_DIGEST, {"digest": "x"}, "token_digest"),
        (verdicts._SUCCESSOR, {"replaced": 1}, "uq_certificates_replaces_id"),
    ],
)
def test_neither_query_ever_walks_the_register(app, straight, value, index):
    issued()
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's plan says so by itself; PostgreSQL's depends on how much is stored")
    run("ANALYZE")
    statement = straight.statement.params(**value).compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert any(index in step for step in plan), plan
    assert not [step for step in plan if step.startswith("SCAN")], plan


def test_a_connection_that_broke_is_left_and_the_next_page_opens_another(app, client):
    path = path_of(issued().certificates[0])
    assert client.get(path).status_code == 200
    connection, _cursor = app.extensions["lbcert.readers"]._idle[-1]
    connection.dbapi_connection.close()
    assert client.get(path).status_code == 500
    assert client.get(path).status_code == 200
