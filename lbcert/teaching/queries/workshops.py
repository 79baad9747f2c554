"""以工代训: sessions in employers' workshops, and whose mentors signed their hours."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.core import clock
from lbcert.core.access import Actor, Role, roles_of, visible
from lbcert.core.database import db
from lbcert.parties.models import Organisation, OrganisationKind, Person
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
    return list(db.session.scalars(query.where(Session.ends_at <= clock.now())))


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
    """List the mentors who may sign a session's hours: those of the employer in whose workshop it is held."""
    owner_id = session.venue.organisation_id if session.venue else None
    query = select(Person).join(TrainerProfile, TrainerProfile.person_id == Person.id)
    return list(db.session.scalars(query.where(TrainerProfile.organisation_id == owner_id).order_by(Person.pinyin)))
