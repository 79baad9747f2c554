"""Attendance of a running cohort by its three ways: phones bound by slips, a signed sheet, and whoever is left by roll call."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from lbcert.core import clock
from lbcert.core.access import Holder, Visitor
from lbcert.core.database import load
from lbcert.demo.cast import Cast, at, ids
from lbcert.demo.course import Plan
from lbcert.demo.papers import signed_paper
from lbcert.teaching.checkin_code import token_of
from lbcert.teaching.models import AttendanceMark, Session, Way
from lbcert.teaching.operations.attendance import (
    Presence,
    attach_signed_sheet,
    correct_attendance,
    record_attendance,
)
from lbcert.teaching.operations.checkin import check_in, confirm_head_count, open_check_in
from lbcert.teaching.operations.phones import bind_phone, make_slips
from lbcert.teaching.queries import due_in, learners_in, marks_of, sessions_of

#: So many learners bind a phone, the last three of them the same one, which is a sign for the bureau; one more keeps a slip.
_BOUND, _SHARING = 24, 3


def keep_attendance(cast: Cast, plan: Plan, cohort_id: int, dice: random.Random) -> None:
    """Keep the attendance of a cohort's last two lessons that are over: the one by the signed sheet, the other by phone."""
    now = clock.now()
    over = [row.id for row in sessions_of(cohort_id) if row.ends_at <= now and not row.cancelled_reason]
    phones = _bind(cast, plan, cohort_id)
    _by_sheet(cast, plan, over[-2])
    _by_phone(cast, plan, over[-1], phones, dice)


def _bind(cast: Cast, plan: Plan, cohort_id: int) -> dict[int, int]:
    """Give out slips on the first day and bind phones with them; gives the phones by person."""
    phones = {}
    with at(plan.starts_on, 8, 30):
        learners = ids(learners_in(cohort_id))[: _BOUND + 1]
        slips = make_slips(cast.account(plan.clerk), cohort_id, learners)
        cards = [(slip.code, slip.enrolment.person_id, slip.enrolment.person.id_number[-4:]) for slip in slips]
        for place, (code, person_id, last_four) in enumerate(cards[:_BOUND]):
            secret = f"demo phone {cohort_id} {min(place, _BOUND - _SHARING)}"
            phones[person_id] = bind_phone(Visitor(), code, last_four, secret).id
    return phones


def _by_sheet(cast: Cast, plan: Plan, session_id: int) -> None:
    session = load(Session, session_id)
    trainer, ends = _trainer(cast, plan, session), session.ends_at
    with clock.at(ends):
        attach_signed_sheet(cast.account(trainer), session_id, signed_paper("学员签到表"), "学员签到表.pdf")
        present = {learner: Presence(AttendanceMark.PRESENT) for learner in ids(due_in(load(Session, session_id)))}
        record_attendance(cast.account(trainer), session_id, present, Way.SHEET.value)


def _by_phone(cast: Cast, plan: Plan, session_id: int, phones: dict[int, int], dice: random.Random) -> None:
    session = load(Session, session_id)
    trainer, starts, ends = _trainer(cast, plan, session), session.starts_at, session.ends_at
    came = [person_id for person_id in (row.person_id for row in due_in(session)) if person_id in phones]
    with clock.at(starts - timedelta(minutes=15)):
        open_check_in(cast.account(trainer), session_id)
    for person_id in came:
        _scan(session_id, person_id, phones, starts + timedelta(minutes=dice.randrange(-12, 13)))
    with clock.at(starts + timedelta(minutes=20)):
        session = load(Session, session_id)
        unmarked = [row.id for row in due_in(session) if (session_id, row.id) not in marks_of([session_id])]
        seen = {learner: Presence(AttendanceMark.PRESENT) for learner in unmarked}
        record_attendance(cast.account(trainer), session_id, seen)
        first = min(marks_of([session_id]).values(), key=lambda mark: mark.id)
        gone, mark_id = first.enrolment.person_id, first.id
        correct_attendance(
            cast.account(trainer), mark_id, Presence(AttendanceMark.ABSENT), "签到后离开，清点时不在教室（演示）"
        )
        confirm_head_count(cast.account(trainer), session_id, len(unmarked) + len(came) - 1)
    for person_id in came:
        if person_id != gone:
            _scan(session_id, person_id, phones, ends + timedelta(minutes=dice.randrange(-5, 10)))


def _scan(session_id: int, person_id: int, phones: dict[int, int], moment: datetime) -> None:
    with clock.at(moment):
        check_in(Holder(person_id), phones[person_id], token_of(session_id, moment), moment)


def _trainer(cast: Cast, plan: Plan, session: Session) -> str:
    return next(user for user in plan.trainers if cast.persons[user] == session.trainer_id)
