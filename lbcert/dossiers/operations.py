"""Bringing signed papers, closing a batch's file, and reading it with somebody else's leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from lbcert.certificates.operations.log import sign_note
from lbcert.core import clock, files, papers
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import Paper
from lbcert.core.policy import Ruling, ruling
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.dossiers import rules
from lbcert.dossiers.contents import brought_papers, papers_in, subject_of
from lbcert.dossiers.models import Dossier, Opening, Reading
from lbcert.dossiers.places import ANSWERERS, ASKERS, KEEPERS, OPENERS
from lbcert.dossiers.rules import SignedPaper
from lbcert.exams.models import Batch, BatchState
from lbcert.exams.rules import reasoned


def wanted_papers(batch: Batch) -> dict[SignedPaper, Ruling]:
    """Give, for each signed paper, what the body's region rules for the day of the exam."""
    return {paper: ruling(key, batch.body.region_code, batch.held_on) for paper, key in rules.WANTED.items()}


@operation("dossiers.bring_paper", say("上传归档材料"), allow=KEEPERS)
def bring_paper(actor: Any, batch_id: int, kind: SignedPaper, data: bytes, name: str) -> Paper:
    """Keep the scan of a signed paper for a batch's file. Refused for what is no PDF, JPEG or PNG."""
    load(Batch, batch_id)
    return papers.receive(subject_of(batch_id), kind.value, data, name, actor.id)


@operation("dossiers.close", say("批次归档"), allow=KEEPERS)
def close_dossier(actor: Any, batch_id: int) -> Dossier:
    """Put everything on file about a published batch into one signed ZIP.

    Refused before the results are published, and while a signed paper is missing that a document wants. What comes later
    goes into another edition.
    """
    batch = load(Batch, batch_id, lock=True)
    refuse_on(_published(batch), rules.missing_papers(wanted_papers(batch), brought_papers(batch.id)))
    last = db.session.scalar(select(func.max(Dossier.edition)).where(Dossier.batch_id == batch.id)) or 0
    contents, years = papers_in(batch), ruling(rules.KEEP_YEARS, batch.body.region_code, batch.held_on)
    heading = f"{batch.number} {last + 1} {clock.now().isoformat(timespec='seconds')}"
    name = f"{batch.number}-{last + 1}.zip"
    dossier = Dossier(
        batch_id=batch.id,
        edition=last + 1,
        file_id=files.keep(rules.pack(contents, heading, sign_note), name, "application/zip").id,
        papers=len(contents),
        closed_by=actor.id,
        keep_until=rules.last_day(clock.today(), years),
        basis=years.source,
    )
    db.session.add(dossier)
    return dossier


@operation("dossiers.ask", say("申请调阅批次档案"), allow=ASKERS)
def ask_to_read(actor: Any, dossier_id: int, reason: str) -> Reading:
    """Ask to read a dossier. Refused without a reason."""
    load(Dossier, dossier_id)
    refuse_on(reasoned(reason))
    reading = Reading(dossier_id=dossier_id, reader_id=actor.id, reason=reason.strip())
    db.session.add(reading)
    return reading


@operation("dossiers.answer", say("答复调阅申请"), allow=ANSWERERS)
def answer_reading(actor: Any, reading_id: int, *, granted: bool, answer: str = "") -> Reading:
    """Let somebody read a dossier, or not. Refused to whoever asked; a refusal of his needs a reason."""
    reading = load(Reading, reading_id, lock=True)
    refuse_on(
        [] if reading.granted is None else [refuse("dossiers.answered", say("这份申请已经办结"))],
        [refuse("dossiers.own_reading", say("调阅须由申请人以外的人批准"))] if reading.reader.is_of(actor) else [],
        [] if granted else reasoned(answer),
    )
    reading.granted, reading.answer = granted, answer.strip()
    reading.answered_by, reading.answered_at = actor.id, clock.now()
    return reading


@operation("dossiers.open", say("调阅批次档案"), allow=OPENERS)
def open_dossier(actor: Any, reading_id: int) -> Opening:
    """Take a dossier out, once more each time, within seven days after the reading was granted; kept as a row."""
    reading = load(Reading, reading_id)
    refuse_on(_usable(reading))
    opening = Opening(reading_id=reading.id, account_id=actor.id)
    db.session.add(opening)
    return opening


def _published(batch: Batch) -> list[Finding]:
    if batch.state is BatchState.PUBLISHED:
        return []
    message = say("批次 {number} 是“{state}”，成绩公布后才能归档", number=batch.number, state=batch.state.label)
    return [refuse("dossiers.unpublished", message)]


def _usable(reading: Reading) -> list[Finding]:
    if not reading.granted or reading.answered_at is None:
        return [refuse("dossiers.not_granted", say("调阅申请还没有获得批准"))]
    if clock.now() > reading.answered_at + timedelta(days=rules.READING_DAYS):
        message = say("批准已超过 {days} 天，请重新申请", days=rules.READING_DAYS)
        return [refuse("dossiers.reading_over", message)]
    return []
