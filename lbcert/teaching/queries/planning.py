"""What is planned around a cohort, read once: lessons are checked against it, one alone or a whole sheet of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.brands.models import Module
from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import calendar, clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.waivers import granted_shown
from lbcert.core.words import Message, say
from lbcert.core.workdays import is_year_known, kind_of
from lbcert.parties.models import Person
from lbcert.teaching import makeups, rules
from lbcert.teaching.load import Load
from lbcert.teaching.models import Attendance, LessonLog, Session, Venue
from lbcert.teaching.patterns import Held, Taught
from lbcert.teaching.queries.learners import STANDING, coming, due_by_module
from lbcert.teaching.queries.makeups import lost_to
from lbcert.teaching.queries.patterns import departures_of, taught, timing_of
from lbcert.teaching.queries.resources import Resources
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.rules import Lesson, Slot


class Board:
    """The sessions that new ones of a cohort could clash with, its plan, and how much of that is taken.

    ``lessons`` bound what is read; ``without`` is a session that is about to be moved.
    """

    def __init__(self, cohort: Cohort, lessons: Iterable[Lesson], without: int | None = None) -> None:
        self.cohort, self._without = cohort, without
        self._planned = {row.module_id: row.hours for row in cohort.plan}
        self._filed = {row.person_id for row in cohort.trainers}
        self._limit = ruling(cohort, rules.HOURS_A_DAY)
        self._learners = due_by_module(cohort)
        self._calendar = calendar.overlay_of(cohort.site_region_code)
        wanted = list(lessons)
        self.resources = Resources(cohort, self._calendar, wanted, without)
        self._timing = timing_of(cohort)
        self._division = Division(cohort, [without] if without else [])
        self._taught: list[Taught] = []
        self._slots: list[Slot] = []
        self._own: list[tuple[Slot, Session]] = []
        self._hours_of_module: dict[int, int] = defaultdict(int)
        self._load = Load(self._learners)
        own = select(Session).where(Session.cohort_id == cohort.id, Session.cancelled_reason == "")
        parts = joinedload(Session.trainer), joinedload(Session.venue), joinedload(Session.module)
        for session in db.session.scalars(own.options(*parts)):
            if session.id != without:
                who = coming(session, self._learners)
                self._own.append((_slot(session, f"{cohort.name} {session.module.name}", who), session))
                self._load.add(clock.local(session.starts_at).date(), session.module_id, session.hours, who)
                if not session.for_absentees:
                    self._hours_of_module[session.module_id] += session.hours
                    self._taught.append(taught(session, self._learners))
        self._slots += [slot for slot, _ in self._own]
        if wanted:
            self._slots += self._elsewhere(wanted)

    def general(self) -> list[Finding]:
        """Find what speaks against planning anything here, and say which rule nobody has put on file."""
        return [*rules.plannable(self.cohort.name, self.cohort.state), *self._limit.note(), *self._timing.notes]

    def findings(self, lesson: Lesson, new_venue: str = "") -> list[Finding]:
        """Find everything that speaks against a lesson, which may be held in a venue that is not on file yet."""
        cohort, module = self.cohort, load(Module, lesson.module_id)
        trainer = load(Person, lesson.trainer_id)
        day = clock.local(lesson.starts_at).date()
        learners = coming(lesson, self._learners)
        hours = self._load.on(day, lesson.module_id, learners) + lesson.hours
        venue = None if lesson.venue_id is None else load(Venue, lesson.venue_id)
        return [
            *rules.texts(lesson.title, lesson.material),
            *rules.length(lesson.starts_at, lesson.ends_at, lesson.hours),
            *rules.within(day, cohort.starts_on, cohort.ends_on),
            *rules.day_on_calendar(day, kind_of(day, self._calendar), is_year_known(day.year, self._calendar)),
            *rules.way_of_teaching(module.name, module.online_allowed, lesson.mode, bool(venue or new_venue)),
            *self._plan(lesson, module),
            *rules.trainer_filed(trainer.name, names=trainer.id in self._filed or self.resources.is_mentor(lesson)),
            *rules.clashes(self.slot(lesson, new_venue=new_venue), self._slots),
            *self.resources.findings(lesson, len(learners)),
            *rules.hours_a_day(day, hours, self._limit),
            *granted_shown(self._departures(lesson, module, hours)),
            *(rules.room_for(venue.name, venue.capacity, len(learners)) if venue else []),
        ]

    def _plan(self, lesson: Lesson, module: Module) -> Iterator[Finding]:
        """Find what speaks against a lesson's hours in the plan, or against making up the hours that were lost."""
        lost = lost_to(lesson, self._without) if lesson.makes_up_id else None
        if lost:
            yield from makeups.against(lesson, self.cohort.id, lost, ruling(self.cohort, makeups.DAYS))
        if lost is None or lost.is_cancelled:
            planned, held = self._planned.get(module.id), self._hours_of_module[module.id]
            yield from rules.planned_hours(module.name, planned, held, lesson.hours)
            yield from self._division.beyond(lesson)

    def count(self, lesson: Lesson) -> None:
        """Take a lesson's hours as planned, for those that follow in a sheet."""
        self._hours_of_module[lesson.module_id] += lesson.hours
        self._load.add(clock.local(lesson.starts_at).date(), lesson.module_id, lesson.hours)
        self._taught.append(self._as_taught(lesson, load(Module, lesson.module_id)))
        self.resources.count(lesson)
        self._division.count(lesson)

    def left(self, module_id: int) -> int:
        """Give how many class hours of a module in the plan are not on the timetable yet."""
        return self._planned[module_id] - self._hours_of_module[module_id]

    def is_taken(self, lesson: Lesson) -> bool:
        """Tell whether a lesson's trainer or room has a session or a booking then: quick to ask of many times, before `findings`."""
        return self.resources.is_booked(lesson) or any(
            slot.starts_at < lesson.ends_at and lesson.starts_at < slot.ends_at
            for slot in self._slots
            if slot.trainer_id == lesson.trainer_id or (lesson.venue_id and slot.venue_id == lesson.venue_id)
        )

    @property
    def ends(self) -> set[datetime]:
        """When what the lessons could clash with is over."""
        return {slot.ends_at for slot in self._slots} | self.resources.ends

    def clashing(self, since: datetime) -> list[Finding]:
        """Find what keeps the cohort's own sessions that end after a moment from being held, for a board made for all of them.

        Somebody or a room would be in two places, or is not to be had.
        """
        return [
            replace(found, message=say("{session}：{what}", session=own.label, what=found.message))
            for own, session in self._own
            if own.ends_at > since
            for found in (
                *rules.clashes(own, [slot for slot in self._slots if slot is not own]),
                *self.resources.hindrances(shifted(session, session.starts_at)),
            )
        ]

    def _departures(self, lesson: Lesson, module: Module, hours: int) -> list[Finding]:
        new, lost = self._as_taught(lesson, module), lesson.makes_up_id and load(Session, lesson.makes_up_id)
        # those who missed a lesson make it up after the modules that followed
        others = [] if lost and not lost.cancelled_reason else self._taught
        return departures_of(self.cohort, self._timing, new, hours, others, self._calendar)

    def _as_taught(self, lesson: Lesson, module: Module) -> Taught:
        learners = frozenset(self._learners.get(lesson.module_id, ()))
        held = Held(module.kind, lesson.mode)
        return Taught(module.id, module.name, lesson.starts_at, lesson.ends_at, learners, held)

    def slot(self, lesson: Lesson, label: str | Message = "", new_venue: str = "") -> Slot:
        """Give a lesson as the clash rule sees it, named by ``label``."""
        venue = None if lesson.venue_id is None else load(Venue, lesson.venue_id)
        return Slot(
            lesson.starts_at,
            lesson.ends_at,
            label or _label(self.cohort.name, lesson.starts_at),
            lesson.trainer_id,
            load(Person, lesson.trainer_id).name,
            lesson.venue_id,
            venue.name if venue else new_venue,
            dict(coming(lesson, self._learners)),
        )

    def _elsewhere(self, lessons: list[Lesson]) -> Iterator[Slot]:
        """Give what other cohorts have planned meanwhile with these trainers, venues and learners."""
        venues = {lesson.venue_id for lesson in lessons} - {None}
        shared = _cohorts_sharing_learners(self.cohort.id)
        query = select(Session).where(
            Session.cohort_id != self.cohort.id,
            Session.cancelled_reason == "",
            Session.starts_at < max(lesson.ends_at for lesson in lessons),
            Session.ends_at > min(lesson.starts_at for lesson in lessons),
            or_(
                Session.trainer_id.in_({lesson.trainer_id for lesson in lessons}),
                Session.venue_id.in_(venues),
                Session.cohort_id.in_(shared),
            ),
        )
        loaded = joinedload(Session.trainer), joinedload(Session.venue), joinedload(Session.cohort)
        due: dict[int, Mapping[int, dict[int, str]]] = {}
        for session in db.session.scalars(query.options(*loaded)):
            if session.cohort_id not in due:
                due[session.cohort_id] = due_by_module(session.cohort)
            yield _slot(session, session.cohort.name, coming(session, due[session.cohort_id]))


def shifted(session: Session, starts_at: datetime) -> Lesson:
    """Give a session as it would be at another time: as long, with the same people in the same place."""
    kept = {field.name: getattr(session, field.name) for field in fields(Lesson)}
    return Lesson(**kept | {"starts_at": starts_at, "ends_at": starts_at + (session.ends_at - session.starts_at)})


def against_moving(session: Session, lesson: Lesson) -> list[Finding]:
    """Find everything that speaks against holding a session as ``lesson`` instead."""
    board = Board(session.cohort, [lesson], without=session.id)
    return [*to_come(session), *locked(session), *board.general(), *board.findings(lesson)]


def locked(session: Session) -> list[Finding]:
    """Find that somebody locked a session where it is."""
    message = say("这节课已锁定；要调整，请先在课次页面解除锁定")
    return [refuse("teaching.pinned", message)] if session.pinned else []


def to_come(session: Session) -> Iterator[Finding]:
    """Find that a session was cancelled, or held, so that nothing of it can be changed."""
    if session.cancelled_reason:
        yield refuse("teaching.cancelled", say("这节课已取消"))
    for held in (Attendance, LessonLog):
        if db.session.scalar(select(held.id).where(held.session_id == session.id).limit(1)):
            yield refuse("teaching.already_held", say("这节课已有考勤或教学日志，不能再改动"))
            return


def _slot(session: Session, name: str, learners: Mapping[int, str]) -> Slot:
    return Slot(
        session.starts_at,
        session.ends_at,
        _label(name, session.starts_at),
        session.trainer_id,
        session.trainer.name,
        session.venue_id,
        session.venue.name if session.venue else "",
        dict(learners),
    )


def _label(name: str, starts_at: datetime) -> str:
    return f"{name} {clock.local(starts_at):%Y-%m-%d %H:%M}"


def _cohorts_sharing_learners(cohort_id: int) -> Select[Any]:
    mine, other = aliased(Enrolment), aliased(Enrolment)
    return (
        select(other.cohort_id)
        .join(mine, mine.person_id == other.person_id)
        .where(mine.cohort_id == cohort_id, mine.state.in_(STANDING), other.state.in_(STANDING))
    )
