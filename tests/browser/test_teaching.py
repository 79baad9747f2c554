"""Teaching in a real browser: planned, called, logged, tested, at a desk and on a phone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from lbcert.cohorts.models import CohortProvider, PlannedTrainer, ProviderPart
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.calendar import enter_days
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.findings import Finding, Level, kept
from lbcert.core.policy import set_policy
from lbcert.core.words import say
from lbcert.parties.models import OrganisationKind
from lbcert.teaching import rules
from lbcert.teaching.models import AttendanceMark, Mode, Replan, Session, SolveBeside, SolveRun
from lbcert.teaching.operations.attendance import (
    Presence,
    correct_attendance,
    decide_leave,
    log_lesson,
    record_attendance,
    request_leave,
)
from lbcert.teaching.operations.course_table import receive_course_table
from lbcert.teaching.operations.covers import ask_cover
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.resources import Terms, add_trainer, book_trainer, set_travel
from lbcert.teaching.operations.school_test import set_test_items, tick_items
from lbcert.teaching.operations.sessions import Room, add_session, add_venue
from lbcert.teaching.replans import Held, Move, Proposal
from lbcert.teaching.rules import Lesson
from lbcert.testing.factories import FUKANG, LUQUAN, account, cohort, enrolment, organisation, person, store
from tests.browser.chromium import look_at, unfold

pytestmark = pytest.mark.browser
NAMES = [
    "葛曾䮌",
    "沙马拉毕",
    "古丽米热·艾比布力",
    "李秀英",
    "王建军",
    "张丽",
    "刘洋",
    "陈晓燕",
    "杨志强",
    "赵敏",
    "吉克阿依",
    "马海尔布",
]


def means_of(clerk, school, group, teacher, staged, current, shift):
    """Put a trainer's terms, a way, an employer's workshop with its mentor, and two searches for a timetable on file."""
    terms = Terms(LUQUAN, "操作实训\n电工基础", "工作日 08:00-23:00\n周六、周日 08:00-20:00", 60, 14)
    profile = add_trainer(clerk, school.id, teacher.id, terms)
    book_trainer(clerk, profile.id, current.starts_at, current.ends_at + timedelta(days=1), "家中有事，请假")
    set_travel(clerk, school.id, LUQUAN, FUKANG, 20)
    firm = organisation(OrganisationKind.EMPLOYER, FUKANG, name="阜康准东能源服务有限公司")
    desk = account(Role.EMPLOYER, firm)
    mentor = account(Role.TRAINER, firm, person("冯师傅"))
    add_trainer(desk, firm.id, mentor.person_id)
    shop = add_venue(desk, firm.id, "电焊车间", FUKANG, 12, Room(6, "焊机 6 台", "工作日 08:00-18:00"))
    at_work = {"mode": Mode.WORKPLACE, "venue_id": shop.id, "ends_at": shift.ends_at, "starts_at": shift.starts_at}
    store(Session(cohort_id=group.id, module_id=current.module_id, hours=4, trainer_id=person("马玉梅").id, **at_work))
    beside = [SolveBeside(cohort_id=cohort(school, name="农作物植保班").id)]
    run = store(SolveRun(cohort_id=group.id, seconds=30, meetings=12, placed=7, cost=46, beside=beside))
    why = say("“{piece}”还有 {count} 次课没有排下：起止日期内没有上课时段", piece="电工基础", count=2)
    reasons = json.dumps([kept(Finding("teaching.unplaced", Level.WARN, why))])
    done = {"finished_at": clock.now(), "findings": reasons, "staged_id": staged.id}
    solved = store(SolveRun(cohort_id=group.id, seconds=30, meetings=12, placed=10, cost=31, **done))
    return {
        "profile": profile.id, "employer": desk, "mentor": mentor, "run": run.id, "solved": solved.id,
        "replan": replan_of(clerk, group, teacher, current, shop),
    }  # fmt: skip


def replan_of(clerk, group, teacher, current, room):
    """Propose to move a lesson when its trainer falls ill, with one that finds no place and one that is under way."""
    begins = current.starts_at + timedelta(days=3, hours=20)
    next_one = db.session.scalars(select(Session).where(Session.starts_at == begins)).one()
    before = Held(next_one.starts_at, next_one.ends_at, teacher.id, next_one.venue_id)
    after = Held(begins + timedelta(days=1), next_one.ends_at + timedelta(days=1), person("马玉梅").id, room.id)
    holiday = Finding("teaching.holiday", Level.WARN, say("{day} 是节假日，请核对是否照常上课", day="2025-08-01"))
    why = say("“{piece}”还有 {count} 次课没有排下：起止日期内没有上课时段", piece="电工基础", count=1)
    unplaced = [(next_one.id, Finding("teaching.unplaced", Level.WARN, why))]
    moves = [Move(next_one.id, next_one.version, before, after, [holiday])]
    proposal = Proposal(moves, unplaced, [current.id], [current.id], is_fewest=True, seconds=0.4)
    times = {"starts_at": current.starts_at, "ends_at": current.ends_at + timedelta(days=4), "finished_at": clock.now()}
    whose = {"trainer_id": teacher.id, "cohorts": f"[{group.id}]", "account_id": clerk.id, "reason": "急性阑尾炎住院"}
    return store(Replan(proposal=proposal.written(), **times, **whose)).id


def cover_of(clerk, school, group, session):
    """Ask a colleague to take a session; another has no account to answer with."""
    colleagues = person("李玉兰"), person("王大山"), person("张师傅")
    for one in colleagues:
        store(PlannedTrainer(cohort_id=group.id, person_id=one.id))
    accounts = [account(Role.TRAINER, school, one) for one in colleagues[:2]]
    request = ask_cover(clerk, session.id, [colleagues[0].id], "家中有事，当天赶不回来")
    return {"colleague": accounts[0], "cover": request.id, "to_cover": session.id}


@pytest.fixture
def place(address):
    """Serve a cohort of twelve that began three days ago, with a session that takes all of today."""
    today = clock.today()
    school = organisation(name="禄劝阳光职业培训学校")
    group = cohort(
        school, name="电工（五级）2025年第1期", starts_on=today - timedelta(days=3), ends_on=today + timedelta(days=9)
    )
    clerk, teacher = account(Role.PROVIDER_CLERK, school), person("陈建国")
    trainer = account(Role.TRAINER, school, teacher)
    store(PlannedTrainer(cohort_id=group.id, person_id=teacher.id))
    joint = organisation(name="昌吉职业技术学院")
    store(CohortProvider(cohort_id=group.id, organisation_id=joint.id, part=ProviderPart.JOINT, hours=40))
    learners = [enrolment(group, person(name)) for name in NAMES]
    bureau = account(Role.BUREAU_OFFICER)
    limits = {rules.PASS_THEORY: 60, rules.PASS_PRACTICE: 60, rules.ATTENDANCE_SHARE: 90}
    for key, value in limits.items():
        set_policy(bureau, "530000", key.name, value, date(2020, 1, 1), "示例文件〔2025〕1号")
    venue = add_venue(clerk, school.id, "阜康职教中心 301 教室", FUKANG, 40)
    safety, basics, practice = (row.module_id for row in group.plan)

    def lesson(module, day, hour, hours, **values):
        begins = datetime.combine(today + timedelta(days=day), datetime.min.time(), SHANGHAI) + timedelta(hours=hour)
        usual = Lesson(
            module, begins, begins + timedelta(minutes=45 * hours), hours, Mode.ON_SITE, teacher.id, venue.id
        )
        return add_session(clerk, group.id, replace(usual, **values))

    past = [
        lesson(safety, -3, 20, 4), lesson(safety, -2, 8, 4, title="触电急救", mode=Mode.ONLINE, venue_id=None),
        lesson(basics, -2, 20, 4), lesson(basics, -1, 8, 4, material="《电工（五级）》中国劳动社会保障出版社"),
    ]  # fmt: skip
    for number, session in enumerate(past[:3]):
        marks = [AttendanceMark.PRESENT] * len(learners)
        marks[number], marks[-1] = AttendanceMark.LATE, AttendanceMark.ABSENT
        rows = record_attendance(
            clerk, session.id, dict(zip([x.id for x in learners], map(Presence, marks), strict=True))
        )
    correct_attendance(clerk, rows[-1].id, Presence(AttendanceMark.LEAVE), "补交了请假条")
    log_lesson(trainer, past[0].id, "安全用电常识；触电的危害与急救。\n课堂练习：心肺复苏。", 11)
    for number, granted in enumerate((True, None)):
        request = request_leave(trainer, past[3].id, learners[number].id, "家中老人住院")
        if granted:
            decide_leave(clerk, request.id, granted)
    current = lesson(practice, 0, 0, 30)
    coming = lesson(practice, 3, 20, 2)
    again = lesson(safety, 2, 18, 3, makes_up_id=past[0].id)
    feast = f"{today + timedelta(days=3)} 休 古尔邦节"
    site = account(Role.BUREAU_OFFICER, FUKANG)
    enter_days(site, FUKANG, feast, "阜康市放假通知（演示）")
    for window, times in (("teaching.evening_window", "20:00-23:00"), ("teaching.day_window", "10:00-19:00")):
        set_policy(site, FUKANG, window, times, date(2020, 1, 1), "本局设定")
    choose_pattern(clerk, group.id, ["night", "weekend"], "每天 08:00-23:00\n田间、岗位：每天 06:00-08:00")
    items = set_test_items(clerk, group.id, ["导线连接", "照明电路安装", "电动机正反转接线"])
    tick_items(trainer, group.id, learners[0].id, {item.id: True for item in items})
    sheet = "上课日期,课别(上课内容),课时,上课开始时间,上课结束时间,上课地点(教室名称),培训教师,教师身份证号,教材名称及出版社单位\n"
    day = f"{today + timedelta(days=4)}"
    sheet += f"{day},电工基础,4,08:30,11:30,阜康职教中心 301 教室,陈建国,,\n{day},操作实训：接线,4,13:00,16:00,二号车间,陈建国,,\n"
    sheet += f"{day},操作实训,4,18:00,19:30,线上,陈建国,,\n{day},焊接,半天,20:00,23:00,线上,李老师,,\n"
    staged = receive_course_table(clerk, group.id, sheet.encode(), "7月课程表.csv")
    proposed = receive_course_table(clerk, group.id, sheet.encode(), "自动排课方案.csv")
    means = means_of(clerk, school, group, teacher, proposed, current, past[3])
    return {
        "address": address, "clerk": clerk, "trainer": trainer, "cohort": group.id,
        "past": [s.id for s in past], "current": current.id, "staged": staged.id, "proposed": proposed.id, "learner": learners[1].id,
        "mark": rows[0].id, "venue": venue.id, "make_up": again.id, **means,
        **cover_of(clerk, school, group, coming),
    }  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_of_teaching_is_readable(page_as, place, width):
    page = page_as(place["clerk"], width)
    cohort = f"/teaching/cohorts/{place['cohort']}"
    session = f"/teaching/sessions/{place['past'][2]}"
    pages = {
        "home": "/",
        "index": "/teaching/",
        "timetable": cohort,
        "pattern": f"{cohort}/pattern",
        "new-session": f"{cohort}/sessions/new",
        "course-table": f"{cohort}/course-table",
        "course-table-checked": f"/teaching/course-tables/{place['staged']}",
        "proposal": f"/teaching/course-tables/{place['proposed']}",
        "proposal-week": f"/teaching/course-tables/{place['proposed']}/calendar",
        "session": session,
        "session-leave": f"/teaching/sessions/{place['past'][3]}",
        "make-up": f"{session}/make-up",
        "made-up": f"/teaching/sessions/{place['make_up']}",
        "cover": f"/teaching/sessions/{place['to_cover']}/cover",
        "cover-request": f"/teaching/covers/{place['cover']}",
        "log": f"{session}/log",
        "leave": f"{session}/leave",
        "roll-call": f"/teaching/sessions/{place['past'][3]}/roll-call",
        "correct": f"/teaching/marks/{place['mark']}/correct",
        "attendance": f"{cohort}/attendance",
        "school-test": f"{cohort}/test",
        "school-test-items": f"{cohort}/test/items",
        "school-test-ticks": f"{cohort}/test/learners/{place['learner']}",
        "school-test-marks": f"{cohort}/test/marks",
        "venues": "/teaching/venues",
        "venue-new": "/teaching/venues/new",
        "venue": f"/teaching/venues/{place['venue']}",
        "trainers": "/teaching/trainers",
        "trainer-new": "/teaching/trainers/new",
        "trainer": f"/teaching/trainers/{place['profile']}",
        "travel": "/teaching/travel",
        "solve": f"{cohort}/solving",
        "solving": f"/teaching/solving/{place['run']}",
        "solved": f"/teaching/solving/{place['solved']}",
        "replan-asked": f"/teaching/trainers/{place['profile']}/replan",
        "replan": f"/teaching/replans/{place['replan']}",
        "messages": "/teaching/messages",
    }
    for name, path in pages.items():
        page.goto(place["address"] + path)
        look_at(page, f"teaching-{name}")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("who", ["employer", "mentor"])
def test_an_employer_or_its_mentor_signs_hours_at_its_workshop(page_as, place, who, width):
    page = page_as(place[who], width)
    page.goto(place["address"])
    page.get_by_role("link", name="1 节岗位课的课时待签认").click()
    look_at(page, f"teaching-workshops-{who}")
    page.get_by_role("button", name="签认 4 课时").click()
    page.get_by_text("冯师傅 已签认 4 课时").wait_for()


def test_a_trainer_calls_the_roll_on_a_phone(page_as, place):
    page = page_as(place["trainer"], 360)
    page.goto(place["address"] + "/teaching/")
    look_at(page, "teaching-trainer")
    page.get_by_role("link", name="操作实训", exact=True).first.click()
    page.get_by_role("link", name="点名").click()
    absent = page.get_by_role("group", name="李秀英").get_by_label("缺勤")
    absent.check()
    page.get_by_role("button", name="保存 12 人的考勤").click()
    page.get_by_text("已记下 12 人的考勤").wait_for()
    line = page.get_by_role("listitem").filter(has_text="李秀英")
    expect(line).to_contain_text("缺勤")
    line.get_by_role("link", name="更正").click()
    page.get_by_label("迟到").check()
    page.get_by_label("更正理由").fill("八点半到")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已更正，原记录保留").wait_for()
    expect(line).to_contain_text("原为 缺勤：八点半到")
    look_at(page, "teaching-called")


def test_a_trainer_takes_a_colleagues_lesson_with_one_tap(page_as, place):
    page = page_as(place["colleague"], 360)
    page.goto(place["address"])
    look_at(page, "teaching-cover-asked")
    page.get_by_role("link", name="请答复能否代课").click()
    look_at(page, "teaching-cover-answer")
    page.get_by_role("button", name="我来上").click()
    page.get_by_text("您接下了这节课").wait_for()


@pytest.mark.parametrize("width", [1280, 360])
def test_on_a_phone_the_first_lesson_is_near_the_next_step_and_the_other_buttons_are_folded(page_as, place, width):
    page = page_as(place["clerk"], width)
    page.goto(f"{place['address']}/teaching/cohorts/{place['cohort']}")
    buttons = page.locator(".page-head").get_by_role("link")
    others = ["排一节课", "导入课程表", "手机签到", "班型", "导出课程表"]
    folded = page.locator(".more > summary")
    assert folded.is_visible() == (width == 360)
    shown = ["上课与考勤", "自动排课"]
    assert buttons.all_inner_texts() == (shown if width == 360 else shown + others)
    if width == 360:
        folded.click()
        assert buttons.all_inner_texts() == shown + others
        look_at(page, "teaching-timetable-unfolded")
    page.get_by_role("link", name="导入课程表").click()
    page.get_by_role("heading", name="导入课程表").wait_for()


@pytest.mark.parametrize("width", [1280, 360])
def test_on_a_phone_a_lessons_facts_stand_under_what_is_done_in_it_and_the_other_buttons_are_folded(
    page_as, place, width
):
    page = page_as(place["trainer"], width)
    page.goto(f"{place['address']}/teaching/sessions/{place['past'][3]}")
    buttons = page.locator(".page-head").get_by_role("link")
    others = ["上传签到表", "签到表（PDF）", "写教学日志", "登记请假条"]
    folded = page.locator(".more > summary")
    assert folded.is_visible() == (width == 360)
    shown = ["课程表", "点名"]
    assert buttons.all_inner_texts() == (shown if width == 360 else shown + others)
    if width == 360:
        look_at(page, "teaching-session-folded")
        assert page.get_by_text("培训教师").bounding_box()["y"] < 780, "without scrolling"
        folded.click()
        assert buttons.all_inner_texts() == shown + others
        look_at(page, "teaching-session-unfolded")
    page.get_by_role("link", name="登记请假条").click()
    page.get_by_role("heading", name="登记请假条").wait_for()


def test_a_clerk_cancels_a_lesson_to_come_from_what_is_folded_on_a_phone(page_as, place):
    page = page_as(place["clerk"], 360)
    page.goto(f"{place['address']}/teaching/sessions/{place['to_cover']}")
    unfold(page)
    page.locator(".more .confirm summary").click()
    look_at(page, "teaching-session-cancel")
    page.locator(".more").get_by_label("原因").fill("停电")
    page.get_by_role("button", name="确定：取消这节课").click()
    page.get_by_text("已取消这节课").wait_for()


def test_a_clerk_imports_the_good_rows_of_a_course_table(page_as, place):
    page = page_as(place["clerk"], 1280)
    page.goto(f"{place['address']}/teaching/cohorts/{place['cohort']}")
    page.get_by_role("link", name="已检查").click()
    page.get_by_role("button", name="导入 2 行").click()
    page.get_by_text("已排课 2 节").wait_for()
    page.get_by_role("link", name="操作实训：接线").wait_for()


def test_a_refused_grid_of_marks_keeps_what_was_typed(page_as, place):
    page = page_as(place["clerk"], 360)
    page.goto(f"{place['address']}/teaching/cohorts/{place['cohort']}/test/marks")
    row = page.get_by_role("group", name="葛曾䮌")
    row.get_by_label("理论").fill("九十")
    row.get_by_label("实操").fill("88")
    page.get_by_role("button", name="登记成绩").click()
    page.get_by_text("葛曾䮌 的两项成绩都应为 0 到 100 的整数").wait_for()
    assert page.get_by_role("group", name="葛曾䮌").get_by_label("实操").input_value() == "88"
    look_at(page, "teaching-marks-refused")
