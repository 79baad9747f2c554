"""Random calls in a lesson: the system says whom to call, the trainer writes down who answered."""

from __future__ import annotations

import secrets
from typing import Any

from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching import rules
from lbcert.teaching.models import AttendanceMark, RandomCall, Session
from lbcert.teaching.places import CALL_STAFF, SESSION_STAFF
from lbcert.teaching.queries.attendance import marks_of
from lbcert.teaching.queries.checkin import calls_of
from lbcert.teaching.queries.sessions import due_in

#: Called at once.
MOST = 10
_THERE = {AttendanceMark.PRESENT, AttendanceMark.LATE}


@operation("teaching.call_at_random", say("随机抽查"), allow=SESSION_STAFF)
def call_at_random(actor: Any, session_id: int, count: int) -> list[RandomCall]:
    """Name so many learners by lot of those who are marked as there, in time or late: those first who were not called in this lesson.

    A call asks whether those who checked in are there. Refused outside the lesson, and while nobody is marked so.
    """
    session, now = load(Session, session_id), clock.now()
    is_on = not session.cancelled_reason and session.starts_at <= now <= session.ends_at
    refuse_on(
        rules.markable(session.cohort.name, session.cohort.state),
        [] if is_on else [refuse("teaching.call_time", say("上课时才能抽查"))],
        [] if 1 <= count <= MOST else [refuse("teaching.call_count", say("一次抽查 1 至 {most} 人", most=MOST))],
    )
    marks = marks_of([session_id])
    here = [
        learner.id
        for learner in due_in(session)
        if (mark := marks.get((session_id, learner.id))) and mark.mark in _THERE
    ]
    called = {call.enrolment_id for call in calls_of(session_id)}
    lot = secrets.SystemRandom()
    drawn = sorted(lot.sample(here, len(here)), key=lambda learner: learner in called)[:count]
    nobody = say("还没有记为出勤或迟到的学员，请先签到或点名，再从中抽查")
    refuse_on([] if drawn else [refuse("teaching.nobody_to_call", nobody)])
    calls = [RandomCall(session_id=session_id, enrolment_id=learner, account_id=actor.id) for learner in drawn]
    db.session.add_all(calls)
    return calls


@operation("teaching.record_answer", say("登记抽查应答"), allow=CALL_STAFF)
def record_answer(actor: Any, call_id: int, *, answered: bool) -> RandomCall:
    """Write down whether a learner answered a call; once."""
    call = load(RandomCall, call_id, lock=True)
    refuse_on([] if call.answered is None else [refuse("teaching.answered_already", say("这次抽查已经登记过"))])
    call.answered, call.answered_at = answered, clock.now()
    return call
