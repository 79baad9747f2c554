"""Pages of the room."""

from __future__ import annotations

from lbcert.certificates.views import public
from lbcert.certificates.views.room import room

__all__ = ["public", "room"]
