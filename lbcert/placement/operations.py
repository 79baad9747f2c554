"""Records of jobs and of better jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region
from lbcert.core.staging import Checked, StagedSheet, discard, good_rows, importable, outdated, stage
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand.models import TargetState
from lbcert.demand.operations.seats import advance_seat
from lbcert.parties.models import Organisation
from lbcert.placement import rules
from lbcert.placement.checking import check_outcomes, find_sheet, judge
from lbcert.placement.models import EmploymentRecord, InServiceOutcome
from lbcert.placement.places import FOLLOWS_COHORT, FOLLOWS_SHEET, FOLLOWS_UP, KNOWS_JOB
from lbcert.placement.queries import against_job, against_promotion, promotions_of
from lbcert.placement.rules import JobDetails, Promotion
from lbcert.placement.sheets import SHEETS


@operation("placement.record_employment", say("登记就业"), allow=FOLLOWS_UP)
def record_employment(actor: Any, enrolment_id: int, job: JobDetails) -> EmploymentRecord:
    """Record that a learner took up a job (到岗); a targeted seat at that employer moves on.

    Refused for people at work already, before the training began, while another job runs, and for an order line that
    does not serve the cohort or is another employer's.
    """
    enrolment = load(Enrolment, enrolment_id, lock=True)
    load(Region, job.place_region_code)
    employer = load(Organisation, job.employer_id)
    refuse_on(against_job(enrolment, job))
    trade_id = enrolment.cohort.item.trade_id
    record = EmploymentRecord(person_id=enrolment.person_id, enrolment_id=enrolment.id, trade_id=trade_id, **vars(job))
    db.session.add(record)
    seat = enrolment.targeted_seat
    if seat is not None and seat.state is TargetState.GRADUATED and seat.line.order.party_id == employer.id:
        advance_seat(actor, seat.id, TargetState.ARRIVED, job.started_on)
    return record


@operation("placement.confirm_employment", say("核实在岗"), allow=KNOWS_JOB)
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


@operation("placement.end_employment", say("登记离岗"), allow=KNOWS_JOB)
def end_employment(actor: Any, record_id: int, ended_on: date, *, version: int | None = None) -> EmploymentRecord:
    """Record the last day of a job."""
    record = load(EmploymentRecord, record_id, lock=True)
    refuse_on(stale(record, version), _ends(record, ended_on))
    record.ended_on = ended_on
    return record


@operation("placement.record_promotion", say("登记在岗提升"), allow=FOLLOWS_UP)
def record_promotion(
    actor: Any, enrolment_id: int, promotion: Promotion, *, version: int | None = None
) -> InServiceOutcome:
    """Record the in-service outcome (在岗提升) of somebody at work already; put right when recorded before."""
    enrolment = load(Enrolment, enrolment_id, lock=True)
    load(Organisation, promotion.employer_id)
    outcome = promotions_of([enrolment.id]).get(enrolment.id)
    refuse_on(against_promotion(enrolment, promotion), stale(outcome, version) if outcome else [])
    if outcome is None:
        outcome = InServiceOutcome(enrolment_id=enrolment.id)
        db.session.add(outcome)
    for field, value in vars(promotion).items():
        setattr(outcome, field, value)
    return outcome


def receive_outcomes(actor: Any, cohort_id: int, what: str, data: bytes, file_name: str) -> StagedSheet:
    """Check a sheet of outcomes (*jobs* or *promotions*) and keep it in staging; the reading holds no lock.

    Raises ``Refused`` for a file that is no such sheet.
    """
    return stage_outcomes(actor, cohort_id, what, check_outcomes(cohort_id, what, data, file_name))


@operation("placement.stage_outcomes", say("上传就业结果表待检查"), allow=FOLLOWS_COHORT)
def stage_outcomes(actor: Any, cohort_id: int, what: str, checked: Checked) -> StagedSheet:
    """Keep a checked sheet: each row as it was sent (sealed) with its findings; nothing of it counts yet."""
    return stage(actor, SHEETS[what].kind, f"cohort:{load(Cohort, cohort_id).id}", checked)


@operation("placement.import_outcomes", say("导入就业结果表"), allow=FOLLOWS_SHEET)
def import_outcomes(actor: Any, staged_id: int) -> StagedSheet:
    """Record the outcome of every good row of a staged sheet, or none.

    Refused when it was imported or discarded before, when no row is good, and when what is on file has changed so that
    a good row is none any more.
    """
    staged, form = find_sheet(staged_id, lock=True)
    refuse_on(importable(staged))
    entries = judge(form, load(Cohort, staged.subject_id, lock=True), good_rows(staged))
    refuse_on(outdated(finding for entry in entries for finding in entry.findings))
    for entry in entries:
        assert entry.enrolment_id and entry.outcome  # noqa: S101, PT018 (a good row)
        if isinstance(entry.outcome, JobDetails):
            record_employment(actor, entry.enrolment_id, entry.outcome)
        else:
            record_promotion(actor, entry.enrolment_id, entry.outcome)
    staged.imported_at = clock.now()
    return staged


@operation("placement.discard_outcomes", say("丢弃已检查的就业结果表"), allow=FOLLOWS_SHEET)
def discard_outcomes(actor: Any, staged_id: int) -> StagedSheet:
    """Throw a staged sheet away, its rows with it; nothing of it was recorded."""
    staged, _ = find_sheet(staged_id, lock=True)
    return discard(staged)


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
