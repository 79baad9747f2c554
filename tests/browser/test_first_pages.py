"""From the open door to the first page of an account, in a real browser."""

from __future__ import annotations

import pytest

from lbcert.core.access import Console, Role
from lbcert.parties import operations
from lbcert.testing import factories
from tests.browser.chromium import look_at

pytestmark = pytest.mark.browser
PASSWORD = "一句好记的话 is long"


@pytest.fixture
def clerk(app):
    """Give a school and its clerk."""
    school = factories.organisation()
    operations.create_account(
        Console(), "li.na", "李娜", Role.PROVIDER_CLERK, organisation_id=school.id, phone="13800001234",
        password=PASSWORD, password_is_temporary=False,
    )  # fmt: skip


@pytest.mark.usefixtures("clerk")
@pytest.mark.parametrize("width", [1280, 360])
def test_a_clerk_comes_in_and_goes_out(page_at, address, width):
    page = page_at(width)
    page.goto(address)
    look_at(page, "door")
    page.get_by_role("link", name="登录", exact=True).click()
    look_at(page, "sign-in")
    page.get_by_label("密码").fill("wrong")
    page.locator("[name=name]").fill("li.na")
    page.get_by_role("button", name="登录").click()
    look_at(page, "sign-in-refused")
    page.locator("[name=name]").fill("li.na")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="李娜，您好").wait_for()
    look_at(page, "home")
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Hello, 李娜").wait_for()
    page.get_by_role("button", name="简体中文").click()
    page.locator(".account-menu summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("link", name="登录", exact=True).wait_for()
