"""Venues and sessions: added by hand or from a course table, moved, cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lbcert.brands.models import Module
from lbcert.cohorts.models import Cohort, CohortState, PlannedModule
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation, Person
from lbcert.teaching import rules
from lbcert.teaching.models import Attendance, Mode, Session, Venue
from lbcert.teaching.places import CLERK, SESSION_CLERK
from lbcert.teaching.queries import due_in, held_with, slot_of


@dataclass(frozen=True)
class Lesson:
    """A session as it is asked for; times carry zones, ``hours`` are class hours of 45 minutes."""

    module_id: int
    starts_at: datetime
    ends_at: datetime
    hours: int
    mode: Mode
    trainer_id: int
    venue_id: int | None = None
    title: str = ""
    material: str = ""


def _organisation(organisation_id: int) -> Place:
    return Place(organisations=(organisation_id,))


@operation("teaching.add_venue", allow=holds(Role.PROVIDER_CLERK, at=_organisation))
def add_venue(actor: Any, organisation_id: int, name: str, region_code: str, capacity: int | None = None) -> Venue:
    """Put a classroom, workshop or field on file; gives back the one of that name and region when it is there."""
    owner, region = load(Organisation, organisation_id), load(Region, region_code)
    refuse_on(_name(name))
    found = db.session.scalar(select(Venue).where(Venue.region_code == region.code, Venue.name == name.strip()))
    if found is not None:
        return found
    venue = Venue(name=name.strip(), region_code=region.code, organisation_id=owner.id, capacity=capacity)
    db.session.add(venue)
    return venue


@operation("teaching.add_session", allow=CLERK)
def add_session(actor: Any, cohort_id: int, lesson: Lesson) -> Session:
    """Plan one session of an approved or running cohort.

    Refused outside the cohort's days or plan, when too short for its hours (45 minutes each), and when trainer, venue
    or a learner would be in two places at once: each is named.
    """
    cohort = load(Cohort, cohort_id, lock=True)
    session = Session(cohort_id=cohort.id, **vars(lesson))
    _check(cohort, session)
    db.session.add(session)
    return session


@operation("teaching.move_session", allow=SESSION_CLERK)
def move_session(actor: Any, session_id: int, lesson: Lesson, *, version: int | None = None) -> Session:
    """Plan a session anew. Refused once attendance was taken, and for what `add_session` refuses."""
    session = load(Session, session_id, lock=True)
    refuse_on(stale(session, version), _untouched(session))
    for field, value in vars(lesson).items():
        setattr(session, field, value)
    with db.session.no_autoflush:
        _check(session.cohort, session)
    return session


@operation("teaching.cancel_session", allow=SESSION_CLERK)
def cancel_session(actor: Any, session_id: int, reason: str) -> Session:
    """Cancel a session with a reason; it stays on file. Refused once attendance was taken."""
    session = load(Session, session_id, lock=True)
    given = [] if reason.strip() else [refuse("teaching.reason", say("请写明取消的原因"))]
    refuse_on(given, _untouched(session))
    session.cancelled_reason = reason.strip()
    return session


def _check(cohort: Cohort, session: Session) -> None:
    planned = db.session.scalar(
        select(PlannedModule).where(PlannedModule.cohort_id == cohort.id, PlannedModule.module_id == session.module_id)
    )
    module, trainer = load(Module, session.module_id), load(Person, session.trainer_id)
    venue = None if session.venue_id is None else load(Venue, session.venue_id)
    day = clock.local(session.starts_at).date()
    refuse_on(
        _state(cohort),
        rules.length(session.starts_at, session.ends_at, session.hours),
        rules.within(day, cohort.starts_on, cohort.ends_on),
        _mode(module, session.mode, venue),
        _planned(cohort, module, planned, session),
        _trainer(cohort, trainer),
    )
    with db.session.no_autoflush:
        session.cohort, session.module, session.trainer, session.venue = cohort, module, trainer, venue
        learners = due_in(session)
        slot = slot_of(session)
        others = held_with(session.starts_at, session.ends_at, cohort, trainer.id, session.venue_id, session.id)
        hours = session.hours + _hours_on(cohort, session)
    refuse_on(
        rules.clashes(slot, others),
        rules.hours_a_day(day, hours, ruling(cohort, rules.HOURS_A_DAY)),
        rules.room_for(venue.name, venue.capacity, len(learners)) if venue else [],
    )


def _state(cohort: Cohort) -> Iterator[Finding]:
    if cohort.state not in {CohortState.APPROVED, CohortState.RUNNING}:
        message = say("培训班“{name}”是“{state}”，批准后才能排课", name=cohort.name, state=str(cohort.state.label))
        yield refuse("teaching.cohort_state", message)


def _mode(module: Module, mode: Mode, venue: Venue | None) -> Iterator[Finding]:
    if mode is Mode.ONLINE and not module.online_allowed:
        yield refuse("teaching.online_practice", say("模块“{module}”不能线上授课，请改为线下", module=module.name))
    if mode is not Mode.ONLINE and venue is None:
        yield refuse("teaching.no_venue", say("线下授课请填写上课地点"))


def _planned(cohort: Cohort, module: Module, planned: PlannedModule | None, session: Session) -> Iterator[Finding]:
    if planned is None:
        yield refuse("teaching.not_in_plan", say("模块“{module}”不在备案的教学计划里", module=module.name))
        return
    held = db.session.scalar(
        select(func.coalesce(func.sum(Session.hours), 0)).where(
            Session.cohort_id == cohort.id,
            Session.module_id == module.id,
            Session.cancelled_reason == "",
            Session.id != (session.id or 0),
        )
    )
    yield from rules.planned_hours(module.name, planned.hours, held or 0, session.hours)


def _trainer(cohort: Cohort, trainer: Person) -> Iterator[Finding]:
    if all(planned.person_id != trainer.id for planned in cohort.trainers):
        yield refuse(
            "teaching.trainer_not_filed", say("教师 {who} 不在备案的授课师资里，请先办理变更", who=trainer.name)
        )


def _hours_on(cohort: Cohort, session: Session) -> int:
    day = clock.local(session.starts_at).date()
    others = select(Session).where(Session.cohort_id == cohort.id, Session.cancelled_reason == "")
    return sum(
        other.hours
        for other in db.session.scalars(others)
        if other.id != session.id and clock.local(other.starts_at).date() == day
    )


def _untouched(session: Session) -> Iterator[Finding]:
    if db.session.scalar(select(Attendance.id).where(Attendance.session_id == session.id).limit(1)):
        yield refuse("teaching.already_held", say("这节课已有考勤记录，不能再改动"))


def _name(name: str) -> Iterator[Finding]:
    if not 0 < len(name.strip()) <= 120:  # noqa: PLR2004 (the column's length)
        yield refuse("teaching.venue_name", say("请填写场地名称，最多 120 字"))
