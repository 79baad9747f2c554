"""Making the file for the national query, and taking its answer over."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from lbcert.certificates import national
from lbcert.certificates.models import QueryReport, Reported, ReportedCertificate
from lbcert.certificates.places import READS_ANSWER, REPORTS_BATCH, REPORTS_FILE
from lbcert.certificates.queries.reports import (
    ANSWER_KIND,
    change_due_on,
    changed,
    check_answer,
    due_on,
    earliest,
    judged,
    rows_of,
    unreported,
)
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import (
    Checked,
    StagedSheet,
    discard,
    find,
    forget_rows,
    good_rows,
    importable,
    outdated,
    stage,
)
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import Batch


@operation("certificates.make_query_report", say("生成联网查询上报文件"), allow=REPORTS_BATCH)
def make_query_report(actor: Any, batch_id: int) -> QueryReport:
    """Write the standing certificates of a batch that did not go yet, or came back, into a file, and keep it sealed.

    In it is, too, what became of those that went: revoked, suspended, standing again or replaced since.
    """
    batch = load(Batch, batch_id, lock=True)
    new = list(db.session.scalars(unreported(batch.id)))
    changes = [(one, change) for one, change in db.session.execute(changed(batch.id))]
    told = [*((one, None) for one in new), *changes]
    refuse_on([] if told else [refuse("certificates.nothing_to_report", say("没有需要上报的证书"))])
    data = write_workbook(Table("联网查询", national.COLUMNS, rows_of(batch, told)))
    due, source = due_on(batch)
    due = earliest([*([due] if new else []), *(change_due_on(batch, change) for _, change in changes)])
    report = QueryReport(
        batch_id=batch.id,
        account_id=actor.id,
        due_on=due,
        source=source,
        content=base64.b64encode(data).decode(),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    report.lines = [
        ReportedCertificate(certificate_id=one.id, change_id=change.id if change else None) for one, change in told
    ]
    db.session.add(report)
    return report


@operation("certificates.read_query_report", say("下载联网查询上报文件"), allow=REPORTS_FILE)
def read_query_report(actor: Any, report_id: int) -> QueryReport:
    """Give the file; it holds whole ID numbers, so that it was taken out is written down."""
    return load(QueryReport, report_id)


def receive_answer(actor: Any, report_id: int, data: bytes, file_name: str) -> StagedSheet:
    """Check an answer and keep it in staging (a dry run); raises ``Refused`` for a file that is no such sheet."""
    return stage_answer(actor, report_id, check_answer(report_id, data, file_name))


@operation("certificates.stage_query_answer", say("上传联网查询回执待检查"), allow=REPORTS_FILE)
def stage_answer(actor: Any, report_id: int, checked: Checked) -> StagedSheet:
    """Keep a checked answer; nothing of it counts yet."""
    return stage(actor, ANSWER_KIND, f"query_report:{load(QueryReport, report_id).id}", checked)


@operation("certificates.take_query_answer", say("登记联网查询回执"), allow=READS_ANSWER)
def take_answer(actor: Any, staged_id: int) -> StagedSheet:
    """Write what came back for each certificate of the good rows; refused when they are good no more."""
    staged = find(ANSWER_KIND, staged_id, lock=True)
    refuse_on(importable(staged))
    report = load(QueryReport, staged.subject_id, lock=True)
    entries = judged(report, good_rows(staged))
    refuse_on(outdated(finding for entry in entries for finding in entry.findings))
    lines = {line.id: line for line in report.lines}
    for entry in entries:
        assert entry.line_id and entry.state  # noqa: S101, PT018 (a good row)
        line = lines[entry.line_id]
        line.state, line.answered_at = entry.state, clock.now()
        line.reason = entry.reason if entry.state is Reported.REFUSED else ""
    staged.imported_at = clock.now()
    forget_rows(staged)
    return staged


@operation("certificates.discard_query_answer", say("丢弃联网查询回执"), allow=READS_ANSWER)
def discard_answer(actor: Any, staged_id: int) -> StagedSheet:
    """Throw a staged answer away; nothing of it was written."""
    return discard(find(ANSWER_KIND, staged_id, lock=True))
