"""Who must come to which module of a cohort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.plan import modules_of_all
from lbcert.core.database import db

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
