"""Seats of orders: how many a cohort has, how many learners sit on them, how many are open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from lbcert.cohorts.models import Allotment, Cohort, Enrolment, EnrolmentState
from lbcert.core.database import db
from lbcert.demand.models import OrderLine


@dataclass(frozen=True)
class Seats:
    """The seats of one order line in one cohort."""

    allotment: Allotment
    #: learners who sit on them
    taken: int


def seats_in(cohort: Cohort) -> list[Seats]:
    """List the seats of orders in a cohort, freed ones too."""
    query = (
        select(Enrolment.line_id, func.count())
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.LEFT)
        .group_by(Enrolment.line_id)
    )
    taken = dict(db.session.execute(query).all())
    return [Seats(row, taken.get(row.line_id, 0)) for row in cohort.allotments]


def unseated(cohort: Cohort) -> list[Enrolment]:
    """List the learners of a class who sit on no order's seat, in the order of their coming."""
    query = select(Enrolment).where(
        Enrolment.cohort_id == cohort.id,
        Enrolment.line_id.is_(None),
        Enrolment.state.in_((EnrolmentState.APPLIED, EnrolmentState.ENROLLED)),
    )
    return list(db.session.scalars(query.order_by(Enrolment.id)))


def allotted(line_ids: Collection[int], *, but_cohort: int | None = None) -> dict[int, int]:
    """Sum the seats of each order line over all cohorts, freed ones apart; ``but_cohort`` leaves one cohort out."""
    query = select(Allotment.line_id, func.sum(Allotment.seats)).where(
        Allotment.line_id.in_(line_ids), Allotment.freed_at.is_(None)
    )
    if but_cohort is not None:
        query = query.where(Allotment.cohort_id != but_cohort)
    found = dict(db.session.execute(query.group_by(Allotment.line_id)).all())
    return {line_id: int(found.get(line_id, 0)) for line_id in line_ids}


def open_in(lines: Sequence[OrderLine], cohort_id: int) -> dict[int, int]:
    """Give how many people of each line a cohort may still have seats for, its own seats included."""
    elsewhere = allotted([line.id for line in lines], but_cohort=cohort_id)
    return {line.id: max(0, line.headcount - elsewhere[line.id]) for line in lines}
