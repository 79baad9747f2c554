"""A holder's own page and the links she shares: who gets in, what is shown, and what ends."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lbcert.certificates.models import Reason, Share, ShareView
from lbcert.certificates.operations import new_secret, open_own_page, replace, revoke, share, view_share, withdraw_share
from lbcert.certificates.paper_code import paper_code
from lbcert.core import clock
from lbcert.core.access import Holder, Visitor
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.messages import Notification, inbox
from lbcert.core.seal import keyring
from lbcert.testing.factories import store
from tests.certificates.scene import THE_DAY, issued, printed, run
from tests.certificates.test_public_page import words_of
from tests.certificates.test_rendering import printed as text_of
from tests.certificates.test_sql_attacks import refused as refused_by_sql

PHONE = "13887650321"
LATER = datetime(2025, 8, 21, 1, tzinfo=UTC)
#: Nothing of these is the database's.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def with_phone(scene, phone=PHONE):
    """Put a phone on file for the holder of the first certificate."""
    person = scene.certificates[0].person
    run(
        "UPDATE persons SET phone_index = :digest WHERE id = :id",
        digest=keyring().index("phone", phone), id=person.id,
    )  # fmt: skip
    return scene


def three(certificate, **changes):
    """Give what the holder of a certificate types."""
    code = paper_code(certificate.cti)
    return {"phone": PHONE, "last_four": certificate.person.id_number[-4:], "code": f"{code[:4]} {code[4:]}"} | changes


def refusal(client, **typed):
    answer = client.post("/my", data=typed)
    assert answer.status_code == 422
    return re.findall(r'finding-words">\s*<p>(.*?)</p>', answer.text)


def test_a_holder_reads_downloads_shares_and_withdraws(app, client):
    scene = with_phone(printed())
    certificate, other = scene.certificates
    code = paper_code(certificate.cti)
    assert f"{code[:4]}{code[4:]}" in text_of(certificate.file.read())
    with clock.at(LATER):
        assert client.post("/my", data=three(certificate, phone="+86 138-8765-0321")).location == "/my/certificates"
        page = client.get("/my/certificates")
        assert page.headers["Cache-Control"] == "no-store"
        for text in ("张三的证书", "共 1 本", "有效", certificate.number, "五级/初级工", "示例评价中心"):
            assert text in words_of(page.text), text
        assert certificate.person.id_masked[-4:] not in words_of(page.text)
        assert client.get(f"/my/certificates/{certificate.id}.pdf").data == certificate.file.read()
        assert client.get(f"/my/certificates/{other.id}.pdf").status_code == 404
        client.post("/my/shares", data={"certificates": [certificate.id], "days": 7})
        page = client.get("/my/certificates").text
        link = re.search(r'value="http://[^"/]+(/s/\w{25})"', page)[1]
        assert "share-code" in page
        client.get(link)  # her own look is no view
        stranger = app.test_client()
        answer = stranger.get(link.upper())
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        read = words_of(answer.text)
        for text in ("有效", "张*", certificate.number, "电工"):
            assert text in read, text
        assert "张三" not in answer.text
        page = words_of(client.get("/my/certificates").text)
        assert "看过 1 次" in page
        assert "2025-08-21 09:00" in page
        client.post(f"/my/shares/{db.session.scalar(select(Share.id))}/withdraw")
        gone = stranger.get(link)
        assert gone.status_code == 410
        assert "持证人已于 2025-08-21 09:00 撤回这个链接" in words_of(gone.text)
        assert "张*" not in gone.text
    log = db.session.scalars(select(AuditEntry).order_by(AuditEntry.position.desc()).limit(4)).all()
    assert [entry.operation.removeprefix("certificates.") for entry in reversed(log)] == [
        "open_own_page", "share", "view_share", "withdraw_share",
    ]  # fmt: skip
    assert (log[3].actor, log[3].subject) == ("visitor", f"person:{certificate.person_id}")
    written = "".join(f"{entry.arguments}{entry.changes}" for entry in log)
    for kept_out in (PHONE, certificate.person.id_number[-4:], code, link.rpartition("/")[2]):
        assert f'"{kept_out}"' not in written, kept_out


@ON_SQLITE
def test_whatever_is_wrong_the_answer_is_the_same(app, client):
    scene = with_phone(issued())
    first, second = scene.certificates
    answers = [
        refusal(client, **three(first, **wrong))
        for wrong in (
            {"phone": "13887650322"}, {"last_four": "000X"}, {"code": "0000 0000"}, {"code": paper_code(second.cti)}, {"code": "张"},
        )
    ]  # fmt: skip
    assert len(answers[0]) == 1
    assert answers == [answers[0]] * 5
    assert client.get("/my/certificates").location == "/my"


def test_a_family_with_one_phone_and_a_lost_paper(app):
    scene = with_phone(issued())
    first, second = scene.certificates
    run("UPDATE persons SET phone_index = :digest", digest=keyring().index("phone", PHONE))
    for certificate in (first, second):
        assert open_own_page(Visitor(), **three(certificate)).id == certificate.person_id
    revoke(scene.issuer, second.id, Reason.ERROR, "填错")
    assert open_own_page(Visitor(), **three(second)).id == second.person_id
    with clock.at(THE_DAY):
        anew = replace(scene.issuer, first.id, Reason.DAMAGED, "遗失")
    with pytest.raises(Refused) as refused:
        open_own_page(Visitor(), **three(first))
    assert "certificates.not_the_holder" in refused.value
    assert open_own_page(Visitor(), **three(anew)).id == first.person_id


@ON_SQLITE
def test_a_visit_tells_what_is_new_and_ends_by_itself_and_by_its_button(app, client):
    certificate = with_phone(issued()).certificates[0]
    with clock.at(LATER):
        client.post("/my", data=three(certificate))
        assert client.get("/my").location == "/my/certificates"
    with clock.at(LATER + timedelta(minutes=20)):
        assert client.get("/my/certificates").location == "/my"
        assert client.post("/my/shares", data={"certificates": [certificate.id], "days": 7}).location == "/my"
        client.post("/my", data=three(certificate))
        words = {"subject": "", "words": '["没有排下", {}]', "endpoint": "home.index", "arguments": "{}"}
        told = store(Notification(person_id=certificate.person_id, **words))
        assert "没有排下" in client.get("/my/certificates").text
        client.post("/my/notifications", data={"notification": [told.id]})
        assert not inbox(certificate.person_id).unread
        client.post("/my/leave")
        assert client.get("/my/certificates").location == "/my"
    assert db.session.scalar(select(Share.id)) is None


@ON_SQLITE
def test_tries_at_one_phone_are_counted_however_it_is_written(app):
    found = [
        app.test_client().post("/my", data={"phone": phone, "last_four": "0017", "code": "1"}).status_code
        for phone in [*["138 8765-0321"] * 5, *["+8613887650321"] * 5, PHONE, "13900000000"]
    ]
    assert found == [422] * 10 + [429, 422]


def test_a_share_is_of_ones_own_ends_and_is_withdrawn_once(app):
    scene = issued()
    first, second = scene.certificates
    holder, secret = Holder(first.person_id), new_secret()
    with clock.at(LATER):
        for chosen, days in (([], 7), ([first.id], 8)):
            with pytest.raises(Refused):
                share(holder, chosen, days, new_secret())
        made = share(holder, [first.id], 7, secret)
        assert secret not in str(vars(made))
        withdrawn = withdraw_share(holder, share(holder, [first.id], 7, new_secret()).id)
    page = app.test_client()
    with clock.at(LATER + timedelta(days=7)):
        assert page.get(f"/s/{secret}").status_code == 410
        assert "到期" in page.get(f"/s/{secret}").text
        with pytest.raises(Refused) as refused:
            view_share(Visitor(), secret)
        assert "certificates.share_closed" in refused.value
    assert page.get("/s/NOSUCHLINK").status_code == 404
    assert db.session.scalar(select(ShareView.id)) is None
    refused_by_sql("certificates.share", f"UPDATE shares SET withdrawn_at = NULL WHERE id = {withdrawn.id}")
    refused_by_sql("certificates.share", f"UPDATE shares SET ends_at = '2030-01-01' WHERE id = {made.id}")
    refused_by_sql("certificates.share_of_another", f"INSERT INTO shared_certificates VALUES ({made.id}, {second.id})")
