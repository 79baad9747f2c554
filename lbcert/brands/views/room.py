"""The room itself, to which each module of its pages adds."""

from __future__ import annotations

from lbcert.core.room import Room

room = Room("brands", __name__, url_prefix="/brands")
