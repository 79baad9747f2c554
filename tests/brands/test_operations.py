"""Brands, items and menus as an officer makes them."""

import pytest
from sqlalchemy import event, update

from lbcert.brands import operations, queries
from lbcert.brands.models import Brand, MenuVersion, Module, ModuleKind
from lbcert.core.access import PUBLIC, Role
from lbcert.core.database import db, load
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from lbcert.core.pages import Paging
from lbcert.core.reference import SkillLevel, TradeKind
from lbcert.testing.factories import LUQUAN, NINGLANG, account, brand, item, trade
from lbcert.testing.fixtures import browser_of

THEORY, PRACTICE = ModuleKind.THEORY, ModuleKind.PRACTICE


@pytest.fixture
def officer(app):
    return account(Role.BUREAU_OFFICER, NINGLANG)


@operation("testing.brands_sql", allow=PUBLIC)
def sql(actor, statement):
    db.session.execute(statement)


def refused(call, *args, **options):
    with pytest.raises(Refused) as caught:
        call(*args, **options)
    return {finding.rule for finding in caught.value.findings}


def test_a_brand_keeps_its_number_for_ever(officer):
    made = operations.create_brand(officer, 7, "宁蒗康养师", NINGLANG, max_items=30)
    assert refused(sql, officer, update(Brand).values(number=8)) == {"brands.number_fixed"}
    assert load(Brand, made.id).number == 7


def test_numbers_and_names_of_brands_are_taken_once(officer):
    operations.create_brand(officer, 7, "宁蒗康养师", NINGLANG)
    assert refused(operations.create_brand, officer, 7, "光伏保洁师", NINGLANG) == {"brands.number_taken"}
    assert refused(operations.create_brand, officer, 8, "宁蒗康养师", NINGLANG) == {"brands.name_taken"}
    assert refused(operations.create_brand, officer, 0, " ", NINGLANG, max_items=0) == {
        "brands.number", "brands.no_name", "brands.max_items_positive",
    }  # fmt: skip


def test_thirty_items_are_chosen_and_the_thirty_first_is_refused(officer):
    made = operations.create_brand(officer, 7, "宁蒗康养师", NINGLANG, max_items=30)
    local = trade("康养", code=None)
    items = [operations.create_item(officer, NINGLANG, f"项目{number}", local.id, None, 40).id for number in range(31)]
    operations.choose_items(officer, made.id, items[:30])
    assert len(load(Brand, made.id).items) == 30
    assert refused(operations.choose_items, officer, made.id, items) == {"brands.max_items"}
    assert len(load(Brand, made.id).items) == 30
    assert refused(operations.change_brand, officer, made.id, "宁蒗康养师", max_items=29) == {"brands.max_items"}


def test_an_officer_switches_the_signing_of_a_brands_pdfs(officer):
    made = operations.create_brand(officer, 7, "宁蒗康养师", NINGLANG)
    assert not made.signs_pdfs
    assert operations.change_brand(officer, made.id, made.name, signs_pdfs=True).signs_pdfs


def test_a_brand_chooses_from_its_own_and_wider_catalogues(officer):
    own = brand(region=NINGLANG)
    national, elsewhere = item("电工"), item("焊工", trade=trade("焊工", "6-18-02-04"), region_code=LUQUAN)
    assert refused(operations.choose_items, officer, own.id, [national.id, elsewhere.id]) == {"brands.item_elsewhere"}
    assert operations.choose_items(officer, own.id, [national.id]).items == [national]


def test_a_brand_has_only_installed_plugins(officer, app):
    own = brand(region=NINGLANG)
    assert refused(operations.switch_plugins, officer, own.id, ["nobody_wrote_this"]) == {"brands.unknown_plugin"}
    app.extensions["lbcert.plugins"].origins["sample"] = "sample 1.0"
    operations.switch_plugins(officer, own.id, ["sample"])
    assert queries.plugins_of(own.id) == ["sample"]
    operations.switch_plugins(officer, own.id, [])
    assert queries.plugins_of(own.id) == []


def test_an_item_stands_once_in_a_catalogue_with_or_without_a_level(officer):
    electrician, cleaner = trade("电工"), trade("光伏保洁", code=None)
    operations.create_item(officer, NINGLANG, "电工", electrician.id, SkillLevel.FIVE, 72)
    operations.create_item(officer, NINGLANG, "电工", electrician.id, SkillLevel.FOUR, 80)
    operations.create_item(officer, NINGLANG, "光伏保洁", cleaner.id, None, 40)
    again = (officer, NINGLANG)
    assert refused(operations.create_item, *again, "电工", electrician.id, SkillLevel.FIVE, 72) == {"brands.item_taken"}
    assert refused(operations.create_item, *again, "光伏保洁", cleaner.id, None, 40) == {"brands.item_taken"}
    assert refused(operations.create_item, *again, "保洁", cleaner.id, SkillLevel.FIVE, 0) == {
        "brands.level_of_no_occupation", "brands.item_hours",
    }  # fmt: skip


def test_of_one_name_and_level_the_nearest_catalogue_counts(officer):
    national, own = item("电工", hours=72), item("电工", hours=80, region_code=NINGLANG)
    assert queries.catalogue(NINGLANG).named("电工") == [own]
    assert queries.catalogue(LUQUAN).named("电工") == [national]


def test_a_trade_is_on_file_once(officer):
    operations.add_trade(officer, TradeKind.OCCUPATION, "电工", edition=2022, code="6-31-01-03")
    add = operations.add_trade
    assert refused(add, officer, TradeKind.OCCUPATION, "电工", edition=2022, code="6-31-01-03") == {
        "brands.trade_there"
    }
    other = "机械设备检修工"
    assert refused(add, officer, TradeKind.OCCUPATION, other, edition=2022, code="6-31-01-03") == {
        "brands.trade_conflict"
    }
    assert add(officer, TradeKind.OCCUPATION, "维修电工", edition=1999, code="6-07-06-05").edition == 1999
    add(officer, TradeKind.LOCAL, "光伏保洁")
    assert refused(add, officer, TradeKind.LOCAL, "光伏保洁") == {"brands.trade_there"}


@pytest.fixture
def draft(officer):
    made = operations.create_item(
        officer, NINGLANG, "养老护理员", trade("养老护理员", "4-10-01-05").id, SkillLevel.FIVE, 40
    )
    menu = operations.draft_menu(officer, made.id)
    law = operations.add_module(officer, menu.id, "职业道德与法律", THEORY, 4, required=True, online_allowed=True)
    operations.add_module(officer, menu.id, "老年人生活照料", PRACTICE, 16, required=True, prerequisite_id=law.id)
    operations.add_module(officer, menu.id, "康养理疗手法", PRACTICE, 20, required=False)
    return menu


def test_a_module_may_not_contradict_itself(officer, draft):
    add = operations.add_module
    assert refused(
        add, officer, draft.id, "急救", PRACTICE, 0, required=True, online_allowed=True, elective_group="方向"
    ) == {"brands.module_hours", "brands.practice_online", "brands.required_in_group"}
    assert refused(add, officer, draft.id, "康养理疗手法", THEORY, 4, required=False) == {"brands.module_twice"}
    elsewhere = load(MenuVersion, item().menus[0].id).modules[0]
    assert refused(add, officer, draft.id, "急救", THEORY, 4, required=False, prerequisite_id=elsewhere.id) == {
        "brands.prerequisite_elsewhere"
    }


def test_a_module_that_another_needs_stays(officer, draft):
    law = draft.modules[0]
    assert refused(operations.remove_module, officer, law.id) == {"brands.module_needed"}
    operations.change_module(officer, draft.modules[1].id, "老年人生活照料", PRACTICE, 20, required=True)
    operations.remove_module(officer, law.id)
    assert [module.name for module in load(MenuVersion, draft.id).modules] == ["老年人生活照料", "康养理疗手法"]


def test_a_published_menu_never_changes_whoever_tries(officer, draft):
    operations.publish_menu(officer, draft.id)
    module = draft.modules[0]
    assert refused(operations.remove_module, officer, draft.modules[2].id) == {"brands.menu_published"}
    assert refused(operations.publish_menu, officer, draft.id) == {"brands.menu_published"}
    tries = {
        update(Module).where(Module.id == module.id).values(hours=99): "brands.menu_published.module_update",
        Module.__table__.delete().where(Module.id == draft.modules[2].id): "brands.menu_published.module_delete",
        Module.__table__.insert().values(
            menu_id=draft.id, position=9, name="新", kind="theory", hours=1, required=False, online_allowed=False,
            elective_group="",
        ): "brands.menu_published.module_insert",
        update(MenuVersion).where(MenuVersion.id == draft.id).values(published_on=None): "brands.menu_published.update",
    }  # fmt: skip
    for statement, rule in tries.items():
        assert refused(sql, officer, statement) == {rule}


def test_a_module_cannot_slip_out_of_a_published_menu(officer, draft):
    operations.publish_menu(officer, draft.id)
    after = operations.draft_menu(officer, draft.item_id, "季度会商决定")
    slip = update(Module).where(Module.id == draft.modules[2].id).values(menu_id=after.id, position=9, name="移走")
    assert refused(sql, officer, slip) == {"brands.menu_published.module_update"}


def waiting(who):
    return [(str(row.message), row.arguments["menu_id"]) for row in queries.todo(who)]


def test_a_draft_without_gaps_waits_on_the_bureaus_first_page_until_it_is_published(app, officer):
    centre, elsewhere = account(Role.SERVICE_CENTRE, NINGLANG), account(Role.BUREAU_OFFICER, LUQUAN)
    made = operations.create_item(
        centre, NINGLANG, "养老护理员", trade("养老护理员", "4-10-01-05").id, SkillLevel.FIVE, 20
    )
    first = operations.draft_menu(centre, made.id)
    operations.add_module(centre, first.id, "职业道德与法律", THEORY, 4, required=True)
    assert waiting(officer) == []
    operations.add_module(centre, first.id, "老年人生活照料", PRACTICE, 16, required=True)
    line = ("核对并发布菜单：养老护理员（五级/初级工）第 1 版", first.id)
    assert (waiting(officer), waiting(centre), waiting(elsewhere)) == ([line], [], [])
    browser = browser_of(app, officer)
    assert f'href="/brands/menus/{first.id}"' in browser.get("/").text
    operations.publish_menu(officer, first.id)
    second = operations.draft_menu(centre, made.id, "季度会商")
    assert waiting(officer) == [], "it is the published one over again"
    operations.change_module(centre, second.modules[1].id, "老年人生活照料", PRACTICE, 20, required=True)
    assert [menu_id for _, menu_id in waiting(officer)] == [second.id]


def test_the_centre_is_told_who_publishes_its_draft(app, officer, draft):
    told, page = "菜单由人社局发布", f"/brands/menus/{draft.id}"
    centre = account(Role.SERVICE_CENTRE, NINGLANG)
    assert told in browser_of(app, centre).get(page).text
    assert told not in browser_of(app, officer).get(page).text
    operations.publish_menu(officer, draft.id)
    assert told not in browser_of(app, centre).get(page).text


def test_more_drafts_ask_no_more_of_the_database(officer):
    def asked():
        db.session.expire_all()
        list(officer.grants)
        statements = []
        event.listen(db.engine, "before_cursor_execute", note := lambda *about: statements.append(about[2]))
        lines = queries.todo(officer)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(lines), len(statements)

    def begin(name):
        made = operations.create_item(officer, NINGLANG, name, trade(name, code=None).id, None, 8)
        menu = operations.draft_menu(officer, made.id)
        operations.add_module(officer, menu.id, "基础", THEORY, 8, required=True)

    begin("一")
    one, few = asked()
    for name in "二三四":
        begin(name)
    assert (one, asked()) == (1, (4, few))


def test_a_new_version_needs_a_reason_and_leaves_the_old_one_in_force_until_it_is_published(officer, draft):
    operations.publish_menu(officer, draft.id)
    assert refused(operations.draft_menu, officer, draft.item_id) == {"brands.menu_reason"}
    after = operations.draft_menu(officer, draft.item_id, "2025 年第三季度会商：增加急救")
    assert refused(operations.draft_menu, officer, draft.item_id, "再来一份") == {"brands.menu_draft_exists"}
    assert [module.name for module in after.modules] == [module.name for module in draft.modules]
    assert after.modules[1].prerequisite_id == after.modules[0].id
    assert queries.current_menu(draft.item_id).id == draft.id
    operations.publish_menu(officer, after.id)
    assert queries.current_menu(draft.item_id).version_number == 2


def test_a_draft_can_be_thrown_away_and_begun_again(officer, draft):
    operations.discard_menu(officer, draft.id)
    assert operations.draft_menu(officer, draft.item_id).modules == []


def test_an_items_hours_stay_within_its_published_menu(officer, draft):
    operations.publish_menu(officer, draft.id)
    assert refused(operations.change_item, officer, draft.item_id, "养老护理员", 41) == {"brands.menu_too_short"}
    assert operations.change_item(officer, draft.item_id, "养老护理员", 36).hours == 36


def test_saving_over_somebodys_change_is_refused(officer):
    own = brand(region=NINGLANG)
    seen = own.version
    operations.change_brand(officer, own.id, own.name, slogan="一技在手", version=seen)
    assert refused(operations.change_brand, officer, own.id, own.name, slogan="别的", version=seen) == {"core.stale"}
    assert load(Brand, own.id).slogan == "一技在手"


def test_lists_are_searched_and_filtered(officer):
    item("电工")
    item("焊工", trade=trade("焊工", "6-18-02-04"), level=SkillLevel.FOUR, region_code=LUQUAN)
    names = lambda **asked: [row.name for row in queries.items_page(Paging.of(asked, filters=("region", "level"))).rows]  # noqa: E731
    assert names() == ["电工", "焊工"]
    assert names(q="焊") == ["焊工"]
    assert names(region=NINGLANG) == ["电工"]
    assert names(level="4") == ["焊工"]
    assert names(level="'; drop table") == ["电工", "焊工"]
    brand("宁蒗康养师", NINGLANG)
    brand("禄劝电工", LUQUAN)
    found = queries.brands_page(Paging.of({"region": "530700"}, filters=("region",)))
    assert [row.name for row in found.rows] == ["宁蒗康养师"]


def test_an_edition_that_is_no_year_filters_nothing(app):
    trade()
    everything = queries.trades_page(Paging()).rows
    for odd in ("²", "9" * 5000, "x"):
        assert queries.trades_page(Paging(filters={"edition": odd})).rows == everything
    assert queries.trades_page(Paging(filters={"edition": "1999"})).rows == []


def test_a_form_that_names_a_region_beyond_the_officers_own_says_so_and_keeps_what_was_typed(app, officer):
    trade_id = trade().id
    typed = {"name": "高原电工", "region_code": LUQUAN, "trade_id": trade_id, "level": "", "hours": "40"}
    browser = browser_of(app, officer)
    answer = browser.post("/brands/items/new", data=typed)
    assert answer.status_code == 422
    for kept in ("所填的地区不在您管辖的范围内", 'value="高原电工"', 'value="40"'):
        assert kept in answer.text
    assert queries.items_page(Paging()).rows == []
    assert browser.post("/brands/items/new", data={**typed, "region_code": NINGLANG}).status_code == 302
    [made] = queries.items_page(Paging()).rows
    theirs = browser_of(app, account(Role.BUREAU_OFFICER, LUQUAN))
    assert theirs.post(f"/brands/items/{made.id}/edit", data=typed).status_code == 403, (
        "a row of another's is as shut as ever"
    )
    assert browser_of(app, account(Role.AUDITOR, NINGLANG)).post("/brands/items/new", data=typed).status_code == 403
