"""A timetable that the program proposes: asked for, looked at, taken over and published by the school's clerk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import chinese_calendar
from openpyxl import load_workbook
from playwright.sync_api import Page

from lbcert.brands.models import ModuleKind
from lbcert.core import clock, jobs
from lbcert.core.database import db, load
from lbcert.teaching.models import Mode, SolveRun
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.rules import CLASS_HOUR
from tests.browser.chromium import unfold
from tests.browser.walk.opening import CLERK
from tests.browser.walk.stage import SITE, Course, Walk

#: When work is over in 新疆, by the clock of all China.
EVENING = 20


@dataclass(frozen=True)
class Meeting:
    """One lesson of a course."""

    course: Course
    starts_at: datetime
    hours: int
    kind: ModuleKind
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
    _pattern(walk, course, page)
    _search(walk, course, page)
    _take_over(walk, page)
    _publish(walk, page)
    _sheet(walk, course, page)
    return meetings(walk, course)


def meetings(walk: Walk, course: Course) -> list[Meeting]:
    """Give what stands on a course's timetable, with the user names of those who teach."""
    db.session.rollback()
    users = {walk.cast.persons[user]: user for user in course.trainers}
    return [
        Meeting(course, row.starts_at, row.hours, row.module.kind, row.mode, users[row.trainer_id])
        for row in sessions_of(course.key)
    ]


def _venue(walk: Walk, course: Course, page: Page) -> None:
    page.get_by_role("link", name="登记场地").click()
    page.get_by_label("场地名称").fill(course.place)
    page.get_by_label("所在地区").fill(SITE)
    page.get_by_label("可容纳人数").fill("100")
    walk.look(page, "venue-new")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name=course.place).wait_for()


def _pattern(walk: Walk, course: Course, page: Page) -> None:
    page.get_by_role("link", name="选班型").click()
    for pattern in course.patterns:
        page.get_by_label(pattern).check()
    page.get_by_label("每天最多课时").fill("8")
    walk.look(page, "pattern")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已选定班型").wait_for()


def _search(walk: Walk, course: Course, page: Page) -> None:
    """Ask for a plan; a worker finds one while the page tells how far it is."""
    page.get_by_role("link", name="自动排课").click()
    page.get_by_label(course.place).last.check()
    page.get_by_label("实操方式").select_option(label=course.practice)
    walk.look(page, "solve")
    page.get_by_role("button", name="开始排课").click()
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
    page.get_by_role("link", name="查看方案").click()
    walk.look(page, "proposal")
    page.get_by_role("link", name="按周看方案").click()
    walk.look(page, "proposal-week")
    page.go_back()
    page.get_by_role("button", name="采用方案").click()
    page.get_by_text("已排课").wait_for()
    walk.look(page, "timetable")


def _publish(walk: Walk, page: Page) -> None:
    page.get_by_role("link", name="日历").click()
    page.get_by_role("link", name="按月").click()
    walk.look(page, "calendar-month")
    page.get_by_role("link", name="按周").click()
    walk.look(page, "calendar-week")
    page.get_by_role("link", name="课程表", exact=True).click()
    page.get_by_role("link", name="公布课程表").click()
    walk.look(page, "publish")
    page.get_by_role("button", name="公布").click()
    page.get_by_text("课程表第 1 版已公布").wait_for()
    walk.look(page, "published")


def _sheet(walk: Walk, course: Course, page: Page) -> None:
    """Have the clerk take the sheet of nine columns; sent back, it says that all is planned already."""
    page.get_by_role("link", name="课程表", exact=True).click()
    page.get_by_role("heading", level=1, name=course.name).wait_for()
    unfold(page)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="导出课程表").click()
    course.table = walk.folder / f"{course.key}.xlsx"
    downloading.value.save_as(course.table)
    page.get_by_role("link", name="导入课程表").click()
    walk.look(page, "course-table")
    page.get_by_label("课程表").set_input_files(course.table)
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("这节课已经排好，不重复导入").first.wait_for()
    walk.look(page, "course-table-checked")


def days_of(course: Course) -> Counter[bool]:
    """Count the days on which the sheet has lessons, working days (True) and others, by a calendar that is not ours."""
    _titles, *rows = load_workbook(course.table).worksheets[0].iter_rows(values_only=True)
    assert {len(row) for row in rows} == {9}
    return Counter(map(chinese_calendar.is_workday, {date.fromisoformat(str(row[0])[:10]) for row in rows}))


def hours_of(planned: Iterable[Meeting], course: Course) -> Counter[tuple[ModuleKind, Mode, bool]]:
    """Count the class hours of a course by what and how it is taught, and whether in the evening."""
    counted: Counter[tuple[ModuleKind, Mode, bool]] = Counter()
    for each in planned:
        if each.course is course:
            counted[each.kind, each.mode, clock.local(each.starts_at).hour >= EVENING] += each.hours
    return counted
