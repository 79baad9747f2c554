"""A cohort from the form to the first lesson, in a real browser at two widths."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.policy import set_policy
from lbcert.demand.models import OrderKind
from lbcert.demand.operations import create_order
from lbcert.demand.rules import Line
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.testing import factories
from lbcert.testing.rosters import raw_workbook
from tests.browser.chromium import look_at
from tests.cohorts.messy import messy_rows
from tests.cohorts.world import World, menu_item

pytestmark = pytest.mark.browser


@pytest.fixture
def county(address, come_in):
    """Serve a school with its clerk, the bureau's officer, an order, and a reply clock of five working days."""
    school = factories.organisation(name="宁蒗康养职业培训学校", region=factories.NINGLANG)
    accounts = {
        "clerk": factories.account(Role.PROVIDER_CLERK, school),
        "officer": factories.account(Role.BUREAU_OFFICER, factories.NINGLANG),
    }
    item = factories.item()
    factories.brand("宁蒗康养师", items=[item])
    factories.filing(school, item.trade, FilingKind.TEACH)
    today = clock.today()
    set_policy(accounts["officer"], factories.NINGLANG, "cohorts.reply_days", 5, today, "本局设定")
    set_policy(accounts["officer"], factories.NINGLANG, "cohorts.max_size", 5, today, "本局设定")
    create_order(
        accounts["officer"],
        OrderKind.EMPLOYER,
        factories.organisation(OrganisationKind.EMPLOYER, factories.NINGLANG, name="海安康养服务示例有限公司").id,
        factories.NINGLANG,
        today - timedelta(days=9),
        [Line(item.id, 20, 480_000, 650_000, factories.FUKANG, today + timedelta(days=60), 2)],
    )
    return address, lambda page, who: come_in(page, accounts[who])


def begin(page, county):
    """Fill in the form, once wrong."""
    (address, sign_in), today = county, clock.today()
    sign_in(page, "clerk")
    page.goto(f"{address}/cohorts/")
    look_at(page, "cohorts-none")
    page.get_by_role("link", name="新建培训班").click()
    page.get_by_label("班级名称").fill("康养师一班")
    page.get_by_label("上课地", exact=True).fill("530724")
    page.get_by_label("开班日期").fill((today + timedelta(days=3)).isoformat())
    page.get_by_label("结业日期").fill((today + timedelta(days=1)).isoformat())
    page.get_by_label("教学资源").fill("实训车间一间，教材每人一册")
    page.get_by_label("考核方案").fill("理论与实操各百分制，均达 60 分合格")
    page.get_by_role("button", name="保存").click()
    look_at(page, "cohorts-form-refused")
    assert page.get_by_label("班级名称").input_value() == "康养师一班"
    page.get_by_label("开班日期").fill(today.isoformat())
    page.get_by_label("结业日期").fill((today + timedelta(days=14)).isoformat())
    page.get_by_role("button", name="保存").click()
    look_at(page, "cohorts-draft")


def import_roster(page, sheet):
    """Send the messy roster, look at its bad rows, import the good ones."""
    today = clock.today()
    page.get_by_role("link", name="导入花名册").first.click()
    look_at(page, "cohorts-roster")
    page.get_by_label("学员花名册").set_input_files(sheet)
    page.get_by_role("button", name="上传并检查").click()
    look_at(page, "cohorts-staged")
    page.get_by_role("link", name="只看这些").click()
    page.get_by_text("校验位不对").wait_for()
    expect(page.locator(".data-table tbody tr")).to_have_count(8)
    look_at(page, "cohorts-staged-bad")
    page.get_by_label("告知承诺书签署日期").fill(today.isoformat())
    page.get_by_role("button", name="导入 8 人").click()
    look_at(page, "cohorts-learners")
    page.get_by_role("link", name="赵𠮷").click()
    look_at(page, "cohorts-learner")
    page.get_by_role("link", name="学员名单").click()
    page.get_by_role("link", name="录入一人").click()
    look_at(page, "cohorts-learner-form")


def file(page):
    """Name a trainer, and file: too large without an exception."""
    page.get_by_role("link", name="学员名单").first.click()
    page.get_by_role("link", name="康养师一班").click()
    look_at(page, "cohorts-draft-size")
    page.get_by_role("link", name="登记师资和单位").first.click()
    page.get_by_label("教师姓名").fill("李老师")
    page.get_by_label("身份证号").fill("530128197506150012")
    page.get_by_label("学历、职称或技能等级").fill("电工高级技师")
    page.get_by_role("button", name="登记教师").click()
    look_at(page, "cohorts-parts")
    page.get_by_role("link", name="康养师一班").click()
    cohort = page.url
    page.goto(f"{cohort}/plan")
    look_at(page, "cohorts-plan")
    page.goto(cohort)
    page.get_by_role("link", name="提交备案").click()
    page.get_by_label("本机构承诺").check()
    page.locator("button", has_text="提交备案").click()
    page.get_by_text("超过班额上限 5 人").first.wait_for()
    look_at(page, "cohorts-file-refused")
    return cohort


def grant(page, county, cohort):
    """Let the officer grant the exception and allot seats."""
    _, sign_in = county
    sign_in(page, "officer")
    page.goto(cohort)
    page.get_by_label("批准特殊情况的理由").fill("实训场地可容纳十人")
    look_at(page, "cohorts-exception")
    page.get_by_role("button", name="批准特殊情况").click()
    page.get_by_text("已批准特殊情况").first.wait_for()
    page.goto(f"{cohort}/seats")
    page.get_by_label("名额").fill("8")
    look_at(page, "cohorts-seats-form")
    page.get_by_role("button", name="划入").click()
    look_at(page, "cohorts-seats")


def answer(page, county, cohort):
    """File, have it returned, file again, have it approved."""
    address, sign_in = county
    sign_in(page, "clerk")
    page.goto(f"{cohort}/file")
    look_at(page, "cohorts-file")
    page.get_by_label("本机构承诺").check()
    page.locator("button", has_text="提交备案").click()
    look_at(page, "cohorts-filed")

    sign_in(page, "officer")
    page.goto(f"{address}/cohorts/awaiting")
    look_at(page, "cohorts-awaiting")
    page.get_by_role("link", name="530724-").click()
    look_at(page, "cohorts-review")
    page.get_by_label("退回理由").fill("请补充实训设备清单")
    page.get_by_role("button", name="退回修改").click()
    page.get_by_text("已退回").first.wait_for()

    sign_in(page, "clerk")
    page.goto(cohort)
    look_at(page, "cohorts-returned")
    page.get_by_role("link", name="提交备案").click()
    page.get_by_label("本机构承诺").check()
    page.locator("button", has_text="提交备案").click()
    page.get_by_text("已提交备案").first.wait_for()

    sign_in(page, "officer")
    page.goto(f"{cohort}/review")
    page.get_by_label("批复文号或备注").fill("宁人社培〔2025〕7号")
    page.get_by_role("button", name="批准开班").click()
    page.get_by_text("已批准").first.wait_for()


def open_class(page, county, cohort):
    """Open the class, and look at what may still change."""
    address, sign_in = county
    sign_in(page, "clerk")
    page.goto(cohort)
    look_at(page, "cohorts-approved")
    page.get_by_role("button", name="开班").click()
    page.get_by_text("已开班").wait_for()
    look_at(page, "cohorts-running")
    page.get_by_role("link", name="办理变更").click()
    look_at(page, "cohorts-change")
    page.goto(f"{address}/cohorts/")
    look_at(page, "cohorts-list")


@pytest.mark.parametrize("width", [1280, 360])
def test_a_cohort_goes_from_the_form_to_the_first_lesson(county, page_at, tmp_path, width):
    page = page_at(width)
    sheet = tmp_path / "花名册.xlsx"
    sheet.write_bytes(raw_workbook(messy_rows()))
    begin(page, county)
    import_roster(page, sheet)
    cohort = file(page)
    grant(page, county, cohort)
    answer(page, county, cohort)
    open_class(page, county, cohort)


@pytest.mark.parametrize("width", [1280, 360])
def test_learners_choose_from_the_menu(address, page_as, width):
    world = World()
    item = menu_item()
    cohort = world.complete(
        people=3,
        brand_id=factories.brand(items=[item]).id,
        item_id=item.id,
        menu_id=item.menus[-1].id,
        by_menu=True,
        choices_close_on=clock.today(),
        starts_on=clock.today(),
        ends_on=clock.today() + timedelta(days=9),
    )
    page = page_as(world.clerk, width)
    page.goto(f"{address}/cohorts/{cohort.id}")
    page.get_by_role("link", name="办理选课").click()
    look_at(page, "cohorts-menu-open")
    page.get_by_role("link", name="学员1").click()
    page.get_by_role("button", name="确定选课").click()
    page.get_by_text("所选模块共 32 课时").wait_for()
    look_at(page, "cohorts-choice-refused")
    page.get_by_label("康养理疗手法").check()
    page.get_by_label("心理支持与沟通").check()
    page.get_by_role("button", name="确定选课").click()
    page.get_by_label("康复辅助").check()
    page.get_by_label("康养理疗手法").check()
    page.get_by_role("button", name="统一选定").click()
    look_at(page, "cohorts-menu-chosen")
    page.get_by_role("button", name="锁定选课").click()
    page.get_by_text("已锁定选课").first.wait_for()
    look_at(page, "cohorts-menu-frozen")
