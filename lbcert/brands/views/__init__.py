"""Pages of the room."""

from __future__ import annotations

from lbcert.brands.views import brands, items, menus, trades
from lbcert.brands.views.room import room

__all__ = ["brands", "items", "menus", "room", "trades"]
