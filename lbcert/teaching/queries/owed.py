"""Make-ups (补课) that a school owes: what was cancelled and not planned again, and what those missed who need the hours."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState, ModuleChoice, PlannedModule
from lbcert.cohorts.queries.filing import rulings
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.policy import Ruling
from lbcert.core.todo import Todo
from lbcert.core.words import Message, say
from lbcert.teaching.makeups import COUNTS, DAYS, MISSED, needs_hours
from lbcert.teaching.models import Attendance, Session
from lbcert.teaching.queries.makeups import counts, for_absentees
from lbcert.teaching.rules import ATTENDANCE_SHARE

_PLANNABLE = (CohortState.APPROVED, CohortState.RUNNING)


def todo(own_cohorts: Select[Any]) -> list[Todo]:
    """Give the lost sessions of cohorts (a SELECT of their ids) that are to be made up, in time; in as many statements for one as for all.

    A cancelled one, once its time has come, as long as its module has fewer hours on the timetable than in the plan; of those who missed one, whoever
    would fall below the policy's rate without it, or whoever lacks hours where no rate is on file. A make-up that is still to be
    held counts as if all came. Nothing is asked for after the cohort's last day, or the last day for a make-up.
    """
    here = _still_taught(own_cohorts)
    cancelled, missed = _cancelled(*here), _missed(*here)
    cohorts = {row[0].cohort.id: row[0].cohort for row in (*cancelled, *missed)}.values()
    days = rulings(cohorts, DAYS)
    words = say("安排补课：{day} {module} · {cohort}，停课的 {hours} 课时")
    found = [(lost, _said(words, lost, hours=hours)) for lost, hours in _still_lacking(cancelled)]
    found += _needed(missed, rulings(cohorts, ATTENDANCE_SHARE), rulings(cohorts, COUNTS))
    return [
        Todo(message, "teaching.make_up", {"session_id": lost.id})
        for lost, message in sorted(found, key=lambda pair: (pair[0].starts_at, pair[0].id))
        if not _is_late(lost, days[lost.cohort_id])
    ]


def hours_cancelled(own_cohorts: Select[Any]) -> Mapping[int, int]:
    """Give the class hours by cohort that it lacks since sessions were cancelled, and which `todo` asks to make up."""
    rows = _cancelled(*_still_taught(own_cohorts))
    days = rulings({lost.cohort.id: lost.cohort for lost, _left, _lacking in rows}.values(), DAYS)
    hours: Counter[int] = Counter()
    for lost, lacking in _still_lacking(rows):
        if not _is_late(lost, days[lost.cohort_id]):
            hours[lost.cohort_id] += lacking
    return hours


def _still_taught(own_cohorts: Select[Any]) -> Sequence[ColumnElement[bool]]:
    open_ones = select(Cohort.id).where(Cohort.state.in_(_PLANNABLE), Cohort.ends_on >= clock.today())
    return Session.cohort_id.in_(own_cohorts), Session.cohort_id.in_(open_ones)


def _cancelled(*here: ColumnElement[bool]) -> Sequence[Any]:
    """Give cancelled sessions with the hours of each that no make-up has, and those that its module lacks on the timetable."""
    again, timed = aliased(Session), aliased(Session)
    made_up = select(func.coalesce(func.sum(again.hours), 0)).where(
        again.makes_up_id == Session.id, again.cancelled_reason == ""
    )
    of_module = timed.cohort_id == Session.cohort_id, timed.module_id == Session.module_id
    standing = select(func.coalesce(func.sum(timed.hours), 0)).where(
        *of_module, timed.cancelled_reason == "", ~for_absentees(timed)
    )
    left = Session.hours - made_up.correlate_except(again).scalar_subquery()
    lacking = PlannedModule.hours - standing.correlate_except(timed).scalar_subquery()
    planned = (PlannedModule.cohort_id == Session.cohort_id) & (PlannedModule.module_id == Session.module_id)
    query = (
        select(Session, left, lacking)
        .join(PlannedModule, planned)
        .where(
            *here,
            Session.starts_at <= clock.now(),
            Session.cancelled_reason != "",
            Session.makes_up_id.is_(None),
            left > 0,
        )
        .options(joinedload(Session.module), joinedload(Session.cohort))
        .order_by(Session.starts_at, Session.id)
    )
    return db.session.execute(query).all()


def _missed(*here: ColumnElement[bool]) -> Sequence[Any]:
    """Give sessions that were held, with each learner in class who missed one: class hours of his that nothing makes up, and of his whole plan."""
    left = Session.hours - _hours_again()
    chosen = select(ModuleChoice.module_id).where(
        ModuleChoice.enrolment_id == Enrolment.id, ModuleChoice.module_id == PlannedModule.module_id
    )
    is_own = or_(~Cohort.by_menu, chosen.correlate_except(ModuleChoice).exists())
    own = select(func.sum(PlannedModule.hours)).where(PlannedModule.cohort_id == Cohort.id, is_own)
    query = (
        select(Session, Enrolment.id, left, own.correlate_except(PlannedModule).scalar_subquery())
        .join(Session.cohort)
        .join(Attendance, Attendance.session_id == Session.id)
        .join(Enrolment, Enrolment.id == Attendance.enrolment_id)
        .where(*here, Session.cancelled_reason == "", ~for_absentees(), left > 0)
        .where(Attendance.mark.in_(MISSED), counts(Attendance), Enrolment.state == EnrolmentState.ENROLLED)
        .options(joinedload(Session.module), joinedload(Session.cohort))
    )
    return db.session.execute(query).all()


def _hours_again() -> ColumnElement[int]:
    """Give the class hours of the make-ups of a session that a learner attended, or is to attend."""
    again, away = aliased(Session), aliased(Attendance)
    missed_too = select(away.id).where(
        away.session_id == again.id, away.enrolment_id == Enrolment.id, away.mark.in_(MISSED), counts(away)
    )
    hours = select(func.coalesce(func.sum(again.hours), 0)).where(
        again.makes_up_id == Session.id,
        again.cancelled_reason == "",
        ~missed_too.correlate_except(away).exists(),
    )
    return hours.correlate_except(again).scalar_subquery()


def _still_lacking(rows: Iterable[Any]) -> Iterator[tuple[Session, int]]:
    """Give of each module as many cancelled sessions, the first before the others, as it lacks hours, with these hours."""
    given: Counter[tuple[int, int]] = Counter()
    for lost, left, lacking in rows:
        module = lost.cohort_id, lost.module_id
        hours = min(left, lacking - given[module])
        if hours > 0:
            given[module] += hours
            yield lost, hours


def _needed(
    rows: Sequence[Any], rates: Mapping[int, Ruling], counting: Mapping[int, Ruling]
) -> Iterator[tuple[Session, Message]]:
    """Give the sessions that somebody missed who needs the hours, with how many these are."""
    lacking: Counter[int] = Counter()
    for _lost, enrolment_id, left, _own in rows:
        lacking[enrolment_id] += left
    needing: dict[Session, int] = defaultdict(int)
    for lost, enrolment_id, _left, own in rows:
        rate = rates[lost.cohort_id]
        needing[lost] += needs_hours(lacking[enrolment_id], own or 0, rate, counting[lost.cohort_id])
    for lost, count in needing.items():
        rate = rates[lost.cohort_id]
        if count and rate.is_on_file:
            message = say("安排补课：{day} {module} · {cohort}，{count} 人不补就到不了 {rate}% 的出勤率")
            yield lost, _said(message, lost, count=count, rate=rate.value)
        elif count:
            yield lost, _said(say("安排补课：{day} {module} · {cohort}，{count} 人缺课"), lost, count=count)


def _said(message: Message, lost: Session, **values: int) -> Message:
    day = f"{clock.local(lost.starts_at):%m-%d}"
    return say(message.msgid, day=day, module=lost.module.name, cohort=lost.cohort.name, **values)


def _is_late(lost: Session, limit: Ruling) -> bool:
    last = clock.local(lost.starts_at).date() + timedelta(days=limit.value) if limit.is_on_file else None
    return last is not None and last < clock.today()
