"""What the room answers when an earlier one asks."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.words import say, some
from lbcert.hookspecs import hookimpl
from lbcert.placement.queries import without_outcome

#: Names told in one finding.
_SHOWN = 10


@hookimpl
def lbcert_check_cohort_step(cohort: Cohort, to: CohortState) -> Sequence[Finding]:
    """Say before 结班 which learners have no outcome yet; a 三段式 cohort stays open until each has one (宁蒗's three stages)."""
    waiting = [enrolment.person.name for enrolment in without_outcome(cohort.id)] if to is CohortState.CLOSED else []
    if not waiting:
        return []
    count, names, subject = len(waiting), some(waiting, _SHOWN), f"cohort:{cohort.id}"
    if cohort.three_stage:
        message = say(
            "三段式培训班结班前，每名结业学员都要登记就业去向；还差 {count} 人：{names}", count=count, names=names
        )
        return [refuse("placement.outcome_missing", message, "订单组织、菜单教学、定向就业 三段式", subject)]
    message = say("还有 {count} 名结业学员没有登记就业去向：{names}", count=count, names=names)
    return [Finding("placement.outcome_missing", Level.WARN, message, subject=subject)]
