"""The school's own test (结业考核): items, ticks and marks."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import db
from lbcert.teaching.models import ItemTick, SchoolTest, TestItem


def items_of(cohort_id: int) -> list[TestItem]:
    """List the practical items of a cohort's test."""
    return list(db.session.scalars(select(TestItem).where(TestItem.cohort_id == cohort_id).order_by(TestItem.id)))


def ticks_of(cohort_id: int) -> dict[int, set[int]]:
    """Give the practical items that each learner can do, by enrolment id."""
    able: dict[int, set[int]] = defaultdict(set)
    rows = db.session.scalars(
        select(ItemTick).join(TestItem).where(TestItem.cohort_id == cohort_id).order_by(ItemTick.id)
    )
    for tick in rows:
        (able[tick.enrolment_id].add if tick.able else able[tick.enrolment_id].discard)(tick.test_item_id)
    return able


def attempts_of(cohort_id: int) -> dict[int, list[SchoolTest]]:
    """Give the school's tests of each learner who took it, the first attempt first, by enrolment id."""
    attempts: dict[int, list[SchoolTest]] = defaultdict(list)
    query = select(SchoolTest).join(Enrolment).where(Enrolment.cohort_id == cohort_id).order_by(SchoolTest.attempt)
    for row in db.session.scalars(query):
        attempts[row.enrolment_id].append(row)
    return dict(attempts)


def tests_of(cohort_id: int) -> dict[int, SchoolTest]:
    """Give the attempt that counts, the newest, of each learner who took the school's test, by enrolment id."""
    return {learner: attempts[-1] for learner, attempts in attempts_of(cohort_id).items()}
