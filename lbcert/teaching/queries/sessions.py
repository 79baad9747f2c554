"""Who teaches whom, what, when and where."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Enrolment, EnrolmentState
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core.database import db
from lbcert.parties.models import Person
from lbcert.teaching.models import Session, Venue


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


def learners_in(cohort_id: int) -> list[Enrolment]:
    """List the learners of a cohort who have not left, by name."""
    states = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.FAILED)
    return list(
        db.session.scalars(
            select(Enrolment)
            .join(Enrolment.person)
            .where(Enrolment.cohort_id == cohort_id, Enrolment.state.in_(states))
            .options(joinedload(Enrolment.person))
            .order_by(Person.pinyin, Person.id)
        )
    )


def due_in(session: Session) -> list[Enrolment]:
    """List the learners for whom a session's module is due."""
    learners = learners_in(session.cohort_id)
    modules = modules_of_all(session.cohort, [learner.id for learner in learners])
    return [
        learner for learner in learners if any(p.module_id == session.module_id for p in modules.get(learner.id, []))
    ]


def teaches_in(person_id: int | None, cohort_id: int) -> bool:
    """Tell whether a person has a session in a cohort, cancelled ones apart."""
    query = select(Session.id).where(
        Session.cohort_id == cohort_id, Session.trainer_id == person_id, Session.cancelled_reason == ""
    )
    return db.session.scalar(query.limit(1)) is not None


def venues_in(region_codes: Iterable[str]) -> list[Venue]:
    """List the venues of some regions."""
    return list(db.session.scalars(select(Venue).where(Venue.region_code.in_(list(region_codes))).order_by(Venue.name)))


def has_taught(person_id: int, enrolment_ids: Iterable[int], since: datetime) -> list[Session]:
    """List the sessions since a day in which a person taught cohorts of these learners, for examiners to stand aside."""
    theirs = select(Enrolment.person_id).where(Enrolment.id.in_(list(enrolment_ids)))
    cohorts = select(Enrolment.cohort_id).where(Enrolment.person_id.in_(theirs))
    query = select(Session).where(
        Session.trainer_id == person_id,
        Session.cohort_id.in_(cohorts),
        Session.starts_at >= since,
        Session.cancelled_reason == "",
    )
    return list(db.session.scalars(query.order_by(Session.starts_at)))
