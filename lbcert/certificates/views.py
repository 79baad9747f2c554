"""Pages of the room."""

from __future__ import annotations

from lbcert.certificates import operations  # noqa: F401 (the pages that call them are being written)
from lbcert.core.room import Room

room = Room("certificates", __name__, url_prefix="/certificates")
