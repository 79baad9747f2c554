"""What waits in teaching: for the trainer, the school, and the employer whose mentors teach."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core import clock
from lbcert.core.access import Actor, Role, roles_of
from lbcert.core.database import db
from lbcert.core.todo import Todo
from lbcert.core.words import Message, say
from lbcert.teaching.models import Attendance, LeaveRequest, LessonLog, Replan, Session
from lbcert.teaching.queries import covers, owed, plans
from lbcert.teaching.queries.lists import loaded, own_cohorts, sessions_on, taught_by
from lbcert.teaching.queries.workshops import to_sign, to_sign_as_mentor, to_sign_for_others


def todo(actor: Actor) -> list[Todo]:
    """Give what waits for a trainer or a school: cover to answer for, today's sessions, missing roll calls and logs, lessons to plan and publish, what is to be decided."""
    return [
        *covers.todo(actor),
        *_today(actor),
        *_roll_calls(actor),
        *_logs(actor),
        *_leave(actor),
        *plans.todo(own_cohorts(actor)),
        *owed.todo(own_cohorts(actor)),
        *_hours_to_sign(actor),
        *_proposals(actor),
    ]


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
    desk = to_sign(actor) if Role.EMPLOYER in roles_of(actor) else []
    count = len({*desk, *to_sign_for_others(actor)})
    firm = [Todo(say("{count} 节岗位课的课时待签认", count=count), "teaching.workshops", {})] if count else []
    own = [
        Todo(_about(say("签认岗位课时：{day} {module} · {cohort}"), one), "teaching.session", {"session_id": one.id})
        for one in to_sign_as_mentor(actor)
    ]
    return firm + own


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
            or_(taught_by(actor), Session.cohort_id.in_(own_cohorts(actor))),
        )
    )
    return loaded(query.order_by(Session.starts_at, Session.id))


def _about(message: Message, session: Session) -> Message:
    begins = clock.local(session.starts_at)
    values = {
        "day": f"{begins:%m-%d}",
        "time": f"{begins:%H:%M}",
        "module": session.module.name,
        "cohort": session.cohort.name,
    }
    return say(message.msgid, **values)
