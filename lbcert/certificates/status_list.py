"""Token status lists (draft-ietf-oauth-status-list): two bits a certificate, signed as a CWT that anybody may mirror."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2

from lbcert.certificates.models import Status
from lbcert.certificates.token.claims import EXP, IAT, LIST_SIZE
from lbcert.certificates.token.cose import ALG, KID, SIGN1_TAG, encode, to_be_signed
from lbcert.certificates.token.keys import Keys, Signer

MEDIA_TYPE = "application/statuslist+cwt"
BITS = 2
#: How long a copy may be kept before a fresh one is fetched, and how long a list speaks at all.
TTL = timedelta(hours=12)
LIFE = timedelta(days=14)
#: Highest compression of zlib.
_LEVEL = 9
_SUBJECT, _TYPE, _STATUS_LIST, _TTL = 2, 16, 65533, 65534

#: What each status is in a list: the draft's VALID, INVALID, SUSPENDED, and its value for the application's own use.
VALUES = {Status.VALID: 0, Status.REVOKED: 1, Status.SUSPENDED: 2, Status.REPLACED: 3}
_MEANS = {value: status for status, value in VALUES.items()}


def file_name(number: int) -> str:
    """Name a list, as the last part of its address and as a file."""
    return f"{number}.cwt"


def compress(statuses: Iterable[tuple[int, int]], bits: int = BITS, size: int = LIST_SIZE) -> bytes:
    """Pack (index, value) pairs, the least significant bit first, and compress; what is not named is 0.

    ``size`` is how many entries the list has, ``bits`` is 1, 2, 4 or 8. Source: the draft, section 4.1.
    """
    packed, each = bytearray(size * bits // 8), 8 // bits
    for index, value in statuses:
        packed[index // each] |= value << (index % each * bits)
    return zlib.compress(packed, _LEVEL)


def status_list(compressed: bytes, bits: int = BITS, aggregation: str = "") -> dict[str, Any]:
    """Give the map of a list as CBOR holds it, in the draft's own order; ``aggregation`` is the address of the list of lists."""
    named = {"aggregation_uri": aggregation} if aggregation else {}
    return {"bits": bits, "lst": compressed, **named}


def sign_list(
    uri: str, compressed: bytes, signer: Signer, issued: datetime, *, aggregation: str = "", last: bool = False
) -> bytes:
    """Sign the list at ``uri``. The ``last`` list of an issuer that closes has neither an end nor a time to live."""
    seconds = int(issued.timestamp())
    limits = {} if last else {EXP: seconds + int(LIFE.total_seconds()), _TTL: int(TTL.total_seconds())}
    claims = {_SUBJECT: uri, IAT: seconds, **limits, _STATUS_LIST: status_list(compressed, aggregation=aggregation)}
    payload = cbor2.dumps(dict(sorted(claims.items())))
    protected = encode({ALG: int(signer.alg), KID: signer.kid, _TYPE: MEDIA_TYPE})
    signature = signer.sign(to_be_signed(protected, payload))
    return encode(cbor2.CBORTag(SIGN1_TAG, [protected, {}, payload, signature]))


@dataclass(frozen=True)
class ReadList:
    """A list whose signature is good: what it says of each of its certificates, and as of when."""

    uri: str
    issued: datetime
    #: None for the last list of an issuer that closed
    expires: datetime | None
    packed: bytes
    aggregation: str = ""

    def status_of(self, index: int) -> Status:
        """Give the status of the certificate at ``index``. Raises IndexError outside the list."""
        each = 8 // BITS
        return _MEANS[self.packed[index // each] >> (index % each * BITS) & (1 << BITS) - 1]

    def speaks(self, at: datetime) -> bool:
        """Tell whether the list says anything about a time; past its end it is only what was last known."""
        return self.expires is None or at <= self.expires


def read_list(data: bytes, keys: Keys) -> ReadList:
    """Read a list strictly. Raises ValueError, naming what is wrong.

    A key that is limited to some brands, or that fell into other hands before the list was made, signs none.
    """
    protected, claims = _opened(data, keys)
    if protected.get(_TYPE) != MEDIA_TYPE:
        raise ValueError("no status list: another type")
    listed = claims[_STATUS_LIST]
    if listed["bits"] != BITS:
        raise ValueError("a list with another number of bits")
    inflating = zlib.decompressobj()
    packed = inflating.decompress(listed["lst"], LIST_SIZE * BITS // 8)
    if len(packed) != LIST_SIZE * BITS // 8 or inflating.decompress(inflating.unconsumed_tail, 1):
        raise ValueError("a list of another size")
    expires = datetime.fromtimestamp(claims[EXP], UTC) if EXP in claims else None
    issued = datetime.fromtimestamp(claims[IAT], UTC)
    return ReadList(claims[_SUBJECT], issued, expires, packed, listed.get("aggregation_uri", ""))


def _opened(data: bytes, keys: Keys) -> tuple[dict[int, Any], dict[int, Any]]:
    """Verify the signature as received; give protected header and claims."""
    try:
        envelope = cbor2.loads(data)
        protected, _, payload, signature = envelope.value
        header = cbor2.loads(protected)
        key = keys[header[KID]]
    except (cbor2.CBORDecodeError, AttributeError, TypeError, ValueError, KeyError) as error:
        raise ValueError("no status list, or one under an unknown key") from error
    if envelope.tag != SIGN1_TAG or header.get(ALG) != key.alg:
        raise ValueError("not a COSE_Sign1, or under another algorithm than its key's")
    if not key.verifies(signature, to_be_signed(protected, payload)):
        raise ValueError("the signature does not fit")
    claims = cbor2.loads(payload)
    issued = datetime.fromtimestamp(claims[IAT], UTC)
    if key.brands or not key.covers(issued) or (key.compromised_since and issued >= key.compromised_since):
        raise ValueError("this key may not sign the list")
    return header, claims
