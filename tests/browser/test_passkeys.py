"""A passkey added on the account's page, used to sign in, and removed, with Chromium's virtual authenticator."""

import pytest

from lbcert.core.access import Console, Role
from lbcert.parties import operations
from lbcert.testing import factories
from tests.browser.chromium import look_at
from tests.browser.test_parties import enter_code

pytestmark = pytest.mark.browser
PASSWORD = "一句好记的话 is long"


@pytest.fixture
def office(address):
    """Serve an officer, who needs a second factor, on an address that passkeys may be made for."""
    operations.create_account(
        Console(), "officer", "王经办", Role.BUREAU_OFFICER, region_code=factories.LUQUAN, password=PASSWORD,
        password_is_temporary=False,
    )  # fmt: skip
    return address.replace("127.0.0.1", "localhost")


def with_authenticator(page):
    """Give the page's browser a device that makes passkeys and knows its owner."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    return devices, devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def sign_in_with_password(page, office):
    page.goto(f"{office}/parties/me")
    page.get_by_label("用户名或手机号").fill("officer")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("button", name="开始设置").click()
    enter_code(page)
    page.get_by_role("button", name="开启").click()


@pytest.mark.parametrize("width", [1280, 360])
def test_an_officer_adds_a_passkey_signs_in_with_it_alone_and_removes_it(office, page_at, width):
    page = page_at(width)
    sign_in_with_password(page, office)
    page.goto(f"{office}/parties/me")
    page.get_by_role("link", name="通行密钥").click()
    devices, device = with_authenticator(page)
    look_at(page, "passkeys-none")
    page.get_by_label("名称").fill("办公室电脑")
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_text("已添加通行密钥“办公室电脑”").wait_for()
    look_at(page, "passkeys-added")
    assert len(devices.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]) == 1

    page.context.clear_cookies()
    page.goto(f"{office}/parties/me")
    look_at(page, "passkeys-sign-in")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="使用通行密钥").click()
    page.get_by_text("没有完成").wait_for()
    look_at(page, "passkeys-not-completed")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="再试一次").click()
    page.wait_for_url(f"{office}/parties/me")  # neither password nor six digits were asked for
    look_at(page, "passkeys-own-account")

    page.get_by_role("link", name="通行密钥").click()
    page.locator("summary", has_text="删除").click()
    page.get_by_role("button", name="确定：删除").click()
    page.get_by_text("已删除通行密钥").wait_for()
    page.context.clear_cookies()
    page.goto(f"{office}/sign-in")
    page.get_by_role("button", name="使用通行密钥").click()
    page.get_by_text("本系统没有登记这把通行密钥").wait_for()
    look_at(page, "passkeys-refused")
