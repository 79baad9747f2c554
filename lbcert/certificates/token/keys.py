"""Keys: what a verifier knows of an issuer's key, and what an issuer signs with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from lbcert.certificates.token import sm2
from lbcert.certificates.token.sm2 import Sm2Key

#: Every suite signs in this many bytes.
SIGNATURE_BYTES = 64
KID_BYTES = 4

_HALF = SIGNATURE_BYTES // 2
#: RFC 6979: the same claims under the same key give the same token, and no bad random number gives the key away.
_ES256 = ec.ECDSA(SHA256(), deterministic_signing=True)

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Algorithm(IntEnum):
    """Suites, by their COSE number (RFC 9053; SM2 has one of those for private use)."""

    ES256 = -7
    EDDSA = -8
    SM2 = -65537

    @property
    def label(self) -> str:
        """Its usual name."""
        return {Algorithm.ES256: "ES256", Algorithm.EDDSA: "Ed25519", Algorithm.SM2: "SM2"}[self]

    @property
    def is_everywhere(self) -> bool:
        """Tell whether browsers and readers of badges know it, and not our server alone."""
        return self is not Algorithm.SM2


class KeyState(StrEnum):
    """What became of a key. A retired one signs no more and verifies for ever."""

    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


class Trust(StrEnum):
    """What a good signature is worth, given what became of its key."""

    GOOD = "good"
    #: the key is compromised, and nothing here shows that the token is older: ask online, or read the log's proof
    ASK = "ask"
    #: made after the key fell into other hands
    NONE = "none"


@dataclass(frozen=True)
class IssuerKey:
    """A record of the list of issuer keys: everything that a verifier takes from elsewhere than the token."""

    kid: bytes
    alg: Algorithm
    #: SubjectPublicKeyInfo, DER
    public_key: bytes
    #: numbers of the brands it may sign for; empty for all
    brands: frozenset[int]
    #: first and last time of issue, both inclusive; ``not_after`` None while in use without an end
    not_before: datetime
    not_after: datetime | None = None
    state: KeyState = KeyState.ACTIVE
    #: when it fell into other hands; only what the log holds before then stays valid
    compromised_since: datetime | None = None

    def __post_init__(self) -> None:
        if (self.state is KeyState.COMPROMISED) != (self.compromised_since is not None):
            raise ValueError("a compromised key, and no other, says since when")

    def covers(self, time: datetime) -> bool:
        """Tell whether a certificate issued at ``time`` may bear this key's signature."""
        return self.not_before <= time and (self.not_after is None or time <= self.not_after)

    def trust(self, issued: datetime, recorded: datetime | None = None) -> Trust:
        """Tell what this key's signature under a certificate said to be ``issued`` then is worth.

        Whoever has a stolen key writes any date that he likes, so after a compromise a token's own date only speaks
        against it; for it speaks when somebody else took it in: ``recorded``, by the register or by the log's proof.
        """
        since = self.compromised_since
        if since is None:
            return Trust.GOOD
        if issued >= since or (recorded is not None and recorded >= since):
            return Trust.NONE
        return Trust.ASK if recorded is None else Trust.GOOD

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether ``signature`` (64 bytes) is this key's over ``message``, by the record's own algorithm."""
        if self.alg is Algorithm.SM2:
            return sm2.verifies(self.public_key, signature, message)
        key = _public(self.public_key, self.alg)
        try:
            if isinstance(key, ec.EllipticCurvePublicKey):
                r, s = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
                key.verify(encode_dss_signature(r, s), message, _ES256)
            else:
                key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


Keys = Mapping[bytes, IssuerKey]


def key_ring(keys: Iterable[IssuerKey]) -> Keys:
    """Put keys where the reader finds them, by kid; raise ValueError when two share one."""
    ring: dict[bytes, IssuerKey] = {}
    for key in keys:
        if key.kid in ring:
            raise ValueError(f"two keys have the kid {key.kid.hex()}")
        ring[key.kid] = key
    return ring


@dataclass(frozen=True)
class Signer:
    """A private key ready to sign."""

    kid: bytes
    alg: Algorithm
    private_key: PrivateKey | Sm2Key

    @classmethod
    def of(cls, private_key: PrivateKey | Sm2Key) -> Self:
        """Make the signer of a key; its kid is the start of the public key's SHA-256."""
        return cls(kid_of(_public_half(private_key)), _suite_of(private_key), private_key)

    @classmethod
    def fresh(cls, alg: Algorithm = Algorithm.ES256) -> Self:
        """Make a signer with a new key; raises `Refused` where it is of SM2 and OpenSSL cannot."""
        match alg:
            case Algorithm.ES256:
                return cls.of(ec.generate_private_key(ec.SECP256R1()))
            case Algorithm.EDDSA:
                return cls.of(ed25519.Ed25519PrivateKey.generate())
            case Algorithm.SM2:
                return cls.of(Sm2Key.fresh())

    @classmethod
    def from_pem(cls, alg: Algorithm, pem: str) -> Self:
        """Read what `to_pem` wrote of a key of this suite."""
        if alg is Algorithm.SM2:
            return cls.of(Sm2Key(pem))
        return cls.of(load_pem_private_key(pem.encode(), password=None))  # type: ignore[arg-type]  # of these suites

    def to_pem(self) -> str:
        """Write the private key as PKCS #8, open: for a sealed column alone."""
        if isinstance(self.private_key, Sm2Key):
            return self.private_key.pem
        return self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def public_key(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in DER, as `IssuerKey` takes it."""
        return _public_half(self.private_key)

    def sign(self, message: bytes) -> bytes:
        """Sign ``message`` in 64 bytes: r‖s for ES256 (RFC 9053, 2.1) and SM2, RFC 8032 for Ed25519."""
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private_key.sign(message, _ES256))
            return r.to_bytes(_HALF) + s.to_bytes(_HALF)
        return self.private_key.sign(message)


def _public_half(key: PrivateKey | Sm2Key) -> bytes:
    return key.public_key if isinstance(key, Sm2Key) else spki(key.public_key())


def _suite_of(key: PrivateKey | Sm2Key) -> Algorithm:
    if isinstance(key, Sm2Key):
        return Algorithm.SM2
    return Algorithm.ES256 if isinstance(key, ec.EllipticCurvePrivateKey) else Algorithm.EDDSA


def kid_of(public_key: bytes) -> bytes:
    """Give the kid of a public key: the start of the SHA-256 of its SubjectPublicKeyInfo."""
    return sha256(public_key).digest()[:KID_BYTES]


def spki(key: PublicKey) -> bytes:
    """Write a public key as SubjectPublicKeyInfo in DER."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=1024)
def _public(spki: bytes, alg: Algorithm) -> PublicKey:
    """Load a public key once a process; raise ValueError when it is not of its algorithm."""
    key = load_der_public_key(spki)
    if alg is Algorithm.ES256 and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if alg is Algorithm.EDDSA and isinstance(key, ed25519.Ed25519PublicKey):
        return key
    raise ValueError(f"the public key is none of {alg.name}")
