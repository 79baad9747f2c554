"""Sessions to come whose day the calendar sees otherwise than when they were planned: a holiday, or a worked weekend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import select

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core import clock
from lbcert.core.access import Actor
from lbcert.core.calendar import overlay_of
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.words import Message, say
from lbcert.core.workdays import DayKind, Overlay, is_year_known, kind_of
from lbcert.teaching import rules
from lbcert.teaching.models import Session
from lbcert.teaching.queries.lists import seen_by

#: While sessions can be moved.
_PLANNED = (CohortState.APPROVED, CohortState.RUNNING)


def turned(sessions: Iterable[Session], overlay: Overlay) -> list[tuple[Session, Finding]]:
    """Give the sessions to come whose day turned out to be another kind of day, and as what."""
    return [
        (session, finding)
        for session in sessions
        if not session.cancelled_reason and session.starts_at > clock.now()
        for finding in _turned(session.starts_at, session.day_kind, overlay)
    ]


@dataclass(frozen=True)
class ToCheck:
    """A cohort with how many of its sessions are to be checked."""

    cohort_id: int
    name: str
    sessions: int


def cohorts_to_check(actor: Actor) -> list[ToCheck]:
    """List the cohorts that the actor teaches or looks after of which sessions are to be checked, by name."""
    columns = (Session.starts_at, Session.day_kind, Cohort.id, Cohort.name, Cohort.site_region_code)
    query = select(*columns).join(Session.cohort).where(Session.starts_at > clock.now(), Session.cancelled_reason == "")
    overlay = cache(overlay_of)
    counts: Counter[tuple[str, int]] = Counter()
    for starts_at, planned_as, cohort_id, name, site in db.session.execute(
        query.where(Cohort.state.in_(_PLANNED), seen_by(actor))
    ):
        counts[name, cohort_id] += len(_turned(starts_at, planned_as, overlay(site)))
    return [ToCheck(key, name, count) for (name, key), count in sorted(counts.items()) if count]


def days_marked(days: Iterable[date], overlay: Overlay) -> Mapping[date, Message]:
    """Give what is to be said beside a day: that it is a holiday or a worked weekend, or that nobody knows yet."""
    marks = {}
    for day in days:
        kind = kind_of(day, overlay)
        if not is_year_known(day.year, overlay):
            marks[day] = say("放假安排未公布")
        elif kind in {DayKind.HOLIDAY, DayKind.WORKED_WEEKEND}:
            marks[day] = kind.label
    return marks


def _turned(starts_at: datetime, planned_as: DayKind | None, overlay: Overlay) -> list[Finding]:
    day = clock.local(starts_at).date()
    return rules.turned_out(day, kind_of(day, overlay), planned_as)
