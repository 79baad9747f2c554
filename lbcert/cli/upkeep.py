"""Looking after an installation: its plugins, its audit log, its schema."""

from __future__ import annotations

import sys

import click
from flask import current_app

from lbcert import migrations
from lbcert.cli.base import in_app
from lbcert.cli.words import echo, failure
from lbcert.core import audit
from lbcert.core.access import Console
from lbcert.core.shipped import load_reference
from lbcert.core.words import say
from lbcert.plugins import Plugins

_BREAKS = {"missing": say("缺失"), "unlinked": say("与上一条接不上"), "altered": say("被改动过")}


@click.command("plugins")
@in_app
def list_plugins() -> None:
    """List the plugins that are loaded, and what they implement."""
    loaded: Plugins = current_app.extensions["lbcert.plugins"]
    for name in loaded.names:
        callers = loaded.manager.get_hookcallers(loaded.manager.get_plugin(name)) or []
        click.echo(f"{name}\t{loaded.origins[name]}\t{' '.join(sorted(caller.name for caller in callers))}")


@click.group("audit")
def audit_group() -> None:
    """Look after the audit log."""


@audit_group.command("verify")
@in_app
def audit_verify() -> None:
    """Walk the whole log and say whether its chain holds."""
    count, breaks = audit.verify()
    for broken in breaks:
        echo(say("第 {position} 条：{reason}", position=broken.position, reason=_BREAKS[broken.reason]), err=True)
    echo(say("{count} 条，{breaks} 处断开", count=count, breaks=len(breaks)))
    if breaks:
        sys.exit(1)


@click.group("db")
def database() -> None:
    """Look after the database's schema."""


@database.command("upgrade")
@in_app
def upgrade() -> None:
    """Bring the database to the newest version, the core's and each plugin's, with the regions that ship with it."""
    migrations.upgrade()
    load_reference(Console())


@database.command("revise")
@click.argument("message")
@click.option("--line", "name", default="core", metavar="NAME", help="the core's line, or that of a plugin")
@in_app
def revise(message: str, name: str) -> None:
    """Write the next version of a line from what the models say and the current database lacks."""
    lines = {line.name: line for line in migrations.lines()}
    if name not in lines:
        raise failure(say("没有名为 {name} 的版本线：{lines}", name=name, lines=tuple(lines)))
    click.echo(migrations.revise(message, lines[name]))
