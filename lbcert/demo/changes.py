"""What comes between in a running cohort: a lesson made up for those who missed it, and cover asked for another."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from lbcert.core import clock
from lbcert.core.findings import Refused
from lbcert.demo.cast import Cast, moment
from lbcert.demo.course import CLASS_HOUR, Plan
from lbcert.teaching.models import Mode, Session
from lbcert.teaching.operations.covers import ask_cover
from lbcert.teaching.operations.sessions import Lesson, add_session
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.covers import candidates_for
from lbcert.teaching.queries.sessions import absentees_of

#: Class hours of an evening's make-up, and the days within which one is looked for.
_HOURS, _DAYS = 2, 8


def make_up(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Plan a make-up of the last lesson that somebody missed, on the first evening that stands."""
    here = [one for one in sessions_of(cohort_id) if one.mode is Mode.ON_SITE and one.hours >= _HOURS]
    lost = [one for one in here if not one.cancelled_reason and absentees_of(one)][-1]
    for lesson in [_again(lost, days) for days in range(1, _DAYS)]:
        with suppress(Refused):
            add_session(cast.account(plan.clerk), cohort_id, lesson)
            return


def _again(lost: Session, days: int) -> Lesson:
    begins = moment(clock.today() + timedelta(days=days), 18, 30)
    return Lesson(
        lost.module_id, begins, begins + CLASS_HOUR * _HOURS, _HOURS, lost.mode, lost.trainer_id, lost.venue_id,
        lost.title, lost.material, makes_up_id=lost.id,
    )  # fmt: skip


def ask_for_cover(cast: Cast, plan: Plan, cohort_id: int) -> None:
    """Ask whoever could take it to cover the first lesson to come for which there is somebody."""
    to_come = [one for one in sessions_of(cohort_id) if not one.cancelled_reason and one.starts_at > clock.now()]
    for session in to_come:
        free = [one.person.id for one in candidates_for(session) if one.may_be_asked]
        if free:
            ask_cover(cast.account(plan.clerk), session.id, free, "临时到县里开会，当天赶不回来（演示）")
            return
