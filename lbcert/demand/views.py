"""Pages of the room."""

from __future__ import annotations

from lbcert.core.room import Room

room = Room("demand", __name__, url_prefix="/demand")
