"""Certificates on the command line: issue, and whether one is genuine."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from lbcert.certificates import operations
from lbcert.certificates.queries import verdict as verdicts
from lbcert.certificates.queries.verdict import Outcome, Verdict
from lbcert.cli.base import as_account, in_app, tell
from lbcert.cli.words import echo, spoken
from lbcert.core import clock
from lbcert.core.words import say

_SIGNS = {"ok": "✓", "warn": "!", "stop": "✗"}


@click.command("issue")
@click.option("--batch", type=int, help="a published batch: 职业技能等级证书")
@click.option("--cohort", type=int, help="a cohort: 培训合格证书")
@click.option("--prefix", type=int, help="the number prefix, where the body has several")
@in_app
@as_account()
def issue(batch: int | None, cohort: int | None, prefix: int | None, actor: Any) -> None:
    """Issue to all of a batch or cohort who passed and have none yet; a worker then prints them."""
    if (batch is None) == (cohort is None):
        raise click.UsageError("give either --batch or --cohort")
    if batch is not None:
        made = operations.issue_skill_certificates(actor, batch, prefix_id=prefix)
    else:
        made = operations.issue_completions(actor, cohort or 0)
    for certificate in made.certificates:
        click.echo(f"{certificate.number}\t{certificate.person.name}")
    tell(made.held)
    echo(say("已签发 {count} 份，暂缓 {held} 份", count=len(made.certificates), held=len(made.held)))


@click.command("verify")
@click.argument("what")
@click.option("--json", "as_json", is_flag=True, help="for programs")
@in_app
def verify(what: str, as_json: bool) -> None:
    """Say what a certificate is worth: WHAT is a link, its code, a number, or a PDF or picture.

    Ends with 0 where every one found is valid, 1 where one is not, 2 where there is nothing to check.
    """
    found = _verdicts(what)
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


def _verdicts(what: str) -> list[Verdict]:
    path = Path(what)
    try:
        is_file = path.is_file()
    except OSError:  # longer than a file's name may be
        is_file = False
    return verdicts.of_file(path.read_bytes()) if is_file else [verdicts.of_anything(what)]


def _tell_verdict(verdict: Verdict) -> None:
    click.echo(f"{_SIGNS[verdict.outcome.sign]} {spoken(verdict.outcome.label)}  {spoken(verdict.label)}")
    click.echo(f"  {spoken(verdict.explanation)}")
    if verdict.foreign_host:
        click.echo(f"  {spoken(say('链接的网址 {host} 不是本系统的', host=verdict.foreign_host))}")
    if verdict.is_original is not None:
        click.echo(f"{'✓' if verdict.is_original else '!'} {spoken(verdict.about_file)}")
    for label, value in verdict.fields:
        click.echo(f"  {spoken(label)}{spoken(say('：'))}{spoken(value)}")
    for entry in verdict.history:
        said = say(
            "{status}：{reason}（{by}）", status=entry.status.label, reason=entry.reason.label, by=entry.authority
        )
        click.echo(f"  {clock.local(entry.on):%Y-%m-%d} {spoken(said)}")
