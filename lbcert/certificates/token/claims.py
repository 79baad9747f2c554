"""What a token says of a certificate."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from lbcert.certificates.token.reasons import Reason, Unreadable

if TYPE_CHECKING:
    from lbcert.certificates.token.cbor import Value

T = TypeVar("T")

#: Certificates in one status list; an index is below this.
LIST_SIZE = 1 << 20

#: Seconds from here on are the year 5138: whoever writes such a time counts milliseconds.
MILLISECONDS = 10**11

EXP, IAT, CTI = 4, 6, 7
CTI_BYTES = 8
CERTIFICATE = -65537
HOLDER_BYTES = 2
KIND, BRAND, OCCUPATION, LEVEL, NAME, HOLDER, STATUS = range(1, 8)

_EDITION = 10**8
_OCCUPATIONS = 10**4 * _EDITION

#: Controls, marks that turn a line round, blanks other than the plain one. A list of our own: what Unicode calls printable
#: grows with its versions, and a verifier of next year must judge a name as one of today does.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\uffff\U000e0000-\U000e007f]"
)


class Kind(IntEnum):
    """Types of certificate with a number of their own; plugins register 7 and up."""

    COMPLETION = 1
    SKILL_LEVEL = 2
    SPECIAL_ABILITY = 3
    TITLE = 4
    STAR = 5
    BRAND_STORE = 6


@dataclass(frozen=True)
class Claims:
    """What is signed. Times are aware, and only their whole seconds count."""

    kind: int
    brand: int
    #: see `occupation_number`
    occupation: int
    #: 5 初级 to 1 高级技师, or stars; 0 where there is none
    level: int
    #: masked (``lbcert.core.identity.masks.mask_name``); a store's full name
    name: str
    #: see `holder_tag`; None for a store
    holder: bytes | None
    status_list: int
    status_index: int
    issued: datetime
    #: end of the certificate's own validity, where its type has one
    expires: datetime | None = None
    cti: bytes = field(default_factory=lambda: secrets.token_bytes(CTI_BYTES))


def holder_tag(id_number: str) -> bytes:
    """Give the two bytes by which somebody who holds the ID card checks that a certificate is this person's.

    Two bytes, and the same on all of a person's certificates, on purpose: longer or salted ones give the number away.
    """
    return sha256(b"lbcert-holder-1" + id_number.upper().encode()).digest()[:HOLDER_BYTES]


def occupation_number(edition: int, code: str) -> int:
    """Write an occupation as a token does: edition x 10^8 + the code's digits.

    Edition 0 is for items that are no occupation; their code is a number of our own.

    >>> occupation_number(2022, "6-31-01-03")
    202206310103
    """
    digits = int(code.replace("-", ""))
    if not (0 <= digits < _EDITION and 0 <= edition * _EDITION + digits < _OCCUPATIONS):
        raise ValueError(f"no occupation: edition {edition}, code {code!r}")
    return edition * _EDITION + digits


def to_cbor(claims: Claims) -> dict[int, object]:
    """Give the claims map, ready to be encoded."""
    certificate: dict[int, object] = {
        KIND: int(claims.kind),
        BRAND: claims.brand,
        OCCUPATION: claims.occupation,
        LEVEL: claims.level,
        NAME: claims.name,
        STATUS: [claims.status_list, claims.status_index],
    }
    if claims.holder is not None:
        certificate[HOLDER] = claims.holder
    payload: dict[int, object] = {IAT: _seconds(claims.issued), CTI: claims.cti, CERTIFICATE: certificate}
    if claims.expires is not None:
        payload[EXP] = _seconds(claims.expires)
    return payload


def from_cbor(payload: Value) -> Claims:
    """Read the claims map strictly; raise `Unreadable` for the first thing wrong in it."""
    outer = _fields(payload, required={IAT, CTI, CERTIFICATE}, optional={EXP})
    inner = _fields(outer[CERTIFICATE], required={KIND, BRAND, OCCUPATION, LEVEL, NAME, STATUS}, optional={HOLDER})
    issued = _time(outer[IAT])
    expires = _time(outer[EXP]) if EXP in outer else None
    if expires is not None and expires <= issued:
        raise Unreadable(Reason.EXPIRES_BEFORE_ISSUE)
    cti = _of(bytes, outer[CTI])
    kind = _number(inner[KIND], least=1)
    name = _of(str, inner[NAME])
    if len(cti) != CTI_BYTES or not name or _UNPRINTABLE.search(name):
        raise Unreadable(Reason.CLAIM_RANGE)
    status_list, status_index = _status(inner[STATUS])
    return Claims(
        kind=kind,
        brand=_number(inner[BRAND]),
        occupation=_number(inner[OCCUPATION], most=_OCCUPATIONS - 1),
        level=_number(inner[LEVEL], most=23),
        name=name,
        holder=_holder(kind, inner.get(HOLDER)),
        status_list=status_list,
        status_index=status_index,
        issued=issued,
        expires=expires,
        cti=cti,
    )


def _holder(kind: int, value: Value | None) -> bytes | None:
    """Read the holder tag: a person's certificate has one, a store's has none, registered types may choose."""
    tag = None if value is None else _of(bytes, value)
    missing = tag is None and kind < Kind.BRAND_STORE
    unwanted = tag is not None and (kind == Kind.BRAND_STORE or len(tag) != HOLDER_BYTES)
    if missing or unwanted:
        raise Unreadable(Reason.HOLDER_TAG)
    return tag


def _status(value: Value) -> tuple[int, int]:
    """Read the number of the status list and the index in it."""
    match value:
        case [status_list, status_index]:
            index = _number(status_index)
            if index >= LIST_SIZE:
                raise Unreadable(Reason.INDEX_OUTSIDE_LIST)
            return _number(status_list), index
        case _:
            raise Unreadable(Reason.CLAIM_TYPE)


def _fields(value: Value, *, required: set[int], optional: set[int]) -> dict[int | str | bytes, Value]:
    fields = _of(dict, value)
    if required - fields.keys():
        raise Unreadable(Reason.MISSING_CLAIM)
    if fields.keys() - required - optional:
        raise Unreadable(Reason.UNKNOWN_CLAIM)
    return fields


def _of(wanted: type[T], value: Value) -> T:
    if not isinstance(value, wanted):
        raise Unreadable(Reason.CLAIM_TYPE)
    return value


def _number(value: Value, *, least: int = 0, most: int = (1 << 32) - 1) -> int:
    number = _of(int, value)
    if not least <= number <= most:
        raise Unreadable(Reason.CLAIM_RANGE)
    return number


def _time(value: Value) -> datetime:
    seconds = _of(int, value)
    if seconds >= MILLISECONDS:
        raise Unreadable(Reason.TIME_IN_MILLISECONDS)
    if seconds < 0:
        raise Unreadable(Reason.CLAIM_RANGE)
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(time: datetime) -> int:
    if time.tzinfo is None:
        raise ValueError("a token's times are aware")
    return int(time.timestamp())
