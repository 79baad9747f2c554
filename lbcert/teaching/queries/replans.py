"""What a trainer's or a venue's failing hits, what is on file of it, and the proposals that wait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from lbcert.core import clock
from lbcert.core.access import Actor, Role
from lbcert.core.database import db
from lbcert.parties.models import Account, Grant
from lbcert.teaching.models import Booking, Replan, Session, TrainerProfile
from lbcert.teaching.queries.lists import own_cohorts


@dataclass(frozen=True)
class Absence:
    """A trainer (a person) or a venue that is not to be had for a while."""

    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    trainer_id: int | None = None
    venue_id: int | None = None

    @property
    def resource(self) -> str:
        """Its name among the resources of a problem."""
        return f"trainer:{self.trainer_id}" if self.trainer_id else f"venue:{self.venue_id}"


def absence_of(replan: Replan) -> Absence:
    """Give what failed."""
    return Absence(replan.starts_at, replan.ends_at, replan.reason, replan.trainer_id, replan.venue_id)


def hit_by(absence: Absence) -> list[Session]:
    """List the sessions to come, or under way, that an absence hits, in all cohorts."""
    needing = _needing(absence.trainer_id, absence.venue_id)
    query = _to_come(needing).where(Session.starts_at < absence.ends_at, Session.ends_at > absence.starts_at)
    parts = joinedload(Session.cohort), joinedload(Session.module), joinedload(Session.venue)
    return list(db.session.scalars(query.options(*parts).order_by(Session.starts_at, Session.id)))


def is_needed_by(actor: Actor, *, trainer_id: int | None = None, venue_id: int | None = None) -> bool:
    """Tell whether a cohort that the actor's school teaches has sessions to come with a trainer or in a venue."""
    own = Session.cohort_id.in_(own_cohorts(actor))
    return db.session.scalar(_to_come(_needing(trainer_id, venue_id)).where(own).limit(1)) is not None


def is_booked(absence: Absence) -> bool:
    """Tell whether an absence is on file already, the whole of it."""
    profile = select(TrainerProfile.id).where(TrainerProfile.person_id == absence.trainer_id).scalar_subquery()
    whose = Booking.profile_id == profile if absence.trainer_id else Booking.venue_id == absence.venue_id
    query = select(Booking.id).where(whose, Booking.starts_at <= absence.starts_at, Booking.ends_at >= absence.ends_at)
    return db.session.scalar(query.limit(1)) is not None


def profile_of(person_id: int | None) -> TrainerProfile | None:
    """Give a trainer's profile, where somebody has him on file."""
    return db.session.scalar(select(TrainerProfile).where(TrainerProfile.person_id == person_id))


def sessions_by_id(session_ids: set[int]) -> dict[int, Session]:
    """Give sessions with what a page says of them."""
    parts = (
        joinedload(Session.cohort),
        joinedload(Session.module),
        joinedload(Session.venue),
        joinedload(Session.trainer),
    )
    query = select(Session).where(Session.id.in_(session_ids)).options(*parts)
    return {session.id: session for session in db.session.scalars(query)}


def clerks_of(organisation_ids: Iterable[int | None]) -> list[int]:
    """List the persons who keep trainers and venues for organisations."""
    roles = Grant.role.in_((Role.PROVIDER_CLERK, Role.EMPLOYER))
    query = select(Account.person_id).join(Grant, Grant.account_id == Account.id)
    query = query.where(
        roles, Grant.organisation_id.in_(set(organisation_ids)), Account.person_id.is_not(None), Account.active
    )
    return [person_id for person_id in db.session.scalars(query.distinct()) if person_id]


def _needing(trainer_id: int | None, venue_id: int | None) -> ColumnElement[bool]:
    """Give the condition on sessions that are held by a trainer, or else in a venue, at any time."""
    return Session.trainer_id == trainer_id if trainer_id else Session.venue_id == venue_id


def _to_come(needing: ColumnElement[bool]) -> Select[Any]:
    return select(Session).where(Session.cancelled_reason == "", Session.ends_at > clock.now(), needing)
