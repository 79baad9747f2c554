"""The pages of the stars in a real browser, on a desk and on a phone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from lbcert.core import clock
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert_star_rating import operations
from lbcert_star_rating.models import Nomination, Scheme
from tests.browser.chromium import assert_accessible, assert_no_sideways_scroll, look_at, picture
from tests.certificates.test_public_page import path_of

pytestmark = pytest.mark.browser


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


ROWS = [("出勤", "20", "attendance"), ("认定成绩", "30", "marks"), ("服务质量", "50", "reviewers")]


def fill_in(desk, association):
    """Type a scheme of three criteria and three thresholds."""
    for name, value in {
        "name": "康养师星级认证办法", "source": "宁劳发〔2025〕1号", "at_work_points": "60", "vetoes": "弄虚作假\n投诉属实",
        "organisation_id": f"{association.id} {association.name}", "reviewers": "3", "notice_days": "5",
        "validity_months": "24",
    }.items():  # fmt: skip
        desk.locator(f"[name={name}]").fill(value)
    for number, (label, weight, evidence) in enumerate(ROWS):
        desk.locator(f"[name=criteria-{number}-label]").fill(label)
        desk.locator(f"[name=criteria-{number}-weight]").fill(weight)
        desk.locator(f"[name=criteria-{number}-evidence]").select_option(evidence)
    for number, (stars, points) in enumerate((("3", "60"), ("4", "80"), ("5", "90"))):
        desk.locator(f"[name=thresholds-{number}-stars]").fill(stars)
        desk.locator(f"[name=thresholds-{number}-points]").fill(points)


def set_scheme(desk, address, association):
    """Go from the list of schemes to the page of a new one."""
    desk.goto(f"{address}/stars/")
    look_at(desk, "stars-schemes")
    desk.get_by_role("link", name="设方案").click()
    fill_in(desk, association)
    look_at(desk, "stars-scheme-new")
    desk.get_by_role("button", name="设为本品牌的方案").click()
    desk.get_by_role("heading", name="康养师星级认证办法").wait_for()
    look_at(desk, "stars-scheme")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_scheme_a_review_a_notice_and_stars(scene, address, page_as, page_at, width):
    desk, reviewer, anyone = page_as(scene.officer, width), page_as(scene.reviewers[2], width), page_at(width)
    set_scheme(desk, address, scene.association)
    desk.get_by_role("link", name="推荐", exact=True).click()
    look_at(desk, "stars-nominate")
    desk.get_by_role("button", name="推荐 李四").click()
    desk.get_by_text("李四 没有有效的证书").wait_for()
    look_at(desk, "stars-nominate-refused")
    desk.get_by_role("button", name="推荐 张三").click()
    desk.get_by_text("已推荐").wait_for()

    db.session.rollback()
    nomination = db.session.query(Nomination).one()
    for account in scene.reviewers[:2]:
        operations.review(account, nomination.id, {"服务质量": 90}, remark="服务规范")
    reviewer.goto(f"{address}/stars/nominations/{nomination.id}")
    look_at(reviewer, "stars-review")
    reviewer.get_by_label("服务质量").fill("101")
    reviewer.get_by_role("button", name="提交评审").click()
    reviewer.get_by_text("请填写 0 到 100").first.wait_for()
    look_at(reviewer, "stars-review-refused")
    reviewer.get_by_label("服务质量").fill("95")
    reviewer.get_by_role("button", name="提交评审").click()
    reviewer.get_by_text("评审已提交").wait_for()

    scheme = db.session.query(Scheme).filter_by(name="康养师星级认证办法").one().id
    desk.goto(f"{address}/stars/schemes/{scheme}")
    desk.get_by_role("button", name="开始公示").click()
    desk.get_by_role("heading", name="星级认证公示").wait_for()
    anyone.goto(f"{address}/stars/notices/{scheme}")
    anyone.get_by_text("张*").wait_for()
    look_at(anyone, "stars-notice")
    desk.goto(f"{address}/stars/schemes/{scheme}/nominations")
    look_at(desk, "stars-nominations")

    db.session.rollback()
    over = nomination.notice_to + timedelta(days=1)  # of the server's clock, which knows nothing of the scene's
    with clock.at(datetime.combine(over, datetime.min.time(), SHANGHAI)):
        award = operations.award(scene.awarder, nomination.id)
    desk.goto(f"{address}/stars/nominations/{nomination.id}")
    look_at(desk, "stars-awarded")
    anyone.goto(address + path_of(scene.certificates[0]))
    anyone.get_by_text("★★★★").wait_for()
    look_at_public(anyone, "stars-certificate")
    operations.withdraw(scene.officer, award.id, "投诉属实")
    anyone.reload()
    anyone.get_by_text("撤销日期").wait_for()
    look_at_public(anyone, "stars-withdrawn")
    desk.reload()
    look_at(desk, "stars-withdrawn-desk")


def look_at_public(page, name):
    """Look at a page that stands alone, without the sprite."""
    picture(page, name)
    assert_no_sideways_scroll(page)
    assert_accessible(page)
