"""The numbers behind the signs of trouble of a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort
from lbcert.core.database import db
from lbcert.core.policy import ruling
from lbcert.exams import signs
from lbcert.exams.models import Batch, BatchState, Mark, Outcome, Part, Result
from lbcert.exams.queries.marks import standing_marks
from lbcert.exams.queries.results import standing_results
from lbcert.exams.rules import parts_of
from lbcert.exams.signs import Given, Limits, Sign


@dataclass(frozen=True)
class Rate:
    """How many of a batch sat it and passed."""

    batch_id: int
    number: str
    held_on: date
    passed: int
    sat: int


def rates(batch: Batch) -> list[Rate]:
    """Give the pass rates of the decided batches of the same body and item, this one's among them, the newest first."""
    passed = func.sum(case((Result.outcome == Outcome.PASSED, 1), else_=0))
    query = (
        standing_results()
        .join(Batch, Batch.id == Result.batch_id)
        .join(Cohort, Cohort.id == Batch.cohort_id)
        .where(
            Batch.body_id == batch.body_id,
            Cohort.item_id == batch.cohort.item_id,
            Batch.state.in_((BatchState.DECIDED, BatchState.PUBLISHED)),
            Result.outcome != Outcome.ABSENT,
        )
        .with_only_columns(Batch.id, Batch.number, Batch.held_on, passed, func.count())
        .group_by(Batch.id, Batch.number, Batch.held_on)
        .order_by(Batch.held_on.desc(), Batch.id.desc())
    )
    return [Rate(*row) for row in db.session.execute(query)]


def given(batch: Batch) -> list[Given]:
    """Give the marks of a batch that count, with points."""
    query = standing_marks().where(Mark.batch_id == batch.id, Mark.points.is_not(None))
    numbers = {one.id: one.number for one in batch.candidates}
    rows = db.session.scalars(query.options(joinedload(Mark.scorer)).order_by(Mark.created_at, Mark.id))
    return [
        Given(numbers[one.candidate_id], one.part.value, one.points or 0, one.scorer.name, one.created_at, one.transcription_id is not None)
        for one in rows
    ]  # fmt: skip


def signs_of(batch: Batch) -> list[Sign]:
    """Find the signs of trouble of a batch."""
    marks, limits = given(batch), limits_for(batch)
    parts = parts_of(with_review=batch.with_review)
    of_parts = (sign for part in parts for sign in _of_part(part, marks, limits))
    return [*_rate(batch, limits), *of_parts, *signs.too_even(marks, limits)]


def limits_for(batch: Batch) -> Limits:
    """Give the limits where the body stands, on the day of the exam: its bureau's own, or the product's."""
    rulings = {name: ruling(key, batch.body.region_code, batch.held_on) for name, key in signs.LIMITS.items()}
    return Limits(**{name: found.value for name, found in rulings.items() if found.value is not None})


def _rate(batch: Batch, limits: Limits) -> Iterator[Sign]:
    every = rates(batch)
    own = next((one for one in every if one.batch_id == batch.id), None)
    before = [one for one in every if one.batch_id != batch.id and one.held_on < batch.held_on]
    if own is not None:
        yield from signs.pass_rate(
            own.passed, own.sat, (sum(one.passed for one in before), sum(one.sat for one in before)), limits
        )


def _of_part(part: Part, marks: list[Given], limits: Limits) -> Iterator[Sign]:
    own = [one for one in marks if one.part == part.value]
    yield from signs.alike(part.label, own, limits)
    yield from signs.too_kind(part.label, own, limits)
