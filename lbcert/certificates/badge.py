"""Open Badges 3.0 as compact JWS (1EdTech OB 3.0, 8.2): documents and their bytes, from plain values.

The issuer is a ``did:web`` of the installation, whose document lists every issuer key; a badge names W3C bitstring status
lists (v1.0), one for what was revoked or replaced and one for what is suspended.
"""

from __future__ import annotations

import gzip
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from lbcert.certificates.token.claims import LIST_SIZE
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Signer

#: The folder in addresses of all that badges name.
FOLDER = "badges"
DID_FILE = "did.json"
MEDIA_TYPE = "application/vc+jwt"
_CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_DIDS = "https://www.w3.org/ns/did/v1"
_KEYS = "https://w3id.org/security/suites/jws-2020/v1"
_SUITES = {Algorithm.ES256: "ES256", Algorithm.EDDSA: "EdDSA"}
_HALF = 32


@dataclass(frozen=True)
class Badge:
    """What a badge says; the name in full, for its holder exports it herself."""

    cti: str
    name: str
    #: Of 1EdTech's list of achievement types.
    achievement_type: str
    achievement: str
    narrative: str
    number: str
    organisation: str
    issued: datetime
    expires: datetime | None
    status_list: int
    status_index: int


def issuer_of(public_url: str) -> str:
    """Give the ``did:web`` whose document lies in the folder under the public address."""
    address = urlsplit(public_url)
    path = [quote(part, safe="") for part in address.path.split("/") if part]
    return ":".join(["did:web", quote(address.netloc, safe=""), *path, FOLDER])


def list_name(purpose: str, number: int) -> str:
    """Name the file of a status list."""
    return f"{purpose}-{number}.jwt"


def did_document(issuer: str, keys: Iterable[IssuerKey]) -> dict[str, Any]:
    """Write the issuer's document. A compromised key is left out, for nothing in a badge shows that it is older; one of SM2 signs none."""
    methods = [
        {"id": _method(issuer, key.kid), "type": "JsonWebKey2020", "controller": issuer, "publicKeyJwk": _jwk(key)}
        for key in keys
        if key.compromised_since is None and key.alg.is_everywhere
    ]
    return {
        "@context": [_DIDS, _KEYS],
        "id": issuer,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def write_badge(badge: Badge, public_url: str, signer: Signer) -> str:
    """Sign a badge."""
    issuer, base = issuer_of(public_url), f"{public_url.rstrip('/')}/{FOLDER}"
    made = {
        "@context": [_CREDENTIALS, _BADGES],
        "id": f"urn:lbcert:{badge.cti}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": badge.achievement,
        "issuer": {"id": issuer, "type": ["Profile"], "name": badge.organisation},
        "validFrom": _time(badge.issued),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": badge.name}
            ],
            "licenseNumber": badge.number,
            "achievement": {
                "id": f"urn:lbcert:{badge.cti}:achievement",
                "type": ["Achievement"],
                "achievementType": badge.achievement_type,
                "name": badge.achievement,
                "description": badge.narrative,
                "criteria": {"narrative": badge.narrative},
            },
        },
        "credentialStatus": [
            {
                "id": f"{base}/{list_name(purpose, badge.status_list)}#{badge.status_index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": str(badge.status_index),
                "statusListCredential": f"{base}/{list_name(purpose, badge.status_list)}",
            }
            for purpose in ("revocation", "suspension")
        ],
    }
    if badge.expires is not None:
        made["validUntil"] = _time(badge.expires)
    return _sign(made, issuer, signer, badge.issued, badge.expires)


def write_status_list(
    purpose: str,
    number: int,
    indices: Iterable[int],
    public_url: str,
    signer: Signer,
    at: datetime,
    until: datetime | None,
) -> str:
    """Sign the list of a purpose: one bit for each certificate of its block, the first the highest of its byte.

    ``until`` is None on the last list of an issuer that closed.
    """
    bits = bytearray(LIST_SIZE // 8)
    for index in indices:
        bits[index // 8] |= 0x80 >> (index % 8)
    address = f"{public_url.rstrip('/')}/{FOLDER}/{list_name(purpose, number)}"
    issuer = issuer_of(public_url)
    made = {
        "@context": [_CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": _time(at),
        **({} if until is None else {"validUntil": _time(until)}),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": "u" + _text(gzip.compress(bytes(bits), mtime=0)),
        },
    }
    return _sign(made, issuer, signer, at, until)


def _sign(made: dict[str, Any], issuer: str, signer: Signer, at: datetime, until: datetime | None) -> str:
    """Write the credential itself as the claims of a JWS, with those that every reader of JWTs knows."""
    claims = {**made, "iss": issuer, "jti": made["id"], "nbf": int(at.timestamp())}
    if "id" in made["credentialSubject"]:
        claims["sub"] = made["credentialSubject"]["id"]
    if until is not None:
        claims["exp"] = int(until.timestamp())
    header = {"alg": _SUITES[signer.alg], "typ": "JWT", "kid": _method(issuer, signer.kid)}
    body = ".".join(
        _text(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()) for part in (header, claims)
    )
    return f"{body}.{_text(signer.sign(body.encode()))}"


def _method(issuer: str, kid: bytes) -> str:
    return f"{issuer}#{kid.hex()}"


def _jwk(key: IssuerKey) -> dict[str, str]:
    public = load_der_public_key(key.public_key)
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        return {"kty": "EC", "crv": "P-256", "x": _text(point.x.to_bytes(_HALF)), "y": _text(point.y.to_bytes(_HALF))}
    return {"kty": "OKP", "crv": "Ed25519", "x": _text(public.public_bytes(Encoding.Raw, PublicFormat.Raw))}


def _time(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
