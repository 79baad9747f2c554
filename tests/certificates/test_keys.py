"""A key's whole life: it signs, is rotated, retired or stolen; what strangers then believe, with and without a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from lbcert.certificates import operations
from lbcert.certificates.models import IssuerKey, TrustList
from lbcert.certificates.operations.status_lists import build_status_list
from lbcert.certificates.queries import status_lists, trust
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Outcome
from lbcert.certificates.token import base36, trust_list
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Algorithm, KeyState, Signer, Trust
from lbcert.certificates.token.reader import read_token
from lbcert.certificates.token.reasons import Reason, Unreadable
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.certificates.scene import THE_DAY, after_school_test, completed, issued, published, run

ROOT = Signer.fresh()
HOUR = timedelta(hours=1)


def key_of(certificate):
    return db.session.get(IssuerKey, certificate.key_id)


def publish(root=ROOT, **how):
    """Sign the list as it ought to be now."""
    content = trust_list.sign(trust.next_list(), root)
    return operations.publish_trust_list(Console(), content, root.public_key, **how)


def offline(token, root=ROOT):
    """Read a token with nothing but the newest published list."""
    return read_token(token, trust_list.read(trust.files()["trust-list"], root.public_key).keys)


def online(token):
    return verdicts.of_code(base36.encode(token))


def test_what_was_printed_before_and_after_a_rotation_verifies_and_a_theft_parts_the_two(app):
    scene = after_school_test()
    run("UPDATE sessions SET cancelled_reason = '停电'")
    first = issued(scene).certificates[0]
    with clock.at(THE_DAY):
        old, new = operations.rotate_key(Console(), key_of(first).kid, alg=Algorithm.EDDSA)
    assert (old.state, old.not_after) == (KeyState.RETIRED, THE_DAY)
    second = completed(scene).certificates[0]
    assert (key_of(first).alg, key_of(second).alg, second.key_id) == (-7, -8, new.id)
    with clock.at(THE_DAY + HOUR):
        publish()
        for certificate in (first, second):
            assert online(certificate.token).outcome is Outcome.VALID
            assert offline(certificate.token).trust() is Trust.GOOD

    with clock.at(THE_DAY + 3 * HOUR):
        operations.compromise_key(Console(), old.kid, THE_DAY + 2 * HOUR)
        publish()
        assert online(first.token).outcome is Outcome.VALID, "the register took it in before"
        assert offline(first.token).trust() is Trust.ASK
        assert offline(first.token).trust(recorded=first.created_at) is Trust.GOOD
        operations.compromise_key(Console(), old.kid, THE_DAY - HOUR)
        publish()
        found = online(first.token)
        assert (found.outcome, found.refusal.reason) == (Outcome.BROKEN, Reason.KEY_COMPROMISED)
        assert "已经泄露" in str(found.explanation)
        with pytest.raises(Unreadable) as refused:
            offline(first.token)
        assert refused.value.reason is Reason.KEY_COMPROMISED
        assert online(second.token).outcome is Outcome.VALID
        with pytest.raises(Refused) as later:
            operations.compromise_key(Console(), old.kid, THE_DAY)
    assert "certificates.key_since" in later.value
    assert trust.issued_since(old, THE_DAY - HOUR) == 2


def test_a_thief_who_writes_an_earlier_date_is_red_online_and_amber_offline(app):
    first = issued().certificates[0]
    key = key_of(first)
    thief = Signer.of(load_pem_private_key(key.private_key.encode(), password=None))
    with clock.at(THE_DAY + HOUR):
        publish()
        claims = offline(first.token).claims
        forged = sign(replace(claims, level=1, cti=bytes(8)), thief)
        assert online(forged).outcome is Outcome.UNKNOWN
        assert offline(forged).trust() is Trust.GOOD, "nobody knows of the theft yet"
        operations.compromise_key(Console(), key.kid, THE_DAY + HOUR)
        publish()
        assert online(forged).outcome is Outcome.UNKNOWN
        assert offline(forged).trust() is Trust.ASK


def test_a_brand_s_own_key_goes_before_one_for_all_and_a_planned_one_waits(app):
    scene = published()
    number = scene.cohort.brand.number
    with clock.at(THE_DAY - HOUR):
        own = operations.create_key(Console(), [number], alg=Algorithm.EDDSA)
        operations.create_key(Console())
        operations.rotate_key(Console(), own.kid, start=THE_DAY + HOUR)
    certificate = issued(scene).certificates[0]
    assert certificate.key_id == own.id
    assert own.state is KeyState.ACTIVE
    assert online(certificate.token).outcome is Outcome.VALID


def test_two_accounts_retire_a_key_and_never_the_last_one(app):
    scene = issued()
    key = key_of(scene.certificates[0])
    officer, other = (make.account(Role.BUREAU_OFFICER, region) for region in (make.KUNMING, make.LUQUAN))
    with pytest.raises(Refused) as last:
        operations.ask_key_retirement(officer, key.id, "到期")
    assert "certificates.key_is_last" in last.value
    operations.create_key(Console())
    with pytest.raises(Refused):
        operations.answer_key_retirement(other, key.id, granted=True)
    operations.ask_key_retirement(officer, key.id, "到期")
    with pytest.raises(Refused) as alone:
        operations.answer_key_retirement(officer, key.id, granted=True)
    assert "certificates.key_second_person" in alone.value
    operations.answer_key_retirement(other, key.id, granted=False)
    operations.ask_key_retirement(officer, key.id, "到期")
    retired = operations.answer_key_retirement(other, key.id, granted=True)
    assert (retired.state, retired.retired_by) == (KeyState.RETIRED, other.id)
    assert online(scene.certificates[0].token).outcome is Outcome.VALID


def test_the_list_is_the_register_s_signed_by_one_root_and_counts_up(app):
    published()
    assert trust.standing().wants_signing
    kept = trust_list.sign(trust.next_list(), ROOT)
    assert publish().number == 1
    assert not trust.standing().wants_signing
    refusals = {
        "certificates.trust_list_stale": (kept, ROOT),
        "certificates.other_root": (trust_list.sign(trust.next_list(), other := Signer.fresh()), other),
        "trust_list.signature": (trust_list.sign(trust.next_list(), ROOT), other),
        "trust_list.unreadable": (kept[:-1], ROOT),
    }
    for rule, (content, root) in refusals.items():
        with pytest.raises(Refused) as refused:
            operations.publish_trust_list(Console(), content, root.public_key)
        assert rule in refused.value, refused.value
    operations.create_key(Console(), alg=Algorithm.EDDSA)
    assert trust.standing().is_behind
    assert publish(other, new_root=True).number == 2
    with clock.at(clock.now() + timedelta(days=trust.LASTS - 29)):
        assert trust.standing().is_due


def test_an_issuer_that_closed_leaves_a_list_without_an_end_and_issues_no_more(app):
    scene = issued()
    publish()
    browser, where = browser_of(app, scene.issuer), f"/certificates/{scene.certificates[0].id}"
    in_no_list = "这一变更不能再签入证书状态列表"
    assert in_no_list not in browser.get(f"{where}/revoke").text
    operations.close_issuer(Console(), "撤并")
    assert trust.standing().is_behind
    assert publish().expires_at is None
    read = trust_list.read(trust.files()["trust-list"], ROOT.public_key)
    assert (read.expires, read.number, {key.state for key in read.keys.values()}) == (None, 2, {KeyState.RETIRED})
    assert offline(scene.certificates[0].token).trust() is Trust.GOOD
    assert online(scene.certificates[0].token).outcome is Outcome.VALID
    last = dict(status_lists.files())
    assert in_no_list in browser.get(f"{where}/revoke").text
    many = browser.post("/certificates/revocations/new", data={"batch": scene.batch.number})
    assert in_no_list in many.text
    assert in_no_list not in browser.get(where).text, "nothing has changed yet"
    assert (
        in_no_list
        in browser.post(f"{where}/revoke", data={"reason": "fraud", "detail": "替考"}, follow_redirects=True).text
    )
    build_status_list(Console(), 0)
    assert online(scene.certificates[0].token).outcome is Outcome.REVOKED
    assert dict(status_lists.files()) == last
    for again in (lambda: operations.create_key(Console()), lambda: operations.close_issuer(Console(), "再次")):
        with pytest.raises(Refused) as refused:
            again()
        assert "certificates.closed" in refused.value


def test_the_list_is_served_as_a_file_that_caches_may_keep(app, client):
    published()
    assert client.get("/keys/trust-list").status_code == 404
    made = publish()
    answer = client.get("/keys/trust-list")
    assert answer.data == made.content
    assert answer.content_type == 'application/cose; cose-type="cose-sign1"'
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    again = client.get("/keys/trust-list", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    operations.create_key(Console())
    publish()
    changed = client.get("/keys/trust-list", headers={"If-None-Match": answer.headers["ETag"]})
    assert changed.status_code == 200
    assert client.get("/keys/root.pem").text.startswith("-----BEGIN PUBLIC KEY-----")


def test_private_keys_rest_encrypted(app):
    published()
    stored = run("SELECT private_key FROM issuer_keys")[0][0]
    assert b"PRIVATE KEY" not in bytes(stored)
    assert b"PRIVATE KEY" in db.session.query(IssuerKey).one().private_key.encode()


def test_a_list_once_published_stays(app):
    published()
    publish()
    for change in ("UPDATE trust_lists SET number = 7", "DELETE FROM trust_lists"):
        with pytest.raises(Exception, match="trust_list"):
            run(change)
    gap = "INSERT INTO trust_lists SELECT number + 2, content, 'x', root_public_key, signed_at, expires_at, created_at FROM trust_lists"
    with pytest.raises(Exception, match="trust_list_number"):
        run(gap)
    endless = "INSERT INTO trust_lists SELECT number + 1, content, 'x', root_public_key, signed_at, NULL, created_at FROM trust_lists"
    with pytest.raises(Exception, match="trust_list_end"):
        run(endless)
    assert db.session.query(TrustList).count() == 1
