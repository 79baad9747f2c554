"""Keys: what a verifier knows of an issuer's key, and what an issuer signs with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

#: Every suite signs in this many bytes.
SIGNATURE_BYTES = 64
KID_BYTES = 4

_HALF = SIGNATURE_BYTES // 2
#: RFC 6979: the same claims under the same key give the same token, and no bad random number gives the key away.
_ES256 = ec.ECDSA(SHA256(), deterministic_signing=True)

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Algorithm(IntEnum):
    """Suites, by their COSE number (RFC 9053)."""

    ES256 = -7
    EDDSA = -8

    @property
    def label(self) -> str:
        """Its usual name."""
        return "ES256" if self is Algorithm.ES256 else "Ed25519"


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
    private_key: PrivateKey

    @classmethod
    def of(cls, private_key: PrivateKey) -> Signer:
        """Make the signer of a P-256 or Ed25519 key; its kid is the start of the public key's SHA-256."""
        alg = Algorithm.ES256 if isinstance(private_key, ec.EllipticCurvePrivateKey) else Algorithm.EDDSA
        return cls(kid_of(spki(private_key.public_key())), alg, private_key)

    @classmethod
    def fresh(cls, alg: Algorithm = Algorithm.ES256) -> Signer:
        """Make a signer with a new key."""
        if alg is Algorithm.ES256:
            return cls.of(ec.generate_private_key(ec.SECP256R1()))
        return cls.of(ed25519.Ed25519PrivateKey.generate())

    @property
    def public_key(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in DER, as `IssuerKey` takes it."""
        return spki(self.private_key.public_key())

    def sign(self, message: bytes) -> bytes:
        """Sign ``message`` in 64 bytes: r‖s for ES256 (RFC 9053, 2.1), RFC 8032 for Ed25519."""
        if isinstance(self.private_key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(self.private_key.sign(message, _ES256))
            return r.to_bytes(_HALF) + s.to_bytes(_HALF)
        return self.private_key.sign(message)


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
