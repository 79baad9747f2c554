"""Printing a batch's admission tickets (准考证) in the background: eighty of them take a processor four seconds."""

from __future__ import annotations

from typing import Any

from lbcert.core import jobs, papers
from lbcert.core.access import Actor
from lbcert.core.database import db, load
from lbcert.core.documents import document
from lbcert.core.files import StoredFile
from lbcert.core.findings import refuse
from lbcert.core.jobs import Job
from lbcert.core.operation import INSIDE, operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import Batch, MappingOpening
from lbcert.exams.operations.candidates import kept_from_names
from lbcert.exams.operations.papers import print_named_paper
from lbcert.exams.places import MAPPING_READERS, OFFICE
from lbcert.exams.printing import Printed
from lbcert.exams.queries.papers import TICKETS, paper_of, printed_tickets


@operation("exams.print_tickets", say("制作准考证"), allow=OFFICE)
def print_tickets(actor: Any, batch_id: int) -> Job:
    """Write the job that prints the tickets of a batch; that they are printed is kept, as of every paper with names.

    Refused to whoever gives marks in the batch, and while seats are not drawn.
    """
    batch = print_named_paper(actor, batch_id, Printed.TICKETS)
    title = str(say("制作准考证 {count} 份", count=len(batch.candidates)))
    return jobs.start(actor, TICKETS, title, [(str(batch.id), batch.id)])


@operation("exams.take_tickets", say("下载准考证"), allow=MAPPING_READERS)
def take_tickets(actor: Any, batch_id: int) -> StoredFile:
    """Give the tickets that were printed last; each time is an opening of the mapping of numbers to names."""
    batch = load(Batch, batch_id)
    printed = printed_tickets(batch_id)
    refuse_on(
        kept_from_names(actor, batch),
        [] if printed else [refuse("exams.no_tickets", say("准考证还没有制作好，请先制作"))],
    )
    assert printed  # noqa: S101 (refused above)
    db.session.add(MappingOpening(batch_id=batch_id, account_id=actor.id, reason="下载准考证"))
    return printed.file


def _draw(batch_id: int) -> bytes:
    template, values, pictures = paper_of(load(Batch, batch_id), Printed.TICKETS)
    db.session.rollback()  # nothing is locked while it draws
    return document(template, pictures=pictures, **values)


@operation("exams.keep_tickets", say("保存准考证"), allow=INSIDE)
def _keep(actor: Actor, batch_id: int, pdf: bytes) -> None:
    """Keep the tickets that a worker drew."""
    name = f"{Printed.TICKETS.label}-{load(Batch, batch_id).number}.pdf"
    papers.attach(f"batch:{batch_id}", TICKETS, pdf, name, "application/pdf", actor.id)


jobs.work(TICKETS, _draw, _keep)
