"""Sessions to come whose day the calendar sees otherwise than when they were planned: a holiday, or a worked weekend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

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
        for finding in _turned(session, overlay)
    ]


def cohorts_to_check(actor: Actor) -> Sequence[tuple[Cohort, int]]:
    """Give the cohorts that the actor teaches or looks after with how many of their sessions are to be checked."""
    query = (
        select(Session, Cohort)
        .join(Session.cohort)
        .where(Session.starts_at > clock.now(), Cohort.state.in_(_PLANNED), seen_by(actor))
    )
    overlays: dict[str, Overlay] = {}
    counts: dict[Cohort, int] = defaultdict(int)
    for session, cohort in db.session.execute(query.order_by(Cohort.starts_on, Cohort.id)):
        if cohort.site_region_code not in overlays:
            overlays[cohort.site_region_code] = overlay_of(cohort.site_region_code)
        counts[cohort] += len(turned([session], overlays[cohort.site_region_code]))
    return [(cohort, count) for cohort, count in counts.items() if count]


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


def _turned(session: Session, overlay: Overlay) -> list[Finding]:
    day = clock.local(session.starts_at).date()
    return rules.turned_out(day, kind_of(day, overlay), session.day_kind)
