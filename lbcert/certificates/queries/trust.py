"""The trust list as it stands: the newest one signed, whether it still says what the register says, and the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import func, select

from lbcert.certificates import models, rules
from lbcert.certificates.models import Certificate, Closing, IssuerKey
from lbcert.certificates.queries.keys import list_keys, record
from lbcert.certificates.queries.pdf_certificates import FILE as PDF_ROOTS_FILE
from lbcert.certificates.queries.pdf_certificates import roots_pem, wants_pdf_certificate
from lbcert.certificates.root import public_pem
from lbcert.certificates.token import trust_list
from lbcert.certificates.token.keys import Keys, KeyState, key_ring
from lbcert.certificates.token.trust_list import TrustList
from lbcert.core import clock
from lbcert.core.access import Actor, Place, Role, covers, roles_of
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.reference import NATION
from lbcert.core.todo import Todo
from lbcert.core.words import say

#: Where the list and the root's public half stand, in addresses and in a mirror.
FOLDER, LIST_FILE, ROOT_FILE = "keys", "trust-list", "root.pem"
#: Days that a list lasts: the root is fetched from its safe at least once a year.
LASTS = 400
#: The next one is due when so much is left of it.
DUE = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """Where the newest trust list stands."""

    newest: models.TrustList | None
    #: it does not say what the register says of the keys
    is_behind: bool
    #: it ended, or will within a month
    is_due: bool

    @property
    def wants_signing(self) -> bool:
        """Tell whether the root ought to sign the next one."""
        return self.newest is None or self.is_behind or self.is_due


def newest_list() -> models.TrustList | None:
    """Give the newest signed list."""
    return db.session.scalar(select(models.TrustList).order_by(models.TrustList.number.desc()).limit(1))


def register() -> Keys:
    """Give what a list has to say now of every key."""
    return key_ring(record(row) for row in list_keys())


def standing() -> Standing:
    """Tell whether the newest list still holds."""
    newest = newest_list()
    if newest is None:
        return Standing(None, is_behind=True, is_due=True)
    said = trust_list.read(newest.content, newest.root_public_key)
    is_due = said.expires is not None and said.expires < clock.now() + DUE
    return Standing(newest, said.keys != register() or (said.expires is None) != (closed_at() is not None), is_due)


def next_list(days: int = LASTS) -> TrustList:
    """Draw up the next list for the root to sign: the register as it is now, for so many days."""
    settings = current_app.config["LBCERT"]
    newest, now = newest_list(), clock.now().replace(microsecond=0)
    return TrustList(
        issuer=urlsplit(settings.public_url).netloc,
        number=newest.number + 1 if newest else 1,
        signed=now,
        expires=now + timedelta(days=days) if closed_at() is None else None,
        keys=register(),
        demo=settings.demo,
    )


def files() -> dict[str, bytes]:
    """Give what anybody may mirror, by name: the newest list, its root's public half, and whom PDF readers have to trust."""
    newest, roots = newest_list(), roots_pem()
    signed = {} if newest is None else {LIST_FILE: newest.content, ROOT_FILE: public_pem(newest.root_public_key)}
    return signed | ({PDF_ROOTS_FILE: roots} if roots else {})


def closed_at() -> datetime | None:
    """Tell since when the issuer signs no more; None while it does."""
    return db.session.scalar(select(Closing.closed_at))


def in_no_list(changed_at: datetime) -> list[Finding]:
    """Warn that a status changed, or is to change, at a time from which on nothing is signed any more."""
    closed = closed_at()
    if closed is None or changed_at < closed:
        return []
    return [rules.in_no_list(clock.local(closed).date())]


def use_counts() -> dict[int, int]:
    """Count the certificates that each key signed, by the key's id."""
    counted = select(Certificate.key_id, func.count()).group_by(Certificate.key_id)
    return {row[0]: row[1] for row in db.session.execute(counted)}


def issued_since(key: IssuerKey, since: datetime) -> int:
    """Count the certificates that a key signed at a time or after it, by the register's own clock."""
    wanted = (Certificate.key_id == key.id) & (Certificate.created_at >= since)
    return db.session.scalar(select(func.count()).select_from(Certificate).where(wanted)) or 0


def todo(actor: Actor) -> list[Todo]:
    """Give an administrator over the whole country what the keys wait for, and whoever may a retirement to answer."""
    found = []
    if any(covers(grant, Place((NATION,))) for grant in actor.grants if grant.role is Role.ADMIN):
        if closed_at() is None and not any(key.state is KeyState.ACTIVE for key in list_keys()):
            found.append(say("准备签发密钥：还没有，不能发证"))
        if standing().wants_signing:
            found.append(say("请根密钥保管人签发新一期密钥名单"))
        if wants_pdf_certificate(clock.now() + DUE):
            found.append(say("准备新的 PDF 签名证书：现在没有，或快要到期"))
    if roles_of(actor) & {Role.ADMIN, Role.BUREAU_OFFICER}:
        asked = (IssuerKey.state == KeyState.ACTIVE) & (IssuerKey.retirement_asked_by != actor.id)
        kids = db.session.scalars(select(IssuerKey.kid).where(asked).order_by(IssuerKey.id))
        found += [say("答复停用密钥的提议：{kid}", kid=kid) for kid in kids]
    return [Todo(message, "certificates.keys") for message in found]
