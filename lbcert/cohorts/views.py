"""Pages of the room."""

from __future__ import annotations

from lbcert.core.room import Room

room = Room("cohorts", __name__, url_prefix="/cohorts")
