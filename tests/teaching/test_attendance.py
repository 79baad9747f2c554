"""Attendance: five marks, corrections as rows, shares over the modules that are due."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from lbcert.cohorts.models import CohortState, PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties.operations import withdraw_role
from lbcert.teaching.models import Attendance, AttendanceMark
from lbcert.teaching.operations.attendance import (
    Presence,
    attach_signed_sheet,
    correct_attendance,
    decide_leave,
    log_lesson,
    record_attendance,
    request_leave,
)
from lbcert.teaching.operations.sessions import add_session
from lbcert.teaching.queries import attendance_shares, attended_hours, has_taught, marks_of
from lbcert.teaching.rules import Share
from lbcert.testing.factories import account, cohort, enrolment, store

PRESENT, ABSENT, LATE = (
    Presence(mark) for mark in (AttendanceMark.PRESENT, AttendanceMark.ABSENT, AttendanceMark.LATE)
)


def rules_of(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    return [finding.rule for finding in caught.value.findings]


def test_shares_count_hours_and_say_what_is_unmarked(taught):
    one, two = taught.learners
    first, second, third = taught.sessions
    record_attendance(taught.clerk, first.id, {one.id: PRESENT, two.id: ABSENT})
    by_sheet = (record_attendance, taught.trainer, second.id, {one.id: LATE, two.id: PRESENT}, "sheet")
    assert rules_of(*by_sheet) == ["teaching.no_sheet"]
    assert rules_of(attach_signed_sheet, taught.trainer, second.id, b"GIF89a", "表.gif") == ["core.paper_type"]
    attach_signed_sheet(taught.trainer, second.id, b"\xff\xd8\xff", "签到表.jpg")
    by_sheet[0](*by_sheet[1:])
    assert attendance_shares(taught.cohort.id) == {one.id: Share(72, 20, 52), two.id: Share(72, 12, 52)}
    record_attendance(taught.clerk, third.id, {one.id: PRESENT, two.id: PRESENT})
    shares = attendance_shares(taught.cohort.id)
    assert (shares[one.id].percent, shares[two.id].percent) == (100, 88)
    assert attended_hours(two) == {taught.modules[1].id: 12, taught.modules[2].id: 52}


def test_a_correction_is_a_new_row_and_the_old_one_stays(taught):
    one, session = taught.learners[0], taught.sessions[0]
    (row,) = record_attendance(taught.clerk, session.id, {one.id: ABSENT})
    assert rules_of(correct_attendance, taught.clerk, row.id, PRESENT, " ") == ["teaching.reason"]
    new = correct_attendance(taught.clerk, row.id, PRESENT, "点名时在厕所，签到表有签名")
    assert marks_of([session.id])[session.id, one.id].id == new.id
    assert db.session.scalars(select(Attendance.mark).order_by(Attendance.id)).all() == [
        AttendanceMark.ABSENT,
        AttendanceMark.PRESENT,
    ]
    assert rules_of(correct_attendance, taught.clerk, row.id, LATE, "再改") == ["teaching.corrected_already"]


def test_nobody_is_marked_twice_or_before_the_lesson(world):
    session = add_session(world.clerk, world.cohort.id, world.lesson)
    one = world.learners[0]
    with clock.at(world.lesson.starts_at.replace(hour=19)):
        assert rules_of(record_attendance, world.clerk, session.id, {one.id: PRESENT}) == ["teaching.not_begun"]
    with clock.at(world.lesson.ends_at):
        record_attendance(world.clerk, session.id, {one.id: PRESENT})
        again = {one.id: PRESENT, 999: PRESENT}
        assert rules_of(record_attendance, world.clerk, session.id, again) == [
            "teaching.already_marked",
            "teaching.not_due",
        ]


def test_another_trainer_marks_nothing(taught):
    stranger = account(Role.TRAINER, taught.school)
    with pytest.raises(Forbidden):
        record_attendance(stranger, taught.sessions[0].id, {taught.learners[0].id: PRESENT})


def test_nobody_leaves_before_coming(taught):
    one, session = taught.learners[0], taught.sessions[0]
    seen = Presence(AttendanceMark.PRESENT, session.starts_at + timedelta(hours=2), session.starts_at)
    assert rules_of(record_attendance, taught.clerk, session.id, {one.id: seen}) == ["teaching.times_seen"]


def test_roll_is_called_in_an_open_cohort_alone(world):
    group = cohort(world.school, CohortState.APPROVED)
    store(PlannedTrainer(cohort_id=group.id, person_id=world.teacher.id))
    learner = enrolment(group)
    session = add_session(world.clerk, group.id, replace(world.lesson, module_id=group.plan[0].module_id))
    with clock.at(world.lesson.ends_at):
        found = rules_of(record_attendance, world.clerk, session.id, {learner.id: PRESENT})
    assert found == ["teaching.cohort_state"]


def test_who_is_no_trainer_any_more_marks_nothing(taught):
    withdraw_role(Console(), taught.trainer.grants[0].id)
    with pytest.raises(Forbidden):
        record_attendance(taught.trainer, taught.sessions[0].id, {taught.learners[0].id: PRESENT})


def test_leave_is_asked_for_and_decided_once(taught):
    one, session = taught.learners[0], taught.sessions[0]
    request = request_leave(taught.clerk, session.id, one.id, "家中老人住院")
    assert decide_leave(taught.clerk, request.id, True).granted is True
    assert rules_of(decide_leave, taught.clerk, request.id, False) == ["teaching.leave_decided"]
    assert rules_of(request_leave, taught.trainer, session.id, one.id, "再请") == ["teaching.leave_twice"]


def test_the_lesson_log_says_what_was_taught(taught):
    entry = log_lesson(taught.trainer, taught.sessions[0].id, "安全用电常识，触电急救", 2)
    assert (entry.head_count, entry.session_id) == (2, taught.sessions[0].id)
    assert rules_of(log_lesson, taught.trainer, taught.sessions[0].id, "", -1) == [
        "teaching.empty_log",
        "teaching.head_count",
    ]


def test_whom_somebody_taught_is_known_by_session(taught):
    ids = [learner.id for learner in taught.learners]
    since = taught.sessions[0].starts_at
    assert [s.id for s in has_taught(taught.teacher.id, ids, since)] == [s.id for s in taught.sessions]
    assert [s.id for s in has_taught(taught.teacher.id, ids, taught.sessions[1].starts_at)] == [
        s.id for s in taught.sessions[1:]
    ]
    assert has_taught(taught.clerk.person_id, ids, since) == []
