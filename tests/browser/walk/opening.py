"""From an order to two approved cohorts with their learners and seats."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from itertools import cycle
from zipfile import ZipFile

from playwright.sync_api import Page

from lbcert.cohorts.sheets import ROSTER
from lbcert.core.sheets import Table, write_workbook
from lbcert.demo.people import roster_rows
from lbcert.demo.photos import portrait
from tests.browser.chromium import pick
from tests.browser.walk.stage import FIRST, HOME, LAST, SITE, Course, Walk, person_of, upload

CENTRE, CLERK, OFFICER = "luquan-centre", "luquan-school", "luquan-bureau"
PDF = b"%PDF-1.7 signed"


def order(walk: Walk) -> None:
    """Have the service centre register what 阜康 asks for: one order, a line for each item."""
    walk.on(date(2025, 6, 20))
    page = walk.as_(CENTRE, "/demand/")
    walk.look(page, "orders-none")
    page.get_by_role("link", name="登记订单").click()
    page.get_by_label("订单类型").select_option(label="输入地需求")
    pick(page, "用人单位或需求方", "阜康劳务工作站")
    page.get_by_label("面向哪里的劳动者").fill(HOME)
    page.get_by_label("签订日期").fill("2025-06-18")
    walk.look(page, "order-form")
    first, *others = walk.courses
    _line(page, first)
    page.get_by_role("heading", level=1, name="禄劝县驻新疆阜康劳务工作站").wait_for()
    for course in others:
        page = walk.as_(CENTRE, page.url, course.width)
        page.get_by_role("link", name="添加一行").click()
        _line(page, course)
    page.get_by_role("link", name="上传签字订单").click()
    page.get_by_label("扫描件或照片").set_input_files(upload("订单.pdf", PDF))
    page.get_by_role("button", name="上传").click()
    page.get_by_text("订单.pdf").wait_for()
    walk.look(page, "order")


def _line(page: Page, course: Course) -> None:
    choose(page, "培训项目", course.item)
    for label, text in (
        ("人数", str(len(course.people))),
        ("月薪下限", "5500"),
        ("月薪上限", "8500"),
        ("工作地区划", SITE),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_label("到岗日期").fill("2025-08-15")
    page.get_by_label("路途天数").fill("1")
    page.get_by_role("button", name="保存").click()


def choose(page: Page, label: str, text: str) -> None:
    """Choose the option that holds a text."""
    field = page.get_by_label(label)
    field.select_option(value=field.locator("option", has_text=text).first.get_attribute("value"))


def draft(walk: Walk, course: Course) -> None:
    """Have the school's clerk begin a cohort, send its roster, and name its trainers."""
    walk.on(date(2025, 7, 4))
    page = walk.as_(CLERK, "/cohorts/")
    page.get_by_role("link", name="新建培训班").click()
    page.get_by_label("班级名称").fill(course.name)
    choose(page, "品牌、培训项目和菜单", f"禄劝产业工匠 · {course.item}")
    page.get_by_label("上课地", exact=True).fill(SITE)
    page.get_by_label("上课地点").fill(course.place)
    page.get_by_label("开班日期").fill(FIRST.isoformat())
    page.get_by_label("结业日期").fill(LAST.isoformat())
    page.get_by_label("最低开班人数").fill("2")
    page.get_by_label("含线上授课").check()
    page.get_by_label("订单组织", exact=True).check()
    page.get_by_label("资金来源").fill("市级就业专项资金")
    page.get_by_label("教学资源").fill("教室 2 间、实训场地 1 处，教材每人一册")
    page.get_by_label("考核方案").fill("理论与实操各百分制，均达 60 分合格")
    walk.look(page, "cohort-form")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", level=1, name=course.name).wait_for()
    course.address = page.url
    walk.look(page, "cohort-draft")
    _roster(walk, course, page)
    _photos(walk, course, page)
    _trainers(walk, course, page)


def _roster(walk: Walk, course: Course, page: Page) -> None:
    """Two rows of the roster are wrong at first; the rest goes in, then the two, put right."""
    rows = roster_rows(course.people, SITE, "云南省昆明市禄劝彝族苗族自治县")
    wrong = [
        {**row, "id_number": row["id_number"][:-1] + ("1" if row["id_number"][-1] == "0" else "0")} for row in rows[-2:]
    ]
    for sheet, good in (([*rows[:-2], *wrong], len(rows) - 2), (rows[-2:], 2)):
        page.goto(course.address)
        page.get_by_role("link", name="导入花名册").first.click()
        walk.look(page, "roster")
        page.get_by_label("学员花名册").set_input_files(
            upload("花名册.xlsx", write_workbook(Table("花名册", ROSTER, sheet)))
        )
        page.get_by_role("button", name="上传并检查").click()
        page.get_by_label("都是在岗人员").check()
        page.get_by_label("现从事工作").fill("准东能源企业普工")
        page.get_by_label("告知承诺书签署日期").fill("2025-07-03")
        walk.look(page, "roster-checked")
        page.get_by_role("button", name=f"导入 {good} 人").click()
        page.get_by_role("heading", level=1, name="学员名单").wait_for()
        walk.look(page, "learners")


def _photos(walk: Walk, course: Course, page: Page) -> None:
    """Everybody's photo goes in, in one ZIP with the names that assessment bodies ask for."""
    faces, packed = [portrait(serial, long_hair=serial % 2 == 0) for serial in range(8)], BytesIO()
    with ZipFile(packed, "w") as archive:
        for one, face in zip(course.people, cycle(faces), strict=False):
            archive.writestr(f"{one.name}_{one.id_number}.jpg", face)
    page.get_by_role("link", name="学员照片").click()
    page.get_by_label("照片压缩包").set_input_files(upload("照片.zip", packed.getvalue()))
    walk.look(page, "photos")
    page.get_by_role("button", name="上传并检查").click()
    walk.look(page, "photos-checked")
    page.get_by_role("button", name=f"保存 {len(course.people)} 张照片").click()
    page.get_by_text(f"已保存 {len(course.people)} 张照片").wait_for()
    walk.look(page, "photos-kept")


def _trainers(walk: Walk, course: Course, page: Page) -> None:
    page.goto(f"{course.address}/learners")
    page.locator(".next-step", has_text="登记师资和单位").click()
    for user in course.trainers:
        trainer = person_of(walk, user)
        page.get_by_label("教师姓名").fill(trainer.name)
        page.get_by_label("身份证号").fill(trainer.id_number)
        page.get_by_label("学历、职称或技能等级").fill("职业资格三级")
        page.get_by_role("button", name="登记教师").click()
        page.get_by_role("listitem").filter(has_text=trainer.name).first.wait_for()
    walk.look(page, "trainers")


def look_at_one(walk: Walk, course: Course) -> None:
    """Have the service centre look at a learner, and at the person."""
    who = course.people[0].name
    page = walk.as_(CENTRE, f"{course.address}/learners?q={who}")
    page.get_by_role("link", name=who).click()
    walk.look(page, "learner")
    page.get_by_role("link", name="人员资料和照片").click()
    page.get_by_role("img", name=who).wait_for()
    walk.look(page, "person")


def allot(walk: Walk, course: Course) -> None:
    """Have the service centre give the cohort the order's seats, and the clerk put the learners on them."""
    page = walk.as_(CENTRE, course.address)
    page.get_by_role("link", name="查看名额").click()
    page.get_by_label("名额", exact=True).fill(str(len(course.people)))
    walk.look(page, "seats-form")
    page.get_by_role("button", name="划入").click()
    walk.look(page, "seats")
    page = walk.as_(CLERK, f"{course.address}/seats")
    page.get_by_role("button", name=f"安排 {len(course.people)} 名学员").click()
    page.get_by_text(f"已为 {len(course.people)} 名学员安排名额").wait_for()


def file(walk: Walk, course: Course) -> None:
    """Have the officer let a large class be, and the clerk file."""
    walk.on(date(2025, 7, 9), 10)
    if len(course.people) > 50:
        officer = walk.as_(OFFICER, course.address)
        officer.get_by_label("批准特殊情况的理由").fill("两地协议约定整班组织，场地和师资满足教学要求")
        walk.look(officer, "cohort-exception")
        officer.get_by_role("button", name="批准特殊情况").click()
    page = walk.as_(CLERK, course.address)
    page.get_by_role("link", name="提交备案").click()
    page.get_by_label("本机构承诺").check()
    walk.look(page, "filing")
    page.locator("button", has_text="提交备案").click()
    page.get_by_text("已备案待审").first.wait_for()


def approve(walk: Walk, course: Course) -> None:
    """Have the officer approve what was filed."""
    walk.on(date(2025, 7, 11), 15)
    officer = walk.as_(OFFICER, "/cohorts/awaiting")
    walk.look(officer, "cohorts-awaiting")
    officer.get_by_role("row").filter(has_text=course.name).get_by_role("link").first.click()
    walk.look(officer, "cohort-review")
    officer.get_by_label("批复文号或备注").fill("禄人社培〔2025〕31号")
    officer.get_by_role("button", name="批准开班").click()
    officer.goto(course.address)
    officer.get_by_text("已批准").first.wait_for()
    walk.look(officer, "cohort-approved")
