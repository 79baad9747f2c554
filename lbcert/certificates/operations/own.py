"""What a holder does without an account: open her own page, show certificates by a link, take the link back."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from lbcert.certificates import rules
from lbcert.certificates.models import Certificate, Share, SharedCertificate, ShareView
from lbcert.certificates.queries import own
from lbcert.certificates.token import base36
from lbcert.core import clock
from lbcert.core.access import PUBLIC, Actor, Holder, only
from lbcert.core.database import db, load
from lbcert.core.findings import Missing, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Person

#: 128 bits.
_SECRET_BYTES = 16


def _owns_certificates(actor: Actor, certificate_ids: Collection[int]) -> bool:
    if not isinstance(actor, Holder):
        return False
    owned = select(func.count()).where(Certificate.id.in_(certificate_ids), Certificate.person_id == actor.person_id)
    return db.session.scalar(owned) == len(set(certificate_ids))


def _owns_share(actor: Actor, share_id: int) -> bool:
    return isinstance(actor, Holder) and load(Share, share_id).person_id == actor.person_id


def new_secret() -> str:
    """Make the secret of a link."""
    return base36.encode(secrets.token_bytes(_SECRET_BYTES))


@operation("certificates.open_own_page", say("本人查询证书"), allow=PUBLIC)
def open_own_page(actor: Any, phone: str, last_four: str, code: str) -> Person:
    """Let somebody in who has a paper, its holder's phone number and the last four characters of her ID number.

    Refused in the same words whichever of the three is wrong.
    """
    found = own.find_holder(phone, last_four, code)
    if found is None:
        message = say("三项中有的对不上：请照证书和身份证再核对一遍。手机号要填参加培训时登记的那个")
        raise Refused([refuse("certificates.not_the_holder", message)])
    return found


@operation("certificates.share", say("分享证书"), allow=only("the holder", _owns_certificates))
def share(actor: Holder, certificate_ids: Collection[int], days: int, secret: str) -> Share:
    """Make a link that shows some of the actor's certificates for so many days to whoever has its ``secret``."""
    load(Person, actor.person_id, lock=True)  # no two links at once past the bound
    now = clock.now()
    opened = select(func.count()).where(
        Share.person_id == actor.person_id, Share.withdrawn_at.is_(None), Share.ends_at > now
    )
    chosen = sorted(set(certificate_ids))
    refuse_on(rules.may_share(len(chosen), days, db.session.scalar(opened) or 0))
    made = Share(person_id=actor.person_id, digest=own.digest_of(secret), ends_at=now + timedelta(days=days))
    db.session.add(made)
    db.session.flush()
    db.session.add_all(SharedCertificate(share_id=made.id, certificate_id=key) for key in chosen)
    return made


@operation("certificates.withdraw_share", say("撤回分享链接"), allow=only("who made it", _owns_share))
def withdraw_share(actor: Holder, share_id: int) -> Share:
    """End a link at once. One that is withdrawn stays as it is."""
    found = load(Share, share_id, lock=True)
    found.withdrawn_at = found.withdrawn_at or clock.now()
    return found


@operation("certificates.view_share", say("查看分享的证书"), allow=PUBLIC)
def view_share(actor: Any, secret: str) -> Share:
    """Count a view of a link. Refused for one that was withdrawn or has ended."""
    found = own.find_share(secret)
    if found is None:
        raise Missing("a share link")
    db.session.add(ShareView(share_id=found.id, at=clock.now()))
    return found
