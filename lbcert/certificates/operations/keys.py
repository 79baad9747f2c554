"""Issuer keys: made on the console, private halves sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import select

from lbcert.brands.models import Brand
from lbcert.certificates.models import IssuerKey
from lbcert.certificates.queries.keys import forget_ring, record
from lbcert.certificates.token.keys import Algorithm, KeyState, Signer
from lbcert.core import clock
from lbcert.core.access import CONSOLE
from lbcert.core.database import db
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.operation import after_commit, operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say


@operation("certificates.create_key", allow=CONSOLE)
def create_key(
    actor: Any,
    brands: Sequence[int] = (),
    *,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    alg: Algorithm = Algorithm.ES256,
) -> IssuerKey:
    """Make a key that signs for brands of these numbers (all, when none is named), from now on unless told otherwise.

    Refused for an unknown brand, and for an end before the beginning.
    """
    start = not_before or clock.now().replace(microsecond=0)
    refuse_on(_unknown_brands(brands), _dates(start, not_after))
    signer = Signer.fresh(alg)
    private = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = IssuerKey(
        kid=signer.kid.hex(),
        alg=int(alg),
        public_key=signer.public_key,
        private_key=private.decode(),
        brands=json.dumps(sorted(set(brands))),
        not_before=start,
        not_after=not_after,
    )
    db.session.add(key)
    after_commit(forget_ring)
    return key


@operation("certificates.init_keys", allow=CONSOLE)
def init_keys(actor: Any) -> IssuerKey:
    """Give the installation its first key, for all brands; gives the one in use where there is one."""
    return _active(None) or create_key(actor)


def signer_for(brand: int, at: datetime) -> tuple[IssuerKey, Signer]:
    """Give the newest active key that may sign for a brand's number at a time. Raises ``Refused`` where there is none."""
    key = _active(brand, at)
    if key is None:
        message = say("没有可用的签发密钥：请管理员在服务器上运行 lbcert keys init")
        raise Refused([refuse("certificates.no_key", message)])
    private = load_pem_private_key(key.private_key.encode(), password=None)
    return key, Signer.of(private)  # type: ignore[arg-type]  # only P-256 and Ed25519 are ever made


def _active(brand: int | None, at: datetime | None = None) -> IssuerKey | None:
    keys = db.session.scalars(
        select(IssuerKey)
        .where(IssuerKey.state == KeyState.ACTIVE)
        .order_by(IssuerKey.not_before.desc(), IssuerKey.id.desc())
    )
    usable = ((key, record(key)) for key in keys)
    return next(
        (
            key
            for key, known in usable
            if (brand is None or not known.brands or brand in known.brands) and (at is None or known.covers(at))
        ),
        None,
    )


def _unknown_brands(brands: Sequence[int]) -> list[Finding]:
    known = set(db.session.scalars(select(Brand.number).where(Brand.number.in_(brands))))
    return [
        refuse("certificates.key_brand", say("没有编号为 {number} 的劳务品牌", number=number))
        for number in sorted(set(brands) - known)
    ]


def _dates(start: datetime, end: datetime | None) -> list[Finding]:
    if end is None or end > start:
        return []
    return [refuse("certificates.key_dates", say("密钥的停用时间早于启用时间"))]
