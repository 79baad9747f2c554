"""What is left to plan, to check and to publish of the timetables of a school."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, CohortState, PlannedModule
from lbcert.core import clock
from lbcert.core.calendar import overlay_of
from lbcert.core.database import db
from lbcert.core.todo import Todo
from lbcert.core.words import Message, say
from lbcert.teaching.models import Session, TimetableVersion
from lbcert.teaching.queries.days import turned
from lbcert.teaching.queries.makeups import for_absentees
from lbcert.teaching.queries.owed import hours_cancelled
from lbcert.teaching.queries.versions import frozen, printed
from lbcert.teaching.versions import compare


def hours_by_cohort(cohort_ids: Sequence[int]) -> Mapping[int, tuple[int, int, int]]:
    """Give the class hours of each cohort: in the filed plan, on the timetable, and held; make-ups for absentees apart."""
    planned = _sums(select(PlannedModule.cohort_id, func.sum(PlannedModule.hours)), PlannedModule.cohort_id, cohort_ids)
    stands = select(Session.cohort_id, func.sum(Session.hours)).where(Session.cancelled_reason == "", ~for_absentees())
    timed = _sums(stands, Session.cohort_id, cohort_ids)
    held = _sums(stands.where(Session.ends_at <= clock.now()), Session.cohort_id, cohort_ids)
    return {key: (planned.get(key, 0), timed.get(key, 0), held.get(key, 0)) for key in cohort_ids}


def todo(own: Select[Any]) -> list[Todo]:
    """Give what waits for who plans these cohorts: hours without a time, days that turned out otherwise, what is not published.

    One of these a cohort: what cannot be held where it stands comes before what is missing, and both before publishing. Hours whose
    time has come, and which were cancelled, are asked for as make-ups (``queries.owed``) and not once more here.
    """
    query = select(Cohort).where(
        Cohort.id.in_(own),
        Cohort.state.in_((CohortState.APPROVED, CohortState.RUNNING)),
        Cohort.ends_on >= clock.today(),
    )
    cohorts = db.session.scalars(query.order_by(Cohort.starts_on, Cohort.id)).all()
    ids = [cohort.id for cohort in cohorts]
    hours, sessions, versions, overlay = hours_by_cohort(ids), _sessions(ids), _versions(ids), cache(overlay_of)
    to_make_up = hours_cancelled(own)
    return [
        Todo(message, endpoint, {"cohort_id": cohort.id})
        for cohort in cohorts
        for planned, timed, _ in [hours[cohort.id]]
        for message, endpoint in _waiting(
            cohort,
            len(turned(sessions[cohort.id], overlay(cohort.site_region_code))),
            planned - timed - to_make_up.get(cohort.id, 0),
            to_make_up.get(cohort.id, 0) > 0 or _is_published(versions.get(cohort.id), sessions[cohort.id]),
        )
    ]


def _waiting(cohort: Cohort, turned_days: int, hours: int, is_published: bool) -> Iterator[tuple[Message, str]]:
    name = cohort.name
    if turned_days:
        message = say("{cohort}：{count} 节课的日期与现在的放假调休不符，请核对", cohort=name, count=turned_days)
        yield message, "teaching.timetable"
    elif hours > 0:
        begins = cohort.starts_on.isoformat()
        message = say("排课：{cohort}，{day} 开班，还有 {hours} 课时没有排", cohort=name, day=begins, hours=hours)
        yield message, "teaching.timetable"
    elif not is_published:
        yield say("公布课程表：{cohort}", cohort=name), "teaching.versions"


def _is_published(version: TimetableVersion | None, sessions: Sequence[Session]) -> bool:
    return version is not None and not compare(frozen(version), printed(sessions))


def _sessions(cohort_ids: Sequence[int]) -> dict[int, list[Session]]:
    query = select(Session).where(Session.cohort_id.in_(cohort_ids), Session.cancelled_reason == "")
    parts = joinedload(Session.module), joinedload(Session.trainer), joinedload(Session.venue)
    found: dict[int, list[Session]] = defaultdict(list)
    for session in db.session.scalars(query.options(*parts)):
        found[session.cohort_id].append(session)
    return found


def _versions(cohort_ids: Sequence[int]) -> dict[int, TimetableVersion]:
    """Give the last published version of each cohort."""
    query = select(TimetableVersion).where(TimetableVersion.cohort_id.in_(cohort_ids))
    rows = db.session.scalars(query.order_by(TimetableVersion.number))
    return {version.cohort_id: version for version in rows}


def _sums(query: Any, key: Any, cohort_ids: Sequence[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in db.session.execute(query.where(key.in_(cohort_ids)).group_by(key))}
