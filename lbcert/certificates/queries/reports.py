"""What has to go to the national query, what went, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from lbcert.certificates import national
from lbcert.certificates.models import Certificate, QueryReport, Reported, ReportedCertificate, Status, StatusChange
from lbcert.certificates.national import QUERY_DAYS, AnswerRow
from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Refused
from lbcert.core.policy import ruling
from lbcert.core.sheets import read_sheet
from lbcert.core.staging import Checked
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.exams.models import Batch, Result
from lbcert.exams.queries.notices import notices
from lbcert.parties.models import Organisation

ANSWER_KIND = "certificates.query_answer"
LOOKING = (Role.BUREAU_OFFICER, Role.AUDITOR, Role.ASSESSMENT_CLERK, Role.ISSUER)


def unreported(batch_id: int) -> Select[Certificate]:
    """Choose the standing certificates of a batch that are in no file, or were refused in the last one."""
    sent = select(ReportedCertificate.id).where(
        ReportedCertificate.certificate_id == Certificate.id, ReportedCertificate.state != Reported.REFUSED
    )
    return (
        select(Certificate)
        .join(Result, Result.id == Certificate.result_id)
        .where(Result.batch_id == batch_id, Certificate.status == Status.VALID, ~sent.exists())
        .options(joinedload(Certificate.person), joinedload(Certificate.trade), joinedload(Certificate.result))
        .order_by(Certificate.number)
    )


def changed(batch_id: int) -> Select[Certificate, StatusChange]:
    """Choose the certificates of a batch that went and whose status is another now than the query was told, each with its last change.

    What it was told is what the last file that did not come back said; a certificate goes as a standing one.
    """
    sent = (
        ReportedCertificate.certificate_id == Certificate.id, ReportedCertificate.state != Reported.REFUSED,
    )  # fmt: skip
    told = (
        select(StatusChange.status)
        .join(ReportedCertificate, ReportedCertificate.change_id == StatusChange.id)
        .where(*sent)
        .order_by(StatusChange.id.desc())
        .limit(1)
        .correlate(Certificate)
        .scalar_subquery()
    )
    history = select(func.max(StatusChange.id)).where(StatusChange.certificate_id == Certificate.id)
    newest = history.correlate(Certificate).scalar_subquery()
    return (
        select(Certificate, StatusChange)
        .join(Result, Result.id == Certificate.result_id)
        .join(StatusChange, StatusChange.id == newest)
        .where(
            Result.batch_id == batch_id,
            select(ReportedCertificate.id).where(*sent).exists(),
            Certificate.status != func.coalesce(told, Status.VALID),
        )
        .options(joinedload(Certificate.person), joinedload(Certificate.trade), joinedload(Certificate.result))
        .order_by(Certificate.number)
    )


def change_due_on(batch: Batch, change: StatusChange) -> date | None:
    """Give the day by which a change of status is told; None without a policy."""
    changed_on = clock.local(change.created_at).date()
    return national.due(changed_on, ruling(QUERY_DAYS, batch.body.region_code, changed_on))


def due_on(batch: Batch) -> tuple[date | None, str]:
    """Give the day by which a batch's certificates go out, from the end of its notice or its publication, and who says so."""
    ended = max((one.ends_on for one in notices(batch)), default=None)
    if ended is None and batch.published_at is not None:
        ended = clock.local(batch.published_at).date()
    days = ruling(QUERY_DAYS, batch.body.region_code, clock.today())
    return (None, "") if ended is None else (national.due(ended, days), days.source)


@dataclass(frozen=True)
class BatchLine:
    """A batch on the list: how many of its certificates went where, and by when the rest is due."""

    batch: Batch
    waiting: int
    sent: int
    accepted: int
    refused: int
    due_on: date | None
    #: Of those that wait, whose status alone is told.
    changed: int = 0

    @property
    def is_overdue(self) -> bool:
        """Tell whether something should have been sent before today."""
        return self.waiting > 0 and self.due_on is not None and self.due_on < clock.today()


def batches(actor: Actor) -> list[BatchLine]:
    """List the batches with certificates that an account sees, those with something to send first, the earliest due first."""
    found = (
        select(Batch)
        .join(Batch.cohort)
        .join(Batch.body)
        .where(
            visible(actor, *LOOKING, region=[Cohort.home_region_code, Organisation.region_code], organisation=[Batch.body_id]),
            select(Certificate.id).join(Result, Result.id == Certificate.result_id).where(Result.batch_id == Batch.id).exists(),
        )
        .options(joinedload(Batch.cohort), joinedload(Batch.body))
        .order_by(Batch.id.desc())
        .limit(500)
    )  # fmt: skip
    lines = [line_of(batch) for batch in db.session.scalars(found)]
    return sorted(lines, key=lambda one: (one.waiting == 0, one.due_on or date.max, -one.batch.id))


def line_of(batch: Batch) -> BatchLine:
    """Count what went where of one batch."""
    new = db.session.scalar(select(func.count()).select_from(unreported(batch.id).order_by(None).subquery())) or 0
    changes = [change for _, change in db.session.execute(changed(batch.id))]
    first = [due_on(batch)[0]] if new or not changes else []
    states = (
        select(ReportedCertificate.state, func.count())
        .join(QueryReport, QueryReport.id == ReportedCertificate.report_id)
        .where(QueryReport.batch_id == batch.id)
        .group_by(ReportedCertificate.state)
    )
    counts = dict(db.session.execute(states).all())
    return BatchLine(
        batch,
        new + len(changes),
        sent=counts.get(Reported.SENT, 0),
        accepted=counts.get(Reported.ACCEPTED, 0),
        refused=counts.get(Reported.REFUSED, 0),
        due_on=earliest([*first, *(change_due_on(batch, change) for change in changes)]),
        changed=len(changes),
    )


def earliest(days: Iterable[date | None]) -> date | None:
    """Give the first of some days; None where there is none."""
    return min((day for day in days if day is not None), default=None)


def reports_of(batch_id: int) -> list[QueryReport]:
    """List the files of a batch, the newest first."""
    query = select(QueryReport).where(QueryReport.batch_id == batch_id).order_by(QueryReport.id.desc())
    return list(db.session.scalars(query))


def reported(certificate_id: int) -> ReportedCertificate | None:
    """Give how a certificate stands in the national query: its last line, or None where it never went."""
    query = select(ReportedCertificate).where(ReportedCertificate.certificate_id == certificate_id)
    return db.session.scalar(query.order_by(ReportedCertificate.id.desc()).limit(1))


def rows_of(batch: Batch, certificates: Iterable[tuple[Certificate, StatusChange | None]]) -> Iterator[dict[str, Any]]:
    """Give the rows of a file, with the change of those that are told again; the only place where ID numbers leave whole."""
    item = batch.cohort.item
    for one, change in certificates:
        result = load(Result, one.result_id)
        yield {
            "number": one.number,
            "name": one.person.name,
            "id_kind": "居民身份证",
            "id_number": one.person.id_number,
            "trade": item.trade.name,
            "code": item.trade.code,
            "level": str(item.level.label) if item.level else "",
            "theory": result.theory,
            "practice": result.practice,
            "review": result.review,
            "batch": batch.number,
            "body": batch.body.name,
            "body_code": batch.body.credit_code or "",
            "issued_on": one.issued_on,
            "status": str((change.status if change else Status.VALID).label),
            "status_on": clock.local(change.created_at).date() if change else None,
            "status_reason": str(change.reason.label) if change else "",
        }


def judged(report: QueryReport, rows: Any) -> list[AnswerRow]:
    """Judge the rows of an answer to a file as it stands now."""
    return national.judge(rows, {line.certificate.number: (line.id, line.state) for line in report.lines})


def check_answer(report_id: int, data: bytes, file_name: str) -> Checked:
    """Read an answer (.xlsx, .xls or .csv) and find everything about every row; raises ``Refused`` for what is no such sheet."""
    report = load(QueryReport, report_id)
    sheet = read_sheet(data, national.ANSWER)
    if any(finding.stops for finding in sheet.findings):
        raise Refused(sheet.findings)
    return Checked(f"query_report:{report_id}", file_name, data, sheet, judged(report, sheet.rows))


def todo(actor: Actor) -> Iterator[Todo]:
    """Tell body and bureau which batches wait to be sent, and which are overdue."""
    if not {grant.role for grant in actor.grants} & {Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK, Role.ISSUER}:
        return
    for line in batches(actor):
        if line.is_overdue:
            words = say("联网查询上报已逾期（应于 {day} 前）：{name}，{count} 本", day=line.due_on, name=line.batch.cohort.name, count=line.waiting)  # fmt: skip
        elif line.waiting and any(grant.role is not Role.BUREAU_OFFICER for grant in actor.grants):
            words = say("上报联网查询：{name}，{count} 本", name=line.batch.cohort.name, count=line.waiting)
        else:
            continue
        yield Todo(words, "certificates.query_batch", {"batch_id": line.batch.id})
