"""The records behind the signs of trouble in a cohort's attendance, its people's in other cohorts among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, func, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.parties.models import Account, Person
from lbcert.teaching import signs
from lbcert.teaching.models import Attendance, CheckIn, CheckInOpening, HeadCount, Mode, Phone, RandomCall, Session
from lbcert.teaching.rules import PRESENT
from lbcert.teaching.signs import LIMITS, Limits, Part, Scan, Sign, Stay


def limits_for(cohort: Cohort) -> Limits:
    """Give the limits where a cohort is taught: its bureau's own, or the product's."""
    rulings = {name: ruling(cohort, key) for name, key in LIMITS.items()}
    return Limits(**{name: found.value for name, found in rulings.items() if found.is_on_file})


def signs_of(cohort: Cohort) -> list[Sign]:
    """Find the signs of trouble that touch a cohort's sessions, trainers first."""
    own = {row.id: row for row in db.session.scalars(select(Session).where(Session.cohort_id == cohort.id))}
    trainers, limits, stays = {row.trainer_id for row in own.values()}, limits_for(cohort), list(_stays(cohort.id))
    stays.sort(key=lambda stay: stay.person_id not in trainers)
    found = [
        *signs.in_two_places(stays),
        *signs.without_travel(stays, limits),
        *signs.one_phone(_scans(cohort.id), limits),
        *signs.fewer_heads(_counts(cohort.id)),
        *signs.unanswered(_unanswered(cohort.id)),
    ]
    return [sign for sign in found if any(row.session_id in own for row in sign.rows)]


def sessions_behind(found: list[Sign]) -> dict[int, Session]:
    """Give the sessions where the records behind signs stand, by id."""
    ids = {row.session_id for sign in found for row in sign.rows}
    query = select(Session).where(Session.id.in_(ids)).options(joinedload(Session.module), joinedload(Session.cohort))
    return {session.id: session for session in db.session.scalars(query)}


def _people(cohort_id: int) -> CompoundSelect[int]:
    learners = select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id)
    return learners.union(select(Session.trainer_id).where(Session.cohort_id == cohort_id))


def _standing() -> Any:
    """Choose the marks that no later one corrects."""
    later = aliased(Attendance)
    return ~select(later.id).where(later.corrects_id == Attendance.id).exists()


def _stays(cohort_id: int) -> Iterator[Stay]:
    """Give where the people of a cohort were, in any cohort, up to now."""
    people = _people(cohort_id)
    held = (Session.cancelled_reason == "", Session.starts_at <= clock.now())
    where = joinedload(Session.venue), joinedload(Session.cohort)
    taught = select(Session, Person.id, Person.name).join(Person, Person.id == Session.trainer_id)
    for session, person_id, name in db.session.execute(taught.where(Person.id.in_(people), *held).options(*where)):
        yield _stay(session, person_id, name, Part.TAUGHT, session.starts_at, session.ends_at)
    attended = (
        select(Session, Person.id, Person.name, Attendance.in_at, Attendance.out_at)
        .join(Attendance, Attendance.session_id == Session.id)
        .join(Enrolment, Enrolment.id == Attendance.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Person.id.in_(people), Attendance.mark.in_(PRESENT), _standing(), *held)
    )
    for session, person_id, name, came, left in db.session.execute(attended.options(*where)):
        begins, ends = max(session.starts_at, came or session.starts_at), min(session.ends_at, left or session.ends_at)
        yield _stay(session, person_id, name, Part.ATTENDED, begins, max(begins, ends))
    opened = (
        select(Session, Person.id, Person.name, func.min(CheckInOpening.created_at))
        .join(CheckInOpening, CheckInOpening.session_id == Session.id)
        .join(Account, Account.id == CheckInOpening.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(Person.id.in_(people))
        .group_by(Session.id, Person.id, Person.name)
    )
    for session, person_id, name, at in db.session.execute(opened):
        yield _stay(session, person_id, name, Part.OPENED, at, at)


def _stay(session: Session, person_id: int, who: str, part: Part, starts_at: datetime, ends_at: datetime) -> Stay:
    is_online = session.mode is Mode.ONLINE
    site = session.venue.region_code if session.venue else session.cohort.site_region_code
    return Stay(
        person_id, who, part, starts_at, ends_at,
        place=f"venue {session.venue_id}" if session.venue_id else f"{session.mode} {'' if is_online else site}",
        region=None if is_online else site,
        session_id=session.id, cohort_id=session.cohort_id,
    )  # fmt: skip


def _scans(cohort_id: int) -> list[Scan]:
    """Give the check-ins with phones that were ever bound to one of the cohort's learners."""
    theirs = select(Phone.device).join(Enrolment, Enrolment.person_id == Phone.person_id)
    query = (
        select(Phone.device, Person.id, Person.name, CheckIn.at, CheckIn.session_id)
        .join(CheckIn, CheckIn.phone_id == Phone.id)
        .join(Person, Person.id == Phone.person_id)
        .where(Phone.device.in_(theirs.where(Enrolment.cohort_id == cohort_id)))
        .order_by(CheckIn.at, CheckIn.id)
    )
    return [Scan(*row) for row in db.session.execute(query)]


def _counts(cohort_id: int) -> list[tuple[int, datetime, int, int]]:
    """Give the last count of heads of each session."""
    last = select(func.max(HeadCount.id)).group_by(HeadCount.session_id)
    query = select(HeadCount.session_id, HeadCount.created_at, HeadCount.counted, HeadCount.marked)
    mine = query.join(HeadCount.session).where(Session.cohort_id == cohort_id, HeadCount.id.in_(last))
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(mine.order_by(HeadCount.id))]


def _unanswered(cohort_id: int) -> list[tuple[int, datetime, str]]:
    """Give the random calls that nobody answered, of learners who are marked as having been there."""
    query = (
        select(RandomCall.session_id, RandomCall.created_at, Person.name)
        .join(RandomCall.session)
        .join(Enrolment, Enrolment.id == RandomCall.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(
            Attendance,
            (Attendance.session_id == RandomCall.session_id) & (Attendance.enrolment_id == RandomCall.enrolment_id),
        )
        .where(
            Session.cohort_id == cohort_id, RandomCall.answered.is_(False), Attendance.mark.in_(PRESENT), _standing()
        )
        .order_by(RandomCall.id)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]
