"""From the course table to the school's own test."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.sheets import Table, write_workbook
from lbcert.demo.cast import moment
from lbcert.demo.course import CLASS_HOUR
from lbcert.teaching.sheets import COURSE_TABLE
from tests.browser.walk.opening import CLERK
from tests.browser.walk.planning import Meeting, meetings
from tests.browser.walk.stage import FIRST, LAST, Course, Walk, person_of, upload

#: On these days they meet in the morning, too.
WEEKENDS = (2, 3, 9)
#: So many class hours a meeting has at most.
LONGEST = 4


@dataclass(frozen=True)
class _Row:
    """One row of a course table."""

    course: Course
    starts_at: datetime
    hours: int
    module: str
    trainer: str

    @property
    def ends_at(self) -> datetime:
        """When it ends, without a break."""
        return self.starts_at + CLASS_HOUR * self.hours


def _rows(walk: Walk, course: Course) -> Iterator[_Row]:
    """Lay the plan's modules one after another into the course's meetings, each module with its trainer."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    times = sorted([*(moment(days[n], 10) for n in WEEKENDS), *(moment(day, course.hour) for day in days)])
    db.session.rollback()
    plan = [(row.module.name, row.hours) for row in load(Cohort, course.key).plan]
    taught = [
        (min(LONGEST, hours - begun), module, trainer)
        for (module, hours), trainer in zip(plan, cycle(course.trainers), strict=False)
        for begun in range(0, hours, LONGEST)
    ]
    return (_Row(course, when, *what) for when, what in zip(times, taught, strict=False))


def timetable(walk: Walk, course: Course) -> list[Meeting]:
    """Have the clerk send the course table of nine columns, and plan its rows."""
    walk.on(date(2025, 7, 15))
    planned = list(_rows(walk, course))
    page = walk.as_(CLERK, course.address)
    page.get_by_role("link", name="课程表与考勤").first.click()
    walk.look(page, "timetable-empty")
    page.get_by_role("link", name="导入课程表").click()
    walk.look(page, "course-table")
    page.get_by_label("课程表").set_input_files(upload("课程表.xlsx", _course_table(walk, course, planned)))
    page.get_by_role("button", name="上传并检查").click()
    walk.look(page, "course-table-checked")
    page.get_by_role("button", name=f"导入 {len(planned)} 行").click()
    page.get_by_role("heading", level=1, name=course.name).wait_for()
    walk.look(page, "timetable")
    return meetings(walk, course)


def _course_table(walk: Walk, course: Course, planned: list[_Row]) -> bytes:
    rows = [
        {
            "day": clock.local(each.starts_at).date(),
            "content": each.module,
            "hours": each.hours,
            "starts": f"{clock.local(each.starts_at):%H:%M}",
            "ends": f"{clock.local(each.ends_at):%H:%M}",
            "place": course.place,
            "trainer": person_of(walk, each.trainer).name,
            "trainer_number": person_of(walk, each.trainer).id_number,
            "material": "自编讲义",
        }
        for each in planned
    ]
    return write_workbook(Table("课程表", COURSE_TABLE, rows))


def open_class(walk: Walk, course: Course) -> None:
    """Have the clerk open the class on its first day."""
    walk.on(FIRST, 8)
    page = walk.as_(CLERK, course.address)
    page.get_by_role("button", name="开班").click()
    page.get_by_role("button", name="开班").wait_for(state="detached")
    walk.look(page, "cohort-running")


def school_test(walk: Walk, course: Course) -> None:
    """Have the school hold its own test on the last evening, which everybody passes, and say that all is taught."""
    walk.on(LAST, 23, 30)
    page = walk.as_(CLERK, f"{walk.address}/teaching/cohorts/{course.key}/attendance")
    walk.look(page, "attendance")
    page.get_by_role("link", name="结业考核").click()
    page.get_by_role("link", name="登记成绩").click()
    page.get_by_role("button", name="登记成绩").wait_for()
    dice = random.Random(7)  # noqa: S311 (fiction, no secret)
    for part in ("theory", "practice"):
        for field in page.locator(f"input[name^={part}-]").all():
            field.fill(str(dice.randrange(62, 98)))
    walk.look(page, "school-test-marks")
    page.get_by_role("button", name="登记成绩").click()
    page.get_by_text(f"合格 {len(course.people)} 人").wait_for()
    walk.look(page, "school-test")
    page.goto(course.address)
    page.get_by_role("button", name="结课").click()
    page.get_by_role("button", name="结课").wait_for(state="detached")
    walk.look(page, "cohort-taught")
