"""From the first day of a class to the school's own test."""

from __future__ import annotations

import random

from tests.browser.walk.opening import CLERK
from tests.browser.walk.stage import FIRST, LAST, Course, Walk


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
