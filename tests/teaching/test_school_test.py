"""结业考核: item by item, two marks, and nobody passes unseen."""

from datetime import date

import pytest

from lbcert.cohorts.models import Cohort, EnrolmentState
from lbcert.core.access import CONSOLE, Console
from lbcert.core.database import load
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from lbcert.core.policy import set_policy
from lbcert.teaching import queries
from lbcert.teaching.models import AttendanceMark, SchoolTest
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.school_test import TestMarks, record_school_test, set_test_items, tick_items
from lbcert.teaching.rules import ATTENDANCE_SHARE
from lbcert.testing.factories import store
from lbcert.testing.fixtures import browser_of

DAY = date(2025, 8, 6)


@pytest.fixture
def marked(taught):
    """Give the world in which the first learner came to all, and the second missed the practice of 52 hours."""
    one, two = taught.learners
    for place, session in enumerate(taught.sessions):
        marks = (AttendanceMark.PRESENT, AttendanceMark.ABSENT if place == 2 else AttendanceMark.PRESENT)
        record_attendance(taught.clerk, session.id, dict(zip((one.id, two.id), map(Presence, marks), strict=True)))
    return taught


def findings(world, marks):
    with pytest.raises(Refused) as caught:
        record_school_test(world.clerk, world.cohort.id, DAY, marks)
    return {finding.rule: finding for finding in caught.value.findings if finding.stops}


def test_who_reaches_both_marks_completes(marked):
    one, two = marked.learners
    record_school_test(marked.clerk, marked.cohort.id, DAY, {one.id: TestMarks(60, 60), two.id: TestMarks(59, 100)})
    assert (one.state, two.state) == (EnrolmentState.COMPLETED, EnrolmentState.FAILED)


def test_absence_is_no_zero_and_no_pass(marked):
    one, _two = marked.learners
    (test,) = record_school_test(marked.clerk, marked.cohort.id, DAY, {one.id: TestMarks(None, 90)})
    assert (test.theory, test.passed) == (None, False)


def test_each_item_must_be_ticked(marked):
    one, _two = marked.learners
    items = set_test_items(marked.clerk, marked.cohort.id, ["导线连接", "照明安装", "导线连接", " "])
    assert [item.name for item in items] == ["导线连接", "照明安装"]
    tick_items(marked.trainer, marked.cohort.id, one.id, {items[0].id: True, items[1].id: True})
    tick_items(marked.trainer, marked.cohort.id, one.id, {items[1].id: False})
    (test,) = record_school_test(marked.clerk, marked.cohort.id, DAY, {one.id: TestMarks(90, 90)})
    assert test.passed is False
    tick_items(marked.trainer, marked.cohort.id, one.id, {items[1].id: True})
    (test,) = record_school_test(marked.clerk, marked.cohort.id, DAY, {one.id: TestMarks(90, 90)})
    assert test.passed is True
    assert "teaching.passed_already" in findings(marked, {one.id: TestMarks(90, 90)})


def test_who_attended_too_little_takes_no_test(marked):
    one, two = marked.learners
    set_policy(marked.bureau, "530128", ATTENDANCE_SHARE.name, 80, date(2025, 1, 1), "禄人社〔2025〕3号")
    found = findings(marked, {one.id: TestMarks(90, 90), two.id: TestMarks(90, 90)})["teaching.attendance_share"]
    assert str(found.message) == "沙马拉毕 出勤 20/72 课时（27%），低于规定的 80%"
    assert found.source == "禄人社〔2025〕3号"
    assert load(type(one), one.id).state is EnrolmentState.ENROLLED


def test_marks_out_of_range_and_missing_roll_calls_are_all_said(taught):
    one, two = taught.learners
    found = findings(taught, {one.id: TestMarks(101, 90), two.id: TestMarks(90, -1)})
    assert set(found) == {"teaching.mark_range", "teaching.unmarked"}


@operation("testing.move_home", allow=CONSOLE)
def move_home(actor, cohort_id, region):
    load(Cohort, cohort_id).home_region_code = region


def test_nothing_is_decided_where_no_pass_marks_are_on_file(marked):
    move_home(Console(), marked.cohort.id, "150500")
    assert "teaching.pass_mark_missing" in findings(marked, {marked.learners[0].id: TestMarks(90, 90)})


def test_each_attempt_stays_and_is_shown(app, marked):
    one, _two = marked.learners
    for marks in (TestMarks(50, None), TestMarks(58, 90), TestMarks(61, 90)):
        record_school_test(marked.clerk, marked.cohort.id, DAY, {one.id: marks})
    attempts = queries.attempts_of(marked.cohort.id)[one.id]
    assert [(row.attempt, row.theory, row.practice, row.passed) for row in attempts] == [
        (1, 50, None, False), (2, 58, 90, False), (3, 61, 90, True),
    ]  # fmt: skip
    assert queries.tests_of(marked.cohort.id)[one.id].attempt == 3
    assert one.state is EnrolmentState.COMPLETED
    page = " ".join(browser_of(app, marked.clerk).get(f"/teaching/cohorts/{marked.cohort.id}/test").text.split())
    assert "第 3 次考核，此前：理论 58 · 实操 90" in page
    assert "理论 50 · 实操 缺考" in page
    again = SchoolTest(enrolment_id=one.id, attempt=4, taken_on=DAY, theory=99, practice=99, passed=True)
    with pytest.raises(Refused) as caught:
        store(again)
    assert "teaching.passed_already" in caught.value
