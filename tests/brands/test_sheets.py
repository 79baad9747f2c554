"""Menus and occupations as bureaus send them."""

from io import BytesIO

import pytest
import xlsxwriter

from lbcert.brands import operations, queries, sheets
from lbcert.brands.models import MenuVersion, ModuleKind
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.sheets import marked_copy, read_sheet
from lbcert.testing.factories import NINGLANG, account, trade

MENU = ["培训项目", "模块", "类型", "课时", "可线上", "必修"]
ELECTRICIAN = [
    ["电工", "安全用电", "理论", 8, "是", "是"],
    ["电工", "电工基础", "理论", 12, "是", "是"],
    ["电工", "照明与配电安装", "实操", 24, "否", "是"],
    ["电工", "电动机控制", "实操", 20, "否", "否"],
    ["电工", "故障检修", "实操", 8, "否", "否"],
]


def workbook(*rows):
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def menu_sheet(*rows, more=()):
    return workbook([*MENU, *more], *rows)


@pytest.fixture
def officer(app):
    return account(Role.BUREAU_OFFICER, NINGLANG)


@pytest.fixture
def electrician(officer):
    return operations.create_item(officer, NINGLANG, "电工", trade("电工").id, SkillLevel.FIVE, 64)


def rules_of(checked):
    return {row.number: {finding.rule for finding in row.findings} for row in checked.rows if row.findings}


def refused(call, *args, **options):
    with pytest.raises(Refused) as caught:
        call(*args, **options)
    return {finding.rule for finding in caught.value.findings}


def test_a_menu_sheet_becomes_a_draft_of_each_of_its_items(officer, electrician):
    care = operations.create_item(
        officer, NINGLANG, "养老护理员", trade("养老护理员", "4-10-01-05").id, SkillLevel.FIVE, 20
    )
    data = menu_sheet(
        *ELECTRICIAN,
        ["养老护理员", "职业道德与法律", "理论", 4, "是", "是"],
        ["养老护理员", "老年人生活照料", "实操", 16, "否", "是"],
    )
    paper = operations.submit_menus(officer, NINGLANG, data, "菜单.xlsx")
    assert db.session.query(MenuVersion).count() == 0  # only looked at so far
    drafts = operations.import_menus(officer, paper.id)
    assert [(draft.item, draft.published_on) for draft in drafts] == [(electrician, None), (care, None)]
    modules = [(m.name, m.kind, m.hours, m.online_allowed, m.required) for m in drafts[0].modules]
    assert modules[0] == ("安全用电", ModuleKind.THEORY, 8, True, True)
    assert modules[4] == ("故障检修", ModuleKind.PRACTICE, 8, False, False)
    operations.publish_menu(officer, drafts[0].id)
    assert queries.current_menu(electrician.id).version_number == 1


def test_each_wrong_row_is_said_at_once_with_its_cure(officer, electrician):
    data = menu_sheet(
        ["电工", "安全用电", "理论", 8, "是", "是"],
        ["电工", "带电作业", "实操", 8, "是", "是"],
        ["电工", "", "理论", 8, "是", "是"],
        ["电工", "接地", "讲座", 8, "是", "是"],
        ["电工", "防雷", "理论", "八", "也许", "是"],
        ["电工", "急救", "理论", 0, "是", "是"],
        ["电 工", "巡检", "理论", 4.5, "是", "是"],
        ["电工学", "电工基础", "理论", 8, "是", "是"],
        ["理发", "剪发", "实操", 8, "否", "是"],
    )
    checked = sheets.check_menus(data, NINGLANG)
    assert rules_of(checked) == {
        3: {"brands.practice_online"},
        4: {"sheets.empty_cell", "brands.no_name"},
        5: {"brands.module_kind"},
        6: {"sheets.whole_number", "sheets.yes_or_no"},
        7: {"brands.module_hours"},
        8: {"sheets.whole_number"},
        9: {"brands.unknown_item"},
        10: {"brands.unknown_item"},
    }
    said = {row.number: str(row.findings[0].message) for row in checked.rows if row.findings}
    assert said[9] == "第 9 行：目录里没有培训项目「电工学」，相近的有电工；请改正，或先登记这一项目"
    assert said[10] == "第 10 行：目录里没有培训项目「理发」；请先在“培训项目”中登记"
    assert checked.good == ()
    paper = operations.submit_menus(officer, NINGLANG, data, "菜单.xlsx")
    assert refused(operations.import_menus, officer, paper.id) == {"brands.nothing_to_import"}
    copy = read_sheet(marked_copy(checked.sheet, checked.by_row), sheets.MENU_COLUMNS)
    assert [row.number for row in copy.rows] == [row.number for row in checked.sheet.rows]


def test_an_item_is_imported_whole_or_not_at_all(officer, electrician):
    operations.create_item(officer, NINGLANG, "铝电解工", trade("铝电解工", code=None).id, None, 52)
    good = [["铝电解工", "槽操作", "实操", 40, "否", "是"], ["铝电解工", "安全生产", "理论", 12, "是", "是"]]
    data = menu_sheet(*ELECTRICIAN[:-1], ["电工", "故障检修", "实操", 8, "是", "否"], *good)
    checked = sheets.check_menus(data, NINGLANG)
    assert [menu.item.name for menu in checked.good] == ["铝电解工"]


def test_two_levels_of_an_item_are_told_apart_by_the_level_column(officer, electrician):
    higher = operations.create_item(officer, NINGLANG, "电工", trade("电工").id, SkillLevel.FOUR, 64)
    unclear = sheets.check_menus(menu_sheet(*ELECTRICIAN), NINGLANG)
    assert rules_of(unclear)[2] == {"brands.unknown_item"}
    assert "目录里有电工（五级/初级工）、电工（四级/中级工）" in str(unclear.rows[0].findings[0].message)
    told = sheets.check_menus(menu_sheet(*([*row, "四级"] for row in ELECTRICIAN), more=["等级"]), NINGLANG)
    assert [menu.item for menu in told.good] == [higher]
    bare = sheets.check_menus(menu_sheet([*ELECTRICIAN[0], "04"], more=["等级"]), NINGLANG)
    assert rules_of(bare) == {2: {"brands.level_name"}}


def test_groups_and_prerequisites_come_with_columns_of_their_own(officer, electrician):
    rows = [[*row, "", ""] for row in ELECTRICIAN[:3]]
    rows += [
        ["电工", "电动机控制", "实操", 20, "否", "否", "方向", "安全用电"],
        ["电工", "故障检修", "实操", 20, "否", "否", "方向", ""],
    ]
    paper = operations.submit_menus(officer, NINGLANG, menu_sheet(*rows, more=["选修组", "先修模块"]), "菜单.xlsx")
    (draft,) = operations.import_menus(officer, paper.id)
    motor = draft.modules[3]
    assert (motor.elective_group, motor.prerequisite.name) == ("方向", "安全用电")
    rows[0][-1] = "没有这门"
    checked = sheets.check_menus(menu_sheet(*rows, more=["选修组", "先修模块"]), NINGLANG)
    assert "brands.prerequisite_elsewhere" in {finding.rule for finding in checked.menus[0].findings}


def test_a_menu_that_is_too_short_may_be_drafted_and_says_so(officer, electrician):
    checked = sheets.check_menus(menu_sheet(*ELECTRICIAN[:3]), NINGLANG)
    (menu,) = checked.good
    assert [(finding.rule, finding.level) for finding in menu.findings] == [("brands.menu_too_short", "warn")]
    assert str(menu.findings[0].message).startswith("导入后发布前还须处理：")


def test_a_draft_is_not_written_over_and_a_published_menu_only_with_a_reason(officer, electrician):
    paper = operations.submit_menus(officer, NINGLANG, menu_sheet(*ELECTRICIAN), "菜单.xlsx")
    (draft,) = operations.import_menus(officer, paper.id)
    assert refused(operations.import_menus, officer, paper.id) == {"brands.nothing_to_import"}
    operations.publish_menu(officer, draft.id)
    assert refused(operations.import_menus, officer, paper.id) == {"brands.menu_reason"}
    (after,) = operations.import_menus(officer, paper.id, "季度会商决定")
    assert (after.version_number, len(after.modules)) == (2, 5)


def test_a_module_that_stands_twice_holds_its_item_back(officer, electrician):
    checked = sheets.check_menus(menu_sheet(*ELECTRICIAN, ELECTRICIAN[0]), NINGLANG)
    assert checked.good == ()
    assert [finding.rule for finding in checked.menus[0].findings] == ["brands.module_twice"]


@pytest.mark.parametrize("data", [b"", b"not a sheet", b"PK\x03\x04 broken"])
def test_what_is_no_sheet_changes_nothing(officer, data):
    with pytest.raises(Refused):
        operations.submit_menus(officer, NINGLANG, data, "菜单.xlsx")


def test_occupations_come_from_a_bureaus_file_and_false_codes_are_held_back(officer):
    trade("电工")
    data = workbook(
        ["大典年版", "职业编码", "职业名称", "类别"],
        ["2022", "4-10-01-05", "养老护理员", "职业"],
        ["2022", "6-31-01-03", "电工", ""],
        ["2022", "6-31-01-03", "机械设备检修工", ""],
        ["1999", "4-07-12-03", "养老护理员", ""],
        ["2022", "4-10-01-05", "养老护理员", ""],
        ["2022", "41001", "育婴员", ""],
        ["二〇二二", "6-18-02-04", "焊工", ""],
        ["", "", "光伏保洁", "本地项目"],
        ["", "", "光伏保洁", "手艺"],
    )
    checked = sheets.check_trades(data)
    assert rules_of(checked) == {
        3: {"brands.trade_there"},
        4: {"brands.trade_conflict"},
        6: {"brands.trade_there"},
        7: {"brands.code_shape"},
        8: {"brands.edition", "brands.occupation_code"},
        10: {"brands.trade_kind"},
    }
    assert [(row.name, row.edition) for row in checked.good] == [
        ("养老护理员", 2022),
        ("养老护理员", 1999),
        ("光伏保洁", None),
    ]
    paper = operations.submit_trades(officer, data, "大典.xlsx")
    operations.import_trades(officer, paper.id)
    assert db.session.query(Trade).count() == 4
    assert refused(operations.import_trades, officer, paper.id) == {"brands.nothing_to_import"}
