"""What the room answers when an earlier one asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Cohort, CohortState, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.findings import Finding
from lbcert.core.registrations import SessionPattern
from lbcert.hookspecs import hookimpl
from lbcert.teaching import rules
from lbcert.teaching.patterns import (
    FULL_TIME_CLASS,
    NIGHT_AND_DAY_CLASS,
    NIGHT_CLASS,
    PRACTICE_SHARE,
    WEEKEND_CLASS,
    enough_practice,
)
from lbcert.teaching.queries import ledger_of
from lbcert.teaching.queries.workshops import unsigned
from lbcert.teaching.resources import hours_signed


@hookimpl
def lbcert_session_patterns() -> Sequence[SessionPattern]:
    """Give the patterns that every place has."""
    return [WEEKEND_CLASS, NIGHT_CLASS, FULL_TIME_CLASS, NIGHT_AND_DAY_CLASS]


@hookimpl
def lbcert_check_cohort_step(cohort: Cohort, to: CohortState) -> Sequence[Finding]:
    """Keep a cohort from filing with too little practice, and from 结课 while filed hours or marks are missing."""
    steps = {CohortState.FILED: _filed, CohortState.TAUGHT: _taught}
    return list(steps[to](cohort)) if to in steps else []


def _filed(cohort: Cohort) -> Iterator[Finding]:
    hours: Counter[ModuleKind] = Counter()
    for planned in cohort.plan:
        hours[planned.module.kind] += planned.hours
    limit = ruling(cohort, PRACTICE_SHARE)
    yield from enough_practice(hours[ModuleKind.THEORY], hours[ModuleKind.PRACTICE], limit, f"cohort:{cohort.id}")


def _taught(cohort: Cohort) -> Iterator[Finding]:
    ledger = ledger_of(cohort.id)
    held: Counter[int] = Counter()
    for session in ledger.sessions:
        if session.ends_at <= clock.now() and not session.for_absentees:
            held[session.module_id] += session.hours
    plan = [(planned.module.name, planned.hours, held[planned.module_id]) for planned in cohort.plan]
    yield from rules.hours_held(plan, f"cohort:{cohort.id}")
    yield from hours_signed(unsigned(cohort.id), f"cohort:{cohort.id}")
    # who has left can be marked no more
    here = [line for line in ledger.lines if line.learner.state is not EnrolmentState.LEFT]
    yield from rules.all_marked((line.learner.person.name, line.share.unmarked) for line in here)
