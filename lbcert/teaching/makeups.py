"""Make-up sessions (补课): what one must keep to, beside what holds for every session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from lbcert.core.clock import local
from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Follows, Ruling, key
from lbcert.core.words import say
from lbcert.teaching.models import AttendanceMark
from lbcert.teaching.rules import Lesson

# No document was found for either: none on file, and make-ups count and have no last day.
COUNTS = key("teaching.make_up_counts", say("补课的课时计入出勤率"), Follows.HOME, bool)
DAYS = key("teaching.make_up_days", say("缺课、停课后补课的期限"), Follows.HOME, int, say("天"))

#: Marks of those who missed a session.
MISSED = frozenset({AttendanceMark.ABSENT, AttendanceMark.LEAVE})


@dataclass(frozen=True)
class Lost:
    """A session that was lost, to all since it was cancelled, or to those who missed it."""

    cohort_id: int
    module_id: int
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool
    #: Class hours that one more make-up may have.
    hours: int
    #: How many missed it and have not made it up; nobody is asked of one that was cancelled.
    absentees: int
    #: Whether it is itself a make-up whose own lost session is the one to be named.
    stands_for_another: bool


def needs_hours(lacking: int, own: int, rate: Ruling, counted: Ruling) -> bool:
    """Tell whether a learner who lacks hours of ``own`` in all needs a make-up: without it the rate is out of reach, or none is on file.

    What is still to come counts as attended. Where make-ups do not count toward the rate (``counted``), none helps it.
    """
    if not rate.is_on_file:
        return lacking > 0
    return counted.value is not False and (own - lacking) * 100 < int(rate.value) * own


def against(lesson: Lesson, cohort_id: int, lost: Lost, limit: Ruling) -> Iterator[Finding]:
    """Find everything that keeps a lesson of a cohort from making up a lost session; ``limit`` is the days for it."""
    label = f"{local(lost.starts_at):%Y-%m-%d %H:%M}"
    if (lost.cohort_id, lost.module_id) != (cohort_id, lesson.module_id):
        yield refuse("teaching.make_up_of_another", say("补课须与所补的课同班、同一模块"))
    if lesson.starts_at < (lost.starts_at if lost.is_cancelled else lost.ends_at):
        yield refuse("teaching.make_up_early", say("补课须在所补的课（{lost}）之后", lost=label))
    if lost.stands_for_another:
        yield refuse("teaching.make_up_again", say("这节课本身是补课，请为原来的那节课安排补课"))
    elif not lost.is_cancelled and not lost.absentees:
        yield refuse("teaching.make_up_for_nothing", say("{lost} 的课没有取消，也没有还要补课的学员", lost=label))
    if lesson.hours > lost.hours:
        message = say("{lost} 的课还可补 {left} 课时，安排 {hours} 课时就超出了", lost=label, left=lost.hours, hours=lesson.hours)  # fmt: skip
        yield refuse("teaching.make_up_too_long", message)
    days = (local(lesson.starts_at).date() - local(lost.starts_at).date()).days
    yield from limit.note()
    if limit.is_on_file and days > limit.value:
        message = say("{lost} 的课须在 {limit} 天内补上，所填日期是第 {days} 天", lost=label, limit=limit.value, days=days)  # fmt: skip
        yield refuse("teaching.make_up_late", message, limit.source)
