"""What anybody may mirror, on the command line: the log's examination, and all public files as a folder."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path

import click

from lbcert.certificates.operations import badges
from lbcert.certificates.queries import log, status_lists, trust
from lbcert.certificates.views import scanner
from lbcert.cli.base import in_app
from lbcert.cli.words import echo, failure
from lbcert.core.words import say
from lbcert.dossiers import rules


@click.group("log")
def log_group() -> None:
    """Look after the public log of certificates."""


@log_group.command("verify")
@in_app
def verify() -> None:
    """Walk the whole log: entries, tree, every checkpoint's signature, and all of them against the register."""
    found = log.inspect()
    for problem in found.problems:
        click.echo(str(problem), err=True)
    click.echo(
        str(say("日志 {leaves} 条，检查点 {checkpoints} 个，问题 {problems} 个", leaves=found.leaves, checkpoints=found.checkpoints, problems=len(found.problems)))
    )  # fmt: skip
    if found.problems:
        sys.exit(1)


@log_group.command("key")
@in_app
def key() -> None:
    """Print the log's public key as a vkey, for whoever watches the log."""
    known = log.verifier()
    if known is None:
        raise failure(say("日志还没有内容"))
    click.echo(str(known))


@log_group.command("dossier")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_app
def dossier(file: Path) -> None:
    """Check a batch's file (ZIP): every paper in it is as it was signed with the log's key, none more and none less."""
    known = log.verifier()
    if known is None:
        raise failure(say("日志还没有内容"))
    try:
        heading, papers = rules.unpack(file.read_bytes(), known.opens)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    echo(say("完好：{heading}，{papers} 份材料", heading=heading, papers=papers))


@click.command("publish")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@in_app
def publish(folder: Path) -> None:
    """Write scanner (scan/), trust list, status lists, what badges name, and log into FOLDER as static files, for any web server to serve.

    With such a folder certificates are verified when this installation and its domain are gone.
    """
    keys = {f"{trust.FOLDER}/{name}": body for name, body in trust.files().items()}
    if f"{trust.FOLDER}/{trust.LIST_FILE}" not in keys:
        click.echo(
            str(say("还没有签发过密钥名单，镜像离线查不了证书：先运行 lbcert keys export --root FILE")), err=True
        )
    count = 0
    for path, body in chain(keys.items(), status_lists.files(), badges.files(), log.files(), scanner.files()):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{place.name}.new")
        draft.write_bytes(body)
        draft.replace(place)
        count += 1
    click.echo(str(say("写好 {count} 个文件", count=count)))
