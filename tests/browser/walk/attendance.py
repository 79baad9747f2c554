"""How attendance is kept: by one tap on the roll, by the sheet that was signed, by learners' own phones; each counts as much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from playwright.sync_api import Page

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.teaching.models import Mode
from lbcert.teaching.queries.checkin import phones_of
from tests.browser.chromium import read_code, unfold
from tests.browser.walk.opening import CLERK
from tests.browser.walk.planning import Meeting
from tests.browser.walk.stage import PHONE, Course, Walk, upload

#: Who stays away once, by the place on the roll.
AWAY = 4


def keep(walk: Walk, planned: Sequence[Meeting]) -> None:
    """Have the trainers keep the attendance of each meeting; the first two face to face not by the roll."""
    in_time = sorted(planned, key=lambda each: each.ends_at)
    in_person = [each for each in in_time if each.course is walk.courses[0] and each.mode is not Mode.ONLINE]
    other: dict[Meeting, Callable[[Walk, Meeting], None]] = dict(zip(in_person, (by_phone, by_sheet), strict=False))
    for meeting in in_time:
        walk.width = meeting.course.width
        other.get(meeting, by_roll)(walk, meeting)
    last = in_time[-1]
    page = _lesson(walk, last)
    page.get_by_role("link", name="写教学日志").click()
    page.get_by_label("教学内容").fill("故障排查综合练习")
    page.get_by_label("实到人数").fill(str(len(last.course.people)))
    walk.look(page, "lesson-log")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("故障排查综合练习").wait_for()


def _lesson(walk: Walk, meeting: Meeting) -> Page:
    """Have the trainer open the lesson from what is on today."""
    page = walk.as_(meeting.trainer, "/teaching/")
    walk.look(page, "teaching")
    begins = f"{clock.local(meeting.starts_at):%H:%M}–"
    page.locator(".session-line", has_text=meeting.course.name).filter(has_text=begins).get_by_role("link").click()
    walk.look(page, "session")
    return page


def by_roll(walk: Walk, meeting: Meeting) -> None:
    """Call the roll right after the meeting: everybody was there but for those who are tapped."""
    walk.now, count = meeting.ends_at, len(meeting.course.people)
    page = _lesson(walk, meeting)
    page.get_by_role("link", name="点名").first.click()
    page.locator(".roll-line").nth(1).get_by_label("迟到").check()
    walk.look(page, "roll-call")
    page.get_by_role("button", name=f"保存 {count} 人的考勤").click()
    page.get_by_text(f"已记下 {count} 人的考勤").wait_for()
    walk.look(page, "session-called")


def by_sheet(walk: Walk, meeting: Meeting) -> None:
    """Photograph the sheet that all signed but one, and copy it."""
    walk.now, count = meeting.ends_at, len(meeting.course.people)
    page = _lesson(walk, meeting)
    unfold(page)
    page.get_by_role("link", name="上传签到表").click()
    page.get_by_label("签到表照片").set_input_files(upload("签到表.jpg", page.screenshot(type="jpeg")))
    walk.look(page, "signed-sheet")
    page.get_by_role("button", name="上传").click()
    page.get_by_role("heading", level=1, name="照签到表登记").wait_for()
    page.locator(".roll-line").nth(AWAY).get_by_label("缺勤").check()
    walk.look(page, "signed-roll")
    page.get_by_role("button", name=f"保存 {count} 人的考勤").click()
    page.get_by_text(f"已记下 {count} 人的考勤").wait_for()


def by_phone(walk: Walk, meeting: Meeting) -> None:
    """One learner scans on coming and going, another is tapped on the trainer's screen, and the roll has the others."""
    count = len(meeting.course.people)
    walk.now = meeting.starts_at - timedelta(minutes=5)
    code, last_four = _slip(walk, meeting.course)
    screen = _lesson(walk, meeting)
    screen.get_by_role("link", name="扫码签到").click()
    screen.get_by_role("button", name="开始签到").click()
    phone = walk.visitor(PHONE)
    phone.goto(read_code(screen))
    walk.look(phone, "check-in-bind")
    phone.get_by_label("绑定码").fill(code)
    phone.get_by_label("身份证号后四位").fill(last_four)
    phone.get_by_role("button", name="绑定").click()
    phone.get_by_text("签到成功").wait_for()
    walk.look(phone, "check-in-done")

    walk.now = meeting.starts_at + timedelta(minutes=20)
    screen.reload()
    screen.get_by_text(f"还没有考勤的 {count - 1} 人").wait_for()
    walk.look(screen, "check-in")
    screen.locator(".one-tap button").first.click()
    screen.get_by_text("出勤").first.wait_for()
    screen.get_by_role("link", name="点名").click()
    screen.get_by_role("button", name=f"保存 {count - 2} 人的考勤").click()
    screen.get_by_text(f"已记下 {count - 2} 人的考勤").wait_for()
    screen.get_by_role("link", name="扫码签到").click()
    screen.get_by_label("实到人数").fill(str(count))
    screen.get_by_role("button", name="确认").click()
    screen.get_by_text(f"已确认实到 {count} 人，与签到一致").wait_for()

    walk.now = meeting.ends_at
    screen.reload()
    phone.goto(read_code(screen))
    phone.get_by_text("签退成功").wait_for()
    screen.reload()
    screen.get_by_text("已签退").wait_for()


def _slip(walk: Walk, course: Course) -> tuple[str, str]:
    """Have the clerk make a slip for everybody, and give what one learner needs: its code, and the last of the ID number."""
    office = walk.as_(CLERK, f"/teaching/cohorts/{course.key}")
    office.get_by_role("link", name="手机签到").click()
    office.get_by_role("button", name="为勾选的学员生成绑定条").click()
    office.get_by_text(f"已生成 {len(course.people)} 张绑定条").wait_for()
    walk.look(office, "phones")
    db.session.rollback()
    with clock.at(walk.now):
        first = phones_of(course.key)[0]
    assert first.slip
    return first.slip.code, first.learner.person.id_number[-4:]


def sums(walk: Walk, course: Course) -> Counter[str]:
    """Count the learners by what the attendance book says of their hours."""
    page = walk.as_(CLERK, f"/teaching/cohorts/{course.key}/attendance")
    walk.look(page, "attendance")
    return Counter(page.locator(".book-sums").all_inner_texts())
