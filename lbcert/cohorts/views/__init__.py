"""Pages of the room."""

from __future__ import annotations

from lbcert.cohorts.views import cohort, drafting, learners, lists, menu, photos, roster, seats
from lbcert.cohorts.views.room import room

__all__ = ["cohort", "drafting", "learners", "lists", "menu", "photos", "room", "roster", "seats"]
