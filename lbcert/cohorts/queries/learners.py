"""What is on file about people that bears on whether they may learn in a cohort: many people, few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from lbcert.brands.models import TrainingItem
from lbcert.cohorts.models import Cohort, CohortState, Enrolment, EnrolmentState
from lbcert.cohorts.rules import learners
from lbcert.cohorts.rules.learners import Attended, Learner
from lbcert.core import policy
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.policy import Ruling
from lbcert.parties.models import Person
from lbcert.parties.queries.persons import holds_same

#: values in one IN (…), well under what either database takes
_BATCH = 500


@dataclass
class Record:
    """One person's certificates of a cohort's trade and level or above, the cohorts attended, and the place in this one."""

    held: list[str] = field(default_factory=list)
    attended: list[Attended] = field(default_factory=list)
    here: EnrolmentState | None = None


@dataclass(frozen=True)
class Limits:
    """The rules about people in force for a cohort."""

    age: Ruling
    times_a_year: Ruling

    @classmethod
    def of(cls, cohort: Cohort) -> Limits:
        """Find them: home region, start date, fund."""
        where = cohort.home_region_code, cohort.starts_on, cohort.fund
        return cls(policy.ruling(learners.AGE, *where), policy.ruling(learners.TIMES_A_YEAR, *where))

    def notes(self) -> list[Finding]:
        """Say which of them nobody has put on file."""
        return [*self.age.note(), *self.times_a_year.note()]


def records(cohort: Cohort, person_ids: Sequence[int]) -> dict[int, Record]:
    """Read the record of each person; who has none has an empty one."""
    found: dict[int, Record] = defaultdict(Record)
    for person_id, held in holds_same(person_ids, cohort.item.trade_id, cohort.item.level, or_higher=True).items():
        found[person_id].held = [certificate.number for certificate in held]
    for first in range(0, len(person_ids), _BATCH):
        some = person_ids[first : first + _BATCH]
        attended = (
            select(
                Enrolment.person_id,
                Enrolment.state,
                Cohort.id,
                Cohort.number,
                Cohort.starts_on,
                TrainingItem.trade_id,
                TrainingItem.level,
            )
            .join(Cohort, Enrolment.cohort_id == Cohort.id)
            .join(TrainingItem, Cohort.item_id == TrainingItem.id)
            .where(Enrolment.person_id.in_(some), Cohort.state != CohortState.CANCELLED)
        )
        for row in db.session.execute(attended):
            if row.id == cohort.id:
                found[row.person_id].here = row.state
            elif row.state is not EnrolmentState.APPLIED:
                same = (row.trade_id, row.level) == (cohort.item.trade_id, cohort.item.level)
                found[row.person_id].attended.append(Attended(row.number, row.starts_on, row.state, same))
    return found


def findings_of(cohort: Cohort, learner: Learner, record: Record, limits: Limits) -> Iterator[Finding]:
    """Find everything that speaks against a person's learning in a cohort, save for being in it."""
    yield from learners.age(learner, cohort.starts_on, limits.age)
    yield from learners.not_twice(learner, cohort.item.name, record.held, record.attended)
    yield from learners.times_a_year(learner, cohort.starts_on.year, record.attended, limits.times_a_year)


def as_learner(person: Person) -> Learner:
    """See a person as the rules do."""
    return Learner(f"{person.name}（{person.id_masked}）", person.sex, person.birth_date, f"person:{person.id}")


def findings_of_all(cohort: Cohort, people: Iterable[Person]) -> Iterator[Finding]:
    """Find everything that speaks against each of ``people``."""
    listed, limits = list(people), Limits.of(cohort)
    found = records(cohort, [person.id for person in listed])
    for person in listed:
        yield from findings_of(cohort, as_learner(person), found[person.id], limits)
