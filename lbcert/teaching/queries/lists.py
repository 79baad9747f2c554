"""What each account finds in teaching: its cohorts, the sessions of a day, and what waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, CohortProvider, CohortState, PlannedModule, ProviderPart
from lbcert.core import clock
from lbcert.core.access import Actor, Role, roles_of, visible
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.core.todo import Todo
from lbcert.core.words import Message, say
from lbcert.teaching.models import Attendance, LeaveRequest, LessonLog, Replan, Session, Venue
from lbcert.teaching.queries import covers, owed
from lbcert.teaching.queries.makeups import for_absentees
from lbcert.teaching.queries.workshops import to_sign

#: Who looks at teaching without teaching, by region.
_WATCHING = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR)
#: Who keeps venues.
_KEEPERS = (Role.PROVIDER_CLERK, Role.EMPLOYER)
#: While there are sessions to plan, hold or look up.
_TAUGHT = (CohortState.APPROVED, CohortState.RUNNING, CohortState.TAUGHT, CohortState.CLOSED)
SORTS = {"name": Cohort.name, "number": Cohort.number, "starts": Cohort.starts_on, "ends": Cohort.ends_on}


def cohorts_page(actor: Actor, paging: Paging) -> Page[Cohort]:
    """Give one page of the cohorts that the actor teaches or looks after, from their approval on."""
    query = select(Cohort).where(Cohort.state.in_(_TAUGHT), seen_by(actor))
    if paging.search:
        query = query.where(
            or_(*(column.contains(paging.search, autoescape=True) for column in (Cohort.name, Cohort.number)))
        )
    return paginate(db.session, query, paging, SORTS, Cohort.id)


def hours_by_cohort(cohort_ids: list[int]) -> Mapping[int, tuple[int, int, int]]:
    """Give the class hours of each cohort: in the filed plan, on the timetable, and held; make-ups for absentees apart."""
    planned = _sums(select(PlannedModule.cohort_id, func.sum(PlannedModule.hours)), PlannedModule.cohort_id, cohort_ids)
    stands = select(Session.cohort_id, func.sum(Session.hours)).where(Session.cancelled_reason == "", ~for_absentees())
    timed = _sums(stands, Session.cohort_id, cohort_ids)
    held = _sums(stands.where(Session.ends_at <= clock.now()), Session.cohort_id, cohort_ids)
    return {key: (planned.get(key, 0), timed.get(key, 0), held.get(key, 0)) for key in cohort_ids}


def sessions_on(actor: Actor, day: date) -> list[Session]:
    """List the sessions of a day that the actor teaches, or that its school holds; cancelled ones apart."""
    begins = datetime.combine(day, time(), SHANGHAI)
    query = select(Session).where(
        Session.starts_at >= begins,
        Session.starts_at < begins + timedelta(days=1),
        Session.cancelled_reason == "",
        or_(_taught_by(actor), Session.cohort_id.in_(own_cohorts(actor))),
    )
    return _loaded(query.order_by(Session.starts_at, Session.id))


def todo(actor: Actor) -> list[Todo]:
    """Give what waits for a trainer or a school: cover to answer for, today's sessions, missing roll calls and logs, make-ups to plan, what is to be decided."""
    return [
        *covers.todo(actor),
        *_today(actor),
        *_roll_calls(actor),
        *_logs(actor),
        *_leave(actor),
        *owed.todo(own_cohorts(actor)),
        *_hours_to_sign(actor),
        *_proposals(actor),
    ]


def venues_page(actor: Actor, paging: Paging) -> Page[Venue]:
    """Give one page of the venues that are the actor's organisations' or lie in its regions."""
    query = select(Venue).where(venue_seen_by(actor)).options(joinedload(Venue.organisation), joinedload(Venue.region))
    if paging.search:
        query = query.where(Venue.name.contains(paging.search, autoescape=True))
    return paginate(db.session, query, paging, VENUE_SORTS, Venue.id)


VENUE_SORTS = {"name": Venue.name, "capacity": Venue.capacity}


def _today(actor: Actor) -> list[Todo]:
    return [
        Todo(_about(say("{time} {module} · {cohort}"), session), "teaching.session", {"session_id": session.id})
        for session in sessions_on(actor, clock.today())
        if session.trainer_id == actor.person_id and session.ends_at > clock.now()
    ]


def _roll_calls(actor: Actor) -> list[Todo]:
    marked = exists().where(Attendance.session_id == Session.id)
    return [
        Todo(
            _about(say("补点名：{day} {module} · {cohort}"), session), "teaching.roll_call", {"session_id": session.id}
        )
        for session in _over(actor, ~marked)
    ]


def _logs(actor: Actor) -> list[Todo]:
    logged = exists().where(LessonLog.session_id == Session.id)
    return [
        Todo(_about(say("补教学日志：{day} {module} · {cohort}"), session), "teaching.log", {"session_id": session.id})
        for session in _over(actor, ~logged)
        if session.trainer_id == actor.person_id
    ]


def _leave(actor: Actor) -> list[Todo]:
    query = (
        select(LeaveRequest)
        .join(LeaveRequest.session)
        .where(LeaveRequest.granted.is_(None), Session.cohort_id.in_(own_cohorts(actor)))
        .order_by(LeaveRequest.id)
    )
    return [
        Todo(
            say("{name} 请假：{reason}", name=request.enrolment.person.name, reason=request.reason[:40]),
            "teaching.session",
            {"session_id": request.session_id},
        )
        for request in db.session.scalars(query)
    ]


def _hours_to_sign(actor: Actor) -> list[Todo]:
    count = len(to_sign(actor)) if Role.EMPLOYER in roles_of(actor) else 0
    return [Todo(say("{count} 节岗位课的课时待签认", count=count), "teaching.workshops", {})] if count else []


def _proposals(actor: Actor) -> list[Todo]:
    """Give the changes (调课) that the actor had looked for and did not decide, while what fails has not come back."""
    open_ones = Replan.accepted_at.is_(None), Replan.discarded_at.is_(None), Replan.finished_at.is_not(None)
    query = select(Replan).where(Replan.account_id == actor.id, *open_ones, Replan.ends_at > clock.now())
    return [
        Todo(say("确认调课建议：{what}", what=found.name), "teaching.replan", {"replan_id": found.id})
        for found in db.session.scalars(query.order_by(Replan.id))
    ]


def _over(actor: Actor, lacking: ColumnElement[bool]) -> list[Session]:
    """List the sessions that are over in cohorts under way, and lack something that is the actor's to do."""
    query = (
        select(Session)
        .join(Session.cohort)
        .where(
            Cohort.state.in_((CohortState.RUNNING, CohortState.TAUGHT)),
            Session.ends_at <= clock.now(),
            Session.cancelled_reason == "",
            lacking,
            or_(_taught_by(actor), Session.cohort_id.in_(own_cohorts(actor))),
        )
    )
    return _loaded(query.order_by(Session.starts_at, Session.id))


def _about(message: Message, session: Session) -> Message:
    begins = clock.local(session.starts_at)
    values = {
        "day": f"{begins:%m-%d}",
        "time": f"{begins:%H:%M}",
        "module": session.module.name,
        "cohort": session.cohort.name,
    }
    return say(message.msgid, **values)


def _loaded(query: Select[Any]) -> list[Session]:
    parts = (Session.module, Session.trainer, Session.venue, Session.cohort)
    return list(db.session.scalars(query.options(*(joinedload(part) for part in parts))))


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on cohorts that an actor teaches, has a school in, or watches over."""
    providers = select(CohortProvider.cohort_id).where(
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id])
    )
    regions = visible(actor, *_WATCHING, region=[Cohort.home_region_code, Cohort.site_region_code])
    return or_(regions, Cohort.id.in_(providers), Cohort.id.in_(select(Session.cohort_id).where(_taught_by(actor))))


def venue_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on venues that are an actor's organisation's or lie in its region."""
    return visible(actor, *_WATCHING, *_KEEPERS, region=[Venue.region_code], organisation=[Venue.organisation_id])


def _taught_by(actor: Actor) -> ColumnElement[bool]:
    if actor.person_id is None or Role.TRAINER not in roles_of(actor):
        return false()
    return Session.trainer_id == actor.person_id


def own_cohorts(actor: Actor) -> Select[Any]:
    """Give the cohorts that the actor's school teaches."""
    return select(CohortProvider.cohort_id).where(
        CohortProvider.part != ProviderPart.HOST,
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id]),
    )


def plannable_beside(actor: Actor, cohort: Cohort) -> list[Cohort]:
    """List the actor's other cohorts that may be planned and have time left, to be planned together with one."""
    query = select(Cohort).where(
        Cohort.id.in_(own_cohorts(actor)),
        Cohort.id != cohort.id,
        Cohort.state.in_((CohortState.APPROVED, CohortState.RUNNING)),
        Cohort.ends_on >= clock.today(),
    )
    return list(db.session.scalars(query.order_by(Cohort.starts_on, Cohort.id)))


def _sums(query: Any, key: Any, cohort_ids: list[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in db.session.execute(query.where(key.in_(cohort_ids)).group_by(key))}
