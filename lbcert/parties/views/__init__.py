"""Pages of the room."""

from __future__ import annotations

from lbcert.parties.views import accounts, own_account, suggestions
from lbcert.parties.views.room import room

__all__ = ["accounts", "own_account", "room", "suggestions"]
