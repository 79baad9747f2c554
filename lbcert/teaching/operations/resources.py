"""Trainers' terms, bookings, ways between regions, and the hours that an employer's mentor signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lbcert.brands.models import Module, TrainingItem
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation, Person
from lbcert.teaching.models import Booking, Mode, Session, SignedHours, TrainerProfile, TravelTime, Venue
from lbcert.teaching.patterns import read_windows
from lbcert.teaching.places import BOOKING_CLERK, PROFILE_CLERK, RESOURCE_CLERK, SIGNERS, VENUE_CLERK, own_place
from lbcert.teaching.queries.workshops import teaches_for_school
from lbcert.teaching.resources import read_lines

_LONGEST_WAY, _WEEK, _LONGEST_TEXT = 200, 100, 2000


@dataclass(frozen=True)
class Terms:
    """What may be asked of a trainer; empty and None: no limit."""

    home_region_code: str | None = None
    #: Items and modules, a line each: 电工, 操作实训, 电工：操作实训.
    subjects: str = ""
    #: Windows, a line each: 周三、周五 14:00-17:00.
    windows: str = ""
    hours_a_week: int | None = None
    nights_away: int | None = None


@operation("teaching.add_trainer", say("登记教师"), allow=RESOURCE_CLERK)
def add_trainer(actor: Any, organisation_id: int, person_id: int, terms: Terms | None = None) -> TrainerProfile:
    """Put a trainer of a school, or a mentor (带教师傅) of an employer, on file with what may be asked of him.

    Refused when somebody has him on file, and for windows, items or modules that nobody can read or find.
    """
    terms = terms or Terms()
    owner, person = load(Organisation, organisation_id), load(Person, person_id)
    refuse_on(_readable(terms))
    profile = TrainerProfile(organisation_id=owner.id, person_id=person.id)
    _write(profile, terms)
    db.session.add(profile)
    return profile


@operation("teaching.describe_trainer", say("修改教师资料"), allow=PROFILE_CLERK)
def describe_trainer(actor: Any, profile_id: int, terms: Terms, *, version: int | None = None) -> TrainerProfile:
    """Rewrite what may be asked of a trainer; sessions that are planned already stay."""
    profile = load(TrainerProfile, profile_id, lock=True)
    refuse_on(stale(profile, version), _readable(terms))
    _write(profile, terms)
    return profile


@operation("teaching.drop_trainer", say("移除教师资料"), allow=PROFILE_CLERK)
def drop_trainer(actor: Any, profile_id: int) -> Person:
    """Take a trainer's profile off the file, his bookings with it; what he taught stays. Refused while he is to teach."""
    profile = load(TrainerProfile, profile_id, lock=True)
    person = profile.person
    to_come = (
        select(Session.id)
        .where(Session.trainer_id == person.id, Session.cancelled_reason == "", Session.starts_at > clock.now())
        .limit(1)
    )
    if db.session.scalar(to_come) is not None:
        message = say("{who} 还有排好的课，请先调课，再移除教师资料", who=person.name)
        refuse_on([refuse("teaching.trainer_is_to_teach", message)])
    for booking in db.session.scalars(select(Booking).where(Booking.profile_id == profile.id)):
        db.session.delete(booking)
    db.session.flush()
    db.session.delete(profile)
    return person


@operation("teaching.book_venue", say("登记场地占用"), allow=VENUE_CLERK)
def book_venue(actor: Any, venue_id: int, starts_at: datetime, ends_at: datetime, reason: str) -> Booking:
    """Keep a venue for something that is no session: repair, a meeting, a closed day.

    Sessions that stand there meanwhile stay, for who closed a room by night cannot move them all; they are shown.
    """
    load(Venue, venue_id, lock=True)
    return _book(Booking(venue_id=venue_id), starts_at, ends_at, reason)


@operation("teaching.book_trainer", say("登记教师占用"), allow=PROFILE_CLERK)
def book_trainer(actor: Any, profile_id: int, starts_at: datetime, ends_at: datetime, reason: str) -> Booking:
    """Keep a trainer for something that is no session: leave, illness, a meeting. His sessions meanwhile stay and are shown."""
    load(TrainerProfile, profile_id, lock=True)
    return _book(Booking(profile_id=profile_id), starts_at, ends_at, reason)


@operation("teaching.unbook", say("取消占用"), allow=BOOKING_CLERK)
def unbook(actor: Any, booking_id: int) -> int:
    """Free what was booked."""
    db.session.delete(load(Booking, booking_id, lock=True))
    return booking_id


@operation("teaching.set_travel", say("登记两地路途时间"), allow=holds(Role.PROVIDER_CLERK, at=own_place))
def set_travel(actor: Any, organisation_id: int, one_code: str, other_code: str, hours: int) -> TravelTime | None:
    """Say how many hours the way between two regions takes, either way; 0 takes the figure off the file."""
    owner = load(Organisation, organisation_id)
    first, second = sorted((load(Region, one_code).code, load(Region, other_code).code))
    refuse_on(_way(first, second, hours))
    query = select(TravelTime).where(
        TravelTime.organisation_id == owner.id, TravelTime.from_code == first, TravelTime.to_code == second
    )
    way = db.session.scalar(query)
    if not hours:
        if way:
            db.session.delete(way)
        return None
    if way is None:
        way = TravelTime(organisation_id=owner.id, from_code=first, to_code=second)
        db.session.add(way)
    way.hours = hours
    return way


@operation("teaching.sign_hours", say("签认岗位课时"), allow=SIGNERS)
def sign_hours(actor: Any, session_id: int, mentor_id: int) -> SignedHours:
    """以工代训: say for an employer that one of its mentors saw a session's hours held in its workshop.

    The mentor who held it may say so himself, and where a school's trainer held it each mentor of that employer. Refused for a
    session that is not over, was cancelled, or was not held at the work place (岗位), for who is no mentor of that employer or
    teaches the cohort for the school, and a second time.
    """
    session, mentor = load(Session, session_id, lock=True), load(Person, mentor_id)
    refuse_on(_signable(session, mentor))
    signed = SignedHours(session_id=session.id, mentor_id=mentor.id, hours=session.hours, account_id=actor.id)
    db.session.add(signed)
    return signed


def _write(profile: TrainerProfile, terms: Terms) -> None:
    for field, value in vars(replace(terms, subjects=terms.subjects.strip(), windows=terms.windows.strip())).items():
        setattr(profile, field, value)


def _readable(terms: Terms) -> Iterator[Finding]:
    yield from read_windows(terms.windows)[1]
    yield from _known(terms.subjects)
    if terms.home_region_code:
        load(Region, terms.home_region_code)
    if max(len(terms.subjects), len(terms.windows)) > _LONGEST_TEXT:
        yield refuse(
            "teaching.text_long", say("“{what}”超过 {most} 个字，请改短", what=say("教师资料"), most=_LONGEST_TEXT)
        )
    if terms.hours_a_week is not None and not 1 <= terms.hours_a_week <= _WEEK:
        yield refuse("teaching.week_hours", say("每周课时应在 1 至 {most} 之间；不限就留空", most=_WEEK))
    if terms.nights_away is not None and not 0 <= terms.nights_away <= _LONGEST_WAY:
        yield refuse("teaching.nights", say("连续外宿应在 0 至 {most} 晚之间；不限就留空", most=_LONGEST_WAY))


def _known(subjects: str) -> Iterator[Finding]:
    """Find lines that name neither an item nor a module: nobody would ever teach them."""
    lines = read_lines(subjects)
    parts = {part for line in lines for part in line.split("：")}
    known = set(db.session.scalars(select(TrainingItem.name).where(TrainingItem.name.in_(parts))))
    known |= set(db.session.scalars(select(Module.name).where(Module.name.in_(parts))))
    for line in sorted(lines):
        if not known.issuperset(line.split("：")):
            message = say(
                "没有名为“{line}”的培训项目或课程模块，请写成“电工”“操作实训”或“电工：操作实训”", line=line[:40]
            )
            yield refuse("teaching.subject_unknown", message)


def _book(booking: Booking, starts_at: datetime, ends_at: datetime, reason: str) -> Booking:
    given = [] if reason.strip() else [refuse("teaching.reason", say("请写明占用的事由"))]
    times = [] if starts_at < ends_at else [refuse("teaching.times", say("占用的结束时间须晚于开始时间"))]
    refuse_on(given, times)
    booking.starts_at, booking.ends_at, booking.reason = starts_at, ends_at, reason.strip()[:200]
    db.session.add(booking)
    return booking


def _way(first: str, second: str, hours: int) -> Iterator[Finding]:
    if first == second:
        yield refuse("teaching.same_region", say("请选两个不同的地区"))
    if not 0 <= hours <= _LONGEST_WAY:
        yield refuse("teaching.way_hours", say("路途应在 0 至 {most} 小时之间；0 表示删除", most=_LONGEST_WAY))


def _signable(session: Session, mentor: Person) -> Iterator[Finding]:
    owner_id = session.venue.organisation_id if session.venue else None
    if session.mode is not Mode.WORKPLACE:
        yield refuse("teaching.not_at_work", say("只有以“岗位”方式上的课才由用人单位签认课时"), "以工代训")
    if session.cancelled_reason or session.ends_at > clock.now():
        yield refuse("teaching.not_held", say("这节课已取消，或者还没有上完，不能签认"))
    is_mentor = select(TrainerProfile.id).where(
        TrainerProfile.organisation_id == owner_id, TrainerProfile.person_id == mentor.id
    )
    if owner_id is None or db.session.scalar(is_mentor) is None:
        message = say("{who} 不是这家用人单位登记的带教师傅，请先登记", who=mentor.name)
        yield refuse("teaching.not_a_mentor", message, "以工代训")
    for_school = select(Session.id).join(Session.venue).where(Session.id == session.id, teaches_for_school(mentor.id))
    if db.session.scalar(for_school) is not None:
        message = say(
            "{who} 是本班培训机构一方的教师，不能替用人单位签认；请由该单位的另一位带教师傅签认", who=mentor.name
        )
        yield refuse("teaching.signs_for_both", message, "以工代训")
    if db.session.scalar(select(SignedHours.id).where(SignedHours.session_id == session.id)) is not None:
        yield refuse("teaching.signed_already", say("这节课的课时已由用人单位签认"))
