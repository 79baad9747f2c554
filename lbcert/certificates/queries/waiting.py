"""For whom certificates may be issued now: cohorts and batches that wait, and their people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.certificates.models import Certificate, NumberPrefix
from lbcert.certificates.queries import amended, designs, register, reports, revocations
from lbcert.cohorts.models import Cohort, CohortProvider, Enrolment, EnrolmentState, ProviderPart
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.exams.models import Batch, BatchState, Candidate, Mark, Outcome, Result
from lbcert.parties.models import Person
from lbcert.teaching.models import SchoolTest
from lbcert.teaching.queries import attended_hours_of, sessions_of

_later = aliased(Result)
_any = aliased(Result)


def _first() -> Select[Any]:
    """Select the certificates that began a chain of replacements: the unique indexes over their grounds find them."""
    return select(Certificate.id).where(Certificate.replaces_id.is_(None))


def _passed_tests() -> Select[Any]:
    """Select the passed school tests that no certificate was ever issued on."""
    issued = _first().where(Certificate.school_test_id == SchoolTest.id)
    return (
        select(SchoolTest)
        .join(SchoolTest.enrolment)
        .where(SchoolTest.passed, Enrolment.state != EnrolmentState.LEFT, ~issued.exists())
    )


def _passed_results() -> Select[Any]:
    """Select the published results that passed and stand, of candidates to whom no certificate was ever issued."""
    issued = _first().join(_any, _any.id == Certificate.result_id).where(_any.candidate_id == Result.candidate_id)
    return (
        select(Result)
        .join(Batch, Batch.id == Result.batch_id)
        .outerjoin(_later, _later.replaces_id == Result.id)
        .where(
            Batch.state == BatchState.PUBLISHED,
            Result.outcome == Outcome.PASSED,
            _later.id.is_(None),
            ~issued.exists(),
        )
    )


def tests_waiting(cohort_id: int) -> list[SchoolTest]:
    """List the passed tests of a cohort that wait for 培训合格证书, by name."""
    query = _passed_tests().where(Enrolment.cohort_id == cohort_id).join(Enrolment.person)
    loaded = joinedload(SchoolTest.enrolment).joinedload(Enrolment.person)
    return list(db.session.scalars(query.options(loaded).order_by(Person.pinyin, Person.id)))


def results_waiting(batch_id: int) -> list[Result]:
    """List the results of a batch that wait for 职业技能等级证书, by name."""
    query = (
        _passed_results()
        .where(Result.batch_id == batch_id)
        .join(Candidate, Candidate.id == Result.candidate_id)
        .join(Candidate.enrolment)
        .join(Enrolment.person)
    )
    loaded = joinedload(Result.candidate).joinedload(Candidate.enrolment).joinedload(Enrolment.person)
    return list(db.session.scalars(query.options(loaded).order_by(Person.pinyin, Person.id)))


@dataclass(frozen=True)
class Waiting:
    """One line of what may be issued: a cohort or a batch, and for how many."""

    #: "completion" or "skill_level"
    type: str
    #: id of the cohort or of the batch
    id: int
    name: str
    number: str
    since: date
    people: int


def waiting(actor: Actor) -> list[Waiting]:
    """List the cohorts and batches with people for whom this issuer may issue, the longest waiting first."""
    tests = (
        _passed_tests()
        .with_only_columns(Cohort.id, Cohort.name, Cohort.number, func.max(SchoolTest.taken_on), func.count())
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Cohort.id.in_(_taught_by(actor)))
        .group_by(Cohort.id, Cohort.name, Cohort.number)
    )
    results = (
        _passed_results()
        .with_only_columns(Batch.id, Cohort.name, Batch.number, Batch.held_on, func.count())
        .join(Cohort, Cohort.id == Batch.cohort_id)
        .where(visible(actor, Role.ISSUER, organisation=[Batch.body_id]))
        .group_by(Batch.id, Cohort.name, Batch.number, Batch.held_on)
    )
    lines = [Waiting("completion", row[0], row[1], row[2], row[3], row[4]) for row in db.session.execute(tests)]
    lines += [Waiting("skill_level", row[0], row[1], row[2], row[3], row[4]) for row in db.session.execute(results)]
    return sorted(lines, key=lambda line: (line.since, line.type, line.id))


def todo(actor: Actor) -> list[Todo]:
    """Give what waits for those who issue and decide: a cohort's or batch's certificates, what may yet be undone, what ends."""
    ending = register.expiring(actor)
    message = say("证书到期：{count} 本，最早的 {day}", count=len(ending), day=ending[0].expires_on) if ending else None
    return [
        *(_todo(line) for line in waiting(actor)),
        *amended.todo(actor),
        *reports.todo(actor),
        *revocations.todo(actor),
        *designs.todo(actor),
        *([Todo(message, "certificates.expiring")] if message else []),
    ]


def _todo(line: Waiting) -> Todo:
    if line.type == "completion":
        message = say("发培训合格证书：{name}，{count} 人", name=line.name, count=line.people)
        return Todo(message, "certificates.issue_completions", {"cohort_id": line.id})
    message = say("发职业技能等级证书：{name}，{count} 人", name=line.name, count=line.people)
    return Todo(message, "certificates.issue_skill_certificates", {"batch_id": line.id})


def _taught_by(actor: Actor) -> Select[Any]:
    return select(CohortProvider.cohort_id).where(
        CohortProvider.part != ProviderPart.HOST,
        visible(actor, Role.ISSUER, organisation=[CohortProvider.organisation_id]),
    )


def hours_taken(cohort: Cohort, enrolment_ids: list[int]) -> dict[int, list[tuple[str, float]]]:
    """Give the modules of each learner with the class hours taken, in the order of the plan, by enrolment id.

    Taken is what was attended. A cohort whose sessions are not in the system is taken at its word: the hours of the plan.
    """
    modules = modules_of_all(cohort, enrolment_ids)
    if all(session.cancelled_reason for session in sessions_of(cohort.id)):
        return {key: [(row.module.name, row.hours) for row in rows] for key, rows in modules.items()}
    attended = attended_hours_of(cohort.id)
    return {
        key: [(row.module.name, hours) for row in rows if (hours := attended.get(key, {}).get(row.module_id))]
        for key, rows in modules.items()
    }


def prefixes_of(organisation_id: int, on: date) -> list[NumberPrefix]:
    """List the number prefixes of a body that are in force on a day."""
    query = select(NumberPrefix).where(
        NumberPrefix.organisation_id == organisation_id,
        NumberPrefix.valid_from <= on,
        NumberPrefix.valid_to.is_(None) | (NumberPrefix.valid_to >= on),
    )
    return list(db.session.scalars(query.order_by(NumberPrefix.prefix)))


def scored_by(person_id: int, batch_id: int) -> set[int]:
    """Give the candidates of a batch whom a person scored, by id; marks that were changed later count too."""
    query = select(Mark.candidate_id).where(Mark.batch_id == batch_id, Mark.scorer_id == person_id)
    return set(db.session.scalars(query))


def decided_by(person_id: int, batch_id: int) -> set[int]:
    """Give the candidates of a batch whose result a person decided or amended, by id."""
    query = select(Result.candidate_id).where(Result.batch_id == batch_id, Result.decided_by == person_id)
    return set(db.session.scalars(query))
