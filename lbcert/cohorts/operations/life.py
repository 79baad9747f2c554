"""A cohort's way: draft → filed → (returned → filed) → approved → running → taught → closed, or cancelled."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbcert.cohorts.models import Cohort, CohortState, CohortStep, EnrolmentState
from lbcert.cohorts.operations.drafting import CLERK, CLERK_OR_BUREAU
from lbcert.cohorts.operations.seats import advance_targeted
from lbcert.cohorts.places import home_place
from lbcert.cohorts.queries.filing import closing_findings, filing_findings, opening_findings, ruling, step_findings
from lbcert.cohorts.rules import filing, states
from lbcert.core import calendar, clock
from lbcert.core.access import Role, holds
from lbcert.core.database import load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.demand.models import TargetState

BUREAU = holds(Role.BUREAU_OFFICER, at=home_place)


@operation("cohorts.file", say("报送开班备案"), allow=CLERK)
def file_cohort(actor: Any, cohort_id: int, *, promises: bool, version: int | None = None) -> Cohort:
    """File a cohort (开班备案) with its five parts and the school's truth promise; the bureau's reply clock starts.

    Refused with everything that is missing or against a rule in force; a class above the size allowed waits for an
    exception (特殊情况审批).
    """
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(
        stale(cohort, version),
        states.step(cohort.name, cohort.state, CohortState.FILED),
        filing_findings(cohort, promises=promises),
    )
    cohort.filed_at = clock.now()
    cohort.provider_promised_on = clock.today()
    cohort.reply_due_on = _reply_due(cohort)
    return _take(actor, cohort, CohortState.FILED)


@operation("cohorts.approve", say("批准开班备案"), allow=BUREAU)
def approve_cohort(actor: Any, cohort_id: int, *, note: str = "", version: int | None = None) -> Cohort:
    """Approve a filing (开班批复), with the reply's number or a remark."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(
        stale(cohort, version),
        states.step(cohort.name, cohort.state, CohortState.APPROVED),
        step_findings(cohort, CohortState.APPROVED),
    )
    return _take(actor, cohort, CohortState.APPROVED, note)


@operation("cohorts.return", say("退回开班备案"), allow=BUREAU)
def return_cohort(actor: Any, cohort_id: int, reason: str, *, version: int | None = None) -> Cohort:
    """Return a filing with what is to be put right; plan and choices open again."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(
        stale(cohort, version),
        states.step(cohort.name, cohort.state, CohortState.RETURNED),
        states.reason_given(reason),
    )
    cohort.menu_frozen_at = cohort.reply_due_on = None
    return _take(actor, cohort, CohortState.RETURNED, reason)


@operation("cohorts.open", say("办理开班"), allow=CLERK)
def open_cohort(actor: Any, cohort_id: int) -> Cohort:
    """Open an approved cohort (开班) on the day of its start, its learners promised and no fewer than 最低开班人数."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(states.step(cohort.name, cohort.state, CohortState.RUNNING), opening_findings(cohort))
    for enrolment in cohort.enrolments:
        if enrolment.state is EnrolmentState.ENROLLED:
            advance_targeted(actor, enrolment, TargetState.TRAINING, cohort.starts_on)
    return _take(actor, cohort, CohortState.RUNNING)


@operation("cohorts.finish", say("办理结课"), allow=CLERK)
def finish_teaching(actor: Any, cohort_id: int) -> Cohort:
    """Say that all has been taught (结课), on the last day or after it."""
    cohort = load(Cohort, cohort_id, lock=True)
    early: list[Finding] = []
    if clock.today() < cohort.ends_on:
        message = say("{cohort}到 {day} 才结束，不能提前结课", cohort=cohort.name, day=cohort.ends_on.isoformat())
        early.append(refuse("cohorts.taught_early", message))
    refuse_on(
        states.step(cohort.name, cohort.state, CohortState.TAUGHT), early, step_findings(cohort, CohortState.TAUGHT)
    )
    return _take(actor, cohort, CohortState.TAUGHT)


@operation("cohorts.close", say("办理结班"), allow=CLERK)
def close_cohort(actor: Any, cohort_id: int) -> Cohort:
    """Close a cohort (结班) once every learner has finished, failed or left; a 三段式 one once each has an outcome."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(states.step(cohort.name, cohort.state, CohortState.CLOSED), closing_findings(cohort))
    return _take(actor, cohort, CohortState.CLOSED)


@operation("cohorts.cancel", say("取消培训班"), allow=CLERK_OR_BUREAU)
def cancel_cohort(actor: Any, cohort_id: int, reason: str) -> Cohort:
    """Give a cohort up before its teaching ends: its order seats are free again and its learners may go elsewhere."""
    cohort = load(Cohort, cohort_id, lock=True)
    refuse_on(states.step(cohort.name, cohort.state, CohortState.CANCELLED), states.reason_given(reason))
    for allotment in cohort.allotments:
        allotment.freed_at = allotment.freed_at or clock.now()
    for enrolment in cohort.enrolments:
        if enrolment.state in {EnrolmentState.APPLIED, EnrolmentState.ENROLLED}:
            enrolment.state = EnrolmentState.LEFT
            enrolment.left_on, enrolment.left_reason = clock.today(), f"培训班取消：{reason.strip()}"[:300]
    return _take(actor, cohort, CohortState.CANCELLED, reason)


def _take(actor: Any, cohort: Cohort, to: CohortState, note: str = "") -> Cohort:
    step = CohortStep(from_state=cohort.state, to_state=to, account_id=actor.id, note=note.strip())
    cohort.steps.append(step)
    cohort.state = to
    return cohort


def _reply_due(cohort: Cohort) -> date | None:
    """Find the day by which the bureau owes its answer; None where no document sets a clock."""
    days = ruling(cohort, filing.REPLY_DAYS)
    return calendar.due(clock.today(), days, cohort.home_region_code)
