"""Rubrics of assessment bodies: those an account may see, and those by which a batch is marked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.reference import Trade
from lbcert.exams.models import Batch, BatchState, Part, PartScheme, Rubric
from lbcert.exams.scoring import Item
from lbcert.exams.theory.queries.papers import draw_of
from lbcert.parties.models import Organisation

#: Who looks at rubrics in an office.
READERS = (Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, Role.BUREAU_OFFICER, Role.AUDITOR)


def rubrics_for(batch: Batch) -> dict[Part, Rubric]:
    """Give the rubrics by which a batch would be marked: of each part the newest of its body that holds on the day of the exam.

    Theory by computer has none: its key gives the points.
    """
    item = batch.cohort.item
    query = (
        select(Rubric)
        .where(
            Rubric.body_id == batch.body_id,
            Rubric.trade_id == item.trade_id,
            Rubric.level.is_(None) if item.level is None else Rubric.level == item.level,
            Rubric.valid_from <= batch.held_on,
            Rubric.withdrawn_on.is_(None),
        )
        .order_by(Rubric.edition)
    )
    by_part = {rubric.part: rubric for rubric in db.session.scalars(query)}
    if draw_of(batch.id) is not None:
        by_part.pop(Part.THEORY, None)
    return by_part


def rubrics_at(batch: Batch) -> dict[Part, Rubric]:
    """Give the rubrics of a batch by part: those that were frozen, and before its marking those that would be."""
    if batch.state is BatchState.PLANNED:
        return rubrics_for(batch)
    query = select(Rubric).join(PartScheme, PartScheme.rubric_id == Rubric.id).where(PartScheme.batch_id == batch.id)
    return {rubric.part: rubric for rubric in db.session.scalars(query)}


def items_of(rubric: Rubric) -> tuple[Item, ...]:
    """Give a rubric's items as plain values."""
    return tuple(Item(one.name, one.weight, one.most, one.guide) for one in rubric.items)


def rubrics_seen(actor: Actor) -> list[Rubric]:
    """List the rubrics that an account may see, by body, trade, level and part, the newest version first."""
    query = (
        select(Rubric)
        .join(Rubric.body)
        .join(Rubric.trade)
        .where(visible(actor, *READERS, region=[Organisation.region_code], organisation=[Rubric.body_id]))
        .options(joinedload(Rubric.trade), joinedload(Rubric.body), selectinload(Rubric.items))
        .order_by(Organisation.name, Trade.name, Rubric.level.desc(), Rubric.part, Rubric.edition.desc())
        .limit(500)
    )
    return list(db.session.scalars(query))


def holding(rubrics: Iterable[Rubric], day: date) -> set[int]:
    """Give which of some rubrics hold on a day, by id: of each body, trade, level and part the newest that is not withdrawn."""
    hold = {}
    for one in sorted(rubrics, key=lambda one: one.edition):
        if one.withdrawn_on is None and one.valid_from <= day:
            hold[one.body_id, one.trade_id, one.level, one.part] = one.id
    return set(hold.values())


def batches_marked_by(rubric_id: int) -> list[str]:
    """Give the numbers of the batches that are marked by a rubric, the newest first."""
    query = select(Batch.number).join(PartScheme, PartScheme.batch_id == Batch.id)
    return list(db.session.scalars(query.where(PartScheme.rubric_id == rubric_id).order_by(Batch.id.desc())))
