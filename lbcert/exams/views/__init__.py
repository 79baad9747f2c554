"""Pages of the room."""

from __future__ import annotations

from lbcert.exams.views.room import room

__all__ = ["room"]
