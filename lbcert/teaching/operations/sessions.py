"""Venues and sessions: added by hand or from a course table, moved, cancelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import or_, select

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core import clock
from lbcert.core.calendar import overlay_of
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.core.workdays import DayKind, Overlay, kind_of
from lbcert.parties.models import Organisation, Person
from lbcert.teaching.models import Session, Venue
from lbcert.teaching.patterns import read_windows
from lbcert.teaching.places import CLERK, RESOURCE_CLERK, SESSION_CLERK, VENUE_CLERK
from lbcert.teaching.queries.planning import Board, against_moving, to_come
from lbcert.teaching.rules import Lesson


@dataclass(frozen=True)
class Room:
    """What a venue has and allows; empty and None: nobody said, and nothing is limited."""

    #: 工位
    stations: int | None = None
    #: A line each.
    equipment: str = ""
    #: Opening hours, a line each: 工作日 08:00-18:00.
    windows: str = ""


@operation("teaching.add_venue", say("登记教学场地"), allow=RESOURCE_CLERK)
def add_venue(
    actor: Any,
    organisation_id: int,
    name: str,
    region_code: str,
    capacity: int | None = None,
    room: Room | None = None,
) -> Venue:
    """Put a classroom or field of a school, or a workshop of an employer, on file. Refused when it has one of that name there."""
    owner, region, room = load(Organisation, organisation_id), load(Region, region_code), room or Room()
    refuse_on(_venue(name, capacity, room))
    venue = Venue(name=name.strip(), region_code=region.code, organisation_id=owner.id, capacity=capacity, **vars(room))
    db.session.add(venue)
    return venue


@operation("teaching.describe_venue", say("修改教学场地"), allow=VENUE_CLERK)
def describe_venue(
    actor: Any,
    venue_id: int,
    name: str,
    capacity: int | None,
    room: Room | None = None,
    *,
    version: int | None = None,
) -> Venue:
    """Correct a venue's name, its number of places, and what it has and allows; sessions that are planned already stay."""
    venue, room = load(Venue, venue_id, lock=True), room or Room()
    refuse_on(stale(venue, version), _venue(name, capacity, room))
    for field, value in {"name": name.strip(), "capacity": capacity, **vars(room)}.items():
        setattr(venue, field, value)
    return venue


@operation("teaching.add_session", say("安排课次"), allow=CLERK)
def add_session(actor: Any, cohort_id: int, lesson: Lesson) -> Session:
    """Plan one session of an approved or running cohort; with ``makes_up_id``, a make-up (补课) of the one that was lost.

    Refused outside the cohort's days or plan, when too short for its hours (45 minutes each), and when trainer, venue
    or a learner would be in two places at once: each is named. A make-up is of the same module, later and no longer than
    what was lost, which was cancelled or has absentees.
    """
    cohort = load(Cohort, cohort_id, lock=True)
    hold(cohort, [lesson])
    board = Board(cohort, [lesson])
    refuse_on(board.general(), board.findings(lesson))
    (session,) = plan(cohort, [lesson])
    return session


@operation("teaching.move_session", say("调整课次"), allow=SESSION_CLERK)
def move_session(actor: Any, session_id: int, lesson: Lesson, *, version: int | None = None) -> Session:
    """Plan a session anew; a make-up still makes up what it did.

    Refused once it was held or cancelled, and for what `add_session` refuses.
    """
    cohort = load(Cohort, load(Session, session_id).cohort_id, lock=True)
    session = load(Session, session_id, lock=True)
    change(cohort, session, lesson, stale(session, version))
    return session


@operation("teaching.keep_day", say("确认照常上课"), allow=SESSION_CLERK)
def keep_day(actor: Any, session_id: int) -> Session:
    """Keep a session on its day although the calendar makes another thing of it now. Refused once it was held."""
    session = load(Session, session_id, lock=True)
    refuse_on(to_come(session))
    session.day_kind = day_kind(session, overlay_of(session.cohort.site_region_code))
    return session


@operation("teaching.pin_session", say("锁定课次"), allow=SESSION_CLERK)
def pin_session(actor: Any, session_id: int, pinned: bool) -> Session:
    """Lock a session where it is, so that nobody moves it and nothing else does, or unlock it. Refused once it was held."""
    session = load(Session, session_id, lock=True)
    refuse_on(to_come(session))
    session.pinned = pinned
    return session


@operation("teaching.cancel_session", say("取消课次"), allow=SESSION_CLERK)
def cancel_session(actor: Any, session_id: int, reason: str) -> Session:
    """Cancel a session with a reason; it stays on file. Refused once it was held."""
    session = load(Session, session_id, lock=True)
    given = [] if reason.strip() else [refuse("teaching.reason", say("请写明取消的原因"))]
    refuse_on(given, to_come(session))
    session.cancelled_reason = reason.strip()[:300]
    return session


def change(cohort: Cohort, session: Session, lesson: Lesson, more: Iterable[Finding] = ()) -> None:
    """Hold a session, which is locked behind its cohort, as ``lesson`` from now on, unless anything speaks against it."""
    lesson = replace(lesson, makes_up_id=session.makes_up_id)
    hold(cohort, [lesson])
    refuse_on(more, against_moving(session, lesson))
    for field, value in vars(lesson).items():
        setattr(session, field, value)
    session.day_kind = day_kind(session, overlay_of(cohort.site_region_code))


def plan(cohort: Cohort, lessons: Iterable[Lesson]) -> list[Session]:
    """Put lessons that were found good on a cohort's timetable, each with what the calendar makes of its day."""
    overlay = overlay_of(cohort.site_region_code)
    sessions = [Session(cohort_id=cohort.id, **vars(lesson)) for lesson in lessons]
    for session in sessions:
        session.day_kind = day_kind(session, overlay)
    db.session.add_all(sessions)
    return sessions


def day_kind(session: Session, overlay: Overlay) -> DayKind:
    """Give what the calendar makes of a session's day."""
    return kind_of(clock.local(session.starts_at).date(), overlay)


def hold(cohort: Cohort, lessons: Sequence[Lesson]) -> None:
    """Lock whom and what ``lessons`` take up until the operation ends: people by their ids, then venues by theirs.

    Two cohorts that share a learner, a trainer or a room are thus planned one after the other.
    """
    hold_all([cohort], lessons)


def hold_all(cohorts: Iterable[Cohort], lessons: Sequence[Lesson]) -> None:
    """Lock whom and what ``lessons`` of several cohorts take up, as ``hold`` does for one."""
    learners = select(Enrolment.person_id).where(Enrolment.cohort_id.in_({cohort.id for cohort in cohorts}))
    people = or_(Person.id.in_(learners), Person.id.in_({lesson.trainer_id for lesson in lessons}))
    venues = Venue.id.in_({lesson.venue_id for lesson in lessons} - {None})
    for key, wanted in ((Person.id, people), (Venue.id, venues)):
        db.session.execute(select(key).where(wanted).order_by(key).with_for_update(key_share=True))


def _venue(name: str, capacity: int | None, room: Room) -> Iterator[Finding]:
    yield from read_windows(room.windows)[1]
    if room.stations is not None and room.stations < 1:
        yield refuse("teaching.venue_stations", say("工位数至少为 1；不确定就留空"))
    if capacity is not None and capacity < 1:
        yield refuse("teaching.venue_capacity", say("可容纳人数至少为 1；不确定就留空"))
    if not 0 < len(name.strip()) <= 120:  # noqa: PLR2004 (the column's length)
        yield refuse("teaching.venue_name", say("请填写场地名称，最多 120 字"))
