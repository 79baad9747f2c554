"""The sessions of a week or a month: a cohort's, a venue's, or a person's who teaches or learns, as far as the reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import combinations

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState, ModuleChoice
from lbcert.core import clock
from lbcert.core.access import Actor
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db, load
from lbcert.parties.models import Person
from lbcert.teaching.models import Session, Venue
from lbcert.teaching.queries.lists import seen_by, venue_seen_by
from lbcert.teaching.queries.makeups import for_absentees, missing


def of_cohort(cohort_id: int) -> ColumnElement[bool]:
    """Tell a cohort's sessions."""
    return Session.cohort_id == cohort_id


def of_venue(actor: Actor, venue_id: int) -> ColumnElement[bool]:
    """Tell the sessions in a venue: all of them for its owner and its region, of others' venues those of cohorts that one sees."""
    is_theirs = db.session.scalar(select(exists().where(Venue.id == venue_id, venue_seen_by(actor))))
    there = Session.venue_id == venue_id
    return there if is_theirs else and_(there, _seen(actor))


def of_person(actor: Actor, person_id: int) -> ColumnElement[bool]:
    """Tell the sessions that a person teaches or is to come to: one's own all, another's those of cohorts that one sees."""
    whose = or_(Session.trainer_id == person_id, _due(person_id))
    return whose if person_id == actor.person_id else and_(whose, _seen(actor))


def may_see_person(actor: Actor, person_id: int) -> bool:
    """Tell whether the actor may open a person's calendar: one's own, and whoever is in a cohort that one sees."""
    load(Person, person_id)
    learns = exists().where(
        Enrolment.person_id == person_id, Enrolment.cohort_id.in_(select(Cohort.id).where(seen_by(actor)))
    )
    return (
        person_id == actor.person_id or has_any(of_person(actor, person_id)) or bool(db.session.scalar(select(learns)))
    )


def may_see_venue(actor: Actor, venue_id: int) -> bool:
    """Tell whether the actor may open a venue's calendar: its owner, its region, and whoever sees a session there."""
    load(Venue, venue_id)
    is_theirs = db.session.scalar(select(exists().where(Venue.id == venue_id, venue_seen_by(actor))))
    return bool(is_theirs) or has_any(of_venue(actor, venue_id))


def has_any(whose: ColumnElement[bool]) -> bool:
    """Tell whether there is any of these sessions."""
    return db.session.scalar(select(Session.id).where(whose).limit(1)) is not None


def sessions_between(whose: ColumnElement[bool], first: date, last: date) -> list[Session]:
    """List the sessions that begin on the days from ``first`` to ``last``, in time; cancelled ones too."""
    begins, ends = (datetime.combine(day, time(), SHANGHAI) for day in (first, last + timedelta(days=1)))
    query = select(Session).where(whose, Session.starts_at >= begins, Session.starts_at < ends)
    parts = (Session.module, Session.trainer, Session.venue, Session.cohort)
    loaded = query.options(*(joinedload(part) for part in parts))
    return list(db.session.scalars(loaded.order_by(Session.starts_at, Session.id)))


def nearest_day(whose: ColumnElement[bool], day: date) -> date | None:
    """Give the first day from ``day`` on with a session that stands; where none follows, the last one before."""
    begins = datetime.combine(day, time(), SHANGHAI)
    stands = select(Session.starts_at).where(whose, Session.cancelled_reason == "")
    found = db.session.scalar(stands.where(Session.starts_at >= begins).order_by(Session.starts_at).limit(1))
    found = found or db.session.scalar(stands.order_by(Session.starts_at.desc()).limit(1))
    return clock.local(found).date() if found else None


def at_once(sessions: Sequence[Session]) -> set[int]:
    """Give those that stand at the same time as another: nobody is in two places, no room is used twice."""
    standing = [session for session in sessions if not session.cancelled_reason]
    return {
        session.id
        for one, other in combinations(standing, 2)
        if one.starts_at < other.ends_at and other.starts_at < one.ends_at
        for session in (one, other)
    }


def _seen(actor: Actor) -> ColumnElement[bool]:
    return Session.cohort_id.in_(select(Cohort.id).where(seen_by(actor)))


def _due(person_id: int) -> ColumnElement[bool]:
    """Tell the sessions of a learner's own modules, in cohorts that she has not left."""
    chosen = exists().where(ModuleChoice.enrolment_id == Enrolment.id, ModuleChoice.module_id == Session.module_id)
    return exists().where(
        Enrolment.person_id == person_id,
        Enrolment.cohort_id == Session.cohort_id,
        Enrolment.state != EnrolmentState.LEFT,
        Cohort.id == Enrolment.cohort_id,
        or_(~Cohort.by_menu, chosen),
        or_(~for_absentees(), missing(Session.makes_up_id, Session.starts_at, Enrolment.id)),
    )
