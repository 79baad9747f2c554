"""Accounts, as the console looks after them, or somebody on whose behalf it acts."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lbcert.cli.base import account_named, as_account, in_app
from lbcert.cli.words import spoken
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.words import Message, say
from lbcert.parties import operations
from lbcert.parties.models import Account, Grant

_ROLE = click.Choice([role.value for role in Role])
_scope = (
    click.option("--organisation", "organisation_id", type=int, help="id of the organisation at which it holds"),
    click.option("--region", "region_code", help="code of the region over which it holds"),
)


def _scoped(command: Any) -> Any:
    for option in reversed(_scope):
        command = option(command)
    return command


@click.group("user")
def user_group() -> None:
    """Make accounts and give them roles; the console may do what an administrator may."""


@user_group.command("list")
@in_app
def list_users() -> None:
    """List all accounts with their roles."""
    query = select(Account).options(selectinload(Account.grants)).order_by(Account.user_name)
    for account in db.session.scalars(query):
        roles = spoken(tuple(_held(grant) for grant in account.grants))
        state = "" if account.active else f"\t{spoken(say('已停用'))}"
        click.echo(f"{account.user_name}\t{account.name}\t{roles}{state}")


@user_group.command("create")
@click.argument("user_name")
@click.argument("name")
@click.argument("role", type=_ROLE)
@_scoped
@click.option("--phone", default="", help="mobile number, to sign in with")
@in_app
@as_account(required=False)
def create(
    *,
    user_name: str,
    name: str,
    role: str,
    organisation_id: int | None,
    region_code: str | None,
    phone: str,
    actor: Any,
) -> None:
    """Make the account USER_NAME for the person NAME with its first ROLE, and print a password for the first sign-in."""
    made = operations.create_account(
        actor, user_name, name, Role(role), organisation_id=organisation_id, region_code=region_code, phone=phone
    )
    click.echo(f"{made.user_name}\t{_given(made)}")


@user_group.command("grant")
@click.argument("user_name")
@click.argument("role", type=_ROLE)
@_scoped
@in_app
@as_account(required=False)
def grant_role(*, user_name: str, role: str, organisation_id: int | None, region_code: str | None, actor: Any) -> None:
    """Give an account one more ROLE."""
    granted = operations.grant_role(
        actor, account_named(user_name).id, Role(role), organisation_id=organisation_id, region_code=region_code
    )
    click.echo(f"{user_name}\t{spoken(_held(granted))}")


@user_group.command("reset")
@click.argument("user_name")
@click.option("--second-factor", is_flag=True, help="forget its second factor too, as after a lost phone")
@in_app
@as_account(required=False)
def reset(*, user_name: str, second_factor: bool, actor: Any) -> None:
    """Give an account a new password for its next sign-in, and end its sessions."""
    account_id = account_named(user_name).id
    if second_factor:
        operations.reset_second_factor(actor, account_id)
    made = operations.reset_password(actor, account_id)
    click.echo(f"{made.user_name}\t{_given(made)}")


def _given(account: Account) -> str:
    return spoken(say("首次登录密码：{password}", password=account.one_time_password))


def _held(grant: Grant) -> Message:
    where = grant.organisation.name if grant.organisation else grant.region.name  # type: ignore[union-attr]  # one of both
    return say("{role}（{where}）", role=grant.role.label, where=where)
