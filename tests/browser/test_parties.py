"""Signing in with a code, and the pages of the register, in a real browser at two widths."""

import pytest
from passlib.totp import TOTP

from lbcert.core.access import Console, Role
from lbcert.parties import operations
from lbcert.parties.models import FilingKind
from lbcert.parties.operations import PersonData
from lbcert.testing import factories
from tests.browser.chromium import look_at, pick

pytestmark = pytest.mark.browser
PASSWORD = "一句好记的话 is long"


@pytest.fixture
def office(address):
    """Serve an officer without a second factor yet, and something in the register."""
    school = factories.organisation(name="禄劝某职业培训学校", phone="13800005678")
    factories.filing(school, factories.trade(), FilingKind.TEACH)
    operations.register_person(
        Console(),
        PersonData(
            "阿依古丽·吐尔逊", "530128197506150012", phone="13800001234", household_region_code=factories.LUQUAN
        ),
    )
    operations.create_account(
        Console(), "officer", "王经办", Role.BUREAU_OFFICER, region_code=factories.LUQUAN, password=PASSWORD,
        password_is_temporary=False,
    )  # fmt: skip
    operations.create_account(
        Console(), "auditor", "审计员", Role.AUDITOR, region_code=factories.LUQUAN, password=PASSWORD
    )
    return address


def enter_code(page):
    """Type the key into an authenticator of our own, and its code into the page."""
    key = page.locator("dd").first.inner_text()
    page.get_by_label("验证器上的六位数字").fill(TOTP(key=key, format="base32").generate().token)


@pytest.mark.parametrize("width", [1280, 360])
def test_an_officer_signs_in_and_keeps_the_register(office, app, page_at, width):
    page = page_at(width)
    page.goto(f"{office}/parties/organisations")
    look_at(page, "parties-sign-in")
    page.get_by_label("用户名或手机号").fill("officer")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    look_at(page, "parties-sign-in-refused")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    look_at(page, "parties-second-factor")
    page.get_by_role("button", name="开始设置").click()
    look_at(page, "parties-second-factor-code")
    enter_code(page)
    page.get_by_role("button", name="开启").click()

    for name, where in {
        "own-account": "/parties/me", "organisations": "/parties/organisations", "persons": "/parties/persons",
        "accounts": "/parties/accounts", "new-account": "/parties/accounts/new", "policy": "/policy/",
        "new-policy": "/policy/new", "new-person": "/parties/persons/new", "new-organisation": "/parties/organisations/new",
    }.items():  # fmt: skip
        page.goto(office + where)
        look_at(page, f"parties-{name}")

    page.goto(f"{office}/parties/organisations/new")
    page.get_by_label("名称").fill("禄劝新机构")
    pick(page, "所在地区", "禄劝")
    assert page.get_by_label("所在地区").input_value().startswith("530128 ")
    page.get_by_role("button", name="保存").click()
    look_at(page, "parties-organisation-refused")
    assert page.get_by_label("名称").input_value() == "禄劝新机构"

    page.goto(f"{office}/parties/organisations?q=职业")
    page.get_by_role("link", name="禄劝某职业培训学校").click()
    look_at(page, "parties-organisation")
    for link in ("登记变更", "登记备案"):
        page.get_by_role("link", name=link).click()
        look_at(page, {"登记变更": "parties-controller", "登记备案": "parties-filing"}[link])
        page.go_back()

    page.goto(f"{office}/parties/persons?q=ayiguli")
    page.get_by_role("link", name="阿依古丽·吐尔逊").click()
    look_at(page, "parties-person")
    page.get_by_label("查看完整内容：手机号").click()
    page.locator("details[open] input[name=reason]").fill("联系本人")
    page.locator("details[open] button").click()
    page.get_by_text("13800001234").wait_for()
    assert page.get_by_text("530128197506150012").count() == 0

    page.goto(f"{office}/parties/accounts/new")
    page.get_by_label("用户名").fill("li.na")
    page.get_by_label("使用人姓名").fill("李娜")
    page.get_by_label("角色").select_option("provider_clerk")
    pick(page, "所在机构", "职业培训")
    page.get_by_role("button", name="新建账号").click()
    look_at(page, "parties-one-time-password")
    page.get_by_role("link", name="查看账号").click()
    look_at(page, "parties-account")


def test_an_auditor_changes_the_given_password_and_reads_the_log(office, page_at):
    page = page_at(360)
    page.goto(f"{office}/audit/")
    page.get_by_label("用户名或手机号").fill("auditor")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    look_at(page, "parties-password")
    page.get_by_label("现在的密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill(PASSWORD * 2)
    page.get_by_label("再输入一次新密码").fill(PASSWORD * 2)
    page.get_by_role("button", name="修改密码").click()
    page.wait_for_url(lambda url: "/password" not in url)
    page.goto(f"{office}/audit/")
    look_at(page, "parties-audit")
    page.get_by_role("link", name="核对整条日志链").click()
    look_at(page, "parties-audit-chain")
