"""From an assessment body's batch to published results: planned, marked, decided by different persons."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Locator, Page, expect

from lbcert.core import clock, jobs
from lbcert.core.database import db
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.sheets import Table, write_workbook
from lbcert.demo.papers import signed_paper
from lbcert.demo.rubrics import RUBRICS, shared_out
from lbcert.exams.models import Part
from lbcert.exams.sheets import COLUMNS
from tests.browser.walk.opening import choose
from tests.browser.walk.stage import PHONE, Course, Walk, person_of, upload

STAFF = {
    "examiner": "考评组长",
    "examiner2": "考评员",
    "examiner3": "考评员",
    "invigilator1": "监考员",
    "invigilator2": "监考员",
    "supervisor": "质量督导员",
    "result": "成绩审定人",
}
#: Room, its places, beginning and end, by part.
ROOMS = {
    "theory": ("第 1 考场", "09:00", "10:30"),
    "practice": ("实训车间", "13:00", "18:00"),
}
#: So many are marked on the phone; the rest comes from the signed sheet.
BY_PHONE = 2


def plan(walk: Walk, course: Course) -> None:
    """Have the exam office plan a batch, list its candidates, draw their seats, and each of its staff declare that he is nobody's kin."""
    walk.on(date(2025, 8, 8))
    page = walk.as_(f"{course.body}-exam", "/exams/")
    page.get_by_role("link", name="新建批次").click()
    choose(page, "培训班", course.name)
    choose(page, "评价机构", course.examiners)
    page.get_by_label("认定日期").fill("2025-08-10")
    page.get_by_label("考点").fill(f"{course.place}考点")
    walk.look(page, "batch-form")
    page.get_by_role("button", name="新建批次").click()
    page.get_by_text("开考前还要办好").wait_for()
    course.batch = page.url
    walk.look(page, "batch-planned")
    page.get_by_role("link", name="列入考生").first.click()
    walk.look(page, "candidates")
    page.get_by_role("button", name="列入考生名单").click()
    page.get_by_text(f"考生（{len(course.people)}）").wait_for()
    page.goto(course.batch)
    page.get_by_role("link", name="任命考务人员").click()
    for end, post in STAFF.items():
        page.get_by_label("岗位").select_option(label=post)
        page.locator("[name=person_id]").select_option(str(walk.cast.persons[f"{course.body}-{end}"]))
        page.get_by_role("button", name="任命").click()
        page.get_by_text("已任命，请本人登录签署回避声明").wait_for()
    for end in STAFF:
        mine = walk.as_(f"{course.body}-{end}", "/exams/mine", PHONE)
        walk.look(mine, "exams-mine")
        mine.get_by_role("link", name="去签署回避声明").first.click()
        signing = mine.get_by_role("button", name="本人签署")
        signing.wait_for()
        for question in mine.get_by_label("没有", exact=True).all():
            question.check()
        signing.click()
        mine.get_by_text("已签署回避声明").wait_for()
    page.reload()
    walk.look(page, "staff")
    _seat(walk, course, page)


def _seat(walk: Walk, course: Course, page: Page) -> None:
    """Hold each part in a room with two invigilators, draw the seats, and print what the exam needs."""
    page.goto(course.batch)
    page.get_by_role("link", name="安排考场和座位").click()
    walk.look(page, "rooms-empty")
    for part, (room, begins, ends) in ROOMS.items():
        page.get_by_label("科目").select_option(part)
        page.get_by_label("考场", exact=True).fill(room)
        page.get_by_label("可容纳人数").fill("100")
        page.get_by_label("开始时间").fill(f"2025-08-10T{begins}")
        page.get_by_label("结束时间").fill(f"2025-08-10T{ends}")
        page.get_by_role("button", name="安排", exact=True).click()
        page.get_by_text("已安排考场").wait_for()
    for _part in ROOMS:
        page.get_by_role("button", name="抽签编排").first.click()
        page.wait_for_load_state()
    page.get_by_role("button", name="抽签编排").first.wait_for(state="detached")
    for waiting in (4, 3, 2, 1):  # places of two invigilators in two rooms
        page.get_by_role("button", name="安排监考").first.click()
        expect(page.locator("[name=staff] option")).to_have_count(waiting - 1)
    walk.look(page, "rooms")
    page.goto(f"{course.batch}/papers")
    walk.look(page, "papers")
    page.get_by_role("link", name="制作和下载").click()
    page.get_by_role("button", name="制作准考证").click()
    page.get_by_text("进行中").wait_for()
    db.session.rollback()  # what the server wrote is seen from now on
    with clock.at(walk.now):
        jobs.run(jobs.unfinished()[-1])
    page.get_by_role("button", name="下载准考证").wait_for()
    walk.look(page, "tickets")
    with page.expect_download() as tickets:
        page.get_by_role("button", name="下载准考证").click()
    assert "准考证" in tickets.value.suggested_filename


def mark(walk: Walk, course: Course) -> None:
    """Have the leading examiner mark a few on his phone, and the office copy the rest from the sheet that he signed."""
    walk.on(date(2025, 8, 10), 8)
    office = walk.as_(f"{course.body}-exam", course.batch)
    office.get_by_role("button", name="开考，开始评分").click()
    office.get_by_text("评分中").first.wait_for()
    walk.look(office, "batch-marking")
    _on_the_phone(walk, course, _numbers(walk, course, office))
    walk.on(date(2025, 8, 11), 14)
    _take_over(walk, course, "examiner", _sheet(course), 2 * (len(course.people) - BY_PHONE))
    _take_over(walk, course, "examiner2", _sheet(course, theory=False), len(course.people))


def _take_over(walk: Walk, course: Course, end: str, sheet: bytes, marks: int) -> None:
    """Have the office copy a sheet that an examiner signed; two mark the practice."""
    office = walk.as_(f"{course.body}-exam", f"{course.batch}/transcriptions")
    office.get_by_label("签名的考评员").select_option(label=person_of(walk, f"{course.body}-{end}").name)
    office.get_by_label("成绩表").set_input_files(upload("成绩表.xlsx", sheet))
    office.get_by_label("签名的成绩单").set_input_files(upload("成绩单.pdf", signed_paper("考评员签名的成绩单")))
    walk.look(office, "transcription-form")
    office.get_by_role("button", name="上传并检查").click()
    walk.look(office, "transcription")
    office.get_by_role("button", name=f"录入 {marks} 项成绩").click()
    office.get_by_text("成绩已录入").wait_for()


def _numbers(walk: Walk, course: Course, office: Page) -> dict[str, str]:
    """Look up who bears which candidate number, which is logged: this test must know whom it marks."""
    office.get_by_role("link", name="考生名单").click()
    office.get_by_text("查看考生号对应关系", exact=True).click()
    office.locator("details[open] [name=reason]").fill("核对考场座位")
    office.locator("details[open] button").click()
    office.get_by_role("heading", level=1, name="考生号对应关系").wait_for()
    office.wait_for_load_state()
    walk.look(office, "mapping")
    masked = {mask_id_number(one.id_number) + one.name: one.id_number for one in course.people}
    rows = office.locator("ul.people li").all()
    return {
        row.locator(".candidate-number").inner_text(): masked[
            row.locator(".nothing").inner_text() + row.locator("strong").inner_text()
        ]
        for row in rows
    }


def _on_the_phone(walk: Walk, course: Course, people: dict[str, str]) -> None:
    page = walk.as_(f"{course.body}-examiner", "/exams/mine", PHONE)
    page.get_by_role("link", name="去评分").first.click()
    page.goto(course.batch + "/marking")
    walk.look(page, "marking")
    for number in list(people)[:BY_PHONE]:
        page.goto(f"{course.batch}/marking/{number}")
        walk.look(page, "marking-one")
        for part, points in zip(("理论知识", "操作技能"), course.marks[people[number]], strict=True):
            panel = page.locator(".mark-panel", has_text=part)
            if points is None:
                panel.get_by_role("button", name="缺考").click()
            else:
                _fill(panel, course, points)
                panel.get_by_role("button", name="保存").click()
            page.get_by_text("已保存").wait_for()
            page.goto(f"{course.batch}/marking/{number}")


def _fill(panel: Locator, course: Course, points: int) -> None:
    """Fill a part's one field in, or those of the items of the body's rubric."""
    items = panel.locator("[name^=by_item]").all()
    if not items:
        panel.get_by_label("分数").fill(str(points))
    shared = shared_out(RUBRICS[course.item], points) if items else ()
    for field, given in zip(items, shared, strict=True):
        field.fill(str(given))


def _sheet(course: Course, *, theory: bool = True) -> bytes:
    def shown(points: int | None) -> int | str:
        return "缺考" if points is None else points

    rows = [
        {
            "name": one.name,
            "id_number": one.id_number,
            Part.THEORY: shown(course.marks[one.id_number][0]) if theory else "",
            Part.PRACTICE: shown(course.marks[one.id_number][1]),
        }
        for one in course.people
    ]
    return write_workbook(Table("成绩", COLUMNS, rows))


def decide(walk: Walk, course: Course) -> None:
    """Have a second person decide, everybody read the notice, and the body publish when its days are over."""
    walk.on(date(2025, 8, 13), 10)
    page = walk.as_(f"{course.body}-result", course.batch)
    page.get_by_role("link", name="去审定").click()
    walk.look(page, "decide")
    page.get_by_role("button", name="审定并锁定成绩").click()
    page.get_by_text("已审定，成绩已锁定").wait_for()
    page.goto(course.batch)
    page.get_by_role("button", name="开始公示").first.click()
    page.get_by_text("2025年8月13日 至 2025年8月20日（5 个工作日）").wait_for()
    walk.look(page, "notice")
    walk.on(date(2025, 8, 21), 10)
    page = walk.as_(f"{course.body}-result", course.batch)
    page.get_by_role("button", name="公布成绩").click()
    page.get_by_role("link", name="查看成绩").wait_for()
    walk.look(page, "batch-published")
    page.get_by_role("link", name="查看成绩").click()
    walk.look(page, "results")
