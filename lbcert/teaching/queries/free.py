"""When a lost session can be made up (补课): the first time to come at which nothing speaks against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from lbcert.core import clock
from lbcert.core.calendar import overlay_of
from lbcert.core.clock import SHANGHAI
from lbcert.core.waivers import stands
from lbcert.core.workdays import DayKind, kind_of
from lbcert.teaching.models import Session
from lbcert.teaching.patterns import Held
from lbcert.teaching.queries.patterns import timing_of
from lbcert.teaching.queries.planning import Board, shifted
from lbcert.teaching.rules import Lesson
from lbcert.teaching.solver.times import minute, moment, starts


def first_free(lost: Session, hours: int, length: timedelta) -> Lesson | None:
    """Give the first time for a make-up of so many class hours, with the lost session's trainer and in its room; None where there is none.

    It lies in the cohort's windows: as they begin, back to back, when something else is over, or at the hour of the lost session.
    Where none has times, it is that hour on a day that is no holiday.
    """
    since = max(clock.now(), lost.starts_at if lost.cancelled_reason else lost.ends_at)
    until = datetime.combine(lost.cohort.ends_on, time.max, SHANGHAI)
    if since >= until:
        return None
    wanted = replace(shifted(lost, since), hours=hours, makes_up_id=lost.id)
    board = Board(lost.cohort, [wanted, replace(wanted, starts_at=until, ends_at=until)])
    if any(stands(finding) for finding in board.general()):
        return None
    for at in _times(lost, hours, clock.local(since).date(), board.ends):
        lesson = replace(wanted, starts_at=at, ends_at=at + length)
        if at < since or board.is_taken(lesson):
            continue
        if not any(stands(finding) for finding in board.findings(lesson)):
            return lesson
    return None


def _times(lost: Session, hours: int, first: date, ends: Collection[datetime]) -> Iterator[datetime]:
    """Give when a make-up could begin from a day on, in time."""
    overlay = overlay_of(lost.cohort.site_region_code)
    days = [first + timedelta(days=number) for number in range((lost.cohort.ends_on - first).days + 1)]
    kinds = {day: kind_of(day, overlay) for day in days}
    own = [datetime.combine(day, clock.local(lost.starts_at).time(), SHANGHAI) for day in days]
    timing = timing_of(lost.cohort).of(Held(lost.module.kind, lost.mode))
    if any(opening.span for opening in timing.openings):
        after = {minute(each, first) for each in (*own, *ends)}
        yield from (moment(at, first) for at in starts(timing, days, kinds.__getitem__, hours, first, after))
    else:
        yield from (at for at in own if kinds[at.date()] is not DayKind.HOLIDAY)
