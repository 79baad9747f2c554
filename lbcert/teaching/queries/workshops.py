"""以工代训: sessions in employers' workshops, and whose mentors signed their hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import CohortProvider
from lbcert.core import clock
from lbcert.core.access import Actor, Role, roles_of, visible
from lbcert.core.database import db
from lbcert.parties.models import Account, Grant, Organisation, OrganisationKind, Person
from lbcert.teaching.models import Mode, Session, SignedHours, TrainerProfile, Venue

_AT_WORK = (
    select(Session)
    .join(Session.venue)
    .join(Venue.organisation)
    .outerjoin(SignedHours, SignedHours.session_id == Session.id)
    .where(
        Session.mode == Mode.WORKPLACE,
        Session.cancelled_reason == "",
        Organisation.kind == OrganisationKind.EMPLOYER,
    )
)
_PARTS = joinedload(Session.module), joinedload(Session.venue).joinedload(Venue.organisation)
_UNSIGNED = _AT_WORK.where(SignedHours.id.is_(None)).options(*_PARTS).order_by(Session.starts_at, Session.id)


def unsigned(cohort_id: int) -> Iterator[tuple[str, str, int]]:
    """Give a cohort's sessions in employers' workshops whose hours nobody signed: employer, what and when, class hours."""
    for session in db.session.scalars(_UNSIGNED.where(Session.cohort_id == cohort_id)):
        label = f"{session.module.name} {clock.local(session.starts_at):%m-%d %H:%M}"
        owner = session.venue.organisation if session.venue else None
        yield (owner.name if owner else ""), label, session.hours


def to_sign(actor: Actor) -> list[Session]:
    """List the sessions, over by now, in the actor's own workshops whose hours are to be signed."""
    own = visible(actor, Role.EMPLOYER, organisation=[Venue.organisation_id])
    return list(db.session.scalars(_UNSIGNED.where(own, Session.ends_at <= clock.now())))


def to_sign_as_mentor(actor: Actor) -> list[Session]:
    """List the sessions, over by now, that a mentor held in his employer's workshop and whose hours he may sign himself."""
    if actor.person_id is None or Role.TRAINER not in roles_of(actor):
        return []
    own = select(TrainerProfile.organisation_id).where(TrainerProfile.person_id == actor.person_id)
    query = _UNSIGNED.where(Session.trainer_id == actor.person_id, Venue.organisation_id.in_(own))
    query = query.where(~teaches_for_school(actor.person_id))
    return list(db.session.scalars(query.where(Session.ends_at <= clock.now())))


def to_sign_for_others(actor: Actor) -> list[Session]:
    """List the sessions, over by now, that schools' trainers held in the workshop of the actor's employer, and whose hours he may sign as its mentor."""
    if actor.person_id is None or Role.TRAINER not in roles_of(actor):
        return []
    query = _UNSIGNED.where(beside_mentor(actor), ~teaches_for_school(actor.person_id))
    return list(db.session.scalars(query.where(Session.ends_at <= clock.now())))


def beside_mentor(actor: Actor) -> ColumnElement[bool]:
    """Tell the sessions, joined with their venue, in workshops of the employer whose mentor the actor is, held by nobody of its own.

    He must have an account as 培训教师 at that employer, and be on its file: who comes from the school does not sign for the employer.
    """
    mine = visible(actor, Role.TRAINER, organisation=[Venue.organisation_id])
    return and_(mine, _is_mentor_there(actor.person_id), ~_is_mentor_there(Session.trainer_id))


def is_mentor(actor: Actor) -> bool:
    """Tell whether the actor is a mentor of an employer and has an account as 培训教师 there."""
    query = select(TrainerProfile.id).join(TrainerProfile.organisation)
    mine = visible(actor, Role.TRAINER, organisation=[TrainerProfile.organisation_id])
    own = query.where(mine, TrainerProfile.person_id == actor.person_id, Organisation.kind == OrganisationKind.EMPLOYER)
    return db.session.scalar(own) is not None


def teaches_for_school(person_id: Any) -> ColumnElement[bool]:
    """Tell the sessions, joined with their venue, in whose cohort a person stands on the school's side, and not on that of the workshop's employer.

    That is who has an account as 培训教师 at another of its providers, or teaches the cohort otherwise than at that employer's work place.
    """
    employed = exists().where(
        Account.person_id == person_id,
        Grant.account_id == Account.id,
        Grant.role == Role.TRAINER,
        Grant.organisation_id == CohortProvider.organisation_id,
        Grant.organisation_id != Venue.organisation_id,
        CohortProvider.cohort_id == Session.cohort_id,
    )
    other, room = aliased(Session), aliased(Venue)
    elsewhere = (
        select(other.id)
        .outerjoin(room, room.id == other.venue_id)
        .where(other.cohort_id == Session.cohort_id, other.trainer_id == person_id, other.cancelled_reason == "")
        .where(or_(other.mode != Mode.WORKPLACE, room.organisation_id != Venue.organisation_id))
    )
    return or_(employed, elsewhere.exists())


def _is_mentor_there(person_id: Any) -> ColumnElement[bool]:
    return exists().where(
        TrainerProfile.organisation_id == Venue.organisation_id, TrainerProfile.person_id == person_id
    )


def signatures_in(cohort_id: int) -> dict[Session, SignedHours | None]:
    """Give a cohort's sessions in employers' workshops in time, and who signed the hours of each; None where nobody has yet."""
    query = _AT_WORK.where(Session.cohort_id == cohort_id).order_by(Session.starts_at, Session.id)
    rows = query.add_columns(SignedHours).options(*_PARTS, joinedload(Session.trainer), joinedload(SignedHours.mentor))
    return {session: signed for session, signed in db.session.execute(rows)}  # noqa: C416 (a row is no pair to mypy)


def signature_of(session_id: int) -> SignedHours | None:
    """Give who signed a session's hours."""
    query = select(SignedHours).where(SignedHours.session_id == session_id).options(joinedload(SignedHours.mentor))
    return db.session.scalar(query)


def mentors_at(session: Session) -> list[Person]:
    """List the mentors who may sign a session's hours: those of the employer in whose workshop it is held, on whose side they stand."""
    query = (
        select(Person)
        .join(TrainerProfile, TrainerProfile.person_id == Person.id)
        .join(Venue, Venue.organisation_id == TrainerProfile.organisation_id)
        .join(Session, Session.venue_id == Venue.id)
        .where(Session.id == session.id, ~teaches_for_school(Person.id))
    )
    return list(db.session.scalars(query.order_by(Person.pinyin, Person.id)))
