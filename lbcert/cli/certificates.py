"""Certificates on the command line: issue, and whether one is genuine."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from lbcert.certificates import operations
from lbcert.certificates.models import NumberPrefix
from lbcert.certificates.queries import bulk_check
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Outcome, Verdict
from lbcert.cli.base import as_account, id_of, in_app, tell
from lbcert.cli.words import echo, failure, spoken
from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.sheets import Limits
from lbcert.core.words import say
from lbcert.exams.models import Batch

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_SIGNS = {"ok": "✓", "warn": "!", "stop": "✗"}


@click.command("issue")
@click.option("--batch", metavar="NUMBER", help="a published batch: 职业技能等级证书")
@click.option("--cohort", metavar="NUMBER", help="a cohort: 培训合格证书")
@click.option("--prefix", help="the 13 characters of the number prefix, where the body has several")
@in_app
@as_account()
def issue(batch: str | None, cohort: str | None, prefix: str | None, actor: Any) -> None:
    """Issue to all of a batch or cohort who passed and have none yet; a worker then prints them."""
    if (batch is None) == (cohort is None):
        raise click.UsageError("give either --batch or --cohort")
    if batch is not None:
        chosen = id_of(NumberPrefix.prefix, prefix) if prefix else None
        made = operations.issue_skill_certificates(actor, id_of(Batch.number, batch), prefix_id=chosen)
    else:
        made = operations.issue_completions(actor, id_of(Cohort.number, cohort or ""))
    for certificate in made.certificates:
        click.echo(f"{certificate.number}\t{certificate.person.name}")
    tell(made.held)
    echo(say("已签发 {count} 份，暂缓 {held} 份", count=len(made.certificates), held=len(made.held)))


@click.command("verify")
@click.argument("what", required=False)
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.option("--sheet", type=_FILE, help="a sheet with a column of certificate numbers or links")
@click.option("--folder", type=_FOLDER, help="a folder of PDFs and pictures, with what is in its folders")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="the sheet of verdicts (.xlsx) to write")
@in_app
def verify(what: str | None, as_json: bool, sheet: Path | None, folder: Path | None, out: Path | None) -> None:
    """Say what a certificate is worth: WHAT is a link, its code, a number, or a PDF or picture.

    With --sheet or --folder many are checked, and the verdicts go into the sheet --out. Ends with 0 where every one found
    is valid, 1 where one is not, 2 where there is nothing to check.
    """
    if sum(given is not None for given in (what, sheet, folder)) != 1 or (what is None) == (out is None):
        raise click.UsageError("give WHAT, or one of --sheet and --folder with --out")
    if out is not None:
        _verify_many(sheet, folder, out)
        return
    found = _verdicts(what or "")
    if as_json:
        click.echo(json.dumps([verdicts.as_data(each, spoken) for each in found], ensure_ascii=False, indent=1))
    else:
        for each in found:
            _tell_verdict(each)
    if not found:
        echo(say("没有找到证书二维码"), err=True)
        sys.exit(2)
    if any(each.outcome is not Outcome.VALID for each in found):
        sys.exit(1)


def _verify_many(sheet: Path | None, folder: Path | None, out: Path) -> None:
    if sheet is not None:
        checked = bulk_check.of_sheet(sheet.read_bytes(), Limits().rows)
    else:
        checked = list(bulk_check.of_files(_files_in(folder or Path())))
    out.write_bytes(bulk_check.write_verdicts(checked, spoken))
    counts = Counter(each.verdict.outcome.label if each.verdict else bulk_check.UNCHECKED for each in checked)
    for label, count in counts.items():
        click.echo(f"{spoken(label)} {count}")
    if not checked:
        echo(say("没有可以查验的文件"), err=True)
        sys.exit(2)
    if set(counts) != {Outcome.VALID.label}:
        sys.exit(1)


def _files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give each PDF and picture under a folder, one at a time."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name.lower().endswith(bulk_check.FILES):
            yield str(path.relative_to(folder)), path.read_bytes()


def _verdicts(what: str) -> list[Verdict]:
    path = Path(what)
    try:
        is_file = path.is_file()
    except OSError:  # longer than a file's name may be
        is_file = False
    if not is_file and what.lower().endswith(bulk_check.FILES):
        raise failure(say("没有这个文件：{path}", path=what))
    return verdicts.of_file(path.read_bytes()) if is_file else [verdicts.of_anything(what)]


def _tell_verdict(verdict: Verdict) -> None:
    click.echo(f"{_SIGNS[verdict.outcome.sign]} {spoken(verdict.outcome.label)}  {spoken(verdict.label)}")
    click.echo(f"  {spoken(verdict.explanation)}")
    if verdict.foreign_host:
        click.echo(f"  {spoken(say('链接的网址 {host} 不是本系统的', host=verdict.foreign_host))}")
    if verdict.is_original is not None:
        click.echo(f"{'✓' if verdict.is_original else '!'} {spoken(verdict.about_file)}")
    if verdict.pdf_signature is not None:
        click.echo(f"{'✓' if verdict.pdf_signature.stands else '!'} {spoken(verdict.pdf_signature.about)}")
    if verdict.logged_at is not None:
        click.echo(f"✓ {spoken(verdict.about_log)}")
    for label, value in verdict.fields:
        click.echo(f"  {spoken(label)}{spoken(say('：'))}{spoken(value)}")
    for entry in verdict.history:
        said = say(
            "{status}：{reason}（{by}）", status=entry.status.label, reason=entry.reason.label, by=entry.authority
        )
        click.echo(f"  {clock.local(entry.on):%Y-%m-%d} {spoken(said)}")
