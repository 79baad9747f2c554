"""The pattern (班型) of a cohort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.cohorts.operations.drafting import note_change
from lbcert.cohorts.rules import states
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching.models import CohortPattern
from lbcert.teaching.patterns import read_windows
from lbcert.teaching.places import CLERK
from lbcert.teaching.queries.patterns import all_patterns, described, pattern_of

#: States in which nothing is planned any more.
OVER = {CohortState.TAUGHT, CohortState.CLOSED, CohortState.CANCELLED}
#: Characters that the column holds.
_REASON = 500


@operation("teaching.choose_pattern", say("选定班型"), allow=CLERK)
def choose_pattern(
    actor: Any,
    cohort_id: int,
    names: Sequence[str],
    own_windows: str = "",
    hours_a_day: int | None = None,
    *,
    in_order: bool = False,
    reason: str = "",
    version: int | None = None,
) -> CohortPattern:
    """Say when a cohort is to be taught: in one or several of the registered patterns, and in windows of its own.

    Sessions that are planned already stay; those that depart from it are shown on the timetable. What was chosen is changed
    with a reason once the cohort is approved, and the change is kept. Refused for a pattern that nobody registered, windows that
    cannot be read, no choice at all, and once the teaching is over.
    """
    cohort = load(Cohort, cohort_id, lock=True)
    chosen = pattern_of(cohort.id)
    refuse_on(
        stale(chosen, version) if chosen else [],
        _choosable(cohort, names, own_windows, hours_a_day),
        read_windows(own_windows, by_lesson=True)[1],
        _changeable(cohort, reason) if chosen else [],
    )
    before = described(chosen) if chosen else ""
    if chosen is None:
        chosen = CohortPattern(cohort_id=cohort.id)
        db.session.add(chosen)
    chosen.names, chosen.own_windows = " ".join(names), own_windows.strip()
    chosen.hours_a_day, chosen.in_order = hours_a_day, in_order
    if before:
        note_change(actor, cohort, "pattern", before, described(chosen), reason)
    return chosen


def _changeable(cohort: Cohort, reason: str) -> Iterator[Finding]:
    if cohort.state in states.CHANGEABLE:
        yield from states.change_with_reason(cohort.name, cohort.state, reason)
    if len(reason) > _REASON:
        yield refuse("teaching.text_long", say("“{what}”超过 {most} 个字，请改短", what=say("变更理由"), most=_REASON))


def _choosable(cohort: Cohort, names: Sequence[str], own_windows: str, hours_a_day: int | None) -> Iterator[Finding]:
    if cohort.state in OVER:
        message = say("培训班“{name}”是“{state}”，不再选班型", name=cohort.name, state=cohort.state.label)
        yield refuse("teaching.cohort_state", message)
    for name in names:
        if name not in all_patterns():
            yield refuse("teaching.pattern_unknown", say("没有名为 {name} 的班型", name=name))
    if not names and not own_windows.strip():
        yield refuse("teaching.pattern_empty", say("请至少选一种班型，或写明本班的上课时段"))
    if hours_a_day is not None and hours_a_day < 1:
        yield refuse("teaching.no_hours", say("课时至少为 1"))
