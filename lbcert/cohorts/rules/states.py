"""The order of a cohort's states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lbcert.cohorts.models import NEXT_STATES, CohortState
from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say, some

#: While the provider may still write its plan.
EDITABLE = frozenset({CohortState.DRAFT, CohortState.RETURNED})
#: After the approval and before the teaching ends: changes need a reason.
CHANGEABLE = frozenset({CohortState.APPROVED, CohortState.RUNNING})


def step(name: str, state: CohortState, to: CohortState) -> Iterator[Finding]:
    """Refuse a step that the order of states does not know."""
    if to not in NEXT_STATES[state]:
        message = say(
            "{cohort}现为“{state}”，不能改为“{to}”；各步骤不能跳过", cohort=name, state=state.label, to=to.label
        )
        yield refuse("cohorts.jump", message)


def editable(name: str, state: CohortState) -> Iterator[Finding]:
    """Refuse to touch a plan that lies with the bureau or was approved."""
    if state not in EDITABLE:
        message = say(
            "{cohort}现为“{state}”，不能直接修改；待审的请等人社局批复，已批准的请填写变更理由",
            cohort=name,
            state=state.label,
        )
        yield refuse("cohorts.locked", message)


def reason_given(reason: str) -> Iterator[Finding]:
    """Refuse a blank reason."""
    if not reason.strip():
        yield refuse("cohorts.reason", say("请写明理由"))


def change_with_reason(name: str, state: CohortState, reason: str) -> Iterator[Finding]:
    """Allow a change of the people or the plan: freely before filing, with a reason after the approval."""
    if state in CHANGEABLE:
        if not reason.strip():
            message = say("{cohort}已经批准，变更须写明理由", cohort=name)
            yield refuse("cohorts.change_reason", message)
    else:
        yield from editable(name, state)


def opening(name: str, today: date, starts_on: date, head_count: int, min_size: int) -> Iterator[Finding]:
    """Refuse to open before the day of the start, or with fewer learners than 最低开班人数."""
    if today < starts_on:
        message = say("{cohort}的开班日期是 {day}，到当天才能开班", cohort=name, day=starts_on.isoformat())
        yield refuse("cohorts.opens_early", message)
    if head_count < min_size:
        message = say(
            "{cohort}现有学员 {count} 人，未达到最低开班人数 {least} 人，还差 {short} 人",
            cohort=name,
            count=head_count,
            least=min_size,
            short=min_size - head_count,
        )
        yield refuse("cohorts.min_size", message)


def promises(unsigned: list[str]) -> Iterator[Finding]:
    """Refuse to open while learners have not signed their truth promise (告知承诺)."""
    if unsigned:
        message = say("这些学员还没有签署告知承诺书：{names}", names=some(unsigned))
        yield refuse("cohorts.learner_promise", message, "告知承诺制")


def outcomes_settled(unsettled: list[str]) -> Iterator[Finding]:
    """Refuse to close while learners have neither finished, failed nor left."""
    if unsettled:
        message = say("这些学员还没有结业结论（结业、未结业或退班）：{names}", names=some(unsettled))
        yield refuse("cohorts.unsettled", message)
