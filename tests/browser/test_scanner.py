"""The scanner as an employer uses it, on a phone of 360 px."""

from __future__ import annotations

import pytest

from lbcert.certificates.models import Reason
from lbcert.certificates.operations import revoke
from tests.browser.chromium import assert_accessible, assert_no_sideways_scroll, picture
from tests.browser.fixtures import serving
from tests.certificates.scene import printed

pytestmark = pytest.mark.browser

WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; V2304A Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) "
    "WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
)


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def file_of(certificate):
    return {"name": "证书.pdf", "mimeType": "application/pdf", "buffer": certificate.file.read()}


def seen(page, name):
    picture(page, name)
    assert_no_sideways_scroll(page)
    assert_accessible(page)


def test_in_wechat_without_scripts_the_plain_page_does(app, browser):
    scene = printed()
    first, second = scene.certificates
    revoke(scene.issuer, second.id, Reason.FRAUD, "替考")
    context = browser.new_context(
        user_agent=WECHAT, viewport={"width": 360, "height": 780}, locale="zh-CN", java_script_enabled=False
    )
    page = context.new_page()
    with serving(app) as address:
        page.goto(address + "/scan")
        assert not page.get_by_role("button", name="打开相机扫码").is_visible()
        seen(page, "scan-plain")
        page.get_by_label("照片、截图或 PDF").set_input_files(file_of(first))
        page.get_by_role("button", name="查验").click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("有效")
        page.goto(address + "/scan")
        page.get_by_label("或输入证书编号、链接").fill(second.number)
        page.get_by_role("button", name="查验").click()
        assert page.get_by_role("heading", level=1).inner_text().startswith("已撤销")
        seen(page, "scan-plain-answer")
    context.close()
