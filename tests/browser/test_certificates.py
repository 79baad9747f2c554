"""What an employer sees within ten seconds, on a phone and on a desk."""

from __future__ import annotations

import pytest

from lbcert.certificates.models import Reason
from lbcert.certificates.operations import replace, revoke, suspend
from lbcert.core import clock
from tests.browser.chromium import assert_accessible, assert_no_sideways_scroll, picture
from tests.browser.conftest import serving
from tests.certificates.scene import THE_DAY, issued
from tests.certificates.test_public_page import path_of

pytestmark = pytest.mark.browser


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


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
def test_each_standing_is_seen_at_once(app, page_at, stories, width):
    words = {
        "valid": "有效",
        "suspended": "暂停使用",
        "revoked": "已撤销",
        "replaced": "已换发",
        "broken": "不是有效证书",
    }
    page = page_at(width, javascript=False)
    with serving(app) as address:
        for story, path in stories.items():
            page.goto(address + path)
            assert page.get_by_role("heading", level=1).inner_text().startswith(words[story])
            picture(page, f"certificate-{story}")
            assert_no_sideways_scroll(page)


def test_the_page_is_accessible_in_both_languages(app, page_at, stories):
    page = page_at(360)
    with serving(app) as address:
        for path in stories.values():
            page.goto(address + path)
            assert_accessible(page)
        page.get_by_role("link", name="English").click()
        page.goto(address + stories["valid"] + "?lang=en")
        picture(page, "certificate-english")
        assert_accessible(page)
