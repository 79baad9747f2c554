"""Which modules are whose: attendance is due in them, and the certificate prints their hours."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState, ModuleChoice, PlannedModule
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.demand.models import Order, OrderLine


def modules_of(enrolment: Enrolment) -> list[PlannedModule]:
    """List a learner's own modules in the plan; the whole plan where the cohort has no menu stage."""
    return modules_of_all(enrolment.cohort, [enrolment.id])[enrolment.id]


def modules_of_all(cohort: Cohort, enrolment_ids: Sequence[int]) -> dict[int, list[PlannedModule]]:
    """List the own modules of each enrolment of one cohort, in three statements at most."""
    if not cohort.by_menu:
        return {key: list(cohort.plan) for key in enrolment_ids}
    chosen: dict[int, set[int]] = {key: set() for key in enrolment_ids}
    query = select(ModuleChoice).join(Enrolment).where(Enrolment.cohort_id == cohort.id)
    for choice in db.session.scalars(query):
        if choice.enrolment_id in chosen:
            chosen[choice.enrolment_id].add(choice.module_id)
    return {key: [row for row in cohort.plan if row.module_id in modules] for key, modules in chosen.items()}


def hours_of(enrolment: Enrolment) -> int:
    """Sum the class hours (45 minutes) of a learner's own modules."""
    return sum(row.hours for row in modules_of(enrolment))


def choosing_for(actor: Actor, cohort: Cohort) -> list[Enrolment]:
    """List the learners on seats of an employer's own orders for whom it may choose modules, as long as choosing is open."""
    is_closed = cohort.choices_close_on is not None and cohort.choices_close_on < clock.today()
    if not cohort.by_menu or cohort.menu_frozen_at is not None or is_closed:
        return []
    query = (
        select(Enrolment)
        .join(OrderLine, OrderLine.id == Enrolment.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Enrolment.cohort_id == cohort.id,
            Enrolment.state.in_((EnrolmentState.APPLIED, EnrolmentState.ENROLLED)),
            visible(actor, Role.EMPLOYER, organisation=[Order.party_id]),
        )
    )
    return list(db.session.scalars(query.order_by(Enrolment.id)))
