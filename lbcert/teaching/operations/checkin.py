"""Checking in and out by a bound phone: the learner's own act, which never takes the place of a trainer's mark."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from lbcert.cohorts.models import Enrolment
from lbcert.core import clock
from lbcert.core.access import Actor, Holder, only
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching import checkin, rules
from lbcert.teaching.checkin_code import is_spoken, read_token
from lbcert.teaching.models import Attendance, CheckIn, CheckInOpening, HeadCount, Leg, Mode, Phone, Session, Way
from lbcert.teaching.operations.attendance import stands
from lbcert.teaching.places import SESSION_STAFF
from lbcert.teaching.queries.attendance import marks_of
from lbcert.teaching.queries.checkin import limits_of, progress_of, times_for
from lbcert.teaching.queries.sessions import due_in

#: A scan waits so long for its phone to be bound.
WAITS = timedelta(minutes=15)


def _owns_phone(actor: Actor, phone_id: int) -> bool:
    return isinstance(actor, Holder) and load(Phone, phone_id).person_id == actor.person_id


PHONE_SELF = only("whose phone it is", _owns_phone)


@operation("teaching.open_check_in", say("开始扫码签到"), allow=SESSION_STAFF)
def open_check_in(actor: Any, session_id: int) -> CheckInOpening:
    """Show a session's QR (an online one's code); refused while nobody could check in."""
    session = load(Session, session_id)
    times = checkin.Times(session.starts_at, session.ends_at)
    refuse_on(
        rules.markable(session.cohort.name, session.cohort.state),
        stands(session),
        checkin.may_show(clock.now(), times, limits_of(session.cohort)),
    )
    opening = CheckInOpening(session_id=session.id, account_id=actor.id)
    db.session.add(opening)
    return opening


@operation("teaching.check_in", say("扫码签到、签退"), allow=PHONE_SELF)
def check_in(actor: Holder, phone_id: int, token: str, scanned_at: datetime) -> CheckIn:
    """Check the owner of a phone in to the session of a QR, or out of it the second time, as of when it was scanned.

    Refused for a code that is not ours or was too old when it was scanned, too early, too late, again, and for a lesson
    that is not his.
    """
    session_id = scanned(token, scanned_at)
    return _enter(load(Phone, phone_id), load(Session, session_id), scanned_at, Way.QR)


@operation("teaching.check_in_by_code", say("填口令签到、签退"), allow=PHONE_SELF)
def check_in_by_code(actor: Holder, phone_id: int, session_id: int, code: str) -> CheckIn:
    """Check the owner of a phone in to an online lesson by the digits that its trainer says, or out of it the second time."""
    session, now = load(Session, session_id), clock.now()
    seconds = limits_of(session.cohort).code_seconds
    if not is_spoken(code, session_id, now, seconds):
        message = say("口令不对，或者已经换了新的（每 {seconds} 秒一换），请照教师现在说的填", seconds=seconds)
        raise Refused([refuse("teaching.code_wrong", message)])
    return _enter(load(Phone, phone_id), session, now, Way.CODE)


def scanned(token: str, at: datetime) -> int:
    """Give the session of a QR that was scanned at a moment; raises `Refused` with the reason."""
    found = read_token(token)
    if found is None:
        message = say("这不是本系统的签到二维码，或者没有扫完整，请对着教师的屏幕再扫一次")
        raise Refused([refuse("teaching.qr_foreign", message)])
    session_id, drawn_at = found
    limits, age, now = limits_of(load(Session, session_id).cohort), at - drawn_at, clock.now()
    if not timedelta(seconds=-1) < age <= limits.until("qr_seconds") or not timedelta() <= now - at <= WAITS:
        message = say(
            "二维码已过期（每个只用 {seconds} 秒），转发的照片不能用，请对着教师的屏幕再扫一次",
            seconds=limits.qr_seconds,
        )
        raise Refused([refuse("teaching.qr_expired", message, limits.sources.get("qr_seconds", ""))])
    return session_id


@operation("teaching.confirm_head_count", say("清点人数"), allow=SESSION_STAFF)
def confirm_head_count(actor: Any, session_id: int, counted: int) -> HeadCount:
    """Write down how many heads the trainer counted, beside how many bear a mark of being there."""
    session = load(Session, session_id)
    refuse_on(rules.markable(session.cohort.name, session.cohort.state), stands(session), checkin.counted(counted))
    marked = sum(mark.mark in rules.PRESENT for mark in progress_of(session).marks.values())
    row = HeadCount(session_id=session.id, counted=counted, marked=marked, account_id=actor.id)
    db.session.add(row)
    return row


def _enter(phone: Phone, session: Session, at: datetime, way: Way) -> CheckIn:
    learner = next((one for one in due_in(session) if one.person_id == phone.person_id), None)
    if learner is None:
        message = say("“{lesson}”不是您的课，请核对培训班和课程表", lesson=session.module.name)
        raise Refused([refuse("teaching.not_due", message)])
    times, limits = times_for(session, learner.id), limits_of(session.cohort)
    refuse_on(
        rules.markable(session.cohort.name, session.cohort.state),
        stands(session),
        _right_way(session, way),
        checkin.in_time(at, times, limits),
    )
    leg = times.next_leg or Leg.OUT
    row = CheckIn(session_id=session.id, enrolment_id=learner.id, phone_id=phone.id, leg=leg, way=way, at=at)
    db.session.add(row)
    _mark(session, learner, leg, at, way)
    return row


def _mark(session: Session, learner: Enrolment, leg: Leg, at: datetime, way: Way) -> None:
    """Add what a check-in comes to; where a person made the mark that counts, that one stands."""
    counts = marks_of([session.id]).get((session.id, learner.id))
    here = {"session_id": session.id, "enrolment_id": learner.id, "how": way.value}
    if counts is None and leg is Leg.IN:
        mark = checkin.mark_of(at, session.starts_at, limits_of(session.cohort))
        db.session.add(Attendance(**here, mark=mark, in_at=at))
    elif leg is Leg.OUT and counts is not None and counts.way is way and counts.account_id is None:
        left = Attendance(**here, mark=counts.mark, in_at=counts.in_at, out_at=at, corrects_id=counts.id)
        left.reason = str(Leg.OUT.label)
        db.session.add(left)


def _right_way(session: Session, way: Way) -> Iterator[Finding]:
    if (session.mode is Mode.ONLINE) != (way is Way.CODE):
        message = say("线上的课填口令签到") if session.mode is Mode.ONLINE else say("这节课在现场扫码签到")
        yield refuse("teaching.check_in_way", message)
