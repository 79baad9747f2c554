"""One issuer with fixed keys, and one certificate: those of the corpus of broken tokens."""

from __future__ import annotations

import pytest

from lbcert.certificates.token.claims import Claims
from lbcert.certificates.token.keys import Algorithm, Keys, Signer
from tests.certificates import broken_tokens


@pytest.fixture(scope="session")
def signers() -> dict[Algorithm, Signer]:
    """Give a signer of each suite."""
    return broken_tokens.SIGNERS


@pytest.fixture(scope="session")
def signer(signers: dict[Algorithm, Signer]) -> Signer:
    return signers[Algorithm.ES256]


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Give the records of the four keys: brand 3, the year 2025 in UTC."""
    return broken_tokens.KEYS


@pytest.fixture
def claims() -> Claims:
    """Give the claims of a farm worker's level-5 certificate."""
    return broken_tokens.CLAIMS
