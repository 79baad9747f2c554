"""A draft of a timetable (a course table that was checked and not imported) as a week, its clashes in red."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from flask import render_template, url_for

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.database import load
from lbcert.core.findings import Missing
from lbcert.core.staging import find, sheet_of
from lbcert.teaching.places import SEES_TABLE
from lbcert.teaching.queries.calendar import of_cohort, sessions_between
from lbcert.teaching.queries.course_table import judge
from lbcert.teaching.sheets import KIND, Entry
from lbcert.teaching.views.calendar import period_asked
from lbcert.teaching.views.course_table import said_of
from lbcert.teaching.views.room import clock_time, room


@room.page("/course-tables/<int:staged_id>/calendar", see=SEES_TABLE)
def draft(staged_id: int) -> str:
    """Show the lessons of a draft beside what stands already; what clashes is red, and says with what."""
    staged = find(KIND, staged_id)
    if not staged.is_open:
        raise Missing(f"draft {staged_id}")
    cohort = load(Cohort, staged.subject_id)
    entries = [entry for entry in judge(cohort, sheet_of(staged).rows)[0] if entry.lesson]
    days = sorted(_day(entry) for entry in entries)
    period = period_asked(days[0] if days else cohort.starts_on)
    cells: dict[tuple[date, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.lesson and period.first <= _day(entry) <= period.last:
            cells[_day(entry), clock_time(entry.lesson.starts_at)].append(entry)
    standing = defaultdict(list)
    for session in sessions_between(of_cohort(cohort.id), period.first, period.last):
        if not session.cancelled_reason:
            standing[clock.local(session.starts_at).date(), clock_time(session.starts_at)].append(session)
    return render_template(
        "pages/teaching/draft.html",
        staged=staged,
        said=said_of(staged),
        cohort=cohort,
        period=period,
        url=lambda **asked: url_for("teaching.draft", staged_id=staged_id, **asked),
        one_day=timedelta(days=1),
        today=clock.today(),
        cells=cells,
        standing=standing,
        times=sorted({time for _, time in {**cells, **standing}}),
        unreadable=staged.total - len(entries),
        stopped=sum(not entry.is_good for entry in entries),
    )


def _day(entry: Entry) -> date:
    return clock.local(entry.lesson.starts_at).date() if entry.lesson else date.max
