"""Software that nobody here wrote accepts our tokens, and refuses what is wrong with them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lbcert.certificates.token import trust_list
from lbcert.certificates.token.claims import Claims
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Algorithm, Keys, Signer, key_ring
from lbcert.certificates.token.trust_list import TrustList
from lbcert.core.findings import Refused
from lbcert.resources import folder
from tests.certificates.broken_tokens import SIGNERS

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "tests/foreign"
MAKE = f"python3 -m venv .venv-foreign && .venv-foreign/bin/pip install -r {FOREIGN.relative_to(ROOT)}/requirements.txt"

JUDGES = {"python-cwt", "pycose", "cddl"}


def verdicts(token: bytes, signer: Signer, schema: str = "qr-token.cddl", **case: Any) -> dict[str, Any]:
    """Ask the judges, in their own interpreter."""
    case |= {
        "token": token.hex(),
        "public_key": signer.public_key.hex(),
        "kid": signer.kid.hex(),
        "alg": signer.alg.name,
        "cddl": (folder("certs_schema") / schema).read_text(encoding="utf-8"),
    }
    return asked("judge.py", case)


def asked(judge: str, case: dict[str, Any]) -> dict[str, Any]:
    """Ask a judge."""
    python = Path(os.environ.get("LBCERT_FOREIGN_PYTHON", ROOT / ".venv-foreign/bin/python"))
    if not python.exists():
        pytest.fail(f"the foreign judges are not there ({python}): cd {ROOT} && {MAKE}", pytrace=False)
    command = [str(python), str(FOREIGN / judge)]
    done = subprocess.run(command, input=json.dumps(case), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("alg", SIGNERS)
def test_python_cwt_pycose_and_the_cddl_accept_a_token(
    alg: Algorithm, signers: dict[Algorithm, Signer], claims: Claims
) -> None:
    accepted = verdicts(sign(claims, signers[alg]), signers[alg])
    assert accepted.keys() == JUDGES
    for read in accepted.values():
        assert read == {
            "6": 1755676800,
            "7": "0102030405060708",
            "-65537": {
                "1": 2,
                "2": 3,
                "3": 202205050201,
                "4": 5,
                "5": "葛*䮌",
                "6": claims.holder.hex() if claims.holder else None,
                "7": [0, 123456],
            },
        }


def test_the_judges_refuse_a_changed_token(signer: Signer, claims: Claims) -> None:
    token = bytearray(sign(claims, signer))
    token[-1] ^= 1
    refused = verdicts(bytes(token), signer)
    assert "refused" in refused["python-cwt"]
    assert "refused" in refused["pycose"]


def test_the_cddl_refuses_a_token_with_63_bytes_of_signature(signer: Signer, claims: Claims) -> None:
    short = sign(claims, signer).replace(b"\x58\x40", b"\x58\x3f")[:-1]
    assert "refused" in verdicts(short, signer)["cddl"]


@pytest.mark.parametrize("alg", SIGNERS)
def test_the_judges_accept_a_trust_list_and_every_key_in_it(
    alg: Algorithm, signers: dict[Algorithm, Signer], keys: Keys
) -> None:
    root, signed = Signer.fresh(alg), datetime(2025, 8, 20, tzinfo=UTC)
    keys = key_ring(key for key in keys.values() if key.alg in SIGNERS)  # no COSE library knows SM2: test_sm2.py
    known = TrustList("v.example.cn", 7, signed, signed + timedelta(days=400), keys, demo=True)
    data = trust_list.sign(known, root)
    assert trust_list.read(data, root.public_key) == known
    accepted = verdicts(data, root, "trust-list.cddl", is_key_set=True)
    assert accepted == {judge: [kid.hex() for kid in sorted(keys)] for judge in JUDGES}
    last = replace(known, expires=None, demo=False)
    changed = bytearray(trust_list.sign(last, root))
    assert trust_list.read(bytes(changed), root.public_key) == last
    changed[-1] ^= 1
    refused = verdicts(bytes(changed), root, "trust-list.cddl", is_key_set=True)
    assert {judge for judge, verdict in refused.items() if "refused" in verdict} == {"python-cwt", "pycose"}


@pytest.mark.parametrize("byte", range(0, 200, 7))
def test_no_flipped_bit_of_a_trust_list_is_overlooked(byte: int, keys: Keys, signer: Signer) -> None:
    known = TrustList("v.example.cn", 1, datetime(2025, 8, 20, tzinfo=UTC), None, keys)
    data = bytearray(trust_list.sign(known, signer))
    data[byte] ^= 1
    with pytest.raises(Refused) as refused:
        trust_list.read(bytes(data), signer.public_key)
    assert {finding.rule for finding in refused.value.findings} <= {"trust_list.signature", "trust_list.unreadable"}
