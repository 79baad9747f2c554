"""Issuer keys: made, rotated and ended; private halves are sealed and never leave the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from lbcert.brands.models import Brand
from lbcert.certificates.models import IssuerKey
from lbcert.certificates.operations.log import witness
from lbcert.certificates.queries.keys import forget_ring, record
from lbcert.certificates.token.keys import Algorithm, KeyState, Signer
from lbcert.core import clock
from lbcert.core.access import CONSOLE, Actor, Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.operation import after_commit, operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Account


@operation("certificates.create_key", say("新建签名密钥"), allow=CONSOLE)
def create_key(
    actor: Any,
    brands: Sequence[int] = (),
    *,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    alg: Algorithm = Algorithm.ES256,
) -> IssuerKey:
    """Make a key that signs for brands of these numbers (all, when none is named), from now on unless told otherwise.

    Refused for an unknown brand, for an end before the beginning, and for SM2 where OpenSSL cannot.
    """
    start = not_before or _now()
    refuse_on(_unknown_brands(brands), _dates(start, not_after))
    signer = Signer.fresh(alg)
    key = IssuerKey(
        kid=signer.kid.hex(),
        alg=int(alg),
        public_key=signer.public_key,
        private_key=signer.to_pem(),
        brands=json.dumps(sorted(set(brands))),
        not_before=start,
        not_after=not_after,
    )
    db.session.add(key)
    _witness(key, KeyState.ACTIVE)
    after_commit(forget_ring)
    return key


@operation("certificates.init_keys", say("准备首个签名密钥"), allow=CONSOLE)
def init_keys(actor: Any) -> IssuerKey:
    """Give the installation its first key, for all brands; gives the one in use where there is one."""
    return _active(None) or create_key(actor)


@operation("certificates.rotate_key", say("轮换签名密钥"), allow=CONSOLE)
def rotate_key(
    actor: Any, kid: str, *, start: datetime | None = None, alg: Algorithm | None = None
) -> tuple[IssuerKey, IssuerKey]:
    """Put a new key in the place of an active one, now or from ``start`` on; gives the old and the new.

    What the old one signed stays good. A ``start`` some days ahead lets offline verifiers learn the new key before it signs.
    """
    old = _locked(kid)
    moment = start or _now()
    refuse_on(_is_active(old), _dates(old.not_before, moment))
    made = create_key(actor, json.loads(old.brands), not_before=moment, alg=alg or Algorithm(old.alg))
    _end(old, moment)
    if moment <= clock.now():
        old.state = KeyState.RETIRED
        _witness(old, old.state)
    return old, made


@operation("certificates.retire_key", say("停用签名密钥"), allow=CONSOLE)
def retire_key(actor: Any, kid: str) -> IssuerKey:
    """Have a key sign no more; what it signed stays good. Refused for the last one of its brands: rotate that."""
    key = _locked(kid)
    refuse_on(_is_active(key), _is_last(key))
    return retired(key)


@operation("certificates.ask_key_retirement", say("提议停用密钥"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER))
def ask_key_retirement(actor: Any, key_id: int, reason: str) -> IssuerKey:
    """Propose to retire a key; another account answers. Refused as `retire_key` is, and without a reason."""
    key = load(IssuerKey, key_id, lock=True)
    refuse_on(_is_account(actor), _is_active(key), _is_last(key), reason_given(reason), _is_asked(key))
    key.retirement_asked_by, key.retirement_reason = actor.id, reason.strip()
    return key


@operation(
    "certificates.answer_key_retirement", say("答复停用密钥的提议"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER)
)
def answer_key_retirement(actor: Any, key_id: int, *, granted: bool) -> IssuerKey:
    """Retire a key that another account proposed to retire, or drop the proposal, which whoever made it may too."""
    key = load(IssuerKey, key_id, lock=True)
    refuse_on(_is_active(key), _is_proposed(key))
    if not granted:
        key.retirement_asked_by, key.retirement_reason = None, ""
        return key
    refuse_on(_is_last(key), _is_another(actor, key))
    key.retired_by = actor.id
    return retired(key)


@operation("certificates.compromise_key", say("宣布密钥泄露"), allow=CONSOLE)
def compromise_key(actor: Any, kid: str, since: datetime) -> IssuerKey:
    """Say that a key fell into other hands at a time; it signs no more, and what was issued since is red.

    What the register (or the log) took in before stays good. The time may later be set earlier, never later.
    """
    key = _locked(kid)
    moment = since.replace(microsecond=0)
    refuse_on(_since(key, moment))
    key.state, key.compromised_since = KeyState.COMPROMISED, moment
    _end(key, max(_now(), key.not_before))
    _witness(key, key.state)
    return key


def signer_for(brand: int | None, at: datetime, *, everywhere: bool = False) -> tuple[IssuerKey, Signer]:
    """Give the active key that may sign for a brand's number at a time: its own before one for all, the newest of several.

    For None one that may for all brands; ``everywhere`` one of a suite that is known beyond our server.

    Raises ``Refused`` where there is none.
    """
    key = _active(brand, at, everywhere=everywhere)
    if key is None:
        message = say("没有可用的签发密钥：请管理员在服务器上运行 lbcert keys init")
        raise Refused([refuse("certificates.no_key", message)])
    return key, Signer.from_pem(Algorithm(key.alg), key.private_key)


def _active(brand: int | None, at: datetime | None = None, *, everywhere: bool = False) -> IssuerKey | None:
    keys = db.session.scalars(
        select(IssuerKey)
        .where(IssuerKey.state == KeyState.ACTIVE)
        .order_by(IssuerKey.not_before.desc(), IssuerKey.id.desc())
    )
    usable = sorted(((key, record(key)) for key in keys), key=lambda pair: not pair[1].brands)
    return next(
        (
            key
            for key, known in usable
            if (not known.brands or brand in known.brands)
            and (at is None or known.covers(at))
            and (known.alg.is_everywhere or not everywhere)
        ),
        None,
    )


def _unknown_brands(brands: Sequence[int]) -> list[Finding]:
    known = set(db.session.scalars(select(Brand.number).where(Brand.number.in_(brands))))
    return [
        refuse("certificates.key_brand", say("没有编号为 {number} 的劳务品牌", number=number))
        for number in sorted(set(brands) - known)
    ]


def _locked(kid: str) -> IssuerKey:
    row = db.session.scalar(select(IssuerKey).where(IssuerKey.kid == kid.strip().lower()))
    after_commit(forget_ring)
    return load(IssuerKey, row.id if row else None, lock=True)


def _witness(key: IssuerKey, state: KeyState) -> None:
    witness(f"key/{state}", sha256(key.public_key).hexdigest(), clock.now())


def _now() -> datetime:
    return clock.now().replace(microsecond=0)


def retired(key: IssuerKey) -> IssuerKey:
    """End a key's signing, inside the operation that decided so."""
    key.state = KeyState.RETIRED
    _end(key, max(_now(), key.not_before))
    _witness(key, key.state)
    after_commit(forget_ring)
    return key


def _end(key: IssuerKey, moment: datetime) -> None:
    """Have a key's time end, unless it ended before."""
    key.not_after = min(key.not_after or moment, moment)


def _is_active(key: IssuerKey) -> list[Finding]:
    if key.state is KeyState.ACTIVE:
        return []
    return [refuse("certificates.key_not_active", say("密钥 {kid} 已经不在使用", kid=key.kid))]


def _is_last(key: IssuerKey) -> list[Finding]:
    """Find that nobody could issue for a key's brands without it."""
    now, own = clock.now(), record(key)
    others = db.session.scalars(select(IssuerKey).where(IssuerKey.state == KeyState.ACTIVE, IssuerKey.id != key.id))
    known = [record(other) for other in others]
    if any(other.covers(now) and (not other.brands or (own.brands and own.brands <= other.brands)) for other in known):
        return []
    message = say("停用 {kid} 后，它的品牌就没有密钥可以发证了：请先用 lbcert keys rotate 轮换", kid=key.kid)
    return [refuse("certificates.key_is_last", message)]


def reason_given(reason: str) -> list[Finding]:
    """Find that a deed about keys lacks its reason."""
    return [] if reason.strip() else [refuse("certificates.key_reason", say("请写明原因"))]


def _is_account(actor: Actor) -> list[Finding]:
    if actor.id is not None:
        return []
    return [refuse("certificates.key_console", say("在命令行停用密钥请用 lbcert keys retire"))]


def _is_asked(key: IssuerKey) -> list[Finding]:
    if key.retirement_asked_by is None:
        return []
    return [refuse("certificates.key_retirement_asked", say("已有人提出停用这个密钥，等待另一人确认"))]


def _is_proposed(key: IssuerKey) -> list[Finding]:
    if key.retirement_asked_by is not None:
        return []
    return [refuse("certificates.key_retirement_not_asked", say("没有人提出停用这个密钥"))]


def _is_another(actor: Actor, key: IssuerKey) -> list[Finding]:
    if not load(Account, key.retirement_asked_by).is_of(actor):
        return []
    return [refuse("certificates.key_second_person", say("停用密钥须由另一人确认"))]


def _since(key: IssuerKey, since: datetime) -> list[Finding]:
    if since > clock.now():
        return [refuse("certificates.key_since", say("泄露时间不能在将来"))]
    if key.compromised_since is not None and since > key.compromised_since:
        return [
            refuse("certificates.key_since", say("泄露时间只能改早，不能改晚：{kid} 已登记更早的时间", kid=key.kid))
        ]
    return []


def _dates(start: datetime, end: datetime | None) -> list[Finding]:
    if end is None or end >= start:
        return []
    return [refuse("certificates.key_dates", say("密钥的停用时间早于启用时间"))]
