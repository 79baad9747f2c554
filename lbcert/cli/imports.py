"""Importing the sheets that counties send: a dry run that shows each row's findings, and with --commit the import."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from lbcert.brands.operations import import_menus, import_trades, submit_menus, submit_trades
from lbcert.brands.sheets import check_menus, check_trades
from lbcert.cli.base import account_named, as_account, id_of, in_app, tell
from lbcert.cli.words import echo, failure, spoken
from lbcert.cohorts.models import Cohort
from lbcert.cohorts.operations.roster import import_roster, receive_roster
from lbcert.cohorts.queries.roster import check_roster
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Finding, Forbidden
from lbcert.core.operation import OPERATIONS
from lbcert.core.words import say
from lbcert.demand.operations import import_orders, submit_orders
from lbcert.demand.sheets import check_orders
from lbcert.exams.models import Batch
from lbcert.exams.operations import stage_transcription, take_over_transcription
from lbcert.exams.operations.transcription import checked

_FILE = click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_COMMIT = click.option("--commit", is_flag=True, help="import; without it nothing is written")
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group("import")
def import_group() -> None:
    """Check a sheet (.xlsx, .xls or .csv) and show every row's findings; with --commit import it."""


@import_group.command("roster")
@click.argument("cohort")
@_FILE
@click.option("--in-service", is_flag=True, help="everybody is at work already")
@click.option("--job-before", default="", help="the job before the training")
@click.option("--promised", type=_DAY, help="day on which all signed their truth promise")
@click.option("--reason", default="", help="needed once the cohort is approved")
@_COMMIT
@in_app
@as_account()
def roster(
    *, cohort: str, sheet: Path, in_service: bool, job_before: str, promised: datetime | None, reason: str, commit: bool,
    actor: Any,
) -> None:  # fmt: skip
    """Import the roster SHEET into the cohort of number COHORT: its good rows, or nothing."""
    cohort_id = id_of(Cohort.number, cohort)
    _permit(actor, "cohorts.stage_roster", cohort_id=cohort_id)
    found = check_roster(cohort_id, sheet.read_bytes(), sheet.name)
    good = sum(entry.is_good for entry in found.entries)
    _report(found.findings, [entry.findings for entry in found.entries], good, commit=commit)
    if commit:
        staged = receive_roster(actor, cohort_id, sheet.read_bytes(), sheet.name)
        import_roster(
            actor, staged.id, in_service=in_service, job_before=job_before,
            promised_on=promised.date() if promised else None, reason=reason,
        )  # fmt: skip
        echo(say("已导入 {count} 人", count=good))


@import_group.command("orders")
@click.argument("region")
@_FILE
@click.option("--signed", type=_DAY, help="day on which the orders were signed; today when left out")
@click.option("--good-only", is_flag=True, help="leave out the rows that something speaks against")
@_COMMIT
@in_app
@as_account()
def orders(*, region: str, sheet: Path, signed: datetime | None, good_only: bool, commit: bool, actor: Any) -> None:
    """Import the order SHEET for the people of REGION (its six-digit code)."""
    _permit(actor, "demand.submit_orders", home_region_code=region)
    signed_on = signed.date() if signed else clock.today()
    found = check_orders(sheet.read_bytes(), region, signed_on)
    _report(found.findings, [row.findings for row in found.rows], len(found.good), commit=commit)
    if commit and not good_only and any(finding.stops for row in found.rows for finding in row.findings):
        raise failure(say("有的行不能通过，什么都没有导入；加 --good-only 只导入其余各行"))
    if commit:
        paper = submit_orders(actor, region, sheet.read_bytes(), sheet.name)
        for order in import_orders(actor, paper.id, signed_on, good_only=good_only):
            click.echo(f"{order.number}\t{order.party.name}")


@import_group.command("menu")
@click.argument("region")
@_FILE
@click.option("--reason", default="", help="needed where a published menu is followed up: a decision, a document")
@_COMMIT
@in_app
@as_account()
def menu(*, region: str, sheet: Path, reason: str, commit: bool, actor: Any) -> None:
    """Import the menu SHEET into the catalogue of REGION, as drafts to be published."""
    _permit(actor, "brands.submit_menus", region_code=region)
    found = check_menus(sheet.read_bytes(), region)
    good = sum(len(each.rows) for each in found.good)
    findings = [*found.findings, *(finding for each in found.menus for finding in each.findings)]
    _report(findings, [row.findings for row in found.rows], good, commit=commit)
    if commit:
        paper = submit_menus(actor, region, sheet.read_bytes(), sheet.name)
        for draft in import_menus(actor, paper.id, reason):
            version = spoken(say("第 {number} 版草稿", number=draft.version_number))
            click.echo(f"{draft.item.name}\t{version}")


@import_group.command("trades")
@_FILE
@_COMMIT
@in_app
@as_account()
def trades(*, sheet: Path, commit: bool, actor: Any) -> None:
    """Import a bureau's list of occupations."""
    _permit(actor, "brands.submit_trades")
    found = check_trades(sheet.read_bytes())
    _report(found.findings, [row.findings for row in found.rows], len(found.good), commit=commit)
    if commit:
        import_trades(actor, submit_trades(actor, sheet.read_bytes(), sheet.name).id)
        echo(say("已登记 {count} 个职业", count=len(found.good)))


@import_group.command("marks")
@click.argument("batch")
@_FILE
@click.option("--examiner", metavar="USER", help="user name of the examiner who signed; needed with --commit")
@click.option("--paper", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="the signed paper, PDF")
@_COMMIT
@in_app
@as_account()
def marks(*, batch: str, sheet: Path, examiner: str | None, paper: Path | None, commit: bool, actor: Any) -> None:
    """Take over the five-column SHEET of marks for the exam of number BATCH: all of it, or nothing."""
    batch_id = id_of(Batch.number, batch)
    _permit(actor, "exams.stage_transcription", batch_id=batch_id)
    examiner_id = account_named(examiner).person_id if examiner else None
    found = checked(db.session.get_one(Batch, batch_id), examiner_id, sheet.read_bytes())
    good = sum(bool(row.marks) for row in found.rows)
    _report(found.findings, [row.findings for row in found.rows], good, commit=commit)
    if commit:
        if examiner_id is None or paper is None:
            message = say("--commit 需要 --examiner（有登记本人的考评员账号）和 --paper（签名的原件）")
            raise click.UsageError(spoken(message))
        staged = stage_transcription(
            actor, batch_id, examiner_id, sheet.read_bytes(), sheet.name, paper.read_bytes(),
            paper.name, "application/pdf",
        )  # fmt: skip
        take_over_transcription(actor, staged.id)
        echo(say("已录入 {count} 人的成绩", count=good))


def _permit(actor: Any, operation: str, **arguments: Any) -> None:
    """Let a dry run be seen by those only who may carry the operation out."""
    if not OPERATIONS[operation].allow.admits(actor, arguments):
        raise Forbidden(operation)


def _report(findings: Iterable[Finding], rows: list[Any], good: int, *, commit: bool) -> None:
    """Show all findings and how many rows are good; a dry run that holds rows back ends with exit code 1."""
    every = [*findings, *(finding for row in rows for finding in row)]
    tell(every)
    echo(say("{rows} 行，可导入 {good} 行", rows=len(rows), good=good))
    if not commit:
        echo(say("这是试运行，什么都没有写入；加 --commit 导入"))
        if any(finding.stops for finding in every):
            sys.exit(1)
