"""What those who keep trainers and venues find on their pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db, load
from lbcert.core.pages import Page, Paging, paginate
from lbcert.parties.models import Organisation, Person
from lbcert.teaching.models import Booking, Session, TrainerProfile, TravelTime
from lbcert.teaching.places import KEEPERS, WATCHING
from lbcert.teaching.queries.lists import seen_by

TRAINER_SORTS = {"name": Person.pinyin}


def trainers_page(actor: Actor, paging: Paging) -> Page[TrainerProfile]:
    """Give one page of the trainers of the actor's organisations and regions, and of partners who teach its cohorts."""
    filed = select(PlannedTrainer.person_id).join(Cohort, Cohort.id == PlannedTrainer.cohort_id).where(seen_by(actor))
    own = visible(actor, *KEEPERS, organisation=[TrainerProfile.organisation_id])
    watched = visible(actor, *WATCHING, region=[Organisation.region_code])
    query = (
        select(TrainerProfile)
        .join(TrainerProfile.person)
        .join(TrainerProfile.organisation)
        .where(or_(own, watched, TrainerProfile.person_id.in_(filed)))
        .options(
            joinedload(TrainerProfile.person),
            joinedload(TrainerProfile.organisation),
            joinedload(TrainerProfile.home_region),
        )
    )
    if paging.search:
        query = query.where(Person.name.contains(paging.search, autoescape=True))
    return paginate(db.session, query, paging, TRAINER_SORTS, TrainerProfile.id)


def owners_of(actor: Actor, *roles: Role) -> list[Organisation]:
    """List the organisations for which the actor keeps trainers and venues, in all such roles unless some are given, by name."""
    own = visible(actor, *(roles or KEEPERS), organisation=[Organisation.id])
    return list(db.session.scalars(select(Organisation).where(own).order_by(Organisation.name)))


def ways_seen(actor: Actor) -> list[TravelTime]:
    """List the ways that the actor's schools put on file."""
    own = visible(actor, Role.PROVIDER_CLERK, organisation=[TravelTime.organisation_id])
    parts = joinedload(TravelTime.from_region), joinedload(TravelTime.to_region)
    query = select(TravelTime).where(own).options(*parts)
    return list(db.session.scalars(query.order_by(TravelTime.from_code, TravelTime.to_code)))


def bookings_to_come(*, venue_id: int | None = None, profile_id: int | None = None) -> list[Booking]:
    """List what takes a venue or a trainer from now on, in time."""
    mine = Booking.venue_id == venue_id if venue_id else Booking.profile_id == profile_id
    query = select(Booking).where(mine, Booking.ends_at > clock.now())
    return list(db.session.scalars(query.order_by(Booking.starts_at, Booking.id)))


def booked(booking_id: int) -> tuple[int | None, int | None]:
    """Give what a booking keeps: a venue, or a trainer's profile."""
    booking = load(Booking, booking_id)
    return booking.venue_id, booking.profile_id


def hitting(bookings: Iterable[Booking], sessions: Collection[Session]) -> set[int]:
    """Give the bookings, by id, during which one of the sessions stands."""
    return {
        booking.id
        for booking in bookings
        if any(one.starts_at < booking.ends_at and one.ends_at > booking.starts_at for one in sessions)
    }


def sessions_meanwhile(*, venue_id: int | None = None, profile_id: int | None = None) -> Sequence[Session]:
    """List the sessions to come that stand while their venue or trainer is booked: to be moved."""
    query = select(Session).where(Session.cancelled_reason == "", Session.ends_at > clock.now())
    taken: ColumnElement[bool]
    if venue_id:
        query, taken = query.where(Session.venue_id == venue_id), Booking.venue_id == venue_id
    else:
        person_id = select(TrainerProfile.person_id).where(TrainerProfile.id == profile_id).scalar_subquery()
        query, taken = query.where(Session.trainer_id == person_id), Booking.profile_id == profile_id
    during = Booking.starts_at < Session.ends_at, Booking.ends_at > Session.starts_at
    query = query.where(select(Booking.id).where(taken, *during).exists())
    parts = joinedload(Session.module), joinedload(Session.cohort)
    return db.session.scalars(query.options(*parts).order_by(Session.starts_at, Session.id)).all()
