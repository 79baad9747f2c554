"""What the server takes from a passkey's device, and what it refuses."""

import hashlib
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from html import unescape

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from lbcert.core.access import Console, Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.parties import operations
from lbcert.parties.models import Account, Passkey
from lbcert.testing import factories

HERE = "http://localhost"
PRESENT, VERIFIED, MADE = 1, 4, 64


def base64(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


class Device:
    """A phone that makes one passkey and signs with it, well or badly."""

    def __init__(self):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = b"passkey of a phone"
        self.signed = 0

    def data(self, flags):
        """Give what it says of itself: for which place, how sure it is of the person, how often it signed."""
        return hashlib.sha256(b"localhost").digest() + bytes([flags]) + self.signed.to_bytes(4, "big")

    def answer(self, kind, options, origin):
        """Give what the browser adds, and a function that writes the whole answer."""
        said = json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()
        return said, lambda **more: json.dumps(
            {
                "id": base64(self.id), "rawId": base64(self.id), "type": "public-key",
                "response": {"clientDataJSON": base64(said), **{name: base64(part) for name, part in more.items()}},
            }
        )  # fmt: skip

    def make(self, options, origin=HERE, flags=PRESENT | VERIFIED):
        """Make the passkey."""
        self.owner = urlsafe_b64decode(options["user"]["id"] + "==")
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        made = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        _, written = self.answer("webauthn.create", options, origin)
        proof = {"fmt": "none", "attStmt": {}, "authData": self.data(flags | MADE) + made}
        return written(attestationObject=cbor2.dumps(proof))

    def sign(self, options, origin=HERE, flags=PRESENT | VERIFIED):
        """Prove that it has the passkey."""
        self.signed += 1
        said, written = self.answer("webauthn.get", options, origin)
        data = self.data(flags)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return written(authenticatorData=data, signature=signature, userHandle=self.owner)


def begin(client, url, **form):
    """Give the address that waits for the device's answer, and what is asked of it."""
    page = client.post(url, data=form).text
    target, options = re.search(r'action="([^"]+)" data-passkey="([^"]+)"', page).groups()
    return target, json.loads(unescape(options))


def add(client, device, **more):
    target, options = begin(client, "/passkeys", name="手机")
    return client.post(target, data={"credential": device.make(options, **more)}, follow_redirects=True).text


def try_it(client, device, **more):
    target, options = begin(client, "/sign-in/passkey")
    return client.post(target, data={"credential": device.sign(options, **more)}, follow_redirects=True).text


def is_signed_in(client):
    return client.get("/parties/me").status_code == 200


@pytest.fixture
def officer(app):
    return factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)


@pytest.fixture
def device(officer, signed_in):
    """Give a phone with the officer's passkey."""
    phone = Device()
    operations.record_sign_in(officer, officer.id, [], {"tf_totp_secret": "set up"})
    assert "已添加通行密钥“手机”" in add(signed_in(officer), phone)
    return phone


def test_a_passkey_signs_an_officer_in_alone_and_only_as_it_was_asked(app, officer, device):
    elsewhere, visitor = app.test_client(), app.test_client()
    _, of_another = begin(elsewhere, "/sign-in/passkey")
    target, _ = begin(visitor, "/sign-in/passkey")
    foreign = visitor.post(target, data={"credential": device.sign(of_another)}, follow_redirects=True)
    assert "没有核对通过" in foreign.text

    target, options = begin(visitor, "/sign-in/passkey")
    proof = device.sign(options)
    assert elsewhere.post(target, data={"credential": proof}, follow_redirects=True).text.count("已经失效") == 1
    assert "没有核对通过" in try_it(visitor, device, origin="https://lbcert.example.org")
    assert "没有核对通过" in try_it(visitor, device, flags=PRESENT)
    for nonsense in ("", "null", "[]", '{"id": 1}', proof.replace("public-key", "other"), proof[:90], "\x00"):
        target, _ = begin(visitor, "/sign-in/passkey")
        assert visitor.post(target, data={"credential": nonsense}).status_code in {302, 422}
    assert not is_signed_in(visitor)
    assert not is_signed_in(elsewhere)

    target, options = begin(visitor, "/sign-in/passkey")
    proof = device.sign(options)
    assert visitor.post(target, data={"credential": proof}).status_code == 302
    assert is_signed_in(visitor)  # no six digits are asked for
    visitor.post("/sign-out")
    assert "已经失效" in visitor.post(target, data={"credential": proof}, follow_redirects=True).text
    device.signed -= 5
    assert "没有核对通过" in try_it(visitor, device)  # a copy of the key, which counts apart

    log = db.session.scalars(select(AuditEntry).where(AuditEntry.operation.like("parties.%"))).all()
    assert ["signed_in_by_passkey"] in [json.loads(row.arguments).get("events") for row in log]
    assert {"parties.add_passkey", "parties.use_passkey"} <= {row.operation for row in log}


def test_a_removed_passkey_and_a_closed_account_are_turned_away(app, officer, device, signed_in):
    kept = officer.id
    operations.close_account(Console(), kept)
    visitor = app.test_client()
    try_it(visitor, device)
    assert not is_signed_in(visitor)
    operations.reopen_account(Console(), kept)

    own = signed_in(db.session.get(Account, kept))
    assert "没有名为" in own.post("/passkeys/remove", data={"name": "别的"}, follow_redirects=True).text
    assert "已删除通行密钥" in own.post("/passkeys/remove", data={"name": "手机"}, follow_redirects=True).text
    assert "本系统没有登记这把通行密钥" in try_it(app.test_client(), device)

    assert "已添加" in add(own, device)
    operations.reset_second_factor(Console(), kept)
    assert "本系统没有登记这把通行密钥" in try_it(app.test_client(), device)


def test_a_passkey_that_is_no_proof_of_the_person_or_of_this_place_is_not_taken(officer, signed_in):
    operations.record_sign_in(officer, officer.id, [], {"tf_totp_secret": "set up"})
    client = signed_in(officer)
    assert "没有核对通过" in add(client, Device(), flags=PRESENT)
    assert "没有核对通过" in add(client, Device(), origin="https://lbcert.example.org")
    assert "请给通行密钥起个名字" in client.post("/passkeys", data={"name": ""}).text
    assert "名称最多 60 字" in client.post("/passkeys", data={"name": "长" * 61}).text
    assert db.session.scalar(select(Passkey.id)) is None
