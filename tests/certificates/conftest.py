"""One issuer with fixed keys, and one certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from lbcert.certificates.token.claims import Claims, Kind, holder_tag, occupation_number
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Keys, KeyState, Signer, key_ring
from lbcert.core.identity.masks import mask_name

BRAND = 3


@pytest.fixture(scope="session")
def signers() -> dict[Algorithm, Signer]:
    """Give a signer of each suite, whose secrets are counting bytes."""
    secret = bytes(range(1, 33))
    return {
        Algorithm.ES256: Signer.of(ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1())),
        Algorithm.EDDSA: Signer.of(ed25519.Ed25519PrivateKey.from_private_bytes(secret)),
    }


@pytest.fixture(scope="session")
def leaked() -> Signer:
    """Give the signer whose key fell into other hands on 1 July 2025."""
    return Signer.of(ec.derive_private_key(77, ec.SECP256R1()))


@pytest.fixture(scope="session")
def signer(signers: dict[Algorithm, Signer]) -> Signer:
    return signers[Algorithm.ES256]


@pytest.fixture(scope="session")
def keys(signers: dict[Algorithm, Signer], leaked: Signer) -> Keys:
    """Give the records of the three keys: brand 3, the year 2025 in UTC."""
    start, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
    good = [
        IssuerKey(signer.kid, signer.alg, signer.public_key, frozenset({BRAND}), start, end)
        for signer in (*signers.values(), leaked)
    ]
    since = datetime(2025, 7, 1, tzinfo=UTC)
    return key_ring([*good[:-1], replace(good[-1], state=KeyState.COMPROMISED, compromised_since=since)])


@pytest.fixture
def claims() -> Claims:
    """Give the claims of a farm worker's level-5 certificate."""
    return Claims(
        kind=Kind.SKILL_LEVEL,
        brand=BRAND,
        occupation=occupation_number(2022, "5-05-02-01"),
        level=5,
        name=mask_name("葛曾䮌"),
        holder=holder_tag("11010519491231002X"),
        status_list=0,
        status_index=123_456,
        issued=datetime(2025, 8, 20, 8, 0, tzinfo=UTC),
        cti=bytes.fromhex("0102030405060708"),
    )
