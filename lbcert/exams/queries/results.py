"""Results, with what they replaced."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import db
from lbcert.exams.models import Amendment, Candidate, Outcome, Result
from lbcert.parties.models import Person


def standing_results() -> Select[Result]:
    """Choose the results that nothing replaced."""
    later = aliased(Result)
    return select(Result).outerjoin(later, later.replaces_id == Result.id).where(later.id.is_(None))


def results_by_name(batch_id: int) -> list[Result]:
    """List the results of a batch that count, by name."""
    query = (
        standing_results()
        .join(Candidate, Candidate.id == Result.candidate_id)
        .join(Candidate.enrolment)
        .join(Enrolment.person)
        .where(Result.batch_id == batch_id)
        .options(joinedload(Result.candidate).joinedload(Candidate.enrolment).joinedload(Enrolment.person))
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.scalars(query))


def standing_result(candidate_id: int) -> Result | None:
    """Give the result of a candidate that counts."""
    return db.session.scalar(standing_results().where(Result.candidate_id == candidate_id))


def results_ever(candidate_id: int) -> list[Result]:
    """List all results of a candidate, oldest first, each amendment after what it replaced."""
    query = select(Result).where(Result.candidate_id == candidate_id).order_by(Result.id)
    return list(db.session.scalars(query))


def open_amendments(batch_id: int) -> list[Amendment]:
    """List the requests to amend a result that nobody has answered."""
    query = (
        select(Amendment)
        .where(Amendment.batch_id == batch_id, Amendment.granted.is_(None))
        .options(joinedload(Amendment.requester), joinedload(Amendment.evidence))
        .order_by(Amendment.id)
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Tally:
    """How a batch's results that count are spread."""

    passed: int = 0
    failed: int = 0
    absent: int = 0
    void: int = 0

    @classmethod
    def of(cls, outcomes: list[Outcome]) -> Tally:
        """Count outcomes."""
        return cls(*(outcomes.count(outcome) for outcome in Outcome))

    @property
    def total(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.absent + self.void
