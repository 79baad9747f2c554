"""Pages of the room."""

from __future__ import annotations

from lbcert.teaching.views import (
    book,
    checkin,
    course_table,
    pattern,
    phones,
    roll_call,
    school_test,
    session,
    signed_sheet,
    timetable,
    trainers,
    venues,
    workshops,
)
from lbcert.teaching.views.phone import learners
from lbcert.teaching.views.room import room

__all__ = [
    "book",
    "checkin",
    "course_table",
    "learners",
    "pattern",
    "phones",
    "roll_call",
    "room",
    "school_test",
    "session",
    "signed_sheet",
    "timetable",
    "trainers",
    "venues",
    "workshops",
]
