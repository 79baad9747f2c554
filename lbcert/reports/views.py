"""Pages of the room."""

from __future__ import annotations

from lbcert.core.room import Room

room = Room("reports", __name__, url_prefix="/reports")
