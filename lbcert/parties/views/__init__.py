"""Pages of the room."""

from __future__ import annotations

from lbcert.parties.views import accounts, organisations, own_account, persons, suggestions, tokens
from lbcert.parties.views.room import room

__all__ = ["accounts", "organisations", "own_account", "persons", "room", "suggestions", "tokens"]
