"""Encryption at rest for what PIPL calls sensitive, and a keyed index to look it up by.

AES-256-GCM for the value; HMAC-SHA256 under a second key for the index, so that equal values can be found without
being read, and a stolen database cannot be searched by trying every ID number.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_VERSION = b"\x01"
_NONCE_BYTES = 12


class Keyring:
    """The two keys derived from an installation's data key."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(derived(data_key, b"lbcert seal 1"))
        self._index_key = derived(data_key, b"lbcert index 1")

    def seal(self, text: str) -> bytes:
        """Encrypt ``text``; the same text comes out different each time."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, text.encode(), _VERSION)

    def unseal(self, sealed: bytes) -> str:
        """Decrypt; raises ``cryptography.exceptions.InvalidTag`` for another installation's or altered bytes."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        return self._cipher.decrypt(nonce, body, sealed[:1]).decode()

    def index(self, kind: str, text: str) -> str:
        """Give the look-up key of ``text``: 64 hex digits, different for each ``kind`` of value."""
        return hmac.new(self._index_key, f"{kind}\x00{text}".encode(), sha256).hexdigest()


def derived(data_key: bytes, purpose: bytes) -> bytes:
    """Give the 32-byte key of one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(data_key)


def keyring() -> Keyring:
    """Give the running app's keys."""
    ring: Keyring = current_app.extensions["lbcert.keyring"]
    return ring


class Sealed(TypeDecorator[str]):
    """A text column that the database only ever sees encrypted."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Encrypt on the way in."""
        return None if value is None else keyring().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (as above)
        """Decrypt on the way out."""
        return None if value is None else keyring().unseal(value)
