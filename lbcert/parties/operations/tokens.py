"""Keys with which a program acts as an account (API tokens); only their hashes are kept."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.access import SIGNED_IN, Actor, only
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Account, ApiToken

#: Tokens of one account that may stand at a time.
MOST = 10


def is_own(actor: Actor, token_id: int) -> bool:
    """Tell whether a token is the actor's."""
    return load(ApiToken, token_id).account_id == actor.id


@operation("parties.create_token", say("新建接口密钥"), allow=SIGNED_IN)
def create_token(actor: Any, name: str, secret: str) -> ApiToken:
    """Keep the hash of ``secret``, 32 random bytes that are shown once. Refused without a name and beyond ten tokens."""
    named = [] if 0 < len(name.strip()) <= 60 else [refuse("parties.token_name", say("请给密钥起个名字，最多 60 字"))]  # noqa: PLR2004 (the column's length)
    few = [] if len(tokens_of(actor.id)) < MOST else [refuse("parties.tokens", say("密钥太多，请先停用不用的"))]
    refuse_on(named, few)
    token = ApiToken(account_id=actor.id, name=name.strip(), digest=_digest(secret))
    db.session.add(token)
    return token


@operation("parties.withdraw_token", say("停用接口密钥"), allow=only("its account", is_own))
def withdraw_token(actor: Any, token_id: int) -> ApiToken:
    """Stop a token; whoever has it can do nothing with it from now on."""
    token = load(ApiToken, token_id, lock=True)
    token.withdrawn_at = token.withdrawn_at or clock.now()
    return token


def tokens_of(account_id: int) -> list[ApiToken]:
    """List the tokens of an account that stand."""
    query = select(ApiToken).where(ApiToken.account_id == account_id, ApiToken.withdrawn_at.is_(None))
    return list(db.session.scalars(query.order_by(ApiToken.id)))


def account_of_token(secret: str) -> Account | None:
    """Give the active account whose token this is."""
    query = (
        select(Account)
        .join(ApiToken, ApiToken.account_id == Account.id)
        .where(ApiToken.digest == _digest(secret), ApiToken.withdrawn_at.is_(None), Account.active)
    )
    return db.session.scalar(query)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
