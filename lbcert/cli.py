"""The ``lbcert`` command: thin, each command calls an operation or a query."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from lbcert import migrations
from lbcert.app import create_app
from lbcert.core import audit
from lbcert.plugins import Plugins


@click.group()
@click.version_option(package_name="lbcert")
@click.pass_context
def main(context: click.Context) -> None:
    """Training and certification for labour brands: run it, look after it, ask it."""
    if context.invoked_subcommand != "serve":
        context.obj = create_app()
        context.with_resource(context.obj.app_context())


@main.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="0.0.0.0 to serve other machines")
@click.option("--port", type=int, envvar="PORT", default=8000, show_default=True)
@click.option("--workers", type=int, default=1, show_default=True, help="processes")
@click.option("--cert", type=click.Path(exists=True, path_type=Path), help="certificate chain, PEM")
@click.option("--key", type=click.Path(exists=True, path_type=Path), help="its private key, PEM")
def serve(address: str, port: int, workers: int, cert: Path | None, key: Path | None) -> None:
    """Serve the pages and the API."""
    Granian(
        "lbcert.app:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=address,
        port=port,
        workers=workers,
        blocking_threads=4,
        log_access=False,  # a path may be a certificate's code
        ssl_cert=cert,
        ssl_key=key,
    ).serve()


@main.command()
@click.option("--threads", type=int, default=1, show_default=True)
@click.pass_obj
def worker(app: Flask, threads: int) -> None:
    """Work off background jobs until told to end."""
    app.extensions["lbcert.queue"].create_consumer(workers=threads, graceful_signal="TERM").run()


@main.command("plugins")
@click.pass_obj
def list_plugins(app: Flask) -> None:
    """List the plugins that are loaded, and what they implement."""
    loaded: Plugins = app.extensions["lbcert.plugins"]
    for name in loaded.names:
        callers = loaded.manager.get_hookcallers(loaded.manager.get_plugin(name)) or []
        click.echo(f"{name}\t{loaded.origins[name]}\t{' '.join(sorted(caller.name for caller in callers))}")


@main.group("audit")
def audit_group() -> None:
    """Look after the audit log."""


@audit_group.command("verify")
def audit_verify() -> None:
    """Walk the whole log and say whether its chain holds."""
    count, breaks = audit.verify()
    for broken in breaks:
        click.echo(f"position {broken.position}: {broken.reason}", err=True)
    click.echo(f"{count} rows, {len(breaks)} breaks")
    if breaks:
        sys.exit(1)


@main.group("db")
def database() -> None:
    """Look after the database's schema."""


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest version, the core's and each plugin's."""
    migrations.upgrade()


@database.command("revise")
@click.argument("message")
def revise(message: str) -> None:
    """Write the next version from what the models say and the current database lacks."""
    click.echo(migrations.revise(message))
