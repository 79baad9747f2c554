"""Brands, items, menus and trades."""

from io import BytesIO

import xlsxwriter

from lbcert.brands import operations
from lbcert.brands.models import MenuVersion, Module, ModuleKind
from lbcert.core.access import Role
from lbcert.core.reference import TradeKind
from lbcert.testing import factories
from tests.access.machinery import HERE, Row

DESK = "bureau_officer service_centre"
HEADER = ["培训项目", "模块", "类型", "课时", "可线上", "必修"]


def item(stage):
    return stage.once("item", lambda: factories.item("植保", region_code=HERE, trade=factories.trade("植保", None)))


def brand(stage):
    return {"brand_id": stage.once("brand", lambda: factories.brand(region=HERE)).id}


def item_id(stage):
    return {"item_id": item(stage).id}


def draft(stage):
    """Make a second version, not published."""
    module = Module(position=1, name="识别", kind=ModuleKind.THEORY, hours=72, required=True, online_allowed=True)
    make = lambda: factories.store(MenuVersion(item_id=item(stage).id, version_number=2, modules=[module]))  # noqa: E731
    return stage.once("draft menu", make)


def menu_id(stage):
    return {"menu_id": draft(stage).id}


def module_id(stage):
    return {"module_id": draft(stage).modules[0].id}


def module(stage):
    return {"name": "机械", "kind": ModuleKind.PRACTICE, "hours": 8, "required": False}


def workbook(*rows):
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


MENUS = workbook(HEADER, ["植保", "识别", "理论", 8, "是", "是"])
TRADES = workbook(["大典年版", "职业编码", "职业名称"], ["2022", "4-10-01-05", "养老护理员"])


def menu_sheet(stage):
    officer = stage.account(Role.BUREAU_OFFICER)
    submit = lambda: operations.submit_menus(officer, HERE, MENUS, "菜单.xlsx")  # noqa: E731
    return {"paper_id": stage.once("menu sheet", submit).id}


def trade_sheet(stage):
    officer = stage.account(Role.BUREAU_OFFICER)
    submit = lambda: operations.submit_trades(officer, TRADES, "大典.xlsx")  # noqa: E731
    return {"paper_id": stage.once("trade sheet", submit).id}


OPERATIONS = {
    "brands.create_brand": Row("bureau_officer", lambda stage: {"number": 900, "name": "新品牌", "region_code": HERE}),
    "brands.change_brand": Row("bureau_officer", lambda stage: {**brand(stage), "name": "改名"}),
    "brands.choose_items": Row(DESK, lambda stage: {**brand(stage), "item_ids": [item(stage).id]}),
    "brands.switch_plugins": Row("admin* console bureau_officer", lambda stage: {**brand(stage), "names": []}),
    "brands.add_trade": Row("admin* console bureau_officer*", lambda stage: {"kind": TradeKind.LOCAL, "name": "凉粉"}),
    "brands.create_item": Row(
        DESK,
        lambda stage: {
            "region_code": HERE, "name": "新项目", "trade_id": item(stage).trade_id, "level": None, "hours": 40,
        },
    ),
    "brands.change_item": Row(DESK, lambda stage: {**item_id(stage), "name": "改名", "hours": 72}),
    "brands.draft_menu": Row(DESK, lambda stage: {**item_id(stage), "reason": "会商"}),
    "brands.add_module": Row(DESK, lambda stage: {**menu_id(stage), **module(stage)}),
    "brands.change_module": Row(DESK, lambda stage: {**module_id(stage), **module(stage)}),
    "brands.remove_module": Row(DESK, module_id),
    "brands.publish_menu": Row("bureau_officer", menu_id),
    "brands.discard_menu": Row(DESK, menu_id),
    "brands.submit_menus": Row(DESK, lambda stage: {"region_code": HERE, "data": MENUS, "file_name": "菜单.xlsx"}),
    "brands.import_menus": Row(DESK, menu_sheet),
    "brands.submit_trades": Row(
        "admin* console bureau_officer*", lambda stage: {"data": TRADES, "file_name": "大典.xlsx"}
    ),
    "brands.import_trades": Row("admin* console bureau_officer*", trade_sheet),
}  # fmt: skip

#: Whoever works with these forms anywhere may open them; what is typed is judged for its place.
ANYWHERE = "bureau_officer* service_centre*"
ROUTES = {
    "GET /brands/": Row("signed_in"),
    "GET /brands/new": Row("bureau_officer*"),
    "POST /brands/new": Row("bureau_officer*"),
    "GET /brands/<int:brand_id>": Row("signed_in", brand),
    "GET /brands/<int:brand_id>/edit": Row("bureau_officer", brand),
    "POST /brands/<int:brand_id>/edit": Row("bureau_officer", brand),
    "GET /brands/<int:brand_id>/items": Row(DESK, brand),
    "POST /brands/<int:brand_id>/items": Row(DESK, brand),
    "POST /brands/<int:brand_id>/plugins": Row("admin* bureau_officer", brand),
    "GET /brands/items": Row("signed_in"),
    "GET /brands/items/new": Row(ANYWHERE),
    "POST /brands/items/new": Row(ANYWHERE),
    "GET /brands/items/<int:item_id>": Row("signed_in", item_id),
    "GET /brands/items/<int:item_id>/edit": Row(DESK, item_id),
    "POST /brands/items/<int:item_id>/edit": Row(DESK, item_id),
    "POST /brands/items/<int:item_id>/draft": Row(DESK, item_id),
    "GET /brands/menus/<int:menu_id>": Row("signed_in", menu_id),
    "GET /brands/menus/<int:menu_id>/modules/new": Row(DESK, menu_id),
    "POST /brands/menus/<int:menu_id>/modules/new": Row(DESK, menu_id),
    "GET /brands/modules/<int:module_id>": Row(DESK, module_id),
    "POST /brands/modules/<int:module_id>": Row(DESK, module_id),
    "POST /brands/modules/<int:module_id>/remove": Row(DESK, module_id),
    "POST /brands/menus/<int:menu_id>/publish": Row("bureau_officer", menu_id),
    "POST /brands/menus/<int:menu_id>/discard": Row(DESK, menu_id),
    "GET /brands/menus/sheets/new": Row(ANYWHERE),
    "POST /brands/menus/sheets/new": Row(ANYWHERE),
    "GET /brands/menus/sheets/<int:paper_id>": Row(DESK, menu_sheet),
    "POST /brands/menus/sheets/<int:paper_id>": Row(DESK, menu_sheet),
    "GET /brands/menus/sheets/<int:paper_id>/marked": Row(DESK, menu_sheet),
    "GET /brands/trades": Row("signed_in"),
    "GET /brands/trades/new": Row("admin* bureau_officer*"),
    "POST /brands/trades/new": Row("admin* bureau_officer*"),
    "GET /brands/trades/sheets/new": Row("admin* bureau_officer*"),
    "POST /brands/trades/sheets/new": Row("admin* bureau_officer*"),
    "GET /brands/trades/sheets/<int:paper_id>": Row("admin* bureau_officer*", trade_sheet),
    "POST /brands/trades/sheets/<int:paper_id>": Row("admin* bureau_officer*", trade_sheet),
}
