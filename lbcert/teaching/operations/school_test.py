"""The school's own test (结业考核): practical items ticked one by one, two marks, passed or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lbcert.cohorts.models import Cohort, CohortState, Enrolment
from lbcert.cohorts.operations.enrolment import settle
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.teaching import rules
from lbcert.teaching.models import ItemTick, SchoolTest, TestItem
from lbcert.teaching.places import CLERK, TESTERS
from lbcert.teaching.queries import attendance_shares, items_of, learners_in, tests_of, ticks_of


@dataclass(frozen=True)
class TestMarks:
    """One learner's two marks out of 100; None where absent (缺考)."""

    __test__ = False  # no pytest class

    theory: int | None
    practice: int | None


@operation("teaching.set_test_items", say("设定结业考核项目"), allow=CLERK)
def set_test_items(actor: Any, cohort_id: int, names: Sequence[str]) -> list[TestItem]:
    """Name the practical items of the test; those already named stay, for they may be ticked."""
    load(Cohort, cohort_id, lock=True)
    wanted = [name.strip() for name in names if name.strip()]
    too_long = [name for name in wanted if len(name) > 80]  # noqa: PLR2004 (the column's length)
    refuse_on(
        refuse("teaching.item_name", say("项目名称“{name}…”太长，最多 80 字", name=name[:20])) for name in too_long
    )
    there = {item.name for item in items_of(cohort_id)}
    db.session.add_all(TestItem(cohort_id=cohort_id, name=name) for name in dict.fromkeys(wanted) if name not in there)
    db.session.flush()
    return items_of(cohort_id)


@operation("teaching.tick_items", say("勾选已掌握的项目"), allow=TESTERS)
def tick_items(actor: Any, cohort_id: int, enrolment_id: int, able: Mapping[int, bool]) -> Enrolment:
    """Say which practical items a learner can do; one taken back is a new row."""
    enrolment = load(Enrolment, enrolment_id)
    known = {item.id for item in items_of(cohort_id)}
    strangers = set(able) - known
    elsewhere = [] if enrolment.cohort_id == cohort_id else [refuse("teaching.not_enrolled", say("此人不在本班"))]
    refuse_on(elsewhere, [refuse("teaching.item", say("本班没有这一考核项目"))] if strangers else [])
    now = ticks_of(cohort_id).get(enrolment_id, set())
    db.session.add_all(
        ItemTick(test_item_id=item, enrolment_id=enrolment_id, able=can, account_id=actor.id)
        for item, can in able.items()
        if can != (item in now)
    )
    return enrolment


@operation("teaching.record_school_test", say("登记结业考核成绩"), allow=CLERK)
def record_school_test(actor: Any, cohort_id: int, taken_on: date, marks: Mapping[int, TestMarks]) -> list[SchoolTest]:
    """Record the school's test for learners, by enrolment id, and settle who completed the training.

    Passed is who reached both pass marks (policy ``teaching.pass_theory``, ``teaching.pass_practice``), can do every
    practical item, and attended enough (``teaching.attendance_share``). A failed one may be taken again:
    each attempt is a row of its own, and the newest counts.
    """
    cohort = load(Cohort, cohort_id, lock=True)
    learners = {learner.id: learner for learner in learners_in(cohort_id)}
    theory, practice = ruling(cohort, rules.PASS_THEORY), ruling(cohort, rules.PASS_PRACTICE)
    refuse_on(
        _time(cohort, taken_on),
        rules.pass_marks_on_file(theory, practice),
        _eligible(cohort, learners, marks),
        *(_range(learners, learner, mark) for learner, mark in marks.items()),
    )
    items, able = {item.id for item in items_of(cohort_id)}, ticks_of(cohort_id)
    earlier, tests = tests_of(cohort_id), []
    for learner, mark in marks.items():
        unticked = len(items - able.get(learner, set()))
        passed = rules.has_passed(mark.theory, mark.practice, theory.value, practice.value, unticked)
        test = SchoolTest(
            enrolment_id=learner,
            attempt=earlier[learner].attempt + 1 if learner in earlier else 1,
            taken_on=taken_on,
            theory=mark.theory,
            practice=mark.practice,
            passed=passed,
            account_id=actor.id,
        )
        db.session.add(test)
        tests.append(test)
        settle(actor, learner, completed=passed)
    return tests


def _time(cohort: Cohort, taken_on: date) -> Iterator[Finding]:
    if cohort.state not in {CohortState.RUNNING, CohortState.TAUGHT}:
        yield refuse("teaching.test_state", say("培训班“{name}”没有开班，不能登记结业考核", name=cohort.name))
    if not cohort.starts_on <= taken_on <= clock.today():
        days = {"day": taken_on.isoformat(), "first": cohort.starts_on.isoformat()}
        message = say("考核日期 {day} 应在开班（{first}）之后，且不晚于今天", **days)
        yield refuse("teaching.test_date", message)


def _eligible(cohort: Cohort, learners: Mapping[int, Enrolment], marks: Mapping[int, TestMarks]) -> Iterator[Finding]:
    shares, limit = attendance_shares(cohort.id), ruling(cohort, rules.ATTENDANCE_SHARE)
    passed = {learner for learner, test in tests_of(cohort.id).items() if test.passed}
    for learner in marks:
        if learner not in learners:
            yield refuse("teaching.not_enrolled", say("{learner} 号学员不在本班", learner=learner))
            continue
        name = learners[learner].person.name
        if learner in passed:
            yield refuse("teaching.passed_already", say("{who} 的结业考核已经合格", who=name))
        yield from (found for found in rules.enough_attendance(name, shares[learner], limit) if found.stops)
    yield from limit.note()


def _range(learners: Mapping[int, Enrolment], learner: int, mark: TestMarks) -> list[Finding]:
    name = learners[learner].person.name if learner in learners else str(learner)
    return rules.marks_of_100(name, [(say("理论"), mark.theory), (say("实操"), mark.practice)])
