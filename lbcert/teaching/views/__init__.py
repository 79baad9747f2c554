"""Pages of the room."""

from __future__ import annotations

from lbcert.teaching.views import book, course_table, pattern, roll_call, school_test, session, timetable, venues
from lbcert.teaching.views.room import room

__all__ = ["book", "course_table", "pattern", "roll_call", "room", "school_test", "session", "timetable", "venues"]
