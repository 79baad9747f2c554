"""Open Badges: what a holder takes along is judged by openbadgeslib, with the lists that this server publishes."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import urlsafe_b64decode

import pytest

from lbcert.certificates import badge, status_list
from lbcert.certificates.models import Reason
from lbcert.certificates.operations import badges, export_badge, reinstate, revoke, suspend
from lbcert.certificates.operations.status_lists import build_status_list
from lbcert.core.access import Console, Holder
from lbcert.core.findings import Forbidden, Refused
from tests.certificates.scene import issued
from tests.certificates.test_foreign_judges import FOREIGN, ROOT


@pytest.fixture
def scene(app):
    return issued()


def judged(token, client):
    """Ask openbadgeslib, whose whole network are the files that the server gives once a worker has built them."""
    build_status_list(Console(), 0)
    header = json.loads(urlsafe_b64decode(token.split(".")[0] + "=="))
    addresses = [f"http://localhost:8000/badges/{name}" for name in ("revocation-0.jwt", "suspension-0.jwt")]
    files = {address: client.get(address.removeprefix("http://localhost:8000")).text for address in addresses}
    files["did.json"] = client.get("/badges/did.json").text
    python = os.environ.get("LBCERT_FOREIGN_PYTHON", ROOT / ".venv-foreign/bin/python")
    asked = subprocess.run(
        [str(python), str(FOREIGN / "badge.py")], input=json.dumps({"token": token, "kid": header["kid"], "files": files}),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def test_a_badge_is_accepted_while_its_certificate_stands_and_no_longer(scene, client):
    certificate = scene.certificates[0]
    token = badges.written(export_badge(Holder(certificate.person_id), certificate.id))
    assert judged(token, client) == {
        "issuer": "did:web:localhost%3A8000:badges",
        "organisation": certificate.organisation.name,
        "achievement": f"{certificate.trade.name} 职业技能等级证书",
        "type": "Certification",
    }
    suspend(scene.issuer, certificate.id, Reason.UNDER_REVIEW, "核查")
    assert "suspen" in judged(token, client)["refused"]
    reinstate(scene.issuer, certificate.id, Reason.CLEARED, "无误")
    assert "issuer" in judged(token, client)
    revoke(scene.issuer, certificate.id, Reason.FRAUD, "替考")
    assert "revo" in judged(token, client)["refused"]


def test_a_badge_with_another_ones_words_is_refused(scene, client):
    first, second = (badges.written(certificate).split(".") for certificate in scene.certificates)
    assert judged(".".join([first[0], second[1], first[2]]), client) == {"refused": "Invalid signature"}


def test_only_the_holder_takes_it_along_and_only_while_it_stands(scene):
    first, second = scene.certificates
    with pytest.raises(Forbidden):
        export_badge(Holder(second.person_id), first.id)
    revoke(scene.issuer, first.id, Reason.FRAUD, "替考")
    with pytest.raises(Refused):
        export_badge(Holder(first.person_id), first.id)


def test_the_lists_are_signed_when_they_are_built_and_a_mirror_has_the_same(scene, client):
    assert client.get("/badges/revocation-0.jwt").status_code == 404
    build_status_list(Console(), 0)
    mirrored = dict(badges.files())
    assert set(mirrored) == {"badges/did.json", "badges/revocation-0.jwt", "badges/suspension-0.jwt"}
    for path, body in mirrored.items():
        assert client.get(f"/{path}").data == client.get(f"/{path}").data == body
    lasts = json.loads(urlsafe_b64decode(mirrored["badges/revocation-0.jwt"].split(b".")[1] + b"=="))
    assert lasts["exp"] - lasts["nbf"] == status_list.LIFE.total_seconds()
    for strange in ("revocation-1.jwt", "revocation-00.jwt", "x-0.jwt", "revocation-0", "did.json/"):
        assert client.get(f"/badges/{strange}").status_code == 404


def test_an_address_with_a_path_has_its_document_in_the_folder():
    assert badge.issuer_of("https://v.example.cn/lb") == "did:web:v.example.cn:lb:badges"
