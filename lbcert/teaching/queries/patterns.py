"""A cohort's pattern (班型) as it holds at its site, and the sessions that depart from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import time

from sqlalchemy import select

from lbcert.cohorts.models import Cohort
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.registrations import SessionPattern, Window
from lbcert.core.waivers import granted_shown
from lbcert.core.words import Message, say
from lbcert.core.workdays import Overlay, kind_of
from lbcert.plugins import plugins
from lbcert.teaching.load import Load
from lbcert.teaching.models import CohortPattern, Session
from lbcert.teaching.patterns import (
    SETTINGS,
    Held,
    Opening,
    Taught,
    Timing,
    departs,
    out_of_order,
    read_span,
    read_windows,
    too_many_hours,
)
from lbcert.teaching.queries.learners import coming, due_by_module


def all_patterns() -> Mapping[str, SessionPattern]:
    """Give the registered patterns by name, the core's and the plugins'."""
    return plugins().registered["lbcert_session_patterns"]


def pattern_of(cohort_id: int) -> CohortPattern | None:
    """Give what a school chose for a cohort."""
    return db.session.scalar(select(CohortPattern).where(CohortPattern.cohort_id == cohort_id))


def timing_of(cohort: Cohort) -> Timing:
    """Give when a cohort is to be taught at its site; no openings where nobody chose, or a pattern's plugin is gone."""
    chosen = pattern_of(cohort.id)
    if chosen is None:
        return Timing((), (), None)
    known = all_patterns()
    patterns = [known[name] for name in chosen.names.split() if name in known]
    notes: list[Finding] = []
    openings = [_opening(cohort, window, notes) for pattern in patterns for window in pattern.windows]
    own, _ = read_windows(chosen.own_windows, by_lesson=True)
    openings += [Opening(window, _span(window), str(OWN)) for window in own]
    labels: tuple[Message, ...] = tuple(pattern.label for pattern in patterns) + ((OWN,) if own else ())
    order = [row.module_id for row in cohort.plan] if chosen.in_order else []
    return Timing(labels, openings, chosen.hours_a_day, order, notes)


def described(chosen: CohortPattern) -> str:
    """Write what a school chose on one line, as a change after the approval keeps it."""
    known = all_patterns()
    parts = [str(known[name].label) if name in known else name for name in chosen.names.split()]
    parts += [line.strip() for line in chosen.own_windows.splitlines() if line.strip()]
    parts += [f"每天最多 {chosen.hours_a_day} 课时"] if chosen.hours_a_day else []
    return "；".join([*parts, *(["按教学计划的先后"] if chosen.in_order else [])])


#: What a cohort's own windows are called.
OWN = say("本班时段")


def departures_of(
    cohort: Cohort, timing: Timing, new: Taught, hours: int, others: Iterable[Taught], overlay: Overlay
) -> list[Finding]:
    """Find everything about a module at a time that the cohort's pattern has otherwise; ``hours`` are all of that day's."""
    starts_at, ends_at = clock.local(new.starts_at), clock.local(new.ends_at)
    day, subject = starts_at.date(), f"cohort:{cohort.id}"
    return [
        *departs(timing, starts_at, ends_at, kind_of(day, overlay), subject, new.held),
        *too_many_hours(timing, day, hours, subject),
        *out_of_order(timing, new, others, subject),
    ]


def departures(cohort: Cohort, sessions: Sequence[Session], overlay: Overlay) -> list[tuple[Session, Finding]]:
    """Give the sessions that stand on the timetable and depart from the pattern; what was granted is a note."""
    timing = timing_of(cohort)
    is_for_some = cohort.by_menu or any(session.for_absentees for session in sessions)
    learners = due_by_module(cohort) if is_for_some else {}
    standing = {session: taught(session, learners) for session in sessions if not session.cancelled_reason}
    load = Load(learners)
    who = {session: coming(session, learners) for session in standing if session.for_absentees}
    for session in standing:
        load.add(clock.local(session.starts_at).date(), session.module_id, session.hours, who.get(session))
    in_order = [one for session, one in standing.items() if not session.for_absentees]
    found = [
        (session, finding)
        for session, one in standing.items()
        for finding in departures_of(
            cohort,
            timing,
            one,
            load.on(clock.local(session.starts_at).date(), one.module_id, who.get(session)),
            [] if session.for_absentees else in_order,
            overlay,
        )
    ]
    shown = {finding.rule: granted_shown([finding])[0].level for _, finding in found}
    return [(session, replace(finding, level=shown[finding.rule])) for session, finding in found]


def taught(session: Session, learners: Mapping[int, Mapping[int, str]]) -> Taught:
    """Give a session as the rule of order sees it; ``learners`` are those of each module, nobody where all have all."""
    due = frozenset(learners.get(session.module_id, ()))
    held = Held(session.module.kind, session.mode)
    return Taught(session.module_id, session.module.name, session.starts_at, session.ends_at, due, held)


def _opening(cohort: Cohort, window: Window, notes: list[Finding]) -> Opening:
    if not window.setting:
        return Opening(window, _span(window), "")
    value = ruling(cohort, SETTINGS[window.setting])
    notes += value.note()
    return Opening(window, read_span(value.value) if value.is_on_file else None, value.source)


def _span(window: Window) -> tuple[time, time] | None:
    return (window.starts, window.ends) if window.starts and window.ends else None
