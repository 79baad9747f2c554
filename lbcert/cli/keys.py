"""Keys on the command line: what signs certificates, and the root that signs the list of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from lbcert.certificates import operations
from lbcert.certificates.models import IssuerKey, PdfCertificate
from lbcert.certificates.pades.identity import make_authority, make_identity, open_pkcs12
from lbcert.certificates.queries import pdf_certificates, trust
from lbcert.certificates.queries.keys import list_keys
from lbcert.certificates.root import Root, make_root, open_root
from lbcert.certificates.token import trust_list
from lbcert.certificates.token.keys import Algorithm, Signer
from lbcert.cli.base import in_app, settings_in_use
from lbcert.cli.words import echo, failure, spoken
from lbcert.core import clock
from lbcert.core.access import Console
from lbcert.core.words import say

ALGORITHMS = {"es256": Algorithm.ES256, "ed25519": Algorithm.EDDSA, "sm2": Algorithm.SM2}


def root_option(required: bool = False) -> Callable[..., Any]:
    """Give a command the option ``--root FILE``."""
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option(
        "--root",
        type=path,
        required=required,
        help="the root's file: signs the list of keys at once (asks its passphrase)",
    )


passphrase_option = click.option("--passphrase", envvar="LBCERT_ROOT_PASSPHRASE", hidden=True)
alg_option = click.option(
    "--alg",
    type=click.Choice(list(ALGORITHMS)),
    help="es256 unless told otherwise; sm2 is known to our server and command line alone",
)
start_option = click.option(
    "--from", "start", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]), help="Beijing time; now when left out"
)


@click.group("keys")
def keys() -> None:
    """Look after the keys that sign certificates; private halves never leave the database, where they are sealed.

    The root signs the list by which strangers know these keys. It lies in a file of its own: keep it off this machine.
    """


@keys.command("init")
@root_option()
@passphrase_option
@in_app
def init(root: Path | None, passphrase: str | None) -> None:
    """Make the first key, for all brands, and with --root the root (a new file) and the first list.

    Keys and root that are there stay as they are.
    """
    _show(operations.init_keys(Console()))
    if root is not None:
        _sign(_root(root, passphrase, may_make=True))
    _remind()


@keys.command("new")
@click.option(
    "--brand", "brands", type=int, multiple=True, help="number of a brand it signs for; all, when none is named"
)
@start_option
@alg_option
@root_option()
@passphrase_option
@in_app
def new(
    brands: tuple[int, ...], start: datetime | None, alg: str | None, root: Path | None, passphrase: str | None
) -> None:
    """Make a further key. From its first day on it signs; what the older ones signed stays good."""
    made = operations.create_key(
        Console(), brands, not_before=_local(start), alg=ALGORITHMS[alg] if alg else Algorithm.ES256
    )
    _show(made)
    _finish(root, passphrase)


@keys.command("rotate")
@click.argument("kid")
@start_option
@alg_option
@root_option()
@passphrase_option
@in_app
def rotate(kid: str, start: datetime | None, alg: str | None, root: Path | None, passphrase: str | None) -> None:
    """Put a new key in the place of KID, for the same brands. Nothing that was printed is touched.

    With --from some days ahead, offline verifiers learn the new key before it signs.
    """
    for key in operations.rotate_key(Console(), kid, start=_local(start), alg=ALGORITHMS[alg] if alg else None):
        _show(key)
    _finish(root, passphrase)


@keys.command("retire")
@click.argument("kid")
@root_option()
@passphrase_option
@in_app
def retire(kid: str, root: Path | None, passphrase: str | None) -> None:
    """Have KID sign no more; what it signed stays good for ever."""
    _show(operations.retire_key(Console(), kid))
    _finish(root, passphrase)


@keys.command("compromise")
@click.argument("kid")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M"]),
    required=True,
    help="Beijing time: the earliest that it may be",
)
@root_option()
@passphrase_option
@in_app
def compromise(kid: str, since: datetime, root: Path | None, passphrase: str | None) -> None:
    """Say that KID fell into other hands. What was issued since is refused; what was registered before stays good."""
    key = operations.compromise_key(Console(), kid, since.replace(tzinfo=clock.SHANGHAI))
    _show(key)
    count = trust.issued_since(key, key.compromised_since or key.not_before)
    echo(say("{count} 本证书是泄露之后签发的，须换发；需要新密钥时运行 lbcert keys new", count=count), err=True)
    _finish(root, passphrase)


@keys.command("close")
@click.option("--reason", required=True, help="kept in the register and the audit log")
@root_option(required=True)
@passphrase_option
@click.confirmation_option(prompt=spoken(say("停止签发后不能恢复。继续？")))
@in_app
def close(reason: str, root: Path, passphrase: str | None) -> None:
    """End the issuing for ever: all keys are retired, and the last list has no end."""
    signer = _root(root, passphrase)
    operations.close_issuer(Console(), reason)
    _sign(signer)


@keys.command("list")
@in_app
def show_keys() -> None:
    """List all keys, newest first, with the number of certificates that each signed, and where the signed list stands."""
    counts = trust.use_counts()
    for key in list_keys():
        _show(key, counts.get(key.id, 0))
    newest = trust.newest_list()
    if newest is not None:
        until = f"{clock.local(newest.expires_at):%Y-%m-%d}" if newest.expires_at else spoken(say("没有截止日期"))
        title = spoken(say("密钥名单第 {number} 期", number=newest.number))
        click.echo(f"{title}\t{clock.local(newest.signed_at):%Y-%m-%d}\t{until}")
    _remind()


@keys.command("export")
@root_option()
@passphrase_option
@click.option(
    "--days", type=click.IntRange(1, 3650), default=trust.LASTS, show_default=True, help="how long a list lasts"
)
@click.option(
    "--new-root", is_flag=True, help="the old root is lost; FILE is made. Every verifier must be given the new one"
)
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="write the files into this folder")
@in_app
def export(root: Path | None, passphrase: str | None, days: int, new_root: bool, to: Path | None) -> None:
    """Sign the list of keys anew (--root), and write list and root's public key as static files (--to)."""
    if root is None and to is None:
        raise click.UsageError("give --root, --to, or both")
    if root is not None:
        _sign(_root(root, passphrase, may_make=new_root), days=days, new_root=new_root)
    if to is not None:
        files = trust.files()
        if not files:
            raise failure(say("还没有签发过密钥名单：加上 --root FILE"))
        to.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (to / name).write_bytes(content)
            click.echo(str(to / name))


@keys.group("pdf")
def pdf() -> None:
    """Look after the X.509 certificates that sign PDFs, for brands that have theirs signed. The newest in force signs."""


@pdf.command("new")
@root_option(required=True)
@passphrase_option
@click.option("--name", help="whom PDF readers call the signer; the host of the public address when left out")
@in_app
def new_pdf_certificate(root: Path, passphrase: str | None, name: str | None) -> None:
    """Make a key and its certificate, issued by the root; readers trust it once they were given keys/pdf-roots.pem."""
    signer, settings, now = _root(root, passphrase), settings_in_use(), clock.now().replace(microsecond=0)
    host = urlsplit(settings.public_url).netloc
    authority = pdf_certificates.find_authority(signer.public_key) or make_authority(
        signer.private_key, f"{host} root", now
    )
    called = f"{spoken(say('演示'))} {name or host}" if settings.demo else name or host
    identity = make_identity(signer.private_key, authority, called, now)
    _show_pdf(operations.keep_pdf_certificate(Console(), identity))


@pdf.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--file-passphrase", envvar="LBCERT_PDF_PASSPHRASE", hidden=True)
@in_app
def import_pdf_certificate(file: Path, file_passphrase: str | None) -> None:
    """Take in the certificate and key of a certification authority: FILE is PKCS#12 (.p12, .pfx). Its key is then sealed in the database."""
    if file_passphrase is None:
        file_passphrase = click.prompt(spoken(say("证书文件的口令")), hide_input=True, default="", show_default=False)
    _show_pdf(operations.keep_pdf_certificate(Console(), open_pkcs12(file.read_bytes(), file_passphrase)))


@pdf.command("withdraw")
@click.argument("fingerprint")
@in_app
def withdraw_pdf_certificate(fingerprint: str) -> None:
    """Have a certificate sign no more, as when its key was stolen: what it signed is then called doubtful. `keys pdf list` shows FINGERPRINT."""
    _show_pdf(operations.withdraw_pdf_certificate(Console(), fingerprint))


@pdf.command("list")
@in_app
def show_pdf_certificates() -> None:
    """List them, newest first."""
    for row in pdf_certificates.list_pdf_certificates():
        _show_pdf(row)


def _show_pdf(row: PdfCertificate) -> None:
    start, end = (f"{clock.local(moment):%Y-%m-%d}" for moment in (row.not_before, row.not_after))
    state = f"withdrawn {clock.local(row.withdrawn_at):%Y-%m-%d}" if row.withdrawn_at else "active"
    click.echo("\t".join([row.fingerprint[: operations.SHOWN], state, start, end, row.name]))


def _root(path: Path, passphrase: str | None, *, may_make: bool = False) -> Root:
    """Open the root's file, or make it where there is none and there may be a new one."""
    if may_make and not path.exists():
        asked = passphrase or click.prompt(spoken(say("新根密钥的口令")), hide_input=True, confirmation_prompt=True)
        return make_root(path, asked)
    return open_root(path, passphrase or click.prompt(spoken(say("根密钥口令")), hide_input=True))


def _sign(root: Signer, *, days: int = trust.LASTS, new_root: bool = False) -> None:
    content = trust_list.sign(trust.next_list(days), root)
    made = operations.publish_trust_list(Console(), content, root.public_key, new_root=new_root)
    echo(say("密钥名单第 {number} 期已签发，根密钥 {root}", number=made.number, root=root.kid.hex()), err=True)


def _finish(root: Path | None, passphrase: str | None) -> None:
    """Sign the list where the root is at hand, and say what is to be done where it is not."""
    if root is not None:
        _sign(_root(root, passphrase))
    _remind()


def _remind() -> None:
    if trust.standing().wants_signing:
        echo(say("密钥名单须由根密钥重新签发，脱网查验才认得上述变化：lbcert keys export --root FILE"), err=True)


def _local(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=clock.SHANGHAI) if moment else None


def _show(key: IssuerKey, count: int | None = None) -> None:
    brands = " ".join(map(str, json.loads(key.brands))) or "all"
    until = f"{clock.local(key.not_after):%Y-%m-%d}" if key.not_after else ""
    state = (
        f"{key.state} since {clock.local(key.compromised_since):%Y-%m-%d %H:%M}" if key.compromised_since else key.state
    )
    line = [
        key.kid,
        Algorithm(key.alg).label,
        state,
        f"{clock.local(key.not_before):%Y-%m-%d}",
        until,
        f"brands {brands}",
    ]
    click.echo("\t".join([*line, *([] if count is None else [f"{count} certificates"])]))
