"""Papers as PDF, and the page that offers them."""

from __future__ import annotations

from io import BytesIO

from flask import Response, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.documents import document
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import in_words
from lbcert.exams import operations
from lbcert.exams.models import Batch
from lbcert.exams.places import MAPPING_READERS, OFFICE, WATCHERS
from lbcert.exams.printing import Printed
from lbcert.exams.queries.papers import is_overtaken, lacking, paper_of, printed_tickets, printing_of
from lbcert.exams.views.room import again, back_to, file_answer, may, room, state_badge


@room.page("/<int:batch_id>/papers", see=WATCHERS)
def papers(batch_id: int) -> str:
    """Offer what can be printed, and say what is missing for the rest."""
    return _page(load(Batch, batch_id))


@room.page("/<int:batch_id>/papers/<any(record, scoring, notice):paper>.pdf", see=WATCHERS)
def print_paper(batch_id: int, paper: str) -> ResponseReturnValue:
    """Print a paper that ties no number to a name."""
    batch, wanted = load(Batch, batch_id), Printed(paper)
    if findings := lacking(batch, wanted):
        return _page(batch, tuple(findings)), 422
    return _pdf(batch, wanted)


@room.page('/<int:batch_id>/papers/<any("sign-in", summary):paper>.pdf', see=MAPPING_READERS, methods=("POST",))
def print_named_paper(batch_id: int, paper: str) -> ResponseReturnValue:
    """Print a paper with names and numbers; that it was printed is kept."""
    wanted = Printed(paper)
    try:
        batch = operations.print_named_paper(acting(), batch_id, wanted)
    except Refused as refused:
        return _page(again(batch_id), refused.findings), 422
    return _pdf(batch, wanted)


@room.page("/<int:batch_id>/papers/tickets", see=MAPPING_READERS)
def tickets(batch_id: int) -> str:
    """Show how far the printing of admission tickets got, and offer them."""
    return _tickets(load(Batch, batch_id))


@room.page("/<int:batch_id>/papers/tickets", see=OFFICE, methods=("POST",))
def print_tickets(batch_id: int) -> ResponseReturnValue:
    """Have the admission tickets printed in the background."""
    try:
        operations.print_tickets(acting(), batch_id)
    except Refused as refused:
        return _page(again(batch_id), refused.findings), 422
    return redirect(url_for("exams.tickets", batch_id=batch_id))


@room.page("/<int:batch_id>/papers/tickets.pdf", see=MAPPING_READERS, methods=("POST",))
def take_tickets(batch_id: int) -> ResponseReturnValue:
    """Give the admission tickets; that they were taken is kept."""
    try:
        return file_answer(operations.take_tickets(acting(), batch_id))
    except Refused as refused:
        return _tickets(again(batch_id), refused.findings), 422


def _tickets(batch: Batch, findings: tuple[Finding, ...] = ()) -> str:
    printing, printed = printing_of(batch.id), printed_tickets(batch.id)
    return render_template(
        "pages/exams/tickets.html",
        batch=batch,
        badge=state_badge(batch),
        job=printing,
        problems=[one.error for one in printing.items if one.error] if printing else [],
        printed=printed,
        may_print=may(OFFICE, batch_id=batch.id),
        is_overtaken=printing is not None and is_overtaken(batch, printing),
        findings=findings,
    )


def _pdf(batch: Batch, paper: Printed) -> Response:
    template, values, pictures = paper_of(batch, paper)
    name = f"{in_words(paper.label)}-{batch.number}.pdf"
    return send_file(
        BytesIO(document(template, pictures=pictures, **values)),
        "application/pdf",
        as_attachment=True,
        download_name=name,
        max_age=0,
    )


def _page(batch: Batch, findings: tuple[Finding, ...] = ()) -> str:
    named = may(MAPPING_READERS, batch_id=batch.id)
    return render_template(
        "pages/exams/papers.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        offered=[(one, lacking(batch, one)) for one in Printed if named or not one.ties_numbers_to_names],
        findings=findings,
    )
