"""What happened at an exam, and who was looked at."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.core.database import db
from lbcert.exams.models import Absence, Batch, Candidate, IdentityCheck, Incident, Part, Seen
from lbcert.exams.queries.candidates import candidates_by_name


def incidents_of(batch_id: int) -> list[Incident]:
    """List what happened at an exam, the newest first."""
    query = select(Incident).where(Incident.batch_id == batch_id).options(joinedload(Incident.person))
    return list(db.session.scalars(query.order_by(Incident.happened_at.desc(), Incident.id.desc())))


def checks_of(batch_id: int) -> dict[int, IdentityCheck]:
    """Give the last look at each candidate of a batch, by candidate id."""
    query = select(IdentityCheck).where(IdentityCheck.batch_id == batch_id).options(joinedload(IdentityCheck.person))
    return {one.candidate_id: one for one in db.session.scalars(query.order_by(IdentityCheck.id))}


def last_check(candidate_id: int) -> IdentityCheck | None:
    """Give the last look at a candidate."""
    query = select(IdentityCheck).where(IdentityCheck.candidate_id == candidate_id).order_by(IdentityCheck.id.desc())
    return db.session.scalar(query.limit(1))


def unseen_and_doubtful(
    batch: Batch, values: Mapping[int, Mapping[Part, int | Absence]]
) -> tuple[list[str], list[str]]:
    """Name the candidates with points whom nobody looked at, and those who were not themselves and are not void."""
    checks = checks_of(batch.id)
    sat = [one for one in candidates_by_name(batch.id) if _has_points(values.get(one.id, {}))]
    unseen = [_name(one) for one in sat if one.id not in checks]
    return unseen, [_name(one) for one in sat if one.id in checks and checks[one.id].seen is not Seen.MATCH]


def _has_points(values: Mapping[Part, int | Absence]) -> bool:
    given = list(values.values())
    return Absence.VOID not in given and any(not isinstance(one, Absence) for one in given)


def _name(candidate: Candidate) -> str:
    return candidate.enrolment.person.name
