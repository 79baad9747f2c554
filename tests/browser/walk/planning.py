"""A timetable that the program proposes: asked for, looked at, taken over and published by the school's clerk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import chinese_calendar
from openpyxl import load_workbook
from playwright.sync_api import Page

from lbcert.core import clock, jobs
from lbcert.core.database import db, load
from lbcert.teaching.models import Mode, SolveRun
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.rules import CLASS_HOUR
from tests.browser.walk.opening import CLERK
from tests.browser.walk.stage import FIRST, LAST, SITE, Course, Walk

#: From the first day to the last.
WORKING_DAYS, WEEKEND_DAYS = 11, 4


@dataclass(frozen=True)
class Meeting:
    """One lesson of a course."""

    course: Course
    starts_at: datetime
    hours: int
    mode: Mode
    trainer: str

    @property
    def ends_at(self) -> datetime:
        """When it ends, without a break."""
        return self.starts_at + CLASS_HOUR * self.hours


def plan(walk: Walk, course: Course) -> list[Meeting]:
    """Have the clerk choose when the course is taught, let the program plan it, look at the plan, take it over and publish it."""
    walk.on(date(2025, 7, 15))
    page = walk.as_(CLERK, "/teaching/venues")
    _venue(walk, course, page)
    page.goto(course.address)
    page.get_by_role("link", name="课程表与考勤").first.click()
    walk.look(page, "timetable-empty")
    _pattern(walk, page)
    _search(walk, course, page)
    _take_over(walk, page)
    _publish(walk, page)
    return meetings(walk, course)


def meetings(walk: Walk, course: Course) -> list[Meeting]:
    """Give what stands on a course's timetable, with the user names of those who teach."""
    db.session.rollback()
    users = {walk.cast.persons[user]: user for user in course.trainers}
    return [
        Meeting(course, row.starts_at, row.hours, row.mode, users[row.trainer_id]) for row in sessions_of(course.key)
    ]


def _venue(walk: Walk, course: Course, page: Page) -> None:
    page.get_by_role("link", name="登记场地").click()
    page.get_by_label("场地名称").fill(course.place)
    page.get_by_label("所在地区").fill(SITE)
    page.get_by_label("可容纳人数").fill("100")
    walk.look(page, "venue-new")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name=course.place).wait_for()


def _pattern(walk: Walk, page: Page) -> None:
    page.get_by_role("link", name="班型").click()
    page.get_by_label("夜间班").check()
    page.get_by_label("周末班").check()
    page.get_by_label("每天最多课时").fill("8")
    walk.look(page, "pattern")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已选定班型").wait_for()


def _search(walk: Walk, course: Course, page: Page) -> None:
    """Ask for a plan; a worker finds one while the page tells how far it is."""
    page.locator("a[href$='/solving']").click()
    page.get_by_label(course.place).first.check()
    walk.look(page, "solve")
    page.locator(".house-form .btn-primary").click()
    page.get_by_text("求解中").wait_for()
    walk.look(page, "solving")
    db.session.rollback()  # what the server wrote is seen from now on
    run = load(SolveRun, int(page.url.rpartition("/")[2]))
    with clock.at(walk.now):
        jobs.run(run.job_id)
    db.session.rollback()
    page.get_by_text("已结束").wait_for()  # the page asked for itself again
    walk.look(page, "solved")


def _take_over(walk: Walk, page: Page) -> None:
    page.locator(".progress-box a[href*='course-tables']").click()
    walk.look(page, "proposal")
    page.get_by_role("link", name="按周看草案").click()
    walk.look(page, "proposal-week")
    page.go_back()
    page.get_by_role("button", name="导入").click()
    page.get_by_text("已排课").wait_for()
    walk.look(page, "timetable")


def _publish(walk: Walk, page: Page) -> None:
    page.get_by_role("link", name="日历").click()
    page.get_by_role("link", name="按月").click()
    walk.look(page, "calendar-month")
    page.get_by_role("link", name="按周").click()
    walk.look(page, "calendar-week")
    page.get_by_role("link", name="公布").click()
    walk.look(page, "publish")
    page.get_by_role("button", name="公布").click()
    page.get_by_text("课程表第 1 版已公布").wait_for()
    walk.look(page, "published")


def days_of(walk: Walk, course: Course) -> Counter[bool]:
    """Count the days on which the course table has lessons, working days (True) and days of weekend, by a foreign calendar."""
    page = walk.as_(CLERK, f"/teaching/cohorts/{course.key}")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="导出课程表").click()
    kept = walk.folder / "table.xlsx"
    downloading.value.save_as(kept)
    _title, *rows = load_workbook(kept).worksheets[0].iter_rows(values_only=True)
    assert {len(row) for row in rows} == {9}
    days = {date.fromisoformat(str(row[0])[:10]) for row in rows}
    assert days == {FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)}
    return Counter(map(chinese_calendar.is_workday, days))
