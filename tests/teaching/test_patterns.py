"""Patterns (班型): when a class is taught; what departs from them is found by name, and stops until the bureau grants it."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Cohort, CohortState
from lbcert.cohorts.queries.filing import step_findings
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.calendar import overlay_of
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.registrations import Window
from lbcert.core.staging import findings_of
from lbcert.core.workdays import DayKind, kind_of
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.course_table import import_course_table, receive_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.resources import Terms, add_trainer
from lbcert.teaching.operations.sessions import add_session
from lbcert.teaching.patterns import (
    FULL_TIME_CLASS,
    NIGHT_CLASS,
    PRACTICE_SHARE,
    WEEKEND_CLASS,
    Opening,
    Taught,
    Timing,
    departs,
    out_of_order,
    read_span,
    read_windows,
)
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.patterns import departures
from lbcert.teaching.queries.solving import Asked, setting_of
from lbcert.teaching.sheets import COURSE_TABLE
from lbcert.testing.factories import FUKANG, NATION, account, cohort

EVENING, DAY = read_span("20:00-23:00"), read_span("9:00至18:00")


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


def found(pattern, day, starts, ends, span=DAY):
    """Give the rules that a session on a day of autumn 2025 breaks, and what is said."""
    timing = Timing((pattern.label,), [Opening(window, span, "某局文件") for window in pattern.windows], None)
    times = (datetime.combine(day, time(hour), SHANGHAI) for hour in (starts, ends))
    return {one.rule: str(one.message) for one in departs(timing, *times, kind_of(day), "cohort:1")}


def test_a_worked_saturday_is_no_weekend_and_a_holiday_is_for_nobody():
    saturday, worked_sunday, national_day = date(2025, 9, 27), date(2025, 9, 28), date(2025, 10, 4)
    assert found(WEEKEND_CLASS, saturday, 9, 12) == {}
    said = found(WEEKEND_CLASS, worked_sunday, 9, 12)
    assert said == {"teaching.pattern_day": "2025-09-28 是调休上班日，周末班这一天不上课"}
    assert found(FULL_TIME_CLASS, worked_sunday, 9, 12) == {}
    assert set(found(FULL_TIME_CLASS, saturday, 9, 12)) == {"teaching.pattern_day"}
    for pattern in (WEEKEND_CLASS, FULL_TIME_CLASS, NIGHT_CLASS):
        assert set(found(pattern, national_day, 9, 12)) == {"teaching.pattern_day"}


def test_a_night_class_keeps_to_its_window_and_past_midnight_is_outside():
    monday = date(2025, 9, 22)
    assert found(NIGHT_CLASS, monday, 20, 23, EVENING) == {}
    said = found(NIGHT_CLASS, monday, 19, 22, EVENING)["teaching.pattern_time"]
    assert said == "2025-09-22 19:00–22:00 不在夜间班的上课时段 20:00–23:00 之内"


def test_own_windows_are_read_line_by_line():
    windows, findings = read_windows(
        "周三、周五 14:00-17:00\nworkdays，周末 18:00~21:30\n\n周八 9:00-10:00\n每天 18:00-9:00\n"
    )
    afternoon, worked, off = windows
    assert (afternoon.weekdays, afternoon.starts, afternoon.ends) == (frozenset({2, 4}), time(14), time(17))
    assert DayKind.HOLIDAY not in afternoon.days
    assert (worked.days, off) == (
        frozenset({DayKind.WORKDAY, DayKind.WORKED_WEEKEND}),
        Window(frozenset({DayKind.WEEKEND}), time(18), time(21, 30)),
    )
    assert [str(one.message).partition("读")[0] for one in findings] == ["第 4 行", "第 5 行"]


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule: (str(finding.message), finding.source) for finding in caught.value.findings if finding.stops}


def test_the_evening_is_the_sites_own_and_the_bureau_may_let_a_class_depart_from_it(world, signed_in):
    nation, xinjiang = account(Role.ADMIN), account(Role.BUREAU_OFFICER, "650000")
    set_policy(nation, NATION, "teaching.evening_window", "18:00-21:00", date(2020, 1, 1), "示例文件")
    set_policy(xinjiang, "650000", "teaching.evening_window", "20:00-23:00", date(2020, 1, 1), "新疆设定")
    with pytest.raises(Refused, match="20:00-23:00"):
        set_policy(xinjiang, "650000", "teaching.evening_window", "晚上", date(2020, 1, 1), "新疆设定")
    page, group = f"/teaching/cohorts/{world.cohort.id}", world.cohort.id
    add_session(world.clerk, group, replace(world.lesson, starts_at=at(13), ends_at=at(16)))
    clerk = signed_in(world.clerk)
    assert clerk.post(f"{page}/pattern", data={}).status_code == 422
    sent = {"names": ["night"], "hours_a_day": "5", "in_order": "y"}
    assert clerk.post(f"{page}/pattern", data=sent).status_code == 302
    with clock.at(at(9)):
        shown = clerk.get(page).text
    assert "夜间班" in shown
    assert "2025-07-24 13:00–16:00 不在夜间班的上课时段 20:00–23:00 之内" in shown

    early = replace(world.lesson, starts_at=at(18, day=25), ends_at=at(21, day=25))
    said = refused(add_session, world.clerk, group, early)
    assert said == {
        "teaching.pattern_time": ("2025-07-25 18:00–21:00 不在夜间班的上课时段 20:00–23:00 之内", "新疆设定")
    }
    text = io.StringIO()
    row = ("2025-07-25", "安全用电", "4", "18:00", "21:00", "阜康实训室", "陈建国", "", "")
    csv.writer(text).writerows([[column.title for column in COURSE_TABLE], row])
    staged = receive_course_table(world.clerk, group, text.getvalue().encode(), "课程表.csv")
    assert (staged.good, [one.rule for one in staged.rows[0].said if one.stops]) == (0, ["teaching.pattern_time"])

    before = replace(world.lesson, module_id=world.modules[1].id, starts_at=at(20, day=23), ends_at=at(23, day=23))
    assert set(refused(add_session, world.clerk, group, before)) == {"teaching.outside_cohort", "teaching.module_order"}
    second = replace(world.lesson, module_id=world.modules[2].id, starts_at=at(20), ends_at=at(21, 30), hours=2)
    assert refused(add_session, world.clerk, group, second)["teaching.pattern_hours"][0] == (
        "2025-07-24 共排 6 课时，夜间班每天最多 5 课时"
    )

    bureau = signed_in(account(Role.BUREAU_OFFICER, world.cohort.home_region_code))
    assert "在班型以外的时段上课" in bureau.get(f"{page}/pattern").text
    grant = {"rule": "teaching.pattern_time", "reason": "企业当晚停产，提前上课"}
    assert bureau.post(f"/cohorts/{group}/exception", data=grant).status_code == 302
    again = receive_course_table(world.clerk, group, text.getvalue().encode(), "课程表.csv")
    assert again.good == 1
    assert "已批准特殊情况：2025-07-25 18:00–21:00" in str(again.rows[0].said[0].message)
    assert add_session(world.clerk, group, early).hours == 4
    with clock.at(at(9)):
        assert "已批准特殊情况" in clerk.get(page).text


def test_theory_is_after_work_and_practice_by_day_in_the_field_for_all_who_plan(world, signed_in, solved):
    (theory, _), findings = read_windows("理论：每天 19:00-22:00\n田间、岗位：每天 08:00-12:00", by_lesson=True)
    assert (theory.lessons, findings) == ({ModuleKind.THEORY}, [])
    assert {one.rule for one in read_windows("理论 19:00-22:00", by_lesson=True)[1]} == {"teaching.window_unreadable"}
    assert "teaching.window_unreadable" in refused(
        add_trainer, world.clerk, world.school.id, world.teacher.id, Terms(windows="理论：每天 19:00-22:00")
    )
    client, page, group = signed_in(world.clerk), f"/teaching/cohorts/{world.cohort.id}", world.cohort.id
    windows = "理论：每天 19:00-22:00\n田间、岗位：每天 08:00-12:00"
    assert client.post(f"{page}/pattern", data={"own_windows": windows}).status_code == 302
    shown = client.get(f"{page}/pattern").text
    assert "理论：19:00–22:00" in shown
    assert "田间、岗位：08:00–12:00" in shown

    by_day, by_night = (at(8), at(11)), (at(19), at(22))
    practice = replace(world.lesson, module_id=world.modules[2].id, mode=Mode.FIELD, venue_id=None)
    said = refused(add_session, world.clerk, group, replace(practice, starts_at=by_night[0], ends_at=by_night[1]))
    assert (
        said["teaching.pattern_time"][0]
        == "2025-07-24 19:00–22:00 不在本班时段的实操（田间）的上课时段 08:00–12:00 之内"
    )
    said = refused(add_session, world.clerk, group, replace(world.lesson, starts_at=by_day[0], ends_at=by_day[1]))
    assert (
        said["teaching.pattern_time"][0]
        == "2025-07-24 08:00–11:00 不在本班时段的理论（线下）的上课时段 19:00–22:00 之内"
    )
    indoors = replace(practice, mode=Mode.ON_SITE, venue_id=world.venue.id, starts_at=by_day[0], ends_at=by_day[1])
    said = refused(add_session, world.clerk, group, indoors)
    assert said["teaching.pattern_day"][0] == "2025-07-24 是工作日，本班时段的实操（线下）这一天不上课"

    lesson = add_session(world.clerk, group, replace(practice, starts_at=by_day[0], ends_at=by_day[1]))
    dropped = client.get(f"/teaching/sessions/{lesson.id}/shift", query_string={"day": "2025-07-25", "starts": "19:00"})
    assert "不在本班时段的实操（田间）的上课时段" in dropped.text
    sheet = (
        "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n2025-07-25,操作实训,4,19:00,22:00,田间,陈建国\n"
    )
    assert receive_course_table(world.clerk, group, sheet.encode(), "课程表.csv").good == 0

    laid = solved(Asked(world.cohort.starts_on, practice_mode=Mode.FIELD)).staged
    assert laid.good == laid.total
    import_course_table(world.clerk, laid.id)
    hours = {(one.module.kind.value, clock.local(one.starts_at).hour) for one in sessions_of(group)}
    assert hours == {("theory", 19), ("practice", 8)}
    assert departures(world.cohort, sessions_of(group), overlay_of(FUKANG)) == []


def test_a_pattern_is_changed_with_a_reason_once_the_bureau_has_approved_it(world, signed_in):
    clerk, group = world.clerk, world.cohort
    draft = cohort(world.school, state=CohortState.DRAFT, name="筹备班")
    choose_pattern(clerk, draft.id, ["night"])
    choose_pattern(clerk, draft.id, ["weekend"])
    assert load(Cohort, draft.id).changes == []

    choose_pattern(clerk, group.id, [], "每天 20:00-23:00")
    for day in (24, 25):
        add_session(clerk, group.id, replace(world.lesson, starts_at=at(20, day=day), ends_at=at(23, day=day)))
    assert set(refused(choose_pattern, clerk, group.id, [], "每天 08:00-12:00")) == {"cohorts.change_reason"}
    client, page = signed_in(clerk), f"/teaching/cohorts/{group.id}"
    sent = {"own_windows": "每天 08:00-12:00", "hours_a_day": 4}
    assert client.post(f"{page}/pattern", data=sent).status_code == 422
    with clock.at(at(9, day=25)):
        answer = client.post(f"{page}/pattern", data=sent | {"reason": "企业改为白天放人"}, follow_redirects=True)
    assert "有 1 节要上的课不在现在的班型内" in answer.text
    assert re.findall(r"([\d-]+) 20:00–23:00 不在本班时段的上课时段 08:00–12:00 之内", answer.text) == ["2025-07-25"], (
        "the lesson that was held is past changing, and neither counted nor listed"
    )
    (change,) = load(Cohort, group.id).changes
    assert (change.field, change.before, change.after, change.reason) == (
        "pattern", "每天 20:00-23:00", "每天 08:00-12:00；每天最多 4 课时", "企业改为白天放人",
    )  # fmt: skip
    assert "变更：班型" in client.get(f"/cohorts/{group.id}").text


def test_the_engine_begins_practice_in_its_own_windows_and_says_what_has_none(world, solved):
    choose_pattern(world.clerk, world.cohort.id, [], "理论：每天 19:00-22:00\n田间：每天 08:00-12:00")
    field = setting_of({world.cohort: Asked(world.cohort.starts_on, practice_mode=Mode.FIELD)})
    begins = {str(one.label).split()[-1]: {start % 1440 // 60 for start in one.starts} for one in field.problem.pieces}
    assert begins == {"安全用电": {19}, "电工基础": {19}, "操作实训": {8}}
    indoors = setting_of({world.cohort: Asked(world.cohort.starts_on)})
    assert [str(one.message) for one in indoors.findings if one.stops] == [
        "模块“操作实训”没有实操（线下）的上课时段：请改班型、本班时段或授课方式"
    ]
    laid = solved(Asked(world.cohort.starts_on)).staged
    assert {one.rule for one in findings_of(laid)} == {"teaching.no_window_for", "policy.teaching.hours_a_day"}


def test_a_plan_with_too_little_practice_is_not_filed_and_unreadable_choices_are_all_said(world):
    assert list(step_findings(world.cohort, CohortState.FILED)) == []
    set_policy(world.bureau, "530000", PRACTICE_SHARE.name, 80, date(2020, 1, 1), "示例文件")
    (short,) = step_findings(world.cohort, CohortState.FILED)
    assert str(short.message) == "教学计划理论 20 课时、实操 52 课时，实操占 72%，规定不低于 80%"
    said = refused(choose_pattern, world.clerk, world.cohort.id, ["dawn"], "半夜", 0)
    assert set(said) == {"teaching.pattern_unknown", "teaching.window_unreadable", "teaching.no_hours"}
    with clock.at(at(9, day=20)):
        choose_pattern(world.clerk, world.cohort.id, ["weekend"], "周四 20:00-23:00")
        assert add_session(world.clerk, world.cohort.id, world.lesson)
        assert "teaching.pattern_day" in refused(
            add_session,
            world.clerk,
            world.cohort.id,
            replace(world.lesson, starts_at=at(20, day=25), ends_at=at(23, day=25)),
        )


def test_a_module_is_not_taught_after_a_later_one_began():
    night = Timing(labels=(), openings=(), hours_a_day=None, order=(1, 2))
    later = Taught(2, "设备维护", at(20, day=24), at(23, day=24))
    first = Taught(1, "安全用电", at(20, day=25), at(23, day=25))
    [found] = out_of_order(night, first, [later], "cohort:1")
    assert str(found.message) == "“安全用电”应在设备维护开始之前上"
    assert out_of_order(night, replace(first, starts_at=at(20, day=23), ends_at=at(23, day=23)), [later], "") == []
