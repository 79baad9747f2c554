"""Marking in a workshop: the server goes and comes back, two devices mark the same candidate, and no mark is lost or doubled."""

from __future__ import annotations

from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from lbcert.core.database import db
from lbcert.exams import operations
from lbcert.exams.models import Mark, Part
from lbcert.testing.fixtures import browser_of
from tests.browser.chromium import assert_accessible, assert_no_sideways_scroll, look_at, picture
from tests.browser.fixtures import PATIENCE, serving
from tests.exams import scene as stage
from tests.exams.test_own_sheet import sheet
from tests.exams.test_rubrics import written
from tests.exams.test_two_markers import TWO, give

pytestmark = pytest.mark.browser


#: Counts what the phone has of the marking.
LEFT = """async () => {
    const asked = indexedDB.open("lbcert-marking");
    const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
    return Promise.all(["sheets", "drafts", "entries"].map((name) => new Promise((done) => {
        const count = database.transaction(name).objectStore(name).count();
        count.onsuccess = () => done(count.result);
    })));
}"""
#: Waits until the phone has nothing left of it.
EMPTIED = f"""async () => {{
    const patience = AbortSignal.timeout({PATIENCE});
    while ((await ({LEFT})()).some((count) => count > 0)) patience.throwIfAborted();
}}"""

#: Lists the controls that are too low for a thumb, at one moment: the page draws itself anew when the server answers.
TOO_LOW = """() => [...document.querySelectorAll("button, input, summary, a")]
    .filter((control) => control.checkVisibility() && control.getBoundingClientRect().height < 44)
    .map((control) => control.outerHTML)"""


class Server:
    """A server that can be switched off, and on again at the same address."""

    def __init__(self, app):
        app.config["WTF_CSRF_ENABLED"] = True
        self.app, self.stack, self.port = app, ExitStack(), 0
        self.on()

    def on(self):
        """Begin to answer."""
        self.address = self.stack.enter_context(serving(self.app, self.port))
        self.port = urlsplit(self.address).port

    def off(self):
        """Answer no more."""
        self.stack.close()


@pytest.fixture
def server(app):
    server = Server(app)
    yield server
    server.off()


def seen(page, name):
    picture(page, name)
    assert_no_sideways_scroll(page)
    assert_accessible(page)
    assert page.evaluate(TOO_LOW) == [], "a thumb wants 44 px"


def sign_in(page, server, account):
    cookie = browser_of(server.app, account).get_cookie("session")
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": server.address}])


def open_batch(page, server, scene, account):
    sign_in(page, server, account)
    page.goto(f"{server.address}/exams/mine")
    page.get_by_role("link", name="手机评分（断网可用）").click()
    page.locator("#kept[data-ready=offline]").wait_for()
    page.get_by_text("全部已保存").wait_for()


def field(page, part):
    return page.locator(f"section[data-part={part}] input").first


def fill_items(page, *points):
    """Fill in the practice by the items of its rubric."""
    for field, value in zip(page.locator("section[data-part=practice] .item input").all(), points, strict=True):
        field.fill(str(value))


def catch_up(page, waiting=0):
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator(f"#state[data-waiting='{waiting}'][data-connection=ok]").wait_for()


def go_to(page, scene, number):
    page.evaluate(f"location.hash = '{scene.batch.id}/{number}'")
    page.locator("h1 .number", has_text=number).wait_for()


def marks():
    db.session.rollback()
    rows = db.session.query(Mark).order_by(Mark.id).all()
    assert all((one.by_item is None) == (one.part is Part.THEORY or one.absence is not None) for one in rows)
    return [
        (one.candidate.number, one.part.value, one.points if one.absence is None else one.absence.value) for one in rows
    ]


def test_no_mark_is_lost_or_doubled_while_the_server_is_gone(page_at, server):
    scene = stage.ready(policies=TWO)
    written(scene)
    stage.begun(scene)
    first, second, third = (one.number for one in scene.batch.candidates)
    page, tablet = page_at(360), page_at(360)
    for device in (page, tablet):
        open_batch(device, server, scene, scene.leader)
    seen(page, "marking-list")
    page.get_by_role("button", name="开始评分").click()
    seen(page, "marking-candidate")
    server.off()
    mark_alone(page)
    go_to(tablet, scene, first)
    field(tablet, "theory").fill("84")
    tablet.keyboard.press("Enter")
    fill_items(tablet, 32, 40, 4)
    tablet.keyboard.press("Enter")
    tablet.get_by_text("2 项已存在本机").wait_for()

    server.on()
    catch_up(page)
    page.get_by_text("全部已保存").wait_for()
    sent = [(first, "theory", 80), (first, "practice", 71), (second, "practice", "absent"), (second, "theory", 10)]
    assert marks() == sent
    page.reload()
    page.get_by_text("全部已保存").wait_for()
    assert marks() == sent
    tell_of_the_conflict(tablet, sent)
    assert marks() == [*sent, (first, "theory", 84)]
    wait_for_sign_in(page, server, scene, third)
    assert marks()[5:] == [(third, "theory", 66)]
    keep_what_is_refused(page, server, scene)
    assert len(marks()) == 6


def mark_alone(page):
    field(page, "theory").fill("80")
    practice = page.locator("section[data-part=practice]")
    practice.get_by_label("照明线路安装 权重").fill("31")
    practice.get_by_label("安全文明生产 满分 5").click()
    practice.get_by_text("已填 2 / 3 项").wait_for()
    page.reload()
    practice.get_by_text("已填 2 / 3 项").wait_for()
    assert [one.input_value() for one in practice.locator(".item input").all()] == ["31", "", "5"], "kept as typed"
    seen(page, "marking-items")
    practice.get_by_label("安全文明生产 权重").fill("4")
    practice.get_by_label("故障排查 权重").fill("71")
    page.keyboard.press("Enter")
    practice.get_by_text("“故障排查”请填写 0 至 70 的整数").wait_for()
    practice.get_by_label("故障排查 权重").fill("40")
    practice.get_by_text("操作技能合计 71 分").wait_for()
    page.get_by_role("button", name="下一名").last.click()
    page.get_by_text("2 项已存在本机，没有网络").wait_for()
    page.locator("section[data-part=practice]").get_by_role("button", name="缺考").click()
    page.locator("section[data-part=practice] h2", has_text="缺考").wait_for()
    field(page, "theory").fill("101")
    page.keyboard.press("Enter")
    page.get_by_text("请填写 0 至 100 的整数").wait_for()
    page.reload()
    page.get_by_text("3 项已存在本机，没有网络").wait_for()
    assert field(page, "theory").input_value() == "101", "what was typed is kept, and not sent"
    field(page, "theory").fill("10")
    page.locator("section[data-part=theory]").get_by_role("button", name="保存").click()
    page.get_by_text("4 项已存在本机").wait_for()
    seen(page, "marking-offline")


def tell_of_the_conflict(tablet, sent):
    catch_up(tablet)
    tablet.get_by_text("您在本机录入 84，系统里已有 80。").wait_for()
    seen(tablet, "marking-conflict")
    tablet.get_by_text("您在本机录入 72，系统里已有 71。").wait_for()
    tablet.get_by_text("照明线路安装 31 · 故障排查 40 · 安全文明生产 4").wait_for()
    assert marks() == sent, "nothing is overwritten unasked"
    tablet.get_by_role("button", name="以系统里的 71 为准").click()
    tablet.locator("section[data-part=theory]").get_by_label("更改理由").fill("第三题漏判")
    tablet.get_by_role("button", name="改为 84").click()
    tablet.get_by_text("全部已保存").wait_for()


def wait_for_sign_in(page, server, scene, number):
    page.context.clear_cookies()
    go_to(page, scene, number)
    field(page, "theory").fill("66")
    page.keyboard.press("Enter")
    page.get_by_text("请重新登录。已录的成绩都在本机").wait_for()
    seen(page, "marking-signed-out")
    before = len(marks())
    sign_in(page, server, scene.second)
    page.reload()
    page.get_by_text("本机还有另一账号没有上传的 1 项成绩").wait_for()
    assert "66" not in page.locator("#screen").inner_text()
    assert len(marks()) == before, "nobody's mark is sent as another's"
    sign_in(page, server, scene.leader)
    page.reload()
    catch_up(page)


def keep_what_is_refused(page, server, scene):
    server.off()
    fill_items(page, 10, 40, 4)
    page.keyboard.press("Enter")
    page.get_by_text("1 项已存在本机").wait_for()
    operations.cancel_batch(scene.clerk, scene.batch.id, "停电")
    server.on()
    catch_up(page)
    page.get_by_text("没有保存，您录入的 50 还在本机").wait_for()
    seen(page, "marking-refused")
    page.get_by_role("button", name="知道了，从本机删除").click()
    page.get_by_text("本批次“已取消”").wait_for()
    page.evaluate(EMPTIED)


def test_without_scripts_the_plain_form_marks(page_at, server):
    scene = stage.begun()
    page = page_at(360, javascript=False)
    sign_in(page, server, scene.leader)
    page.goto(f"{server.address}/exams/phone/")
    page.get_by_role("link", name="我的考务").click()
    page.get_by_role("link", name="去评分").click()
    number = scene.batch.candidates[0].number
    page.get_by_label(f"{number} 理论知识", exact=True).fill("61")
    page.get_by_role("button", name=f"保存 {number} 理论知识").click()
    page.get_by_text(f"{number} 已保存").wait_for()
    assert marks() == [(number, Part.THEORY.value, 61)]


def test_the_third_marker_sees_that_he_is_wanted_on_pages_that_fit_a_phone(page_as, address):
    scene = stage.begun(stage.ready(policies=TWO))
    for name, theirs in (("张三", 60), ("李四", 79)):
        give(scene, scene.leader, name, 80)
        give(scene, scene.second, name, theirs)
    wanted = stage.number_of(scene, "张三")
    page = page_as(scene.third, 360)
    page.goto(f"{address}/exams/{scene.batch.id}/marking")
    page.locator(f"#c{wanted}").get_by_text("第三人评分").wait_for()
    look_at(page, "marking-third-list")
    page.goto(f"{address}/exams/{scene.batch.id}/marking/{wanted}")
    page.get_by_text("由您独立评定").wait_for()
    look_at(page, "marking-third")
    page.goto(f"{address}/exams/{scene.batch.id}/own-sheet")
    look_at(page, "marking-own-sheet")
    rows = sheet(scene, ("张三", 70, 71), ("李四", None, 61))
    page.get_by_label("评分表").set_input_files(
        {"name": "评分.xlsx", "mimeType": "application/octet-stream", "buffer": rows}
    )
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("一条都不会录入").wait_for()
    look_at(page, "marking-own-sheet-checked")
