"""Asks openbadgeslib, which nobody here wrote, what it thinks of a badge; runs in an environment of its own.

Reads JSON ``{"token": text, "files": {address: text}}`` on stdin, where ``files`` is the whole network, and prints JSON:
what it read of the badge, or ``{"refused": why}``.
"""

from __future__ import annotations

import json
import sys

from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3 import OB3Verifier
from openbadgeslib.ob3.did import pem_for_kid

case = json.load(sys.stdin)
files: dict[str, str] = case["files"]
issuer = OB3Verifier._decode_unverified(case["token"])["iss"]
document = json.loads(files["did.json"])
assert document["id"] == issuer
try:
    verifier = OB3Verifier(pem_for_kid(document, issuer, case["kid"]), issuer_did=issuer)
    badge = verifier.verify(case["token"], check_status=True, download=lambda address: files[address].encode())
    said = {
        "issuer": badge.issuer.id,
        "organisation": badge.issuer.name,
        "achievement": badge.achievement.name,
        "type": badge.achievement.achievement_type,
    }
except LibOpenBadgesException as refused:
    said = {"refused": str(refused)}
json.dump(said, sys.stdout)
