"""Pages of the room."""

from __future__ import annotations

from lbcert.exams.views import batches, candidates, marking, results, rosters, staff, transcription
from lbcert.exams.views.room import room

__all__ = ["batches", "candidates", "marking", "results", "room", "rosters", "staff", "transcription"]
