"""What is known of somebody for which he stands aside from a batch: what he declared, and what the system has on file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import CohortProvider, Enrolment, Scheme
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.policy import ruling
from lbcert.core.words import say, some
from lbcert.exams import rules
from lbcert.exams.declaring import Tie
from lbcert.exams.models import Batch, Candidate, Declaration, DeclaredKin, Ground
from lbcert.exams.queries.candidates import lesson
from lbcert.parties.models import Account, Control, Grant, Organisation, Person
from lbcert.teaching.models import Session
from lbcert.teaching.queries import taught_by

_MOST_NAMED = 10


def ties_of(person: Person, batch: Batch) -> list[Tie]:
    """List what ties somebody to the school that taught a batch's candidates; nothing under the employer's own scheme."""
    if batch.scheme is Scheme.EMPLOYER_OWN:
        return []
    schools = list(db.session.scalars(_schools(batch)))
    return [*_accounts(person, schools), *_control(person, schools, batch), *_taught_there(person, schools, batch)]


def _schools(batch: Batch) -> Select[Organisation]:
    query = select(Organisation).join(CohortProvider, CohortProvider.organisation_id == Organisation.id)
    return query.where(CohortProvider.cohort_id == batch.cohort_id).order_by(Organisation.id)


def _accounts(person: Person, schools: Sequence[Organisation]) -> Iterator[Tie]:
    query = (
        select(Grant)
        .join(Grant.account)
        .where(Account.person_id == person.id, Account.active, Grant.organisation_id.in_([one.id for one in schools]))
        .options(joinedload(Grant.organisation))
        .order_by(Grant.id)
    )
    for grant in db.session.scalars(query):
        assert grant.organisation is not None  # noqa: S101 (chosen by it)
        fact = say("在本班的培训机构“{school}”有“{role}”的账号", school=grant.organisation.name, role=grant.role.label)
        yield Tie(Ground.EMPLOYER, fact, f"organisation:{grant.organisation_id}")


def _control(person: Person, schools: Sequence[Organisation], batch: Batch) -> Iterator[Tie]:
    query = select(Control).where(
        Control.organisation_id.in_([one.id for one in schools]),
        Control.controller == f"person:{person.id_index}",
        Control.valid_from <= batch.held_on,
        Control.valid_to.is_(None) | (Control.valid_to >= batch.held_on),
    )
    names = {one.id: one.name for one in schools}
    for control in db.session.scalars(query):
        fact = say("考试当日是本班的培训机构“{school}”的实际控制人", school=names[control.organisation_id])
        yield Tie(Ground.MONEY, fact, f"organisation:{control.organisation_id}")


def _taught_there(person: Person, schools: Sequence[Organisation], batch: Batch) -> Iterator[Tie]:
    """Find lessons at a school in other cohorts, as far back as the policy keeps trainers from their learners."""
    months = ruling(rules.SEPARATION_MONTHS, batch.body.region_code, batch.held_on)
    if not months.is_on_file:
        return
    since = datetime.combine(rules.months_before(batch.held_on, months.value), time(), clock.SHANGHAI)
    for school in schools:
        cohorts = select(CohortProvider.cohort_id).where(CohortProvider.organisation_id == school.id)
        query = select(Session).where(
            taught_by(person.id),
            Session.cohort_id.in_(cohorts),
            Session.cohort_id != batch.cohort_id,
            Session.starts_at >= since,
        )
        held = list(db.session.scalars(query.order_by(Session.starts_at)))
        if held:
            fact = say(
                "在考前 {months} 个月内为本班的培训机构“{school}”授课：{sessions}",
                months=months.value, school=school.name, sessions=some([lesson(one) for one in held], _MOST_NAMED),
            )  # fmt: skip
            subject = " ".join(f"session:{one.id}" for one in held[:_MOST_NAMED])
            yield Tie(Ground.TRAINING, fact, subject, months)


def earlier_kin(person: Person, batch: Batch) -> list[Tie]:
    """List the candidates whom somebody named as relatives for another batch, and not for this one yet."""
    said = declarations_of(batch.id).get(person.id, ())
    named = {relative.kin_index for row in said for relative in row.relatives}
    return [
        Tie(Ground.KIN, say("您为另一批次声明过与证件号码 {who} 的近亲属关系", who=relative.id_masked), "")
        for relative in relatives_among(person.id, batch)
        if relative.id_index not in named
    ]


def relatives_among(person_id: int, batch: Batch) -> list[Person]:
    """List the candidates of a batch whom somebody named as relatives, for this batch or another."""
    query = (
        select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Candidate, Candidate.enrolment_id == Enrolment.id)
        .join(DeclaredKin, DeclaredKin.kin_index == Person.id_index)
        .where(DeclaredKin.person_id == person_id, Candidate.batch_id == batch.id)
        .order_by(Person.pinyin, Person.id)
        .distinct()
    )
    return list(db.session.scalars(query))


def declarations_of(batch_id: int) -> dict[int, list[Declaration]]:
    """Give what was signed for a batch, oldest first, by person."""
    query = (
        select(Declaration)
        .where(Declaration.batch_id == batch_id)
        .options(joinedload(Declaration.relatives))
        .order_by(Declaration.id)
    )
    found: dict[int, list[Declaration]] = {}
    for row in db.session.scalars(query).unique():
        found.setdefault(row.person_id, []).append(row)
    return found


def barring(declarations: Iterable[Declaration]) -> dict[Ground, str]:
    """Give the grounds, with their details, that keep their signer out of the whole batch."""
    return {ground: row.answers[ground] for row in declarations for ground in row.bars}


def named_in(batch: Batch) -> list[Enrolment]:
    """List, by name, those who may be candidates of a batch: from whom somebody picks his relatives, never with a number."""
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.cohort_id == batch.cohort_id)
        .options(joinedload(Enrolment.person))
        .order_by(Person.pinyin, Person.id)
    )
    return list(db.session.scalars(query))
