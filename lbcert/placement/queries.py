"""What became of the learners of a cohort, an order, or a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Allotment, Cohort, CohortProvider, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.places import at_station
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.identity.masks import mask_name
from lbcert.core.pages import Page, Paging, paginate
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.demand.models import OrderLine
from lbcert.exams.models import Batch
from lbcert.parties.models import Organisation, Person
from lbcert.placement import rules
from lbcert.placement.models import EmploymentRecord, InServiceOutcome
from lbcert.placement.rules import JobDetails, Promotion

SORTS = {"number": Cohort.number, "ends": Cohort.ends_on, "name": Cohort.name}


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


def against_job(enrolment: Enrolment, job: JobDetails) -> Iterator[Finding]:
    """Find everything that speaks against a learner's taking up a job."""
    who = enrolment.person.name
    yield from _trained(enrolment)
    yield from rules.new_placement(who, in_service=enrolment.in_service)
    yield from rules.in_order(who, enrolment.cohort.starts_on, job.started_on, clock.today())
    yield from rules.wage(who, job.wage_fen)
    yield from rules.post(who, job.post)
    yield from _still_employed(enrolment)
    yield from _promised(enrolment, load(Organisation, job.employer_id), job.line_id)


def against_promotion(enrolment: Enrolment, promotion: Promotion) -> Iterator[Finding]:
    """Find everything that speaks against an in-service outcome."""
    who = enrolment.person.name
    yield from _trained(enrolment)
    yield from rules.was_in_service(who, in_service=enrolment.in_service)
    yield from rules.wage(who, min(promotion.wage_before_fen, promotion.wage_after_fen))
    yield from rules.post(who, promotion.post_before) or rules.post(who, promotion.post_after)
    yield from rules.in_order(who, enrolment.cohort.starts_on, promotion.as_of, clock.today())


def _trained(enrolment: Enrolment) -> Iterator[Finding]:
    over = {CohortState.TAUGHT, CohortState.CLOSED}
    if enrolment.state is not EnrolmentState.COMPLETED or enrolment.cohort.state not in over:
        message = say("{who} 还没有结业，不能登记去向", who=enrolment.person.name)
        yield refuse("placement.not_completed", message)


def _still_employed(enrolment: Enrolment) -> Iterator[Finding]:
    running = db.session.scalar(
        select(EmploymentRecord).where(
            EmploymentRecord.person_id == enrolment.person_id, EmploymentRecord.ended_on.is_(None)
        )
    )
    if running is not None:
        message = say(
            "{who} 在“{employer}”的就业记录还没有结束，请先登记离岗日期",
            who=enrolment.person.name,
            employer=running.employer.name,
        )
        yield refuse("placement.still_employed", message)


def _promised(enrolment: Enrolment, employer: Organisation, line_id: int | None) -> Iterator[Finding]:
    if line_id is None:
        return
    line = load(OrderLine, line_id)
    serves = select(Allotment.id).where(Allotment.line_id == line_id, Allotment.cohort_id == enrolment.cohort_id)
    if db.session.scalar(serves) is None:
        message = say("订单 {number} 没有给本班分配席位", number=line.order.number)
        yield refuse("placement.line_elsewhere", message)
    if line.order.party_id != employer.id:
        message = say("订单 {number} 是“{party}”的，不是“{employer}”的", number=line.order.number, party=line.order.party.name, employer=employer.name)  # fmt: skip
        yield refuse("placement.line_of_another", message)


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


def cohorts_page(actor: Actor, paging: Paging) -> Page[Cohort]:
    """List the cohorts that are over and that an actor may see."""
    query = select(Cohort).where(Cohort.state.in_((CohortState.TAUGHT, CohortState.CLOSED)), _seen(actor))
    if paging.search:
        query = query.where(Cohort.name.ilike(f"%{paging.search}%") | Cohort.number.ilike(f"%{paging.search}%"))
    return paginate(db.session, query, paging, SORTS, Cohort.id)


def graduates(cohort_id: int) -> list[Enrolment]:
    """List the learners who completed a cohort."""
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state == EnrolmentState.COMPLETED)
        .options(joinedload(Enrolment.person))
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.scalars(query))


def _seen(actor: Actor) -> ColumnElement[bool]:
    providers = select(CohortProvider.cohort_id).where(visible(actor, organisation=[CohortProvider.organisation_id]))
    regions = [Cohort.home_region_code, Cohort.site_region_code]
    return visible(actor, region=regions) | Cohort.id.in_(providers) | at_station(actor)


def todo(actor: Actor) -> list[Todo]:
    """Give the cohorts that wait for an outcome, to school, service centre and station, and for a visit, to the latter two."""
    placed = exists().where(EmploymentRecord.enrolment_id == Enrolment.id)
    promoted = exists().where(InServiceOutcome.enrolment_id == Enrolment.id)
    own = select(CohortProvider.cohort_id).where(
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id])
    )
    followed = visible(actor, Role.SERVICE_CENTRE, region=[Cohort.home_region_code]) | at_station(actor)
    people = (
        select(Cohort.id, Cohort.name, func.count())
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .group_by(Cohort.id, Cohort.name, Cohort.ends_on)
        .order_by(Cohort.ends_on, Cohort.id)
    )
    unknown = people.where(
        Cohort.state == CohortState.TAUGHT,
        Enrolment.state == EnrolmentState.COMPLETED,
        ~placed,
        ~promoted,
        followed | Cohort.id.in_(own),
    )
    unseen = people.join(EmploymentRecord, EmploymentRecord.enrolment_id == Enrolment.id).where(
        EmploymentRecord.ended_on.is_(None), EmploymentRecord.confirmed_to.is_(None), followed
    )
    return [
        Todo(say(words.msgid, cohort=name, count=count), "placement.cohort", {"cohort_id": key})
        for words, query in (
            (say("登记就业去向：{cohort}，还有 {count} 人"), unknown),
            (say("回访核实在岗：{cohort}，还有 {count} 人没有回访过"), unseen),
        )
        for key, name, count in db.session.execute(query)
    ]


@dataclass(frozen=True)
class SharedEmployer:
    """A job of somebody on an exam's staff at the school, or where candidates work, whose masked names follow."""

    job: EmploymentRecord
    colleagues: tuple[str, ...]


def employed_with(batch: Batch, person_id: int) -> list[SharedEmployer]:
    """List the jobs that somebody holds on the day of an exam at a provider of its cohort, or with one of its candidates."""
    own = list(db.session.scalars(_jobs_on(batch.held_on).where(EmploymentRecord.person_id == person_id)))
    if not own:
        return []
    schools = {code for row in batch.cohort.providers for code in _identities(row.organisation)}
    candidates = [candidate.enrolment.person_id for candidate in batch.candidates]
    theirs = list(db.session.scalars(_jobs_on(batch.held_on).where(EmploymentRecord.person_id.in_(candidates))))
    found = []
    for job in own:
        mine = _identities(job.employer)
        colleagues = [mask_name(each.person.name) for each in theirs if mine & _identities(each.employer)]
        if colleagues or mine & schools:
            found.append(SharedEmployer(job, tuple(colleagues)))
    return found


def _jobs_on(day: date) -> Select[EmploymentRecord]:
    return select(EmploymentRecord).where(
        EmploymentRecord.started_on <= day, EmploymentRecord.ended_on.is_(None) | (EmploymentRecord.ended_on >= day)
    )


def _identities(organisation: Organisation) -> set[str]:
    """Give what an organisation is known by: a firm that is school and employer has a row for each, under one credit code."""
    return {f"organisation:{organisation.id}", organisation.own_code}
