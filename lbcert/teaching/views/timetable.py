"""Teaching at a glance, and a cohort's timetable: by day, with sessions added, moved and cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core import clock
from lbcert.core.access import Role, acting, holds, roles_of
from lbcert.core.calendar import overlay_of
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, form_page, in_words, paging_from_request, version_sent
from lbcert.teaching.forms import LessonForm, lesson_values
from lbcert.teaching.models import Session
from lbcert.teaching.operations.sessions import add_session, cancel_session, keep_day, move_session, pin_session
from lbcert.teaching.patterns import Timing
from lbcert.teaching.places import CLERK, READERS, SEES, SESSION_CLERK
from lbcert.teaching.queries import lists
from lbcert.teaching.queries.attendance import marked_counts
from lbcert.teaching.queries.course_table import staged_tables
from lbcert.teaching.queries.days import days_marked, turned
from lbcert.teaching.queries.patterns import departures, timing_of
from lbcert.teaching.queries.plans import hours_by_cohort
from lbcert.teaching.queries.sessions import sessions_of, venues_for
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.queries.todo import todo
from lbcert.teaching.queries.versions import unpublished, versions_of
from lbcert.teaching.views.course_table import said_of
from lbcert.teaching.views.room import day_of, place_of, room
from lbcert.teaching.views.session import session_page

_STATES = {
    CohortState.APPROVED: "wait",
    CohortState.RUNNING: "info",
    CohortState.TAUGHT: "ok",
    CohortState.CLOSED: "ok",
}

#: Lines of the list of what is to do that stand open, as on the first page; the others are folded away.
_SHOWN = 5


@room.page("/", see=holds(*READERS, Role.TRAINER), menu=(_l("上课与考勤"), "calendar-event"))
def index() -> str:
    """Show today's sessions, what waits, and the cohorts that are taught."""
    actor = acting()
    page = lists.cohorts_page(actor, paging_from_request(lists.SORTS, "-starts"))
    hours = hours_by_cohort([cohort.id for cohort in page.rows])
    today = lists.sessions_on(actor, clock.today())
    columns = [
        Column("name", _l("培训班"), url=lambda row: url_for("teaching.timetable", cohort_id=row.id), sort="name"),
        Column("number", _l("班号"), "code", sort="number"),
        Column("starts_on", _l("开班日期"), "date", sort="starts"),
        Column("hours", _l("已上 / 已排 / 计划课时"), value=lambda row: " / ".join(map(str, reversed(hours[row.id])))),
        Column("state", _l("状态"), "status", lambda row: (in_words(row.state.label), _STATES[row.state])),
    ]
    return render_template(
        "pages/teaching/index.html",
        columns=columns,
        page=page,
        today=today,
        marked=marked_counts([session.id for session in today]),
        todo=todo(actor),
        shown=_SHOWN,
        is_trainer=Role.TRAINER in roles_of(actor),
        now=clock.now(),
        place=place_of,
    )


@room.page("/cohorts/<int:cohort_id>", see=SEES)
def timetable(cohort_id: int) -> str:
    """Show a cohort's sessions, day by day, and how far each module has come."""
    return timetable_page(cohort_id)


def timetable_page(cohort_id: int, findings: Iterable[Finding] = ()) -> str:
    """Draw a cohort's timetable, with what was found against what was tried."""
    cohort, sessions = load(Cohort, cohort_id), sessions_of(cohort_id)
    overlay, modules, pattern = overlay_of(cohort.site_region_code), _modules(cohort, sessions), timing_of(cohort)
    now, is_clerk = clock.now(), CLERK.admits(acting(), {"cohort_id": cohort_id})
    may_plan = cohort.state in {CohortState.APPROVED, CohortState.RUNNING}
    return render_template(
        "pages/teaching/timetable.html",
        cohort=cohort,
        days=[(day, list(rows)) for day, rows in groupby(sessions, day_of)],
        marked=marked_counts([session.id for session in sessions]),
        modules=modules,
        division=Division(cohort),
        findings=findings,
        pattern=pattern,
        next=_next(cohort, modules, pattern) if is_clerk and may_plan else None,
        departures=[pair for pair in departures(cohort, sessions, overlay) if pair[0].ends_at > now],
        turned=turned(sessions, overlay),
        day_marks=days_marked({day_of(session) for session in sessions}, overlay),
        now=now,
        place=place_of,
        is_clerk=is_clerk,
        may_plan=may_plan,
        staged=[(staged, said_of(staged)["waiting"]) for staged in staged_tables(cohort_id)],
    )


def _next(cohort: Cohort, modules: list[dict[str, Any]], pattern: Timing) -> dict[str, str] | None:
    """Give what the clerk does next: choose when to teach, have the rest planned, publish what stands."""
    here: dict[str, Any] = {"cohort_id": cohort.id}
    timed, planned = (sum(row[key] for row in modules) for key in ("timed", "planned"))
    if timed < planned and pattern.openings:
        return {"label": gettext("自动排课"), "url": url_for("teaching.solve", **here), "icon": "target-arrow"}
    if not timed:
        return {"label": gettext("选班型"), "url": url_for("teaching.pattern", **here), "icon": "adjustments"}
    if timed < planned:
        return {"label": gettext("排一节课"), "url": url_for("teaching.new_session", **here), "icon": "plus"}
    if unpublished(cohort.id) or not versions_of(cohort.id):
        return {"label": gettext("公布课程表"), "url": url_for("teaching.versions", **here), "icon": "speakerphone"}
    return None


def _modules(cohort: Cohort, sessions: list[Session]) -> list[dict[str, Any]]:
    standing = [session for session in sessions if not session.cancelled_reason and not session.for_absentees]
    now = clock.now()
    return [
        {
            "name": row.module.name,
            "kind": row.module.kind.label,
            "planned": row.hours,
            "timed": sum(s.hours for s in standing if s.module_id == row.module_id),
            "held": sum(s.hours for s in standing if s.module_id == row.module_id and s.ends_at <= now),
        }
        for row in cohort.plan
    ]


@room.page("/cohorts/<int:cohort_id>/sessions/new", see=CLERK, methods=("GET", "POST"))
def new_session(cohort_id: int) -> ResponseReturnValue:
    """Plan a session."""
    cohort = load(Cohort, cohort_id)
    first = max(cohort.starts_on, min(clock.today(), cohort.ends_on))
    form = LessonForm(cohort=cohort, venues=venues_for(cohort), day=first)
    url = url_for("teaching.timetable", cohort_id=cohort_id)

    def save() -> str:
        add_session(acting(), cohort_id, form.lesson)
        flash(gettext("已排课"), "success")
        return url

    return form_page(form, save, title=gettext("排一节课"), lead=cohort.name, back=(gettext("课程表"), url))


@room.page("/sessions/<int:session_id>/move", see=SESSION_CLERK, methods=("GET", "POST"))
def move(session_id: int) -> ResponseReturnValue:
    """Plan a session anew."""
    session = load(Session, session_id)
    form = LessonForm(cohort=session.cohort, venues=venues_for(session.cohort), **lesson_values(session))
    url = url_for("teaching.session", session_id=session_id)

    def save() -> str:
        move_session(acting(), session_id, form.lesson, version=version_sent())
        flash(gettext("已调整"), "success")
        return url

    back = gettext("这节课"), url
    return form_page(form, save, title=gettext("调课"), lead=session.cohort.name, back=back, version=session.version)


@room.page("/sessions/<int:session_id>/keep-day", see=SESSION_CLERK, methods=("POST",))
def keep(session_id: int) -> ResponseReturnValue:
    """Keep a session on a day that the calendar sees otherwise now."""
    cohort_id = load(Session, session_id).cohort_id
    try:
        keep_day(acting(), session_id)
    except Refused as refused:
        return timetable_page(cohort_id, refused.findings), 422
    flash(gettext("已确认照常上课"), "success")
    return redirect(url_for("teaching.timetable", cohort_id=cohort_id))


@room.page("/sessions/<int:session_id>/pin", see=SESSION_CLERK, methods=("POST",))
def pin(session_id: int) -> ResponseReturnValue:
    """Lock a session where it is, or unlock it."""
    try:
        pinned = pin_session(acting(), session_id, request.form.get("pinned") == "yes").pinned
    except Refused as refused:
        return session_page(session_id, refused.findings), 422
    flash(gettext("已锁定") if pinned else gettext("已解除锁定"), "success")
    return redirect(url_for("teaching.session", session_id=session_id))


@room.page("/sessions/<int:session_id>/cancel", see=SESSION_CLERK, methods=("POST",))
def cancel(session_id: int) -> ResponseReturnValue:
    """Cancel a session."""
    try:
        cancelled = cancel_session(acting(), session_id, request.form.get("reason", "")[:500])
    except Refused as refused:
        return session_page(session_id, refused.findings), 422
    flash(gettext("已取消这节课"), "success")
    return redirect(url_for("teaching.timetable", cohort_id=cancelled.cohort_id))
