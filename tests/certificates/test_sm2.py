"""SM2: the standard's own example, a foreign implementation, the register and the command line; never by default."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lbcert.certificates.operations import create_key, init_keys
from lbcert.certificates.operations.badges import find
from lbcert.certificates.operations.keys import signer_for
from lbcert.certificates.queries import keys as known_keys
from lbcert.certificates.token import sm2, trust_list
from lbcert.certificates.token.cose import sign, to_be_signed
from lbcert.certificates.token.keys import Algorithm, Signer, key_ring
from lbcert.certificates.token.reader import read_token
from lbcert.certificates.token.reasons import Reason, Unreadable
from lbcert.certificates.token.trust_list import TrustList
from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.findings import Refused
from tests.certificates.broken_sm2_tokens import SIGNER
from tests.certificates.broken_tokens import CLAIMS, KEYS
from tests.certificates.test_foreign_judges import asked, verdicts


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def test_a_foreign_implementation_takes_our_signatures_and_we_take_its_own():
    message = to_be_signed(b"\xa0", b"claims")
    task = {
        "public_key": SIGNER.public_key[-64:].hex(),
        "private_key": bytes(range(1, 33)).hex(),
        "message": message.hex(),
        "signature": SIGNER.sign(message).hex(),
    }
    answer = asked("sm2.py", task)
    assert answer["takes"] == {"signature": True, "changed": False}
    own = bytes.fromhex(answer["signature"])
    assert sm2.verifies(SIGNER.public_key, own, message)
    assert not sm2.verifies(SIGNER.public_key, own, message + b"!")


def test_a_changed_byte_anywhere_is_noticed():
    token = sign(CLAIMS, SIGNER)
    assert len(token) <= 153
    assert read_token(token, KEYS).claims == CLAIMS
    for at in range(0, len(token), 6):
        with pytest.raises(Unreadable):
            read_token(token[:at] + bytes([token[at] ^ 0x10]) + token[at + 1 :], KEYS)


def test_a_key_of_another_curve_under_sm2_verifies_nothing():
    other = Signer.fresh(Algorithm.ES256)
    record = replace(KEYS[SIGNER.kid], public_key=other.public_key)
    with pytest.raises(Unreadable) as refused:
        read_token(sign(CLAIMS, SIGNER), key_ring([record]))
    assert refused.value.reason is Reason.SIGNATURE


def test_the_trust_list_carries_the_key():
    root, now = Signer.fresh(), clock.now().replace(microsecond=0)
    listed = TrustList("v.example.cn", 1, now, None, key_ring([KEYS[SIGNER.kid]]))
    data = trust_list.sign(listed, root)
    assert trust_list.read(data, root.public_key) == listed
    assert verdicts(data, root, "trust-list.cddl", is_key_set=True)["cddl"] == [SIGNER.kid.hex()]


def test_an_installation_signs_with_sm2_where_told_to_and_lists_and_badges_never(app):
    first = init_keys(Console())
    made = create_key(Console(), alg=Algorithm.SM2)
    assert "PRIVATE KEY" in made.private_key
    _, signer = signer_for(1, clock.now())
    assert (first.alg, signer.alg, signer.kid.hex()) == (Algorithm.ES256, Algorithm.SM2, made.kid)
    token = sign(replace(CLAIMS, issued=clock.now().replace(microsecond=0)), signer)
    assert read_token(token, known_keys.ring(fresh=True)).key.alg is Algorithm.SM2
    assert signer_for(None, clock.now(), everywhere=True)[0].kid == first.kid
    assert made.kid not in find("did.json").body.decode()


def test_without_openssl_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    sm2.is_there.cache_clear()
    try:
        with pytest.raises(Refused, match="apt install openssl"):
            Signer.fresh(Algorithm.SM2)
        with pytest.raises(Refused) as refused:
            read_token(sign_before(), KEYS)
        assert "certificates.sm2_missing" in refused.value
    finally:
        sm2.is_there.cache_clear()


def sign_before() -> bytes:
    entries = json.loads(Path(__file__).with_name("broken-tokens.json").read_text(encoding="utf-8"))["broken"]
    return bytes.fromhex(next(entry["token"] for entry in entries if entry["what"] == "SM2 with a flipped bit"))
