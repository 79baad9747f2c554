"""The strict reader: the one way from a scanned link to claims that may be believed.

The bytes are verified as received and never encoded again; the algorithm comes from the key's record, never from the
token. What is refused, and under which code, stands in ``reasons.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from lbcert.certificates.token import cbor, link
from lbcert.certificates.token.claims import Claims, from_cbor
from lbcert.certificates.token.cose import ALG, CRIT, CWT_TAG, KID, MAX_BYTES, SIGN1_TAG, to_be_signed
from lbcert.certificates.token.keys import KID_BYTES, SIGNATURE_BYTES, IssuerKey, Keys, Trust
from lbcert.certificates.token.reasons import Reason, Unreadable


@dataclass(frozen=True)
class Reading:
    """A token whose signature is good: what it says, and whose key signed it.

    That is not yet a verdict: the status comes from the register or the status list, and a key may be compromised (`trust`).
    """

    claims: Claims
    key: IssuerKey
    token: bytes
    #: the link's host in lower case, or empty; a foreign one is a reason to warn, never to trust
    host: str = ""

    def trust(self, recorded: datetime | None = None) -> Trust:
        """Tell what the signature is worth; ``recorded`` is when register or log took the token in (`IssuerKey.trust`)."""
        return self.key.trust(self.claims.issued, recorded)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the token, by which register and log know it."""
        return sha256(self.token).digest()


def read_link(text: str, keys: Keys) -> Reading:
    """Read a scanned link. Raises `Unreadable` with its reason."""
    host, token = link.read(text)
    return read_token(token, keys, host)


def read_code(code: str, keys: Keys) -> Reading:
    """Read the last part of a link, as the public page gets it. Raises `Unreadable` with its reason."""
    return read_token(link.read_code(code), keys)


def read_token(token: bytes, keys: Keys, host: str = "") -> Reading:
    """Read a token's bytes. Raises `Unreadable` with its reason."""
    if len(token) > MAX_BYTES:
        raise Unreadable(Reason.TOO_LONG)
    protected, payload, signature = _envelope(cbor.decode(token))
    key = _key(protected, keys)
    _verify(key, signature, to_be_signed(protected, payload))
    claims = from_cbor(cbor.decode(payload))
    if key.brands and claims.brand not in key.brands:
        raise Unreadable(Reason.KEY_OUTSIDE_BRAND)
    if not key.covers(claims.issued):
        raise Unreadable(Reason.KEY_OUTSIDE_TIME)
    if key.trust(claims.issued) is Trust.NONE:
        raise Unreadable(Reason.KEY_COMPROMISED)
    return Reading(claims, key, token, host)


def _envelope(value: cbor.Value) -> tuple[bytes, bytes, bytes]:
    """Take a COSE_Sign1 apart: protected header, payload, signature."""
    if isinstance(value, cbor.Tagged) and value.tag == CWT_TAG:
        raise Unreadable(Reason.CWT_TAG)
    if not (isinstance(value, cbor.Tagged) and value.tag == SIGN1_TAG):
        raise Unreadable(Reason.NOT_SIGN1)
    match value.value:
        case [bytes() as protected, {**unprotected}, bytes() as payload, bytes() as signature]:
            if unprotected:
                raise Unreadable(Reason.UNPROTECTED_HEADER)
            return protected, payload, signature
        case _:
            raise Unreadable(Reason.NOT_SIGN1)


def _key(protected: bytes, keys: Keys) -> IssuerKey:
    """Find the key that the protected header names, and hold the header against the key's record."""
    header = cbor.decode(protected) if protected else {}
    if not isinstance(header, dict):
        raise Unreadable(Reason.HEADER_TYPE)
    if CRIT in header:
        raise Unreadable(Reason.CRITICAL_HEADER)
    if header.keys() - {ALG, KID}:
        raise Unreadable(Reason.UNKNOWN_HEADER)
    if {ALG, KID} - header.keys():
        raise Unreadable(Reason.MISSING_HEADER)
    alg, kid = header[ALG], header[KID]
    if not (isinstance(alg, int) and isinstance(kid, bytes) and len(kid) == KID_BYTES):
        raise Unreadable(Reason.HEADER_TYPE)
    if kid not in keys:
        raise Unreadable(Reason.UNKNOWN_KEY)
    if alg != keys[kid].alg:
        raise Unreadable(Reason.WRONG_ALGORITHM)
    return keys[kid]


def _verify(key: IssuerKey, signature: bytes, message: bytes) -> None:
    if len(signature) != SIGNATURE_BYTES:
        raise Unreadable(Reason.DER_SIGNATURE if _is_der(signature) else Reason.SIGNATURE_LENGTH)
    if not key.verifies(signature, message):
        raise Unreadable(Reason.SIGNATURE)


def _is_der(signature: bytes) -> bool:
    """Tell a DER sequence by its tag and its length, which a P-256 signature says in one byte."""
    return signature[:1] == b"\x30" and signature[1:2] == bytes([len(signature) - 2 & 0xFF])
