"""Passkeys of an account: added, used and removed by itself alone."""

from __future__ import annotations

from typing import Any

from lbcert.core import clock
from lbcert.core.access import SIGNED_IN, Actor, only
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Account, Passkey

#: Passkeys that one account may have.
MOST = 10


def is_own(actor: Actor, passkey_id: int) -> bool:
    """Tell whether a passkey is the actor's."""
    return load(Passkey, passkey_id).account_id == actor.id


OWN = only("its account", is_own)


@operation("parties.add_passkey", say("添加通行密钥"), allow=SIGNED_IN)
def add_passkey(actor: Any, name: str, credential_id: bytes, public_key: bytes, sign_count: int) -> Passkey:
    """Keep a passkey that the actor's device has just made and proven. Refused without a name and beyond ten."""
    account = load(Account, actor.id, lock=True)
    named = [] if name.strip() else [refuse("parties.passkey_name", say("请给通行密钥起个名字"))]
    few = [] if len(account.webauthn) < MOST else [refuse("parties.passkeys", say("通行密钥太多，请先删除不用的"))]
    refuse_on(named, few)
    passkey = Passkey(
        account=account, name=name.strip(), credential_id=credential_id, public_key=public_key, sign_count=sign_count,
        lastuse_datetime=clock.now(),
    )  # fmt: skip
    db.session.add(passkey)
    return passkey


@operation("parties.use_passkey", say("使用通行密钥登录"), allow=OWN)
def use_passkey(actor: Any, passkey_id: int, sign_count: int) -> Passkey:
    """Keep that a passkey has just signed, for the ``sign_count``-th time; a copy of it would count from there too."""
    passkey = load(Passkey, passkey_id, lock=True)
    passkey.sign_count, passkey.lastuse_datetime = sign_count, clock.now()
    return passkey


@operation("parties.remove_passkey", say("移除通行密钥"), allow=OWN)
def remove_passkey(actor: Any, passkey_id: int) -> Passkey:
    """Remove a passkey; whoever has its device can no longer sign in with it."""
    passkey = load(Passkey, passkey_id, lock=True)
    db.session.delete(passkey)
    return passkey
