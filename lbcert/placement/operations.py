"""Records of jobs and of better jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from lbcert.cohorts.models import Allotment, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand.models import OrderLine, TargetState
from lbcert.demand.operations.seats import advance_seat
from lbcert.parties.models import Organisation
from lbcert.placement import rules
from lbcert.placement.models import Channel, EmploymentRecord, InServiceOutcome
from lbcert.placement.places import FOLLOWS_UP, KNOWS_JOB


@dataclass(frozen=True)
class JobDetails:
    """A job as it is reported; the wage is 分 a month."""

    employer_id: int
    place_region_code: str
    post: str
    started_on: date
    wage_fen: int
    has_contract: bool
    channel: Channel
    seasonal: bool = False
    #: The order line that promised it.
    line_id: int | None = None
    #: 用工单位, for dispatched labour.
    host_employer_id: int | None = None


@dataclass(frozen=True)
class Promotion:
    """The job before and after of somebody at work already; wages are 分 a month."""

    employer_id: int
    post_before: str
    post_after: str
    wage_before_fen: int
    wage_after_fen: int
    as_of: date
    grade_before: str = ""
    grade_after: str = ""


@operation("placement.record_employment", allow=FOLLOWS_UP)
def record_employment(actor: Any, enrolment_id: int, job: JobDetails) -> EmploymentRecord:
    """Record that a learner took up a job (到岗); a targeted seat at that employer moves on.

    Refused for people at work already, before the training began, while another job runs, and for an order line that
    does not serve the cohort or is another employer's.
    """
    enrolment = load(Enrolment, enrolment_id, lock=True)
    who, cohort = enrolment.person.name, enrolment.cohort
    load(Region, job.place_region_code)
    employer = load(Organisation, job.employer_id)
    refuse_on(
        _trained(enrolment),
        rules.new_placement(who, in_service=enrolment.in_service),
        rules.in_order(who, cohort.starts_on, job.started_on, clock.today()),
        rules.wage(who, job.wage_fen),
        _post(who, job.post),
        _still_employed(enrolment),
        _promised(enrolment, employer, job.line_id),
    )
    record = EmploymentRecord(
        person_id=enrolment.person_id, enrolment_id=enrolment.id, trade_id=cohort.item.trade_id, **vars(job)
    )
    db.session.add(record)
    seat = enrolment.targeted_seat
    if seat is not None and seat.state is TargetState.GRADUATED and seat.line.order.party_id == employer.id:
        advance_seat(actor, seat.id, TargetState.ARRIVED, job.started_on)
    return record


@operation("placement.confirm_employment", allow=KNOWS_JOB)
def confirm_employment(actor: Any, record_id: int, seen_on: date, *, version: int | None = None) -> EmploymentRecord:
    """Record that the worker was seen in the job on a day; after the months of the policy the seat is 稳岗."""
    record = load(EmploymentRecord, record_id, lock=True)
    refuse_on(stale(record, version), _seen(record, seen_on))
    record.confirmed_to = seen_on
    if record.enrolment is not None:
        needed = ruling(record.enrolment.cohort, rules.STABLE_MONTHS)
        seat = record.enrolment.targeted_seat
        lasts = rules.is_stable(record.started_on, seen_on, needed, seasonal=record.seasonal)
        if lasts and seat is not None and seat.state is TargetState.ARRIVED:
            advance_seat(actor, seat.id, TargetState.STABLE, seen_on)
    return record


@operation("placement.end_employment", allow=KNOWS_JOB)
def end_employment(actor: Any, record_id: int, ended_on: date, *, version: int | None = None) -> EmploymentRecord:
    """Record the last day of a job."""
    record = load(EmploymentRecord, record_id, lock=True)
    refuse_on(stale(record, version), _ends(record, ended_on))
    record.ended_on = ended_on
    return record


@operation("placement.record_promotion", allow=FOLLOWS_UP)
def record_promotion(
    actor: Any, enrolment_id: int, promotion: Promotion, *, version: int | None = None
) -> InServiceOutcome:
    """Record the in-service outcome (在岗提升) of somebody at work already; put right when recorded before."""
    enrolment = load(Enrolment, enrolment_id, lock=True)
    who = enrolment.person.name
    load(Organisation, promotion.employer_id)
    outcome = db.session.scalar(select(InServiceOutcome).where(InServiceOutcome.enrolment_id == enrolment.id))
    refuse_on(
        _trained(enrolment),
        rules.was_in_service(who, in_service=enrolment.in_service),
        rules.wage(who, min(promotion.wage_before_fen, promotion.wage_after_fen)),
        _post(who, promotion.post_before) or _post(who, promotion.post_after),
        rules.in_order(who, enrolment.cohort.starts_on, promotion.as_of, clock.today()),
        stale(outcome, version) if outcome else [],
    )
    if outcome is None:
        outcome = InServiceOutcome(enrolment_id=enrolment.id)
        db.session.add(outcome)
    for field, value in vars(promotion).items():
        setattr(outcome, field, value)
    return outcome


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


def _seen(record: EmploymentRecord, seen_on: date) -> Iterator[Finding]:
    last = record.ended_on or clock.today()
    first = record.confirmed_to or record.started_on
    if not first <= seen_on <= last:
        message = say("回访日期须在 {first} 至 {last} 之间", first=first, last=last)
        yield refuse("placement.seen_outside", message)


def _ends(record: EmploymentRecord, ended_on: date) -> Iterator[Finding]:
    if record.ended_on is not None:
        yield refuse("placement.ended_already", say("这份工作已登记离岗"))
    elif not (record.confirmed_to or record.started_on) <= ended_on <= clock.today():
        yield refuse("placement.end_outside", say("离岗日期不能早于到岗或最近一次回访，也不能晚于今天"))


def _post(who: str, post: str) -> list[Finding]:
    return [] if post.strip() else [refuse("placement.post", say("请填写 {who} 的岗位", who=who))]
