"""From a brand's menu to an employer's list, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
import xlsxwriter

from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.reference import SkillLevel
from lbcert.demand.models import OrderKind
from lbcert.demand.operations import create_order
from lbcert.demand.rules import Line
from lbcert.demand.sheets import COLUMNS
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories
from tests.browser.chromium import look_at

pytestmark = pytest.mark.browser
PDF = {"name": "意向书.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"}


@pytest.fixture(params=[1280, 360])
def desk(page_as, request):
    """Give a page in which 宁蒗's officer is signed in."""
    return page_as(factories.account(Role.BUREAU_OFFICER, factories.NINGLANG), request.param)


def sheet(*rows):
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for number, row in enumerate(([column.title for column in COLUMNS], *rows)):
            page.write_row(number, 0, row)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "订单.xlsx", "mimeType": mime, "buffer": buffer.getvalue()}


def save(page, name="保存"):
    page.get_by_role("button", name=name, exact=True).click()


def test_a_brand_chooses_items_and_a_menu_is_published(desk, address):
    factories.trade("养老护理员", "4-10-01-05")
    desk.goto(f"{address}/brands/new")
    desk.locator("[name=name]").fill("宁蒗康养师")
    desk.locator("[name=region_code]").fill("530724")
    desk.locator("[name=max_items]").fill("30")
    look_at(desk, "brand-new")
    save(desk)
    desk.get_by_role("heading", name="宁蒗康养师").wait_for()
    desk.goto(f"{address}/brands/items/new")
    desk.locator("[name=name]").fill("养老护理员")
    desk.locator("[name=region_code]").fill("530724")
    desk.locator("[name=level]").select_option("5")
    desk.locator("[name=hours]").fill("20")
    look_at(desk, "item-new")
    save(desk)
    look_at(desk, "item-without-menu")
    save(desk, "建立新版本")
    for name, kind, hours in (("职业道德与法律", "theory", "4"), ("老年人生活照料", "practice", "16")):
        look_at(desk, "menu-draft")
        desk.get_by_role("link", name="添加模块").click()
        desk.locator("[name=name]").fill(name)
        desk.locator("[name=kind]").select_option(kind)
        desk.locator("[name=hours]").fill(hours)
        desk.locator("[name=equipment]").fill("护理床 1 张/4 人\n血压计 2 台")
        desk.locator("[name=required]").check()
        look_at(desk, "module-new")
        save(desk)
    save(desk, "发布菜单")
    desk.get_by_text("菜单已发布").wait_for()
    look_at(desk, "menu-published")
    desk.goto(f"{address}/brands/1/items")
    desk.get_by_label("养老护理员").check()
    look_at(desk, "brand-items")
    save(desk)
    look_at(desk, "brand")
    for name in ("", "items", "items/1", "trades", "trades/new", "trades/sheets/new", "menus/sheets/new"):
        desk.goto(f"{address}/brands/{name}")
        look_at(desk, f"brands-{name.replace('/', '-') or 'list'}")


def test_an_order_sheet_is_looked_at_and_its_good_rows_become_orders(desk, address):
    firm = factories.organisation(OrganisationKind.EMPLOYER, "320685", name="海安康养示例公司")
    factories.item("养老护理员", level=SkillLevel.FIVE, trade=factories.trade("养老护理员", "4-10-01-05"))
    day = clock.today()
    row = [firm.name, firm.credit_code, "养老护理员", "五级", 3, "320685", 4800, 6500, (day + timedelta(90)).isoformat(), "企业订单", "是"]  # fmt: skip
    bad = [*row[:2], "养老护理", *row[3:]]
    desk.goto(f"{address}/demand/")
    look_at(desk, "orders-none")
    desk.get_by_role("link", name="导入订单").click()
    desk.locator("[name=file]").set_input_files(sheet(row, bad))
    look_at(desk, "orders-sheet-new")
    save(desk, "上传并检查")
    desk.get_by_text("相近的有养老护理员").wait_for()
    look_at(desk, "orders-sheet-checked")
    save(desk, "导入订单")
    desk.get_by_text("没有导入：有的行不能通过").wait_for()
    look_at(desk, "orders-sheet-refused")
    desk.locator("[name=good_only]").check()
    save(desk, "导入订单")
    desk.get_by_text("已导入 1 张订单").wait_for()
    look_at(desk, "orders")
    desk.get_by_role("link", name="DD-530724").click()
    look_at(desk, "order-imported")


def test_an_employer_names_somebody_who_signs_and_an_order_is_cancelled(desk, address):
    firm = factories.organisation(OrganisationKind.EMPLOYER, "320685", name="海安康养示例公司")
    care = factories.item("养老护理员", trade=factories.trade("养老护理员", "4-10-01-05"))
    learner, day = factories.person("沙玛拉则", factories.NINGLANG), clock.today()
    line = Line(care.id, 3, 480_000, 650_000, "320685", day + timedelta(90), targeted=True)
    officer = factories.account(Role.BUREAU_OFFICER, factories.NINGLANG)
    create_order(officer, OrderKind.EMPLOYER, firm.id, factories.NINGLANG, day, [line])
    desk.goto(f"{address}/demand/orders/1")
    look_at(desk, "order")
    desk.get_by_role("link", name="定向名单").click()
    look_at(desk, "seats-none")
    desk.get_by_role("link", name="点名").click()
    desk.locator("[name=name]").fill(learner.name)
    desk.locator("[name=id_number]").fill(learner.id_number[:-1] + "?")
    save(desk, "列入拟招名单")
    look_at(desk, "seat-name-refused")
    assert desk.locator("[name=name]").input_value() == learner.name
    desk.locator("[name=id_number]").fill(learner.id_number)
    save(desk, "列入拟招名单")
    desk.get_by_role("heading", name=learner.name).wait_for()
    assert learner.id_number not in desk.content()
    look_at(desk, "seat-listed")
    desk.get_by_role("link", name="上传就业意向书").click()
    desk.locator("[name=file]").set_input_files(PDF)
    desk.locator("[name=signed_on]").fill(day.isoformat())
    look_at(desk, "seat-intent")
    save(desk)
    desk.get_by_text("意向书.pdf").wait_for()
    look_at(desk, "seat-signed")
    desk.get_by_role("link", name="用人单位退出").click()
    desk.locator("[name=reason]").fill("岗位取消")
    save(desk, "用人单位退出")
    desk.get_by_text("确无接收单位请申请特殊情况审批").wait_for()
    look_at(desk, "seat-step-back-refused")
    desk.goto(f"{address}/demand/lines/1/seats")
    look_at(desk, "seats")
    desk.goto(f"{address}/demand/orders/1")
    desk.get_by_text("撤销订单", exact=True).first.click()
    desk.locator("[name=reason]").fill("企业停产")
    look_at(desk, "order-cancelling")
    desk.get_by_role("button", name="确定").click()
    desk.get_by_text("随订单撤销").wait_for()
    look_at(desk, "order-cancelled")


def test_orders_and_agreements_are_registered_by_hand(desk, address):
    firm = factories.organisation(OrganisationKind.EMPLOYER, "320685", name="海安康养示例公司")
    bureau = factories.organisation(OrganisationKind.BUREAU, factories.NINGLANG, name="宁蒗县人社局")
    factories.item("养老护理员", level=SkillLevel.FIVE, trade=factories.trade("养老护理员", "4-10-01-05"))
    today = clock.today()
    desk.goto(f"{address}/demand/agreements/new")
    desk.locator("[name=name]").fill("宁蒗—海安劳务协作协议")
    desk.locator("[name=home_region_code]").fill("530724")
    for field, day in (("signed_on", today), ("valid_from", today), ("valid_to", today + timedelta(365))):
        desk.locator(f"[name={field}]").fill(day.isoformat())
    for number, (party, duty) in enumerate(((bureau, "training"), (firm, "jobs"))):
        desk.locator(f"[name=parties-{number}-organisation_id]").fill(str(party.id))
        desk.locator(f"[name=parties-{number}-duty]").select_option(duty)
    look_at(desk, "agreement-new")
    save(desk)
    desk.get_by_role("heading", name="宁蒗—海安劳务协作协议").wait_for()
    look_at(desk, "agreement")
    desk.get_by_role("link", name="登记履行情况").last.click()
    desk.locator("[name=state]").select_option("kept")
    save(desk)
    desk.get_by_text("请写明海安康养示例公司").wait_for()
    look_at(desk, "duty-refused")
    desk.goto(f"{address}/demand/agreements")
    look_at(desk, "agreements")
    desk.goto(f"{address}/demand/orders/new")
    desk.locator("[name=kind]").select_option("agreement")
    desk.locator("[name=party_id]").fill(f"{firm.id} {firm.name}")
    desk.locator("[name=agreement_id]").select_option("1")
    desk.locator("[name=signed_on]").fill(today.isoformat())
    desk.locator("[name=headcount]").fill("120")
    desk.locator("[name=wage_min]").fill("6500")
    desk.locator("[name=wage_max]").fill("4800")
    desk.locator("[name=place_region_code]").fill("320685")
    desk.locator("[name=arrival_on]").fill((today + timedelta(60)).isoformat())
    save(desk)
    desk.get_by_text("月薪下限应大于 0，且不高于上限").wait_for()
    look_at(desk, "order-new-refused")
    desk.locator("[name=wage_min]").fill("4800")
    desk.locator("[name=wage_max]").fill("6500")
    save(desk)
    desk.get_by_role("heading", name=firm.name).wait_for()
    look_at(desk, "order-by-agreement")
