"""Marks: one at a time, changed with a reason, never a zero for an absence."""

import pytest

from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Forbidden, Missing
from lbcert.exams import operations
from lbcert.exams.models import Absence, Part, Post
from lbcert.exams.queries.marks import own_history, sheets_of
from lbcert.exams.rules import read_mark
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams.scene import number_of, refused, rules_of, said

pytestmark = pytest.mark.usefixtures("app", "exam_day")


def record(scene, name="张三", part=Part.THEORY, points=85, absence=None, by=None):
    return operations.record_mark(by or scene.leader, scene.batch.id, number_of(scene, name), part, points, absence)


def test_a_mark_is_points_or_an_absence_and_an_absence_is_no_zero():
    scene = stage.begun()
    zero = record(scene, points=0)
    absent = record(scene, part=Part.PRACTICE, points=None, absence=Absence.ABSENT)
    assert (zero.points, zero.absence) == (0, None)
    assert (absent.points, absent.absence) == (None, Absence.ABSENT)
    for points, absence in ((None, None), (60, Absence.VOID)):
        assert rules_of(refused(record, scene, "李四", points=points, absence=absence)) == {"exams.points_or_absence"}
    for points in (-1, 101):
        assert rules_of(refused(record, scene, "李四", points=points)) == {"exams.points_range"}


def test_what_is_marked_already_is_told_with_who_marked_it():
    scene = stage.begun()
    record(scene)
    refusal = refused(record, scene, points=90, by=scene.second)
    assert rules_of(refusal) == {"exams.marked_meanwhile"}
    assert f"考生 {number_of(scene, '张三')} 的理论知识已由 组长 录入 85" in said(refusal)


def test_a_change_is_a_new_row_with_a_reason_and_the_old_one_stays():
    scene = stage.begun()
    old = record(scene)
    change = operations.change_mark
    assert rules_of(refused(change, scene.second, scene.batch.id, old.id, 58, None, " ")) == {"exams.reason"}
    new = change(scene.second, scene.batch.id, old.id, 58, None, "第三题漏判")
    assert [(mark.points, mark.reason) for mark in own_history(old.candidate, scene.leader.person_id)] == [
        (85, ""),
        (58, "第三题漏判"),
    ]
    assert sheets_of(scene.batch.id)[old.candidate_id].value(Part.THEORY) == 58
    refusal = refused(change, scene.leader, scene.batch.id, old.id, 90, None, "我也要改")
    assert rules_of(refusal) == {"exams.mark_changed_meanwhile"}
    assert sheets_of(scene.batch.id)[old.candidate_id].marks[Part.THEORY][1].id == new.id


def test_only_examiners_of_the_batch_who_declared_mark():
    scene = stage.begun()
    for other in (scene.clerk, scene.decider, scene.officer, stage.examiner(scene, "别的考评员")):
        with pytest.raises(Forbidden):
            record(scene, by=other)
    new = stage.examiner(scene, "新来的")
    operations.appoint(scene.clerk, scene.batch.id, new.person_id, Post.EXAMINER)
    assert rules_of(refused(record, scene, by=new)) == {"exams.undeclared"}


def test_who_teaches_a_candidate_meanwhile_marks_no_more():
    scene = stage.begun()
    other = make.cohort(make.organisation(), name="夜校班")
    make.enrolment(other, scene.learners[0].person)
    stage.lesson(other, scene.leader.person, stage.datetime(2025, 8, 8, 19, tzinfo=SHANGHAI))
    refusal = refused(record, scene)
    assert rules_of(refusal) == {"exams.taught_candidate"}
    assert "2025-08-08 夜校班" in said(refusal)


def test_before_the_beginning_and_after_the_decision_nothing_is_marked():
    scene = stage.staffed()
    assert rules_of(refused(record, scene)) == {"exams.marks_locked"}
    operations.begin_marking(scene.clerk, scene.batch.id)
    stage.judged(scene)
    assert rules_of(refused(record, scene)) >= {"exams.marks_locked"}
    mark = sheets_of(scene.batch.id)[scene.batch.candidates[0].id].marks[Part.THEORY][1]
    refusal = refused(operations.change_mark, scene.leader, scene.batch.id, mark.id, 99, None, "想改")
    assert rules_of(refusal) == {"exams.marks_locked"}


def test_review_is_marked_where_the_batch_has_one():
    scene = stage.begun()
    assert rules_of(refused(record, scene, part=Part.REVIEW)) == {"exams.no_review"}
    other = stage.ready()
    stage.begun(other, with_review=True)
    assert record(other, part=Part.REVIEW).part is Part.REVIEW


def test_an_unknown_number_is_not_found():
    scene = stage.begun()
    with pytest.raises(Missing):
        operations.record_mark(scene.leader, scene.batch.id, "000000", Part.THEORY, 60)


def test_an_examiner_with_an_office_role_too_still_marks_by_number():
    scene = stage.begun()
    both = make.account(Role.ASSESSMENT_CLERK, scene.body, scene.leader.person)
    assert record(scene, by=both).scorer_id == scene.leader.person_id


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("60", 60), (" 100 ", 100), ("0", 0), ("85.0", 85), ("缺考", Absence.ABSENT), ("成绩无效", Absence.VOID),
        ("违纪", Absence.VOID), ("101", None), ("-1", None), ("59.5", None), ("六十", None), ("", None), ("1e2", None), ("６０", 60),
    ],
)  # fmt: skip
def test_a_cell_is_points_an_absence_or_neither(text, value):
    assert read_mark(text) == value
