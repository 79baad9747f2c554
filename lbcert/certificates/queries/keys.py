"""The issuers' public keys, as the reader of tokens needs them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from lbcert.certificates import models
from lbcert.certificates.token.keys import Algorithm, IssuerKey, Keys, Trust, key_ring
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
    return _known(fresh=fresh).by_kid


def trust_of(certificate_id: int, key_id: int) -> Trust:
    """Tell what a registered certificate's signature is worth: its key may be lost, and it be issued or recorded too late.

    This is the one place where the time of recording comes from the register; a proof of the log says the same to a stranger.
    """
    lost = _known().lost.get(key_id)
    if lost is None:
        return Trust.GOOD
    times = select(models.Certificate.issued_at, models.Certificate.created_at)
    issued, recorded = db.session.execute(times.where(models.Certificate.id == certificate_id)).one()
    return lost.trust(issued, recorded)


@dataclass(frozen=True)
class _Known:
    by_kid: Keys
    #: the compromised ones by id: mostly none
    lost: dict[int, IssuerKey]
    until: float


def _known(*, fresh: bool = False) -> _Known:
    kept: _Known | None = current_app.extensions.get(_PLACE)
    if kept is None or fresh or kept.until < time.monotonic():
        rows = {row.id: record(row) for row in list_keys()}
        lost = {key_id: key for key_id, key in rows.items() if key.compromised_since is not None}
        kept = _Known(key_ring(rows.values()), lost, time.monotonic() + FRESH)
        current_app.extensions[_PLACE] = kept
    return kept


def forget_ring() -> None:
    """Have the next reader of this process ask the database."""
    current_app.extensions.pop(_PLACE, None)
