"""Page, command, API and file give one answer about a broken token: there is one reader behind them."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from qrcode import QRCode
from qrcode.util import MODE_8BIT_BYTE, QRData

from lbcert.certificates.models import IssuerKey
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.token import base36
from lbcert.testing import factories as make
from tests.certificates.broken_tokens import CORPUS, KEYS

BROKEN = [entry for entry in json.loads(CORPUS.read_text(encoding="utf-8"))["broken"] if entry.get("token")]


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


@pytest.fixture
def _known(app):
    """Put the corpus's keys on file, without their private halves."""
    for key in KEYS.values():
        make.store(
            IssuerKey(
                kid=key.kid.hex(), alg=int(key.alg), public_key=key.public_key, private_key="-",
                brands=json.dumps(sorted(key.brands)), not_before=key.not_before, not_after=key.not_after, state=key.state,
                compromised_since=key.compromised_since,
            )
        )  # fmt: skip


def picture(text):
    """Draw a code that only a forger would: of any text, in bytes."""
    code = QRCode(border=4, box_size=3)
    code.add_data(QRData(text.encode(), mode=MODE_8BIT_BYTE))
    file = BytesIO()
    code.make_image().save(file)
    return file.getvalue()


@pytest.mark.usefixtures("_known")
def test_every_door_refuses_a_broken_token_for_the_same_reason(app, client):
    for entry in BROKEN:
        code = base36.encode(bytes.fromhex(entry["token"]))
        link = f"HTTPS://V.EXAMPLE.CN/V/{code}"
        answers = {
            "page": client.get(f"/V/{code}", headers={"Accept": "application/json"}).json,
            "call": client.get(f"/api/v1/verify/code/{code}").json,
            "command": verdicts.as_data(verdicts.of_anything(link), str),
        }
        said = {door: answer["refusal"] for door, answer in answers.items()}
        assert said == dict.fromkeys(said, entry["reason"]), entry["what"]


@pytest.mark.usefixtures("_known")
def test_a_picture_of_a_broken_token_is_refused_for_the_same_reason(app):
    for entry in BROKEN[::20]:
        [verdict] = verdicts.of_file(picture(f"HTTPS://V.EXAMPLE.CN/V/{base36.encode(bytes.fromhex(entry['token']))}"))
        assert verdict.refusal.reason == entry["reason"], entry["what"]
