"""What the room answers when an earlier one asks."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.cohorts.models import Cohort, CohortState, Scheme
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.words import say, some
from lbcert.exams.models import SEPARATION, Batch
from lbcert.hookspecs import hookimpl
from lbcert.parties.models import Person
from lbcert.placement.queries import employed_with, without_outcome

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


@hookimpl
def lbcert_check_staff(batch: Batch, person: Person) -> Sequence[Finding]:
    """Keep out of an exam who works for the school, or for a candidate's employer; in the firm's own exam everybody does."""
    if batch.scheme is Scheme.EMPLOYER_OWN:
        return []
    return [
        refuse(
            "exams.tied_by_employer",
            say(
                "{who} 须回避（同一用人单位）：考试当日就业记录在“{employer}”（{since} 起），{why}；请另选一人",
                who=person.name, employer=tie.job.employer.name, since=tie.job.started_on,
                why=say("与考生 {names} 同单位", names=some(tie.colleagues, _SHOWN)) if tie.colleagues else say("即本班的培训机构"),
            ),
            SEPARATION,
            f"organisation:{tie.job.employer_id}",
        )
        for tie in employed_with(batch, person.id)
    ]  # fmt: skip
