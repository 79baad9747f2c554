"""The blueprint of the exam pages."""

from __future__ import annotations

from lbcert.core.room import Room

room = Room("exams", __name__, url_prefix="/exams")
