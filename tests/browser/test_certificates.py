"""What an employer sees within ten seconds, on a phone and on a desk."""

from __future__ import annotations

import pytest

from lbcert.certificates.models import Reason
from lbcert.certificates.operations import compromise_key, create_key, replace, revoke, suspend
from lbcert.certificates.token.keys import Algorithm
from lbcert.core import clock, jobs
from lbcert.core.access import Console, Role
from lbcert.testing import factories as make
from tests.browser.chromium import assert_accessible, assert_no_sideways_scroll, look_at, picture
from tests.certificates.scene import THE_DAY, issued, published
from tests.certificates.test_public_page import path_of

pytestmark = pytest.mark.browser


@pytest.fixture
def stories(app):
    """Give the paths of certificates of each standing, by its name."""
    scene = issued()
    first, second = scene.certificates
    revoke(scene.issuer, second.id, Reason.FRAUD, "替考")
    with clock.at(THE_DAY):
        valid = replace(scene.issuer, first.id, Reason.DATA_CHANGED, "更名")
        suspended = replace(scene.issuer, second.id, Reason.ERROR, "重新发证")
    suspend(scene.issuer, suspended.id, Reason.UNDER_REVIEW, "核查")
    return {
        "valid": path_of(valid), "suspended": path_of(suspended), "revoked": path_of(second), "replaced": path_of(first),
        "broken": path_of(first)[:-3] + "AAA",
    }  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
def test_each_standing_is_seen_at_once(address, page_at, stories, width):
    words = {
        "valid": "有效",
        "suspended": "暂停使用",
        "revoked": "已撤销",
        "replaced": "已换发",
        "broken": "不是有效证书",
    }
    page = page_at(width, javascript=False)
    for story, path in stories.items():
        page.goto(address + path)
        assert page.get_by_role("heading", level=1).inner_text().startswith(words[story])
        picture(page, f"certificate-{story}")
        assert_no_sideways_scroll(page)


def test_the_page_is_accessible_in_both_languages(address, page_at, stories):
    page = page_at(360)
    for path in stories.values():
        page.goto(address + path)
        assert_accessible(page)
    page.get_by_role("link", name="English").click()
    page.goto(address + stories["valid"] + "?lang=en")
    picture(page, "certificate-english")
    assert_accessible(page)


@pytest.mark.parametrize("width", [1280, 360])
def test_an_issuers_way_from_waiting_to_revoked(address, page_as, width):
    scene = published(("葛曾䮌", "李四", "王\ue000五"))
    page = page_as(scene.issuer, width)
    for path, name in (("issue", "waiting"), (f"issue/batches/{scene.batch.id}", "issue")):
        page.goto(f"{address}/certificates/{path}")
        look_at(page, f"certificates-{name}")
    page.get_by_text("签发 1 本证书").click()
    page.get_by_role("button", name="确定签发").click()
    page.get_by_role("heading", name="制作证书").wait_for()
    look_at(page, "certificates-printing")
    jobs.run(int(page.url.rpartition("/")[2]))
    page.reload()
    page.get_by_text("已结束").wait_for()
    look_at(page, "certificates-printed")
    page.goto(f"{address}/certificates/")
    look_at(page, "certificates-list")
    page.get_by_role("link", name="S000053000123").click()
    look_at(page, "certificates-certificate")
    page.get_by_role("link", name="撤销", exact=True).click()
    page.get_by_label("弄虚作假").check()
    page.get_by_role("button", name="撤销").click()
    page.get_by_text("还没有保存").wait_for()
    look_at(page, "certificates-step")
    page.get_by_label("依据和经过").fill("替考，见核查记录")
    page.get_by_role("button", name="撤销").click()
    page.get_by_text("替考，见核查记录").wait_for()
    page.goto(f"{address}/verify")
    look_at(page, "certificates-verify")


def test_the_bureaus_prefixes(address, page_as):
    scene = published()
    page = page_as(scene.officer, 360)
    page.goto(f"{address}/certificates/prefixes")
    look_at(page, "certificates-prefixes")


@pytest.mark.parametrize("width", [1280, 360])
def test_one_officer_proposes_and_another_retires_a_key(address, page_as, width):
    scene = issued()
    first, other = (make.account(Role.BUREAU_OFFICER, region) for region in (make.KUNMING, make.LUQUAN))
    create_key(Console(), [scene.cohort.brand.number], alg=Algorithm.EDDSA)
    kid = create_key(Console()).kid
    compromise_key(Console(), create_key(Console()).kid, clock.now())
    page, second = page_as(first, width), page_as(other, width)
    page.goto(f"{address}/certificates/keys")
    page.get_by_text(f"停用 {kid}", exact=True).first.click()
    page.get_by_label("原因（必填，会记入日志）").locator("visible=true").fill("每年轮换")
    page.get_by_role("button", name=f"确定：停用 {kid}").click()
    page.get_by_text("已提出停用，等待另一人确认").wait_for()
    look_at(page, "keys")
    page.get_by_role("button", name="确认停用").click()
    page.get_by_text("停用密钥须由另一人确认").wait_for()
    second.goto(f"{address}/certificates/keys")
    second.get_by_role("button", name="确认停用").click()
    second.get_by_text("它签过的证书照常有效").first.wait_for()
    second.get_by_role("row", name=kid).get_by_text("已停用").wait_for()
