"""Who must come to which module of a cohort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core.database import db
from lbcert.parties.models import Person
from lbcert.teaching.models import Session
from lbcert.teaching.queries.makeups import missing
from lbcert.teaching.rules import Lesson

#: Who has a seat in class or is about to: they cannot be in two places.
STANDING = (EnrolmentState.APPLIED, EnrolmentState.ENROLLED)


def due_by_module(cohort: Cohort) -> Mapping[int, dict[int, str]]:
    """Give who must come to each module: persons by id, with their names."""
    query = select(Enrolment).where(Enrolment.cohort_id == cohort.id, Enrolment.state.in_(STANDING))
    standing = list(db.session.scalars(query.options(joinedload(Enrolment.person))))
    due: dict[int, dict[int, str]] = defaultdict(dict)
    modules = modules_of_all(cohort, [enrolment.id for enrolment in standing])
    for enrolment in standing:
        for row in modules[enrolment.id]:
            due[row.module_id][enrolment.person_id] = enrolment.person.name
    return due


def coming(one: Session | Lesson, by_module: Mapping[int, Mapping[int, str]]) -> Mapping[int, str]:
    """Give who must come to a session or lesson: all who have its module, or those who missed the one that it makes up."""
    lost = db.session.get(Session, one.makes_up_id) if one.makes_up_id else None
    if lost is None or lost.cancelled_reason:
        return by_module[one.module_id]
    query = select(Person.id, Person.name).join(Enrolment, Enrolment.person_id == Person.id)
    mine = Enrolment.cohort_id == lost.cohort_id, Enrolment.state.in_(STANDING)
    absent = db.session.execute(query.where(*mine, missing(lost.id, one.starts_at, Enrolment.id)))
    return {person_id: name for person_id, name in absent}  # noqa: C416 (a row is no pair to mypy)
