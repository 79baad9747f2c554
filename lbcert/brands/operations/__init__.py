"""What the room does: the only code that writes its tables."""

from __future__ import annotations

from lbcert.brands.operations.brands import change_brand, choose_items, create_brand, switch_plugins
from lbcert.brands.operations.items import add_trade, change_item, create_item
from lbcert.brands.operations.menus import (
    add_module,
    change_module,
    discard_menu,
    draft_menu,
    publish_menu,
    remove_module,
)
from lbcert.brands.operations.sheets import import_menus, import_trades, submit_menus, submit_trades

__all__ = [
    "add_module",
    "add_trade",
    "change_brand",
    "change_item",
    "change_module",
    "choose_items",
    "create_brand",
    "create_item",
    "discard_menu",
    "draft_menu",
    "import_menus",
    "import_trades",
    "publish_menu",
    "remove_module",
    "submit_menus",
    "submit_trades",
    "switch_plugins",
]
