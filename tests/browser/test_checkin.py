"""A trainer's screen at a desk and learners' phones: the QR is read off the screen's own picture."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Holder, Role, Visitor
from lbcert.teaching.checkin_code import token_of
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.calls import call_at_random
from lbcert.teaching.operations.checkin import check_in
from lbcert.teaching.operations.phones import bind_phone, make_slips
from lbcert.teaching.operations.sessions import Lesson, add_session, add_venue
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, organisation, person, store
from tests.browser.chromium import look_at, read_code
from tests.browser.test_teaching import NAMES

pytestmark = pytest.mark.browser


@pytest.fixture
def evening(address):
    """Serve a lesson that began forty minutes ago and ends in eight; the second learner's phone came in at its beginning."""
    now, today = clock.now(), clock.today()
    school = organisation(name="禄劝阳光职业培训学校")
    group = cohort(school, name="电工（五级）2025年第1期", starts_on=today - timedelta(days=3), ends_on=today + timedelta(days=9))  # fmt: skip
    clerk, teacher = account(Role.PROVIDER_CLERK, school), person("陈建国")
    store(PlannedTrainer(cohort_id=group.id, person_id=teacher.id))
    learners = [enrolment(group, person(name)) for name in NAMES]
    venue = add_venue(clerk, school.id, "阜康职教中心 301 教室", FUKANG, 40)
    begins, ends = now - timedelta(minutes=40), now + timedelta(minutes=8)
    lesson = Lesson(group.plan[0].module_id, begins, ends, 1, Mode.ON_SITE, teacher.id, venue.id)
    session = add_session(clerk, group.id, lesson)
    with clock.at(begins):
        (slip,) = make_slips(clerk, group.id, [learners[1].id])
        early = bind_phone(Visitor(), slip.code, learners[1].person.id_number[-4:], "b" * 32)
        check_in(Holder(early.person_id), early.id, token_of(session.id, begins), begins)
    return SimpleNamespace(
        clerk=clerk, group=group, learners=learners, session=session, trainer=account(Role.TRAINER, school, teacher)
    )


def test_learners_come_and_go_by_the_qr_on_their_trainer_s_screen(page_as, page_at, address, evening):
    office = page_as(evening.clerk, 1280)
    office.goto(f"{address}/teaching/cohorts/{evening.group.id}")
    office.get_by_role("link", name="手机签到").click()
    office.get_by_role("button", name="为勾选的学员生成绑定条").click()
    office.get_by_text("已生成 11 张绑定条").wait_for()
    look_at(office, "teaching-phones")

    screen = page_as(evening.trainer, 1280)
    screen.goto(f"{address}/teaching/sessions/{evening.session.id}")
    screen.get_by_role("link", name="扫码签到").click()
    screen.get_by_role("button", name="开始签到").click()
    phone = page_at(360)

    def open_code():
        return read_code(screen).replace("HTTP://LOCALHOST:8000", address)

    first = open_code()
    phone.goto(first)
    phone.get_by_text("绑定后马上签到").wait_for()
    look_at(phone, "check-in-bind")
    (slip,) = make_slips(evening.clerk, evening.group.id, [evening.learners[0].id])
    phone.get_by_label("绑定码").fill(slip.code)
    phone.get_by_label("身份证号后四位").fill(evening.learners[0].person.id_number[-4:])
    phone.get_by_role("button", name="绑定").click()
    phone.get_by_text("签到成功").wait_for()
    look_at(phone, "check-in-done")

    screen.locator(".check-in-count", has_text="2 / 12").wait_for()  # the page asked for itself again
    expect(screen.locator("#unmarked").get_by_role("button")).to_have_count(10)
    assert open_code() != first, "the code has changed"
    look_at(screen, "check-in-screen")
    phone.goto(open_code())
    phone.get_by_text("签退请在").wait_for()

    leaving = page_at(360, javascript=False)
    leaving.context.add_cookies([{"name": "phone", "value": "b" * 32, "url": address}])
    leaving.goto(open_code())
    leaving.get_by_text("签退成功").wait_for()

    screen.set_viewport_size({"width": 360, "height": 780})
    screen.get_by_label("实到人数").fill("1")
    screen.get_by_role("button", name="确认").click()
    screen.get_by_text("清点 1 人，签到 2 人，请核对").wait_for()
    look_at(screen, "check-in-screen")
    screen.get_by_role("link", name="这节课").click()
    screen.get_by_text("扫码 · 本人手机").first.wait_for()
    bureau = page_as(account(Role.BUREAU_OFFICER), 360)
    bureau.goto(f"{address}/teaching/cohorts/{evening.group.id}")
    bureau.get_by_role("link", name="异常迹象").click()
    bureau.locator("summary", has_text="看原始记录").click()
    look_at(bureau, "check-in-signs")


def test_an_online_lesson_is_kept_by_its_digits_and_random_calls(page_as, page_at, address, evening):
    now, group = clock.now(), evening.group
    lesson = Lesson(group.plan[0].module_id, now + timedelta(minutes=8), now + timedelta(minutes=60), 1, Mode.ONLINE, evening.trainer.person_id)  # fmt: skip
    online = add_session(evening.clerk, group.id, lesson)
    screen = page_as(evening.trainer, 360)
    screen.goto(f"{address}/teaching/sessions/{online.id}/check-in")
    screen.get_by_role("button", name="开始签到").click()
    phone = page_at(360)
    phone.context.add_cookies([{"name": "phone", "value": "b" * 32, "url": address}])
    phone.goto(f"{address}/k/")
    phone.get_by_label("教师说的 6 位口令").fill(screen.locator(".check-in-spoken").inner_text())
    look_at(phone, "check-in-code")
    phone.get_by_role("button", name="签到").click()
    phone.get_by_text("签到成功").wait_for()
    screen.locator(".check-in-count", has_text="1 / 12").wait_for()
    look_at(screen, "check-in-online")
    screen.goto(f"{address}/teaching/sessions/{evening.session.id}/signed-sheet")
    look_at(screen, "check-in-sheet")
    with clock.at(evening.session.starts_at):
        call_at_random(evening.trainer, evening.session.id, 2)
    screen.goto(f"{address}/teaching/sessions/{evening.session.id}/check-in")
    screen.get_by_role("button", name="没有应答").first.click()
    screen.get_by_text("没有应答", exact=True).first.wait_for()
    screen.set_viewport_size({"width": 1280, "height": 800})
    look_at(screen, "check-in-calls")
