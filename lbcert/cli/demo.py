"""The demo: built once into an empty installation, shown at each start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.engine import make_url

from lbcert import migrations
from lbcert.cli.base import app_of, settings_in_use
from lbcert.cli.words import echo, failure, spoken
from lbcert.config import Settings
from lbcert.core.database import db
from lbcert.core.words import say
from lbcert.demo.build import build
from lbcert.demo.show import greeting
from lbcert.parties.models import Account


@click.command()
@click.option("--if-empty", is_flag=True, help="leave an installation alone that has accounts")
@click.option("--show", is_flag=True, help="print the address, the accounts and two certificates")
def demo(*, if_empty: bool, show: bool) -> None:
    """Fill an empty installation with the five places: fictional people, real sheets, real operations."""
    settings = settings_in_use()
    if not settings.demo:
        raise failure(say("演示数据只装进演示环境：请设 LBCERT_DEMO=1"))
    if if_empty or not show:
        _fill(settings, if_empty=if_empty)
    if show:
        with app_of(settings):
            click.echo("\n".join(spoken(line) for line in greeting(settings.public_url)))


def _fill(settings: Settings, *, if_empty: bool) -> None:
    url = make_url(settings.database_url)
    file = Path(url.database) if url.database and url.get_backend_name() == "sqlite" else None
    if (file is None or file.exists()) and _has_accounts(settings):
        if if_empty:
            return
        raise failure(say("{home} 里已有账号，演示数据只装进空的系统", home=str(settings.home)))
    echo(say("正在准备演示数据……"), err=True)
    if file is None:
        _build(settings)
        return
    draft = Path(f"{file}.draft")  # an interrupted build leaves nothing half-made behind
    for leftover in draft.parent.glob(f"{draft.name}*"):
        leftover.unlink()
    _build(replace(settings, database_url=f"sqlite:///{draft}"))
    for emptied in (Path(f"{file}-wal"), Path(f"{file}-shm")):
        emptied.unlink(missing_ok=True)
    draft.replace(file)


def _has_accounts(settings: Settings) -> bool:
    """Bring the database to its newest schema, and tell whether anybody works with it yet."""
    with app_of(settings):
        migrations.upgrade()
        return db.session.scalar(select(Account.id).limit(1)) is not None


def _build(settings: Settings) -> None:
    with app_of(settings):
        migrations.upgrade()
        build(lambda said: click.echo(f"  {spoken(said)}", err=True))
