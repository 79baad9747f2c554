"""The room of the certificates' pages; the open ones stand at short addresses of their own."""

from __future__ import annotations

from lbcert.core.room import Room

room = Room("certificates", __name__)
