"""Who teaches whom, what, when and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.words import Message, say
from lbcert.parties.models import Person
from lbcert.teaching.models import Mode, Session, Venue
from lbcert.teaching.queries.makeups import missing
from lbcert.teaching.queries.resources import partners_of

_IN_CLASS = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.FAILED)


def sessions_of(cohort_id: int) -> list[Session]:
    """List a cohort's sessions in time, cancelled ones too."""
    return list(
        db.session.scalars(
            select(Session)
            .where(Session.cohort_id == cohort_id)
            .options(joinedload(Session.module), joinedload(Session.trainer), joinedload(Session.venue))
            .order_by(Session.starts_at, Session.id)
        )
    )


def place_in_words(session: Session, online: str = "") -> Message | str:
    """Say where a session is held, and how when it is in no classroom; one without a venue is at the address ``online``, if any."""
    place = session.venue.name if session.venue else online
    if session.mode is Mode.ON_SITE:
        return place
    return say("{mode}：{place}", mode=session.mode.label, place=place) if place else session.mode.label


def learners_in(cohort_id: int) -> list[Enrolment]:
    """List the learners of a cohort who have not left, by name."""
    return _by_name(select(Enrolment).where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(_IN_CLASS)))


def due_in(session: Session) -> list[Enrolment]:
    """List the learners for whom a session is due, by name: its module is theirs, and they had not left by that day.

    A make-up for absentees is due for those alone who missed what it makes up.
    """
    day = clock.local(session.starts_at).date()
    in_class = or_(Enrolment.state.in_(_IN_CLASS), Enrolment.left_on >= day)
    query = select(Enrolment).where(Enrolment.cohort_id == session.cohort_id, in_class)
    if session.for_absentees:
        query = query.where(missing(session.makes_up_id, session.starts_at, Enrolment.id))
    return _with_module(session, _by_name(query))


def absentees_of(session: Session) -> list[Enrolment]:
    """List who missed a session and has not made it up by now, by name."""
    mine = Enrolment.cohort_id == session.cohort_id, Enrolment.state.in_(_IN_CLASS)
    return _by_name(select(Enrolment).where(*mine, missing(session.id, clock.now(), Enrolment.id)))


def taught_by(person_id: Any) -> ColumnElement[bool]:
    """Tell the sessions of a person (a value, a column or a bound parameter), cancelled ones apart."""
    return and_(Session.trainer_id == person_id, Session.cancelled_reason == "")


def teaches_in(person_id: int | None, cohort_id: int) -> bool:
    """Tell whether a person has a session in a cohort, cancelled ones apart."""
    query = select(Session.id).where(Session.cohort_id == cohort_id, taught_by(person_id))
    return db.session.scalar(query.limit(1)) is not None


def venues_for(cohort: Cohort) -> list[Venue]:
    """List the venues in which a cohort may be taught: all at its site, and those of its providers and employers anywhere."""
    own = partners_of(cohort)
    query = select(Venue).where(or_(Venue.region_code == cohort.site_region_code, Venue.organisation_id.in_(own)))
    return list(db.session.scalars(query.options(joinedload(Venue.organisation)).order_by(Venue.name, Venue.id)))


def has_taught(person_id: int, enrolment_ids: Iterable[int] | Select[int], since: datetime) -> list[Session]:
    """List the sessions since a day in which a person taught cohorts of these learners, for examiners to stand aside.

    The learners may be a SELECT of their enrolments, so that a thousand need not be fetched first.
    """
    chosen = enrolment_ids if isinstance(enrolment_ids, Select) else list(enrolment_ids)
    theirs = select(Enrolment.person_id).where(Enrolment.id.in_(chosen))
    cohorts = select(Enrolment.cohort_id).where(Enrolment.person_id.in_(theirs))
    query = select(Session).where(taught_by(person_id), Session.cohort_id.in_(cohorts), Session.starts_at >= since)
    return list(db.session.scalars(query.order_by(Session.starts_at)))


def _by_name(query: Select[Any]) -> list[Enrolment]:
    people = query.join(Enrolment.person).options(joinedload(Enrolment.person))
    return list(db.session.scalars(people.order_by(Person.pinyin, Person.id)))


def _with_module(session: Session, learners: list[Enrolment]) -> list[Enrolment]:
    modules = modules_of_all(session.cohort, [learner.id for learner in learners])
    return [learner for learner in learners if any(row.module_id == session.module_id for row in modules[learner.id])]
