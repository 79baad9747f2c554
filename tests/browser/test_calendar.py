"""The calendar in a real browser: a table of the week at a desk, a list by day on a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.sessions import add_session, add_venue, cancel_session, move_session
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.queries.course_table import lesson_of
from lbcert.teaching.rules import Lesson
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, organisation, person, store
from tests.browser.chromium import look_at

pytestmark = pytest.mark.browser


@pytest.fixture
def place(address):
    """Serve a cohort whose sessions lie in next week, from its Monday on."""
    today = clock.today()
    monday = today + timedelta(days=7 - today.weekday())
    school = organisation(name="禄劝阳光职业培训学校")
    group = cohort(school, name="电工（五级）2025年第1期", starts_on=monday, ends_on=monday + timedelta(days=13))
    clerk, teacher = account(Role.PROVIDER_CLERK, school), person("陈建国")
    trainer = account(Role.TRAINER, school, teacher)
    store(PlannedTrainer(cohort_id=group.id, person_id=teacher.id))
    learner, *_others = [enrolment(group, person(name)) for name in ("葛曾䮌", "沙马拉毕", "古丽米热·艾比布力")]
    venue = add_venue(clerk, school.id, "阜康职教中心 301 教室", FUKANG, 40)
    safety, basics, practice = (row.module_id for row in group.plan)

    def lesson(module, day, hour, hours, **values):
        begins = datetime.combine(monday + timedelta(days=day), datetime.min.time(), SHANGHAI) + timedelta(hours=hour)
        usual = Lesson(
            module, begins, begins + timedelta(minutes=45 * hours), hours, Mode.ON_SITE, teacher.id, venue.id
        )
        return add_session(clerk, group.id, replace(usual, **values))

    sessions = [
        lesson(safety, 0, 20, 4), lesson(safety, 1, 20, 4, title="触电急救", mode=Mode.ONLINE, venue_id=None),
        lesson(basics, 2, 20, 4), lesson(basics, 5, 10, 4), lesson(practice, 5, 14, 4, mode=Mode.FIELD, venue_id=None),
    ]  # fmt: skip
    cancel_session(clerk, lesson(practice, 3, 20, 4).id, "停电")
    publish_timetable(clerk, group.id)
    move_session(clerk, sessions[1].id, replace(lesson_of(sessions[1]), title="触电急救与灭火"))
    lesson(practice, 6, 10, 4)
    version = publish_timetable(clerk, group.id, "场地停电，加练一次")
    move_session(clerk, sessions[2].id, replace(lesson_of(sessions[2]), material="《电工（五级）》"))
    choose_pattern(clerk, group.id, [], "每天 08:00-23:00")
    head = "上课日期,课别(上课内容),课时,上课开始时间,上课结束时间,上课地点(教室名称),培训教师\n"
    rows = [
        f"{monday + timedelta(days=n)},操作实训：接线,2,{time},田间,陈建国\n"
        for n, time in ((0, "21:00,22:30"), (4, "19:00,20:30"))
    ]
    draft = receive_course_table(clerk, group.id, (head + "".join(rows)).encode(), "草案.csv")
    return {
        "draft": draft.id, "address": address, "clerk": clerk, "trainer": trainer, "cohort": group.id, "monday": monday,
        "teacher": teacher.id, "learner": learner.person_id, "venue": venue.id, "version": version.id, "sessions": [s.id for s in sessions],
    }  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
def test_every_calendar_is_readable(page_as, place, width):
    page = page_as(place["clerk"], width)
    week = f"day={place['monday']}"
    pages = {
        "week": f"cohorts/{place['cohort']}/calendar?{week}",
        "month": f"cohorts/{place['cohort']}/calendar?view=month&{week}",
        "trainer": f"people/{place['teacher']}/calendar?{week}",
        "learner": f"people/{place['learner']}/calendar?{week}",
        "venue": f"venues/{place['venue']}/calendar?{week}",
        "versions": f"cohorts/{place['cohort']}/versions",
        "version": f"timetable-versions/{place['version']}",
        "draft": f"course-tables/{place['draft']}/calendar",
        "shift": f"sessions/{place['sessions'][0]}/shift?{week}&starts=21:00",
    }
    for name, path in pages.items():
        page.goto(f"{place['address']}/teaching/{path}")
        look_at(page, f"calendar-{name}")
        if "calendar" in path:
            assert page.locator("table.week, table.month").is_visible() == (width > 860)
            assert page.locator(".by-day").is_visible() == (width <= 860)


def test_a_session_is_dragged_with_its_consequences_shown_first(page_as, place):
    page = page_as(place["clerk"], 1280)
    page.goto(f"{place['address']}/teaching/cohorts/{place['cohort']}/calendar?day={place['monday']}")
    first = page.locator(".slot", has_text="安全用电").first
    days = [(place["monday"] + timedelta(days=n)).isoformat() for n in range(7)]
    box = page.locator("#shift")

    first.drag_to(page.locator(f"td[data-day='{days[2]}'][data-starts='20:00']"))
    box.get_by_text("教师 陈建国 当时在上").wait_for()
    assert box.get_by_role("button", name="确定移动").count() == 0
    look_at(page, "calendar-drag-clash")
    box.get_by_role("button", name="不移动").click()
    assert box.is_hidden()

    first.drag_to(page.locator(f"td[data-day='{days[4]}'][data-starts='20:00']"))
    box.get_by_text("没有冲突。").wait_for()
    look_at(page, "calendar-drag")
    box.get_by_role("button", name="确定移动").click()
    page.get_by_text("已调整").wait_for()
    expect(page.locator(f"td[data-day='{days[4]}'][data-starts='20:00']")).to_contain_text("安全用电")


def test_a_session_is_moved_with_the_keyboard_alone(page_as, place):
    page = page_as(place["clerk"], 1280)
    page.goto(f"{place['address']}/teaching/cohorts/{place['cohort']}/calendar?day={place['monday']}")
    saturday = place["monday"] + timedelta(days=5)
    page.get_by_role("link", name=f"移动 操作实训 {saturday}").focus()
    page.keyboard.press("Enter")
    page.get_by_label("上课时间").fill("16:00")
    page.keyboard.press("Enter")
    page.get_by_text("没有冲突。").wait_for()
    look_at(page, "calendar-shift")
    page.get_by_role("button", name="确定移动").press("Enter")
    page.get_by_text("已调整").wait_for()
    expect(page.locator(f"td[data-day='{saturday}'][data-starts='16:00']")).to_contain_text("操作实训")
