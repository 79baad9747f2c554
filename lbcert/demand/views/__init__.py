"""Pages of the room."""

from __future__ import annotations

from lbcert.demand.views import agreements, orders, seats, sheets
from lbcert.demand.views.room import room

__all__ = ["agreements", "orders", "room", "seats", "sheets"]
