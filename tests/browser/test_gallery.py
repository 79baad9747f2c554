"""Each macro in a real browser: readable by all, within the width of a phone."""

from __future__ import annotations

import pytest

from tests.browser.chromium import assert_accessible, look_at, picture
from tests.browser.fixtures import serving
from tests.web.gallery import gallery_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address():
    with serving(gallery_app()) as address:
        yield address


@pytest.mark.parametrize("width", [1280, 360])
def test_every_macro_is_accessible_and_fits(page_at, address, width):
    page = page_at(width)
    page.goto(f"{address}/gallery")
    look_at(page, "gallery")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_refused_form_says_what_is_wrong_and_keeps_what_was_typed(page_at, address, width):
    page = page_at(width)
    page.goto(f"{address}/gallery")
    page.get_by_label("培训班名称").fill("2025年焊工（五级）第1期")
    page.get_by_role("button", name="保存并继续").click()
    page.get_by_text("还没有保存，请改正下面的内容").wait_for()
    assert page.get_by_label("培训班名称").input_value() == "2025年焊工（五级）第1期"
    assert page.get_by_label("计划人数").get_attribute("aria-describedby") == "headcount-error"
    look_at(page, "gallery-refused")


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_phone_the_menu_opens_and_closes(page_at, address, javascript):
    page = page_at(360, javascript=javascript)
    page.goto(f"{address}/gallery")
    menu = page.get_by_role("navigation", name="主菜单")
    assert not menu.is_visible()
    page.get_by_role("link", name="菜单", exact=True).click()
    menu.wait_for(state="visible")
    picture(page, f"menu-{'js' if javascript else 'plain'}")
    if javascript:
        assert_accessible(page)
        page.keyboard.press("Escape")
    else:
        menu.get_by_role("link", name="关闭菜单").click()
    menu.wait_for(state="hidden")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_refusal_shows_all_findings_and_a_way_out(page_at, address, width):
    page = page_at(width)
    page.goto(f"{address}/fail/refused")
    assert page.get_by_role("listitem").filter(has_text="第 17 行").is_visible()
    look_at(page, "refused")
