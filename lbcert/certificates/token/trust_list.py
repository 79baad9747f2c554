"""The trust list: every issuer key in a COSE_KeySet, in a COSE_Sign1 that the offline root signed.

The format is ``certs_schema/trust-list.cddl``, told in docs/formats.md. The list's own facts stand in the protected header, as
CWT claims (RFC 9597), so that the payload is a plain COSE_KeySet. Nothing here knows a database or the time of day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lbcert.certificates.token import cbor, sm2
from lbcert.certificates.token.cose import ALG, KID, SIGN1_TAG, encode, to_be_signed
from lbcert.certificates.token.keys import (
    SIGNATURE_BYTES,
    Algorithm,
    IssuerKey,
    Keys,
    KeyState,
    Signer,
    key_ring,
    kid_of,
    spki,
)
from lbcert.core.findings import Refused, refuse
from lbcert.core.words import Message, say

MEDIA_TYPE = 'application/cose; cose-type="cose-sign1"'
#: Bytes; some 8,000 keys.
MAX_BYTES = 1 << 20

CONTENT_TYPE, CWT_CLAIMS = 3, 15
#: application/cose-key-set, by its number among the CoAP content formats.
KEY_SET = 102
ISSUER, EXPIRES, SIGNED = 1, 4, 6
NUMBER, DEMO = -65537, -65538

KEY_TYPE, KEY_ID, KEY_ALG, KEY_OPS, CURVE, X, Y = 1, 2, 3, 4, -1, -2, -3
OKP, EC2, P256, ED25519, VERIFY = 1, 2, 1, 6, 2
#: Of those for private use (RFC 9053, 7).
SM2_CURVE = -65537
BRANDS, NOT_BEFORE, NOT_AFTER, STATE, COMPROMISED_SINCE = -65537, -65538, -65539, -65540, -65541
STATES = (KeyState.ACTIVE, KeyState.RETIRED, KeyState.COMPROMISED)
_HALF = SIGNATURE_BYTES // 2


@dataclass(frozen=True)
class TrustList:
    """What a verifier without a network knows of an issuer's keys."""

    #: host of the issuer's public address, for people; keys are found by kid alone
    issuer: str
    #: counts up from 1: of two lists the one with the higher number is the newer
    number: int
    signed: datetime
    #: from then on a newer list must be fetched; None on the lists of an issuer that closed
    expires: datetime | None
    keys: Keys
    #: made for a demo, whose certificates are worth nothing
    demo: bool = False


def sign(trust_list: TrustList, root: Signer) -> bytes:
    """Sign a list with the root; the same list under the same root gives the same bytes."""
    claims: dict[int, object] = {
        ISSUER: trust_list.issuer,
        SIGNED: _seconds(trust_list.signed),
        NUMBER: trust_list.number,
    }
    if trust_list.expires is not None:
        claims[EXPIRES] = _seconds(trust_list.expires)
    if trust_list.demo:
        claims[DEMO] = 1
    protected = encode({ALG: int(root.alg), CONTENT_TYPE: KEY_SET, KID: root.kid, CWT_CLAIMS: claims})
    payload = encode([_to_cose(key) for _, key in sorted(trust_list.keys.items())])
    signature = root.sign(to_be_signed(protected, payload))
    return encode(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))


def read(data: bytes, root_public_key: bytes) -> TrustList:
    """Read a list strictly, as signed by this root (SubjectPublicKeyInfo, DER).

    Raises ``Refused``: ``trust_list.signature`` when another signed it or it was changed, else ``trust_list.unreadable``.
    """
    try:
        return _read(data, root_public_key)
    except (Refused, ValueError, KeyError, TypeError, OverflowError, OSError) as error:
        if isinstance(error, Refused) and "trust_list.signature" in error:
            raise
        raise _bad("unreadable", say("这不是密钥名单，或格式不合规定")) from error


def _read(data: bytes, root_public_key: bytes) -> TrustList:
    if len(data) > MAX_BYTES:
        raise ValueError("too long")
    envelope = cbor.decode(data)
    if not isinstance(envelope, cbor.Tagged) or envelope.tag != SIGN1_TAG:
        raise ValueError("not a COSE_Sign1")
    protected, unprotected, payload, signature = _of(list, envelope.value)
    header = _map(cbor.decode(protected), {ALG, CONTENT_TYPE, KID, CWT_CLAIMS})
    root = IssuerKey(kid_of(root_public_key), Algorithm(header[ALG]), root_public_key, frozenset(), _time(0))
    if unprotected != {} or header[CONTENT_TYPE] != KEY_SET or len(signature) != SIGNATURE_BYTES:
        raise ValueError("not a list of keys")
    if header[KID] != root.kid or not root.verifies(signature, to_be_signed(protected, payload)):
        raise _bad("signature", say("密钥名单不是这个根密钥签发的，或被改动过"))
    claims = _map(header[CWT_CLAIMS], {ISSUER, SIGNED, NUMBER}, {EXPIRES, DEMO})
    return TrustList(
        issuer=_of(str, claims[ISSUER]),
        number=_of(int, claims[NUMBER]),
        signed=_time(claims[SIGNED]),
        expires=_time(claims[EXPIRES]) if EXPIRES in claims else None,
        keys=key_ring(_from_cose(each) for each in _of(list, cbor.decode(payload))),
        demo=claims.get(DEMO) == 1,
    )


def _to_cose(key: IssuerKey) -> dict[int, object]:
    entry: dict[int, object] = {KEY_ID: key.kid, KEY_ALG: int(key.alg), KEY_OPS: [VERIFY], **_to_numbers(key)}
    if key.brands:
        entry[BRANDS] = sorted(key.brands)
    if key.not_after is not None:
        entry[NOT_AFTER] = _seconds(key.not_after)
    if key.compromised_since is not None:
        entry[COMPROMISED_SINCE] = _seconds(key.compromised_since)
    return entry | {NOT_BEFORE: _seconds(key.not_before), STATE: STATES.index(key.state)}


def _to_numbers(key: IssuerKey) -> dict[int, object]:
    if key.alg is Algorithm.SM2:
        x, y = sm2.point_of(key.public_key)
        return {KEY_TYPE: EC2, CURVE: SM2_CURVE, X: x, Y: y}
    public = load_der_public_key(key.public_key)
    if isinstance(public, ec.EllipticCurvePublicKey):
        point = public.public_numbers()
        return {KEY_TYPE: EC2, CURVE: P256, X: point.x.to_bytes(_HALF), Y: point.y.to_bytes(_HALF)}
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {KEY_TYPE: OKP, CURVE: ED25519, X: public.public_bytes_raw()}
    raise ValueError("no key of a known suite")


def _from_cose(value: cbor.Value) -> IssuerKey:
    needed = {KEY_TYPE, KEY_ID, KEY_ALG, KEY_OPS, CURVE, X, NOT_BEFORE, STATE}
    entry = _map(value, needed, {Y, BRANDS, NOT_AFTER, COMPROMISED_SINCE})
    public = _public_key(entry)
    if entry[KEY_ID] != kid_of(public) or entry[KEY_OPS] != [VERIFY]:
        raise ValueError("a kid that is not its key's, or a key for something else")
    return IssuerKey(
        kid=entry[KEY_ID],
        alg=Algorithm(entry[KEY_ALG]),
        public_key=public,
        brands=frozenset(_of(int, brand) for brand in _of(list, entry.get(BRANDS, []))),
        not_before=_time(entry[NOT_BEFORE]),
        not_after=_time(entry[NOT_AFTER]) if NOT_AFTER in entry else None,
        state=dict(enumerate(STATES))[entry[STATE]],
        compromised_since=_time(entry[COMPROMISED_SINCE]) if COMPROMISED_SINCE in entry else None,
    )


def _public_key(entry: Mapping[Any, Any]) -> bytes:
    match entry:
        case {1: 2, 3: -7, -1: 1, -2: bytes(x), -3: bytes(y)} if len(x) == len(y) == _HALF:
            point = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
            return spki(point.public_key())
        case {1: 2, 3: -65537, -1: -65537, -2: bytes(x), -3: bytes(y)} if len(x) == len(y) == _HALF:
            return sm2.spki_of(x, y)
        case {1: 1, 3: -8, -1: 6, -2: bytes(x)} if Y not in entry:
            return spki(ed25519.Ed25519PublicKey.from_public_bytes(x))
        case _:
            raise ValueError("no key of a known suite")


def _map(value: Any, needed: set[int], allowed: set[int] = frozenset()) -> dict[Any, Any]:  # type: ignore[assignment]
    entries = _of(dict, value)
    if needed - entries.keys() or entries.keys() - needed - allowed:
        raise ValueError("a field is missing, or one too many")
    return entries


def _of(wanted: type[Any], value: Any) -> Any:
    if not isinstance(value, wanted):
        raise TypeError(f"not a {wanted.__name__}")
    return value


def _time(value: Any) -> datetime:
    return datetime.fromtimestamp(_of(int, value), UTC)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _bad(code: str, message: Message) -> Refused:
    return Refused([refuse(f"trust_list.{code}", message, "trust-list.cddl")])
