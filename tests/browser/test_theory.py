"""Theory by computer in a real browser: the office's pages, and a candidate whose page, machine and server give way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.exams.models import Answer
from tests.browser.chromium import look_at
from tests.browser.test_marking_phone import Server
from tests.exams import scene as stage
from tests.exams import theory_scene as theory
from tests.exams.test_question_banks import workbook
from tests.exams.test_theory_rules import FAULTS, question

pytestmark = pytest.mark.browser


@pytest.fixture
def server(app):
    server = Server(app)
    yield server
    server.off()


def test_the_office_fills_a_bank(page_as, address):
    with clock.at(stage.DAY):
        scene = stage.ready()
    page = page_as(scene.clerk, 360)
    page.goto(f"{address}/exams/banks")
    page.get_by_role("button", name="建立").click()
    rows = [question(stem="电工仪表的用途"), FAULTS[3][0], question(stem="电流的单位", kind="多选", key="AB")]
    page.get_by_label("试题表").set_input_files(
        {"name": "题库.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(*rows).read()}
    )
    page.get_by_role("button", name="上传并检查").click()
    look_at(page, "theory-questions-checked")
    page.get_by_role("button", name="导入 2 道题").click()
    page.get_by_role("link", name="新建组卷方案").click()
    page.get_by_label("名称").fill("五级理论")
    page.get_by_label("每题分值").first.fill("50")
    page.get_by_label("不限鉴定点，出多少道").first.fill("2")
    page.locator("summary", has_text="另按鉴定点出题").first.click()
    look_at(page, "theory-blueprint")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("单选共需要 2 道，可用 1 道，还差 1 道").wait_for()
    page.set_viewport_size({"width": 1280, "height": 800})
    look_at(page, "theory-bank")


def come_in(page, server, scene, name):
    """Type the three values of a candidate."""
    page.goto(f"{server.address}/exams/theory/")
    for label, value in zip(("考生号", "身份证号后四位", "场次码"), theory.named(scene, name).values(), strict=True):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="进入考试").click()
    page.locator("#left").wait_for()


def choose(page, place, label):
    page.locator(f"#q{place} label", has_text=label).click()


def kept(page, count):
    page.locator("#sheet[data-waiting='0']").wait_for()
    page.locator("#answered", has_text=f"已答 {count} /").wait_for()


def chosen():
    db.session.rollback()
    return [row.chosen for row in db.session.query(Answer).order_by(Answer.id)]


def test_a_candidate_goes_on_where_page_machine_and_server_gave_way(page_at, page_as, server, address):
    """The exam is today: a server's threads keep the real time."""
    scene = theory.begun(theory.arranged(starts=clock.now() - timedelta(hours=1)))
    page = page_at(360)
    page.goto(f"{server.address}/exams/theory/")
    come_in(page, server, scene, "张三")
    choose(page, 1, "B. 乙")
    kept(page, 1)
    look_at(page, "theory-sheet")

    server.off()
    choose(page, 2, "C. 丙")
    page.get_by_text("没有保存：连不上服务器").wait_for()
    server.on()
    kept(page, 2)
    assert chosen() == ["B", "C"], "what could not be sent is sent once it can be"

    page.context.close()  # the machine breaks down
    other, thief = page_at(1280), page_at(360)
    come_in(other, server, scene, "张三")
    other.get_by_text("您已打开过本卷").wait_for()
    assert other.locator("#q1 input:checked").input_value() == "B"
    assert other.locator("#q2 input:checked").input_value() == "C"
    look_at(other, "theory-sheet-again")
    come_in(thief, server, scene, "张三")
    choose(other, 10, "对")
    other.get_by_text("起本卷也在另一台机器上打开").wait_for()
    room = page_as(scene.invigilator, 360)
    room.goto(f"{address}/exams/{scene.batch.id}/duty")
    room.get_by_role("link", name="理论机考").click()
    room.get_by_text("先后在 3 台机器（浏览器）上打开过").wait_for()
    look_at(room, "theory-room")

    other.locator("summary", has_text="交卷").click()
    other.get_by_role("button", name="确定交卷").click()
    other.get_by_text("3 / 10 题").wait_for()
    choose(thief, 1, "A. 甲")
    thief.get_by_text("3 / 10 题").wait_for()
    assert chosen() == ["B", "C", "T"]
