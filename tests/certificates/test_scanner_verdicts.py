"""What the scanner says without a network, in the easy cases and in the hard ones (docs/formats.md)."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lbcert.certificates.log import note, tree
from lbcert.certificates.log.entry import Event
from lbcert.certificates.log.note import Checkpoint, Proof, Verifier
from lbcert.certificates.status_list import compress, sign_list
from lbcert.certificates.token import link as links
from lbcert.certificates.token.claims import Claims
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import IssuerKey, Signer, key_ring
from lbcert.certificates.token.trust_list import TrustList
from lbcert.certificates.token.trust_list import sign as sign_trust_list
from tests.certificates.broken_tokens import CLAIMS, KEYS, P256, STOLEN, link_to
from tests.certificates.test_scanner_reader import NODE, SCANNER

JUDGE = Path(__file__).with_name("judge_links.mjs")
ROOT = Signer.fresh()
HOUSE = Signer.fresh()
LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2025, 1, 1, tzinfo=UTC)
#: When the lists of these tests were made, and an hour later, when somebody scans.
MADE = datetime(2025, 9, 1, tzinfo=UTC)
NOW = MADE + timedelta(hours=1)
VALID, REVOKED, SUSPENDED, REPLACED = range(4)
INDEX = CLAIMS.status_index


def trust_list(*, root: Signer = ROOT, expires: datetime | None = MADE + timedelta(days=400)) -> bytes:
    """Sign the corpus's keys and the one that signs lists."""
    house = IssuerKey(HOUSE.kid, HOUSE.alg, HOUSE.public_key, frozenset(), START)
    keys = key_ring([*KEYS.values(), house])
    return sign_trust_list(TrustList("v.example.cn", 1, MADE, expires, keys), root)


def status_list(*statuses: tuple[int, int], signer: Signer = HOUSE, last: bool = False) -> bytes:
    return sign_list("https://v.example.cn/status/0.cwt", compress(statuses), signer, MADE, last=last)


def proof(token: bytes, at: datetime, *, key: Ed25519PrivateKey = LOG, kind: str = "issue", index: int = 300) -> str:
    """Prove that the log of 700 leaves holds a token's issue at a time."""
    event = Event(kind, sha256(token).hexdigest(), at)
    leaves = [tree.leaf_hash(bytes([number % 256]) * 32) for number in range(700)]
    leaves[300] = tree.leaf_hash(event.entry)
    tiles = tree.grown(lambda _level, _number: b"", 0, leaves)
    given = lambda level, number: tiles.get((level, number), b"")  # noqa: E731
    verifier = Verifier("v.example.cn/log", key.public_key().public_bytes_raw())
    checkpoint = note.sign(str(Checkpoint(verifier.name, 700, tree.root(given, 700))), verifier, key)
    return str(Proof(index, tree.inclusion(given, 300, 700), checkpoint, event.text))


def scan(
    text: str, *, now: datetime = NOW, trust: bytes | None = None, status: bytes | None = None, proof: str = ""
) -> dict[str, Any]:
    """Describe a scan and what was fetched before it; no bytes stand for what could not be had."""
    files = {
        "../keys/trust-list": trust_list() if trust is None else trust,
        "../status/lists.json": json.dumps({"status_lists": ["https://elsewhere.example/status/0.cwt"]}).encode(),
        "../status/0.cwt": status_list() if status is None else status,
        "names.json": b'{"brands": {}, "trades": {}}',
    }
    return {
        "known": {
            "host": "v.example.cn",
            "demo": False,
            "root": base64.b64encode(ROOT.public_key).decode(),
            "log": str(Verifier("v.example.cn/log", LOG.public_key().public_bytes_raw())),
        },
        "files": {name: base64.b64encode(data).decode() for name, data in files.items() if data},
        "link": text,
        "proof": proof,
        "now": now.timestamp(),
    }


def judged(scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Have the scanner's own modules judge, in Node."""
    done = subprocess.run([NODE, JUDGE, SCANNER], input=json.dumps(scans), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def link(claims: Claims = CLAIMS, signer: Signer = P256) -> str:
    return link_to(sign(claims, signer))


THREE_YEARS = replace(CLAIMS, expires=datetime(2028, 8, 20, tzinfo=UTC))
BEFORE = replace(CLAIMS, issued=datetime(2025, 6, 30, tzinfo=UTC))
LATER = MADE + timedelta(days=15)
TAKEN = links.read(link(BEFORE, STOLEN)).token

#: what somebody scans, when, with what at hand → outcome and why
CASES: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "a valid one": ({}, "valid", None),
    "a revoked one": ({"status": status_list((INDEX, REVOKED))}, "revoked", None),
    "a suspended one": ({"status": status_list((INDEX, SUSPENDED))}, "suspended", None),
    "a replaced one": ({"status": status_list((INDEX, REPLACED))}, "replaced", None),
    "its neighbours revoked": ({"status": status_list((INDEX - 1, REVOKED), (INDEX + 1, REVOKED))}, "valid", None),
    "one that has not ended": ({"text": link(THREE_YEARS)}, "valid", None),
    "one that has ended": (
        {"text": link(THREE_YEARS), "now": THREE_YEARS.expires, "status": status_list(last=True)},
        "expired",
        None,
    ),
    "past the list's end": ({"now": LATER}, "unsure", "list_over"),
    "a revoked one past the list's end": ({"now": LATER, "status": status_list((INDEX, REVOKED))}, "revoked", None),
    "years after the issuer closed": (
        {"now": datetime(2045, 1, 1, tzinfo=UTC), "status": status_list(last=True), "trust": trust_list(expires=None)},
        "valid",
        None,
    ),
    "past the trust list's end": (
        {"now": MADE + timedelta(days=401), "status": status_list(last=True)},
        "unsure",
        "list_over",
    ),
    "a key that was stolen later": ({"text": link(BEFORE, STOLEN)}, "unsure", "key_lost"),
    "one that the log took in before the theft": (
        {"text": link(BEFORE, STOLEN), "proof": proof(TAKEN, BEFORE.issued)},
        "valid",
        None,
    ),
    "one that the log took in after the theft": (
        {"text": link(BEFORE, STOLEN), "proof": proof(TAKEN, MADE)},
        "broken",
        "key_compromised",
    ),
    "the proof of another": (
        {"text": link(BEFORE, STOLEN), "proof": proof(b"other", BEFORE.issued)},
        "unsure",
        "key_lost",
    ),
    "the proof of another event": (
        {"text": link(BEFORE, STOLEN), "proof": proof(TAKEN, BEFORE.issued, kind="status/valid")},
        "unsure",
        "key_lost",
    ),
    "the proof of another place": (
        {"text": link(BEFORE, STOLEN), "proof": proof(TAKEN, BEFORE.issued, index=301)},
        "unsure",
        "key_lost",
    ),
    "the proof of another's log": (
        {"text": link(BEFORE, STOLEN), "proof": proof(TAKEN, BEFORE.issued, key=Ed25519PrivateKey.generate())},
        "unsure",
        "key_lost",
    ),
    "no proof at all": ({"text": link(BEFORE, STOLEN), "proof": "c2sp.org/tlog-proof@v1"}, "unsure", "key_lost"),
    "a revoked one under a stolen key": (
        {"text": link(BEFORE, STOLEN), "status": status_list((INDEX, REVOKED)), "proof": proof(TAKEN, BEFORE.issued)},
        "revoked",
        None,
    ),
    "no status list": ({"status": b""}, "unsure", "no_list"),
    "a status list that a key of one brand signed": ({"status": status_list(signer=P256)}, "unsure", "no_list"),
    "a status list changed on its way": (
        {"status": status_list((INDEX, REVOKED)).replace(b"bits", b"bitz")},
        "unsure",
        "no_list",
    ),
    "a device whose clock is slow": ({"now": MADE - timedelta(days=1)}, "unsure", "clock"),
    "no trust list": ({"trust": b""}, "unsure", "no_trust_list"),
    "a trust list of another root": ({"trust": trust_list(root=HOUSE)}, "unsure", "no_trust_list"),
    "a trust list cut short": ({"trust": trust_list()[:-1]}, "unsure", "no_trust_list"),
    "a key that no list has": ({"text": link(signer=Signer.fresh())}, "broken", "unknown_key"),
    "a flipped bit": ({"text": link()[:-1] + ("0" if link()[-1] != "0" else "1")}, "broken", "signature"),
}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    """Have all cases judged in one go."""
    scans = [scan(**({"text": link()} | given)) for given, _, _ in CASES.values()]
    return dict(zip(CASES, judged(scans), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_a_verdict_without_a_network(case: str, answers: dict[str, dict[str, Any]]) -> None:
    _, outcome, why = CASES[case]
    answer = answers[case]
    assert (answer["outcome"], answer["why"]) == (outcome, why)
    if outcome in {"valid", "revoked", "suspended", "replaced"}:
        assert answer["asOf"] == MADE.timestamp()


def test_a_foreign_host_is_named_and_the_token_judged_all_the_same() -> None:
    own, forged, cloned = judged(
        [
            scan(link()),
            scan(link().replace("V.EXAMPLE.CN", "V.EXAMP1E.CN")),
            scan("https://v.example.cn.verify.example/cert?id=1"),
        ]
    )
    assert (own["outcome"], own["foreign"]) == ("valid", "")
    assert (forged["outcome"], forged["foreign"]) == ("valid", "v.examp1e.cn")
    assert (cloned["outcome"], cloned["why"]) == ("broken", "not_a_link")
    assert cloned["foreign"] == "v.example.cn.verify.example"
