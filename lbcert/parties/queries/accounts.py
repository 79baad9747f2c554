"""Accounts, as those see them who answer for them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Missing
from lbcert.core.pages import Page, Paging, paginate
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.parties.models import Account, Grant, Organisation

SORTS = {"user_name": Account.user_name, "name": Account.name, "last": Account.current_login_at}
SEERS = (Role.ADMIN, Role.BUREAU_OFFICER, Role.AUDITOR)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """Keep to accounts one of whose roles lies in the actor's region or organisation."""
    reach = visible(
        actor, *SEERS, region=[Grant.region_code, Organisation.region_code], organisation=[Grant.organisation_id]
    )
    return Account.id.in_(select(Grant.account_id).outerjoin(Organisation).where(reach))


def list_accounts(actor: Actor, paging: Paging) -> Page[Account]:
    """List the accounts that an actor sees: by user name or person's name, by role, open or closed."""
    query = select(Account).where(_seen_by(actor))
    if paging.search:
        query = query.where(
            or_(
                Account.user_name.contains(paging.search.lower(), autoescape=True),
                Account.name.contains(paging.search, autoescape=True),
            )
        )
    if role := paging.filters.get("role"):
        query = query.where(Account.id.in_(select(Grant.account_id).where(Grant.role == role)))
    if state := paging.filters.get("state"):
        query = query.where(Account.active.is_(state == "open"))
    return paginate(db.session, query, paging, SORTS, Account.id)


def find_account(actor: Actor, account_id: int) -> Account:
    """Give an account that the actor sees; raises ``Missing`` for any other."""
    account = load(Account, account_id)
    if db.session.scalar(select(Account.id).where(Account.id == account_id, _seen_by(actor))) is None:
        raise Missing(f"Account {account_id}")
    return account


def todo(actor: Actor) -> list[Todo]:
    """Give an administrator the accounts whose owner has not yet come in with the password that was given out."""
    reach = visible(
        actor, Role.ADMIN, region=[Grant.region_code, Organisation.region_code], organisation=[Grant.organisation_id]
    )
    query = select(Account).where(
        Account.active,
        Account.password_is_temporary,
        Account.id.in_(select(Grant.account_id).outerjoin(Organisation).where(reach)),
    )
    return [
        Todo(
            say("催办首次登录：{account}，仍是临时密码", account=account.label),
            "parties.account",
            {"account_id": account.id},
        )
        for account in db.session.scalars(query.order_by(Account.id))
    ]
