"""Carrying passed parts into a later exam, and naming the form of its papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import resits, rules
from lbcert.exams.models import Batch, BatchState, Candidate, CarriedPart, PaperForm, Part
from lbcert.exams.places import OFFICE
from lbcert.exams.queries.resits import carryable, forms_of, forms_seen
from lbcert.exams.theory.queries.papers import draw_of


@operation("exams.set_paper_forms", say("登记试卷版本"), allow=OFFICE)
def set_paper_forms(actor: Any, batch_id: int, labels: Mapping[Part, str]) -> Batch:
    """Say which form of the paper, or of the tasks, a batch uses for each part; an empty label takes it back.

    Theory by computer keeps the form that was drawn. Refused once the exam has begun, and for a part that the batch does not have.
    """
    batch = load(Batch, batch_id, lock=True)
    parts = rules.parts_of(with_review=batch.with_review)
    begun = refuse("exams.form.late", say("试卷版本在开考时确定，不能更改"))
    refuse_on(
        [] if batch.state is BatchState.PLANNED else [begun],
        [invariant("exams.no_review") for part in labels if part not in parts],
    )
    drawn = [Part.THEORY] if draw_of(batch.id) else []
    named = {part: label.strip() for part, label in labels.items() if label.strip() and part not in drawn}
    db.session.execute(delete(PaperForm).where(PaperForm.batch_id == batch.id, PaperForm.part.not_in(drawn)))
    db.session.add_all(PaperForm(batch_id=batch.id, part=part, label=label) for part, label in named.items())
    return batch


def carry_parts(batch: Batch, candidate: Candidate) -> None:
    """Carry what a candidate passed before into the batch that he is put into, inside the operation under way."""
    for one in carryable(batch, candidate.enrolment.person_id):
        db.session.add(
            CarriedPart(
                batch_id=batch.id,
                candidate_id=candidate.id,
                part=one.part,
                points=one.points,
                result_id=one.result_id,
                valid_until=one.valid_until,
                source=one.source,
            )
        )


def drop_parts(candidate: Candidate) -> None:
    """Let go of what a candidate carried, before he is taken off the list."""
    db.session.execute(delete(CarriedPart).where(CarriedPart.candidate_id == candidate.id))


def other_forms(batch: Batch) -> list[Finding]:
    """Find parts that somebody sits again on a form that he has seen, or on one that nobody named."""
    return resits.other_forms(forms_seen(batch), forms_of(batch.id))
