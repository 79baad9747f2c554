"""What the room answers when an earlier one asks."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say, some
from lbcert.hookspecs import hookimpl
from lbcert.placement.queries import without_outcome

#: Names told in one finding.
_SHOWN = 10


@hookimpl
def lbcert_check_cohort_step(cohort: Cohort, to: CohortState) -> Sequence[Finding]:
    """Keep a 三段式 cohort open while a learner has no outcome (design of 宁蒗's three stages)."""
    if to is not CohortState.CLOSED or not cohort.three_stage:
        return []
    waiting = [enrolment.person.name for enrolment in without_outcome(cohort.id)]
    if not waiting:
        return []
    message = say(
        "三段式培训班结班前，每名结业学员都要登记就业去向；还差 {count} 人：{names}",
        count=len(waiting),
        names=some(waiting, _SHOWN),
    )
    return [refuse("placement.outcome_missing", message, "订单组织、菜单教学、定向就业 三段式", f"cohort:{cohort.id}")]
