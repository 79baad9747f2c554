"""A holder with a cheap phone looks at her certificates, shares one, sees it was looked at, and takes it back."""

from __future__ import annotations

import pytest

from tests.browser.chromium import look_at, picture
from tests.certificates.scene import printed
from tests.certificates.test_own_page import three, with_phone

pytestmark = pytest.mark.browser


def test_a_holder_finds_shares_and_withdraws_on_a_phone(address, page_at):
    certificate = with_phone(printed()).certificates[0]
    page = page_at(360)
    page.goto(f"{address}/sign-in")
    page.get_by_role("link", name="本人查询证书").click()
    typed = three(certificate)
    page.get_by_label("手机号").fill(typed["phone"])
    page.get_by_label("身份证号后四位").fill("000X")
    page.get_by_label("本人查询码").fill(typed["code"])
    page.get_by_role("button", name="查询").click()
    page.get_by_text("三项中有的对不上").wait_for()
    look_at(page, "own-refused")
    page.get_by_label("身份证号后四位").fill(typed["last_four"])
    page.get_by_role("button", name="查询").click()
    page.get_by_role("heading", name="张三的证书").wait_for()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载证书").click()
    assert download.value.path().read_bytes() == certificate.file.read()
    page.get_by_label("7 天").check()
    page.get_by_role("button", name="做一个链接").click()
    page.get_by_text("可以打开").wait_for()
    look_at(page, "own-shared")
    employer = page_at(360)
    employer.goto(page.get_by_label("链接", exact=True).input_value().replace("http://localhost:8000", address))
    employer.get_by_text("张*").wait_for()
    look_at(employer, "share")
    page.reload()
    page.get_by_text("看过 1 次").wait_for()
    page.emulate_media(media="print")
    picture(page, "own-print")
    assert page.evaluate("getComputedStyle(document.querySelector('.facts dd')).fontSize") == "24px"
    page.emulate_media(media="screen")
    page.get_by_role("button", name="撤回链接").click()
    page.get_by_text("已撤回", exact=True).wait_for()
    assert employer.reload().status == 410
    look_at(employer, "share-withdrawn")
    page.get_by_role("button", name="看完退出").click()
    page.get_by_label("本人查询码").wait_for()
