"""How far each order got: 报名 → 开班 → 结业 → 取证 → 到岗 → 稳岗, in persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from lbcert.brands.models import Brand, TrainingItem
from lbcert.certificates.models import Certificate, Status
from lbcert.certificates.shipped import SKILL_LEVEL
from lbcert.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.core.access import Actor, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.demand.models import Order, OrderLine, OrderState
from lbcert.parties.models import Organisation
from lbcert.placement.queries import jobs_after, promotions_of
from lbcert.placement.rules import STABLE_MONTHS, is_stable

#: States of a cohort from its opening on.
_OPENED = (CohortState.RUNNING, CohortState.TAUGHT, CohortState.CLOSED)
SORTS = {"number": Order.number, "signed": Order.signed_on, "party": Organisation.name}


@dataclass(frozen=True)
class Progress:
    """Persons (人) of an order or line at each step; who reached a step counts in those before it too."""

    wanted: int = 0
    enrolled: int = 0
    opened: int = 0
    completed: int = 0
    certified: int = 0
    arrived: int = 0
    stable: int = 0
    #: At work already, and better off: no new placement, so counted apart (在岗提升).
    promoted: int = 0

    def __add__(self, other: Progress) -> Progress:
        return Progress(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Progress)))


def orders_page(actor: Actor, paging: Paging) -> Page[tuple[Order, Progress]]:
    """List the orders that an actor may see, each with its progress."""
    wanted = select(Order).join(Order.party).options(joinedload(Order.party)).where(visible_orders(actor))
    if paging.search:
        like = f"%{paging.search}%"
        wanted = wanted.where(or_(Order.number.ilike(like), Organisation.name.ilike(like)))
    if paging.filters.get("state") in set(OrderState):
        wanted = wanted.where(Order.state == paging.filters["state"])
    page = paginate(db.session, wanted, paging, SORTS, Order.id)
    progress = progress_of([line.id for order in page.rows for line in order.lines])
    return Page([(order, sum_of(order, progress)) for order in page.rows], page.paging)


def visible_orders(actor: Actor) -> ColumnElement[bool]:
    """Keep to orders of the actor's region, and those of the actor's own organisation."""
    return visible(actor, region=[Order.home_region_code], organisation=[Order.party_id])


def sum_of(order: Order, progress: dict[int, Progress]) -> Progress:
    """Add up an order's lines."""
    return sum((progress[line.id] for line in order.lines), Progress())


def progress_of(line_ids: Sequence[int]) -> dict[int, Progress]:
    """Count each line's persons at each step, in a handful of statements however many lines there are."""
    lines = db.session.scalars(select(OrderLine).where(OrderLine.id.in_(line_ids))).all()
    learners = db.session.scalars(
        select(Enrolment).where(Enrolment.line_id.in_(line_ids)).options(joinedload(Enrolment.cohort))
    ).all()
    certified = _certified([learner.id for learner in learners])
    jobs = jobs_after([learner.id for learner in learners])
    promoted = promotions_of([learner.id for learner in learners])
    counts: dict[int, Counter[str]] = {line.id: Counter() for line in lines}
    for learner in learners:
        steps = counts[learner.line_id or 0]
        steps["enrolled"] += 1
        steps["opened"] += learner.cohort.state in _OPENED and learner.state is not EnrolmentState.APPLIED
        steps["completed"] += learner.state is EnrolmentState.COMPLETED
        steps["certified"] += learner.id in certified
        steps["promoted"] += learner.id in promoted
        job = jobs.get(learner.id)
        if job is not None and job.line_id == learner.line_id:
            needed = ruling(learner.cohort, STABLE_MONTHS)
            steps["arrived"] += 1
            steps["stable"] += is_stable(job.started_on, job.confirmed_to, needed, seasonal=job.seasonal)
    return {line.id: Progress(wanted=line.headcount, **counts[line.id]) for line in lines}


def _certified(enrolment_ids: Sequence[int]) -> set[int]:
    """Find the learners with a certificate of their cohort that stands; at an item with a level, the level's and not the school's."""
    query = (
        select(Enrolment.id)
        .join(Enrolment.cohort)
        .join(Cohort.item)
        .join(
            Certificate,
            (Certificate.person_id == Enrolment.person_id) & (Certificate.cohort_id == Enrolment.cohort_id),
        )
        .where(
            Enrolment.id.in_(enrolment_ids),
            Certificate.status == Status.VALID,
            or_(TrainingItem.level.is_(None), Certificate.type == SKILL_LEVEL.name),
        )
    )
    return set(db.session.scalars(query))


@dataclass(frozen=True)
class BrandCount:
    """What a brand trained: persons and person-times (人, 人次), never mixed."""

    brand: str
    cohorts: int
    persons: int
    person_times: int
    certificates: int


def brand_counts(actor: Actor) -> list[BrandCount]:
    """Count, brand by brand, opened cohorts, persons, person-times and standing certificates that an actor may see."""
    seen = visible(actor, region=[Cohort.home_region_code])
    learning = (
        select(
            Cohort.brand_id,
            func.count(func.distinct(Cohort.id)).label("cohorts"),
            func.count(func.distinct(Enrolment.person_id)).label("persons"),
            func.count(Enrolment.id).label("times"),
        )
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(seen, Cohort.state.in_(_OPENED), Enrolment.state != EnrolmentState.APPLIED)
        .group_by(Cohort.brand_id)
    )
    holding = (
        select(Certificate.brand_id, func.count(Certificate.id).label("held"))
        .join(Cohort, Cohort.id == Certificate.cohort_id)
        .where(seen, Certificate.status == Status.VALID)
        .group_by(Certificate.brand_id)
    )
    certificates = {row.brand_id: row.held for row in db.session.execute(holding)}
    rows = {row.brand_id: row for row in db.session.execute(learning)}
    return [
        BrandCount(
            brand.name,
            rows[brand.id].cohorts,
            rows[brand.id].persons,
            rows[brand.id].times,
            certificates.get(brand.id, 0),
        )
        for brand in _brands(list(rows))
    ]


def _brands(brand_ids: Sequence[int]) -> Sequence[Brand]:
    return db.session.scalars(select(Brand).where(Brand.id.in_(brand_ids)).order_by(Brand.number)).all()
