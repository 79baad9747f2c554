"""The issuers' public keys, as the reader of tokens needs them."""

from __future__ import annotations

import json
import time

from flask import current_app
from sqlalchemy import select

from lbcert.certificates import models
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Keys, key_ring
from lbcert.core.database import db

#: Seconds after which a process asks the database again what became of the keys.
FRESH = 10
_PLACE = "lbcert.key_ring"


def record(row: models.IssuerKey) -> IssuerKey:
    """Give a key's public record."""
    return IssuerKey(
        kid=bytes.fromhex(row.kid),
        alg=Algorithm(row.alg),
        public_key=row.public_key,
        brands=frozenset(json.loads(row.brands)),
        not_before=row.not_before,
        not_after=row.not_after,
        state=row.state,
        compromised_since=row.compromised_since,
    )


def list_keys() -> list[models.IssuerKey]:
    """List all keys, newest first; none is ever deleted."""
    return list(db.session.scalars(select(models.IssuerKey).order_by(models.IssuerKey.id.desc())))


def ring(*, fresh: bool = False) -> Keys:
    """Give all public keys by kid, at most ``FRESH`` seconds old; ``fresh`` asks the database now."""
    kept = current_app.extensions.get(_PLACE)
    if kept is None or fresh or kept[1] < time.monotonic():
        kept = key_ring(record(row) for row in list_keys()), time.monotonic() + FRESH
        current_app.extensions[_PLACE] = kept
    keys: Keys = kept[0]
    return keys


def forget_ring() -> None:
    """Have the next reader of this process ask the database."""
    current_app.extensions.pop(_PLACE, None)
