"""What commands share: the app, the account on whose behalf they act, and how a refusal is said."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from lbcert.app import create_app
from lbcert.cli.words import echo, failure, spoken
from lbcert.config import Settings
from lbcert.core.access import Console
from lbcert.core.database import db
from lbcert.core.findings import Finding, Forbidden, Missing, Refused
from lbcert.core.words import say
from lbcert.parties.models import Account

SIGNS = {"refuse": "✗", "exception": "✗", "warn": "!", "note": "·"}


def settings_in_use() -> Settings:
    """Read the environment's settings; what cannot be used is said in a line."""
    try:
        return Settings.from_environment()
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def app_of(settings: Settings) -> Iterator[None]:
    """Work inside an app; what is refused is said, and ends the command with exit code 1."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with create_app(settings).app_context():
        try:
            yield
        except Refused as refused:
            tell(refused.findings)
        except Forbidden as forbidden:
            echo(say("这一账号无权执行 {operation}", operation=str(forbidden)), err=True)
        except (OperationalError, ProgrammingError) as error:
            cause = str(error.orig).strip().splitlines()[0]
            echo(say("数据库不能用：{cause}；lbcert doctor 会说明原因和处理办法", cause=cause), err=True)
        except Missing as missing:
            echo(say("没有找到：{what}", what=str(missing)), err=True)
        else:
            return
        finally:
            db.session.remove()
            db.engine.dispose()
    sys.exit(1)


def in_app(command: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command inside the app of the environment's settings."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        with app_of(settings_in_use()):
            return command(*args, **kwargs)

    return run


def tell(findings: Iterable[Finding]) -> None:
    """Say findings on the error stream, a line each: what, of whom, according to which document, under which rule."""
    for finding in findings:
        kind, _, number = finding.subject.partition(":")
        message: Any = finding.message
        if kind == "row" and not str(message).startswith("第"):
            message = say("第 {row} 行：{message}", row=number, message=message)
        if finding.source:
            message = say("{message}（依据：{source}）", message=message, source=finding.source)
        echo(f"{SIGNS[finding.level]} {spoken(message)} [{finding.rule}]", err=True)


def as_account(*, required: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the option ``--as USER``, and the account as its ``actor``; the console where none is named."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--as", "user", required=required, metavar="USER", help="user name of the account that acts")
        @functools.wraps(command)
        def run(*args: Any, user: str | None, **kwargs: Any) -> Any:
            return command(*args, actor=account_named(user) if user else Console(), **kwargs)

        return run

    return decorate


def account_named(user_name: str) -> Account:
    """Give the open account of a user name; raises ``click.ClickException``."""
    account = db.session.scalar(select(Account).where(Account.user_name == user_name.strip().lower()))
    if account is None or not account.active:
        raise failure(say("没有可用的账号 {name}：lbcert user list 列出全部账号", name=user_name))
    return account


def id_of(column: Any, text: str) -> int:
    """Give the id of the row that bears a number, as `Cohort.number`; raises `Missing`."""
    found: int | None = db.session.scalar(select(column.class_.id).where(column == text.strip()))
    if found is None:
        raise Missing(f"{column.class_.__name__} {text}")
    return found
