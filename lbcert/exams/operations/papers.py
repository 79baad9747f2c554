"""Printing papers that tie candidate numbers to names: each time is an opening of the mapping."""

from __future__ import annotations

from typing import Any

from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import Batch, MappingOpening
from lbcert.exams.operations.candidates import kept_from_names
from lbcert.exams.places import MAPPING_READERS
from lbcert.exams.printing import Printed
from lbcert.exams.queries.papers import lacking


@operation("exams.print_named_paper", say("打印带姓名和考生号的表格"), allow=MAPPING_READERS)
def print_named_paper(actor: Any, batch_id: int, paper: Printed) -> Batch:
    """Log that a paper with names and numbers is printed; what it says is read by ``queries.papers.paper_of`` after it.

    Refused to whoever gives marks in the batch, and while the paper would be empty: no seats drawn, no result decided.
    """
    batch = load(Batch, batch_id)
    refuse_on(
        kept_from_names(actor, batch),
        [] if paper.ties_numbers_to_names else [refuse("exams.unnamed_paper", say("这份表格不带姓名，直接打印即可"))],
        lacking(batch, paper),
    )
    db.session.add(MappingOpening(batch_id=batch.id, account_id=actor.id, reason=f"打印{paper.label}"))
    return batch
