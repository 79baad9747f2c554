"""Software that nobody here wrote accepts our tokens, and refuses what is wrong with them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lbcert.certificates.token.claims import Claims
from lbcert.certificates.token.cose import sign
from lbcert.certificates.token.keys import Algorithm, Signer
from lbcert.resources import folder

ROOT = Path(__file__).parents[2]
FOREIGN = ROOT / "tests/foreign"
MAKE = f"python3 -m venv .venv-foreign && .venv-foreign/bin/pip install -r {FOREIGN.relative_to(ROOT)}/requirements.txt"

JUDGES = {"python-cwt", "pycose", "cddl"}


def verdicts(token: bytes, signer: Signer) -> dict[str, dict[str, Any]]:
    """Ask the judges, in their own interpreter."""
    python = Path(os.environ.get("LBCERT_FOREIGN_PYTHON", ROOT / ".venv-foreign/bin/python"))
    if not python.exists():
        pytest.fail(f"the foreign judges are not there ({python}): cd {ROOT} && {MAKE}", pytrace=False)
    case = {
        "token": token.hex(),
        "public_key": signer.public_key.hex(),
        "kid": signer.kid.hex(),
        "alg": signer.alg.name,
        "cddl": (folder("certs_schema") / "qr-token.cddl").read_text(encoding="utf-8"),
    }
    command = [str(python), str(FOREIGN / "judge.py")]
    asked = subprocess.run(command, input=json.dumps(case), capture_output=True, text=True, timeout=60, check=False)
    assert asked.returncode == 0, asked.stderr
    answer: dict[str, dict[str, Any]] = json.loads(asked.stdout)
    return answer


@pytest.mark.parametrize("alg", Algorithm)
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
