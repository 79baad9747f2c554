"""Lists of cohorts and of their learners, kept to what an actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import selectinload

from lbcert.brands.models import TrainingItem
from lbcert.cohorts.models import (
    Allotment,
    Cohort,
    CohortProvider,
    CohortState,
    Enrolment,
    EnrolmentState,
    PlannedTrainer,
)
from lbcert.cohorts.places import REGIONAL, TAKING_PART, at_station
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.demand.models import Order, OrderLine
from lbcert.parties.models import Person
from lbcert.parties.queries.persons import who_may_see_persons

COHORT_SORTS = {"number": Cohort.number, "name": Cohort.name, "starts": Cohort.starts_on, "due": Cohort.reply_due_on}
LEARNER_SORTS = {"name": Person.pinyin, "state": Enrolment.state, "since": Enrolment.created_at}


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Give the WHERE over ``Cohort`` for what an actor may see: by region, as provider or host, by an order's seats, from a station there."""
    taking_part = select(CohortProvider.cohort_id).where(
        visible(actor, *TAKING_PART, organisation=[CohortProvider.organisation_id])
    )
    ordering = (
        select(Allotment.cohort_id)
        .join(OrderLine)
        .join(Order)
        .where(visible(actor, Role.EMPLOYER, organisation=[Order.party_id]))
    )
    regions = [Cohort.home_region_code, Cohort.site_region_code]
    return or_(
        visible(actor, *REGIONAL, region=regions),
        Cohort.id.in_(taking_part),
        Cohort.id.in_(ordering),
        at_station(actor),
    )


def list_cohorts(actor: Actor, paging: Paging) -> Page[Cohort]:
    """List one page of the cohorts that an actor may see. Filters: state."""
    return paginate(db.session(), _cohorts(actor, paging), paging, COHORT_SORTS, Cohort.id.desc())


def all_cohorts(actor: Actor, paging: Paging) -> Iterable[Cohort]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_cohorts(actor, paging), paging, COHORT_SORTS, Cohort.id.desc()))


def awaiting_reply(actor: Actor, paging: Paging) -> Page[Cohort]:
    """List the filings that the actor's bureau owes an answer, those due first at the head."""
    query = select(Cohort).where(
        Cohort.state == CohortState.FILED, visible(actor, Role.BUREAU_OFFICER, region=[Cohort.home_region_code])
    )
    return paginate(db.session(), query, paging, COHORT_SORTS, Cohort.id)


def head_counts(cohort_ids: Iterable[int]) -> dict[int, int]:
    """Count the learners of each cohort (persons), those who left or only applied apart."""
    counted = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.FAILED)
    query = (
        select(Enrolment.cohort_id, func.count())
        .where(Enrolment.cohort_id.in_(list(cohort_ids)), Enrolment.state.in_(counted))
        .group_by(Enrolment.cohort_id)
    )
    return dict(db.session.execute(query).all())


def list_learners(cohort_id: int, paging: Paging) -> Page[Enrolment]:
    """List one page of a cohort's learners; the page's gate has looked at who asks. Filters: state, promise."""
    return paginate(db.session(), _learners(cohort_id, paging), paging, LEARNER_SORTS, Enrolment.id)


def all_learners(cohort_id: int, paging: Paging) -> Iterable[Enrolment]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_learners(cohort_id, paging), paging, LEARNER_SORTS, Enrolment.id))


@who_may_see_persons
def _in_own_cohorts(actor: Actor) -> ColumnElement[bool]:
    """Let providers see the learners and the trainers of their cohorts."""
    own = select(CohortProvider.cohort_id).where(
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id])
    )
    return or_(
        Person.id.in_(select(Enrolment.person_id).where(Enrolment.cohort_id.in_(own))),
        Person.id.in_(select(PlannedTrainer.person_id).where(PlannedTrainer.cohort_id.in_(own))),
    )


def _cohorts(actor: Actor, paging: Paging) -> Select[Any]:
    query = (
        select(Cohort)
        .join(Cohort.item)
        .where(seen_by(actor))
        .options(
            selectinload(Cohort.item),
            selectinload(Cohort.site_region),
            selectinload(Cohort.providers).selectinload(CohortProvider.organisation),
        )
    )
    if paging.search:
        query = query.where(
            or_(
                Cohort.number.contains(paging.search, autoescape=True),
                Cohort.name.contains(paging.search, autoescape=True),
                TrainingItem.name.contains(paging.search, autoescape=True),
            )
        )
    if (state := paging.filters.get("state")) in set(CohortState):
        query = query.where(Cohort.state == state)
    return query


def _learners(cohort_id: int, paging: Paging) -> Select[Any]:
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.cohort_id == cohort_id)
        .options(selectinload(Enrolment.person), selectinload(Enrolment.line).selectinload(OrderLine.order))
    )
    if paging.search:
        query = query.where(
            or_(
                Person.name.contains(paging.search, autoescape=True),
                func.replace(Person.pinyin, " ", "").startswith(
                    paging.search.replace(" ", "").lower(), autoescape=True
                ),
            )
        )
    if (state := paging.filters.get("state")) in set(EnrolmentState):
        query = query.where(Enrolment.state == state)
    match paging.filters.get("promise"):
        case "signed":
            query = query.where(Enrolment.promised_on.is_not(None))
        case "missing":
            query = query.where(Enrolment.promised_on.is_(None))
    return query
