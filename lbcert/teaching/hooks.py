"""What the room answers when an earlier one asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lbcert.cohorts.models import Cohort, CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.findings import Finding
from lbcert.hookspecs import hookimpl
from lbcert.teaching import rules
from lbcert.teaching.queries import ledger_of


@hookimpl
def lbcert_check_cohort_step(cohort: Cohort, to: CohortState) -> Sequence[Finding]:
    """Keep a cohort from 结课 while its filed hours were not held, or sessions lack their marks."""
    return list(_taught(cohort)) if to is CohortState.TAUGHT else []


def _taught(cohort: Cohort) -> Iterator[Finding]:
    ledger = ledger_of(cohort.id)
    held: Counter[int] = Counter()
    for session in ledger.sessions:
        if session.ends_at <= clock.now():
            held[session.module_id] += session.hours
    plan = [(planned.module.name, planned.hours, held[planned.module_id]) for planned in cohort.plan]
    yield from rules.hours_held(plan, f"cohort:{cohort.id}")
    # who has left can be marked no more
    here = [line for line in ledger.lines if line.learner.state is not EnrolmentState.LEFT]
    yield from rules.all_marked((line.learner.person.name, line.share.unmarked) for line in here)
