"""What became of the learners of a cohort, an order, or a person."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Enrolment, EnrolmentState
from lbcert.core.database import db
from lbcert.placement.models import EmploymentRecord, InServiceOutcome


def jobs_after(enrolment_ids: Sequence[int]) -> dict[int, EmploymentRecord]:
    """Give the newest job of each learner who has one, by enrolment id."""
    rows = db.session.scalars(
        select(EmploymentRecord)
        .where(EmploymentRecord.enrolment_id.in_(enrolment_ids))
        .options(joinedload(EmploymentRecord.employer))
        .order_by(EmploymentRecord.started_on, EmploymentRecord.id)
    )
    return {row.enrolment_id: row for row in rows if row.enrolment_id is not None}


def promotions_of(enrolment_ids: Sequence[int]) -> dict[int, InServiceOutcome]:
    """Give the in-service outcome of each learner who has one, by enrolment id."""
    rows = db.session.scalars(select(InServiceOutcome).where(InServiceOutcome.enrolment_id.in_(enrolment_ids)))
    return {row.enrolment_id: row for row in rows}


def without_outcome(cohort_id: int) -> list[Enrolment]:
    """List the learners who completed a cohort and of whom nobody has said what became of them."""
    placed = select(EmploymentRecord.enrolment_id).where(EmploymentRecord.enrolment_id.is_not(None))
    promoted = select(InServiceOutcome.enrolment_id)
    query = (
        select(Enrolment)
        .where(
            Enrolment.cohort_id == cohort_id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.id.not_in(placed),
            Enrolment.id.not_in(promoted),
        )
        .options(joinedload(Enrolment.person))
        .order_by(Enrolment.id)
    )
    return list(db.session.scalars(query))
