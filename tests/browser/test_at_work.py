"""以工代训 in a real browser: practice at an employer's workshop, from its timetable to the hours that its mentor signed."""

from __future__ import annotations

import re
from datetime import date, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Allotment, PlannedTrainer
from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db, load
from lbcert.core.policy import set_policy
from lbcert.demand.models import Order, OrderKind, OrderLine
from lbcert.parties.models import OrganisationKind, Person
from lbcert.teaching.models import AttendanceMark, Mode, SolveRun
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.sessions import add_venue
from lbcert.teaching.queries import sessions_of
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, id_number, item, organisation, person, store
from tests.browser.chromium import look_at, pick
from tests.browser.test_teaching import NAMES
from tests.browser.walk.stage import both_widths

pytestmark = pytest.mark.browser
MENTOR = "冯桂英"


def at(hour, day, minute=0):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def now(app):
    """Give the time at which the server answers, to be set."""
    moment, answer = SimpleNamespace(at=at(9, 20)), app.wsgi_app

    def serve(environ, start_response):
        with clock.at(moment.at):
            return answer(environ, start_response)

    app.wsgi_app = serve
    return moment


@pytest.fixture
def scene(now, address):
    """Serve a class of twelve with seats of an employer's order, 20 class hours of theory and 8 of practice before it."""
    school = organisation(name="禄劝阳光职业培训学校")
    firm = organisation(OrganisationKind.EMPLOYER, FUKANG, name="阜康准东能源服务有限公司")
    group = cohort(school, item=item("焊工", 28), name="焊工（五级）2025年第1期")
    order = {"home_region_code": group.home_region_code, "party_id": firm.id, "signed_on": date(2025, 6, 1)}
    wanted = {"headcount": 12, "wage_min_fen": 550_000, "wage_max_fen": 850_000, "arrival_on": date(2025, 8, 15)}
    line = store(
        OrderLine(
            order_id=store(Order(number="DD-1", kind=OrderKind.EMPLOYER, **order)).id,
            item_id=group.item_id, place_region_code=FUKANG, travel_days=1, **wanted,
        )
    )  # fmt: skip
    store(Allotment(line_id=line.id, cohort_id=group.id, seats=12))
    teacher = person("陈建国")
    store(PlannedTrainer(cohort_id=group.id, person_id=teacher.id))
    clerk = account(Role.PROVIDER_CLERK, school)
    add_venue(clerk, school.id, "301 教室", FUKANG, 40)
    bureau = account(Role.BUREAU_OFFICER, FUKANG)
    for window, times in (("teaching.evening_window", "20:00-23:00"), ("teaching.day_window", "10:00-19:00")):
        set_policy(bureau, FUKANG, window, times, date(2020, 1, 1), "本局设定")
    learners = [enrolment(group, person(name)) for name in NAMES]
    return SimpleNamespace(
        address=address, group=group, clerk=clerk, desk=account(Role.EMPLOYER, firm), firm=firm, learners=learners,
        page=f"{address}/teaching/cohorts/{group.id}",
    )  # fmt: skip


def look(page, name):
    for _width in both_widths(page):
        look_at(page, f"at-work-{name}")


def put_on_file(scene, page):
    """Have the employer put its workshop and its mentor on file."""
    page.goto(f"{scene.address}/teaching/venues")
    page.get_by_role("link", name="登记场地").click()
    page.get_by_label("场地名称").fill("电焊车间")
    pick(page, "所在地区", FUKANG)
    page.get_by_label("工位数").fill("12")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="电焊车间").wait_for()
    page.goto(f"{scene.address}/teaching/trainers")
    page.get_by_role("link", name="登记教师").click()
    page.get_by_label("姓名").fill(MENTOR)
    page.get_by_label("身份证号").fill(id_number())
    look(page, "mentor-new")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("heading", level=1, name=MENTOR).wait_for()


def plan(scene, now, page):
    """Have the school's clerk choose evenings for theory and days for practice, and take over the plan that is proposed."""
    page.goto(f"{scene.page}/pattern")
    page.get_by_label("夜学日训班").check()
    page.get_by_label("每天最多课时").fill("8")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="自动排课").click()
    page.get_by_role("group", name="授课教师").get_by_label("陈建国").check()
    page.get_by_role("group", name="可用的场地").get_by_label("301 教室").check()
    page.get_by_role("group", name="实操另由谁教").get_by_label(MENTOR).check()
    page.get_by_role("group", name="实操另用的场地").get_by_label("电焊车间").check()
    page.get_by_label("实操方式").select_option(label="岗位")
    look(page, "solve")
    page.get_by_role("button", name="开始排课").click()
    page.get_by_text("求解中").wait_for()
    db.session.rollback()
    with clock.at(now.at):
        jobs.run(load(SolveRun, int(page.url.rpartition("/")[2])).job_id)
    db.session.rollback()
    page.get_by_role("link", name="查看方案").click()
    page.get_by_role("button", name="采用方案").click()
    page.get_by_text("已排课").wait_for()
    look(page, "timetable")
    db.session.rollback()


def test_practice_at_work_is_planned_held_signed_by_its_mentor_and_stands_in_the_attendance_book(page_as, scene, now):
    put_on_file(scene, page_as(scene.desk, 1280))
    office = page_as(scene.clerk, 1280)
    plan(scene, now, office)
    with clock.at(now.at):
        lessons = sessions_of(scene.group.id)
    at_work = [one for one in lessons if one.module.kind is ModuleKind.PRACTICE]
    assert {(one.mode, one.venue.name, one.trainer.name) for one in at_work} == {(Mode.WORKPLACE, "电焊车间", MENTOR)}
    assert sum(one.hours for one in at_work) == 8
    for one in lessons:
        if one not in at_work:
            with clock.at(one.ends_at):
                marks = {learner.id: Presence(AttendanceMark.PRESENT) for learner in scene.learners}
                record_attendance(scene.clerk, one.id, marks)

    first, *others = at_work
    mentor = db.session.scalars(select(Person).where(Person.name == MENTOR)).one()
    phone = page_as(account(Role.TRAINER, scene.firm, mentor), 360)
    for lesson in at_work:
        now.at = lesson.ends_at
        phone.goto(scene.address)
        phone.get_by_role("link", name="补点名").click()
        phone.get_by_role("button", name="保存 12 人的考勤").click()
        phone.get_by_text("已记下 12 人的考勤").wait_for()
    office.goto(f"{scene.page}/attendance")
    assert office.get_by_text("待用人单位签认").count() == len(at_work)

    phone.goto(scene.address)
    look(phone, "mentor-asked")
    phone.get_by_role("link", name="签认岗位课时").first.click()
    look(phone, "mentor-session")
    phone.locator("summary", has_text=f"签认 {first.hours} 课时").click()
    look(phone, "mentor-signs")
    phone.get_by_role("button", name=f"确定：签认 {first.hours} 课时").click()
    phone.get_by_text(f"{MENTOR} 已签认 {first.hours} 课时").first.wait_for()
    assert phone.locator("summary", has_text="签认").count() == 0

    desk = page_as(scene.desk, 1280)
    desk.goto(scene.address)
    desk.get_by_role("link", name=f"{len(others)} 节岗位课的课时待签认").click()
    look(desk, "desk")
    for lesson in others:
        desk.get_by_role("button", name=f"签认 {lesson.hours} 课时").first.click()
        desk.get_by_text(f"{MENTOR} 已签认 {lesson.hours} 课时").wait_for()
    desk.get_by_text("没有待签认的课时").wait_for()

    office.goto(f"{scene.page}/attendance")
    look(office, "book")
    signed = office.locator(".session-index li").filter(has_text="操作实训").all_inner_texts()
    assert [re.search(r"· (.*)", line)[1] for line in signed] == [
        f"{MENTOR} 已签认 {one.hours} 课时" for one in at_work
    ]
    assert set(office.locator(".book-sums").all_inner_texts()) == {"出勤 28 / 28 课时"}
