"""Whose phone it is, what it may check in to, and how far a session has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.seal import keyring
from lbcert.teaching.checkin import LIMITS, Limits, Times, limits_from
from lbcert.teaching.models import (
    Attendance,
    BindingSlip,
    CheckIn,
    CheckInOpening,
    HeadCount,
    Leg,
    Phone,
    RandomCall,
    Session,
)
from lbcert.teaching.queries.attendance import marks_of
from lbcert.teaching.queries.sessions import due_in, learners_in


def limits_of(cohort: Cohort) -> Limits:
    """Give the limits in force where a cohort is taught."""
    return limits_from({name: ruling(cohort, key) for name, key in LIMITS.items()})


def device_of(secret: str) -> str:
    """Give what is kept of a browser's secret."""
    return sha256(secret.encode()).hexdigest()


def phone_with(secret: str) -> Phone | None:
    """Find the binding of the browser with a secret; of several people's, the last one's."""
    if not secret:
        return None
    query = select(Phone).where(Phone.device == device_of(secret), Phone.withdrawn_at.is_(None))
    return db.session.scalar(query.options(joinedload(Phone.person)).order_by(Phone.id.desc()).limit(1))


def slip_with(code: str, last_four: str) -> BindingSlip | None:
    """Find the slip with a code whose learner's ID number ends so; it may be used or out of date."""
    index = slip_index("".join(filter(str.isdecimal, code)))
    found = db.session.scalar(select(BindingSlip).where(BindingSlip.code_index == index))
    if found is None or found.enrolment.person.id_number[-4:].upper() != last_four.strip().upper():
        return None
    return found


def slip_index(code: str) -> str:
    """Give that by which a slip's code is found."""
    return keyring().index("binding slip", code)


def legs_of(session_id: int) -> dict[int, dict[Leg, CheckIn]]:
    """Give who came and left by phone, by enrolment id."""
    found: dict[int, dict[Leg, CheckIn]] = {}
    query = select(CheckIn).where(CheckIn.session_id == session_id).options(joinedload(CheckIn.phone))
    for row in db.session.scalars(query.order_by(CheckIn.id)):
        found.setdefault(row.enrolment_id, {})[row.leg] = row
    return found


def times_for(session: Session, enrolment_id: int) -> Times:
    """Give a lesson's times with a learner's own."""
    query = select(CheckIn.leg, CheckIn.at).where(
        CheckIn.session_id == session.id, CheckIn.enrolment_id == enrolment_id
    )
    at: dict[Leg, datetime] = {leg: moment for leg, moment in db.session.execute(query)}  # noqa: C416 (a row is no pair to mypy)
    return Times(session.starts_at, session.ends_at, at.get(Leg.IN), at.get(Leg.OUT))


@dataclass(frozen=True)
class Progress:
    """How far the checking in of a session has come."""

    due: Sequence[Enrolment]
    legs: Mapping[int, Mapping[Leg, CheckIn]]
    marks: Mapping[int, Attendance]
    opened: Sequence[CheckInOpening]
    counts: Sequence[HeadCount]

    @property
    def came(self) -> list[Enrolment]:
        """Who checked in by phone, by name."""
        return [learner for learner in self.due if Leg.IN in self.legs.get(learner.id, {})]

    @property
    def left(self) -> list[Enrolment]:
        """Who checked out too, by name."""
        return [learner for learner in self.due if Leg.OUT in self.legs.get(learner.id, {})]

    @property
    def open(self) -> list[Enrolment]:
        """Who bears no mark yet, by name."""
        return [learner for learner in self.due if learner.id not in self.marks]


def progress_of(session: Session) -> Progress:
    """Tell how far the checking in of a session has come."""
    marks = {enrolment: mark for (_session, enrolment), mark in marks_of([session.id]).items()}
    opened = select(CheckInOpening).where(CheckInOpening.session_id == session.id).order_by(CheckInOpening.id)
    counts = select(HeadCount).where(HeadCount.session_id == session.id).order_by(HeadCount.id.desc())
    return Progress(
        due_in(session),
        legs_of(session.id),
        marks,
        db.session.scalars(opened).all(),
        db.session.scalars(counts).all(),
    )


def calls_of(session_id: int) -> Sequence[RandomCall]:
    """List who was called at random in a session, in that order."""
    query = select(RandomCall).where(RandomCall.session_id == session_id).order_by(RandomCall.id)
    return db.session.scalars(query.options(joinedload(RandomCall.enrolment).joinedload(Enrolment.person))).all()


@dataclass(frozen=True)
class OwnSession:
    """One of a learner's lessons today, as the phone shows it."""

    session: Session
    times: Times
    mark: Attendance | None


def own_sessions(person_id: int) -> list[OwnSession]:
    """List a person's lessons of today, in time, and of the night around it: check-in opens four hours before at most."""
    begins = datetime.combine(clock.today(), time(), SHANGHAI)
    query = (
        select(Session, Enrolment.id)
        .join(Enrolment, Enrolment.cohort_id == Session.cohort_id)
        .join(Session.cohort)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.state == EnrolmentState.ENROLLED,
            Cohort.state == CohortState.RUNNING,
            Session.ends_at >= begins,
            Session.starts_at < begins + timedelta(days=1, hours=4),
            Session.cancelled_reason == "",
        )
        .options(joinedload(Session.module), joinedload(Session.trainer), joinedload(Session.venue))
        .order_by(Session.starts_at, Session.id)
    )
    own = []
    for session, enrolment_id in db.session.execute(query):
        if any(learner.id == enrolment_id for learner in due_in(session)):
            mark = marks_of([session.id]).get((session.id, enrolment_id))
            own.append(OwnSession(session, times_for(session, enrolment_id), mark))
    return own


@dataclass(frozen=True)
class Bound:
    """A learner with the phone that is bound, or the slip that waits."""

    learner: Enrolment
    phone: Phone | None
    slip: BindingSlip | None


def phones_of(cohort_id: int) -> list[Bound]:
    """List a cohort's learners by name, each with phone or slip."""
    learners = learners_in(cohort_id)
    people = {learner.person_id for learner in learners}
    phones = {
        phone.person_id: phone
        for phone in db.session.scalars(select(Phone).where(Phone.person_id.in_(people), Phone.withdrawn_at.is_(None)))
    }
    slips = {slip.enrolment_id: slip for slip in db.session.scalars(open_slips([learner.id for learner in learners]))}
    return [Bound(learner, phones.get(learner.person_id), slips.get(learner.id)) for learner in learners]


def open_slips(enrolment_ids: Sequence[int]) -> Select[BindingSlip]:
    """Choose the slips of learners that can still bind a phone."""
    used = select(Phone.slip_id)
    return select(BindingSlip).where(
        BindingSlip.enrolment_id.in_(enrolment_ids),
        BindingSlip.withdrawn_at.is_(None),
        BindingSlip.ends_at > clock.now(),
        BindingSlip.id.not_in(used),
    )
