"""An issuer's own design, from the draft to the paper: two people, and what a template may not do said on the page."""

from __future__ import annotations

import pytest

from lbcert.core.access import Role
from lbcert.testing import factories as make
from tests.browser.chromium import look_at
from tests.certificates.scene import published

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1280, 360])
def test_a_design_goes_from_draft_to_force_by_two_people(address, page_as, width):
    scene = published()
    second = make.account(Role.ISSUER, scene.body)
    page = page_as(scene.issuer, width)
    page.goto(f"{address}/certificates/designs")
    page.get_by_label("证书种类").select_option("skill_level")
    look_at(page, "designs")
    page.get_by_role("button", name="起草").click()
    page.get_by_role("heading", name="版式内容").wait_for()
    draft = page.url
    template = page.get_by_label("模板（HTML）")
    shipped = template.input_value()

    template.fill(shipped + '<img src="http://elsewhere.example/logo.png">')
    page.get_by_role("button", name="保存并试排").click()
    page.get_by_role("heading", name="试排的结果").wait_for()
    assert not page.get_by_role("button", name="提请启用").is_visible()
    look_at(page, "design-refused")

    page.get_by_label("模板（HTML）").fill(shipped.replace("特发此证。", "以资证明。"))
    page.get_by_label("改了什么").fill("改了结语")
    page.get_by_role("button", name="保存并试排").click()
    page.get_by_role("button", name="提请启用").click()
    page.get_by_text("已提请启用").wait_for()
    assert not page.get_by_role("button", name="启用", exact=True).is_visible()

    other = page_as(second, width)
    other.goto(draft)
    drawn = other.get_by_role("img", name="样张").first
    assert drawn.evaluate("picture => picture.complete && picture.naturalWidth > 300")
    look_at(other, "design-asked")
    other.get_by_role("button", name="启用", exact=True).click()
    other.get_by_text("已启用").first.wait_for()
