"""Pages of the room."""

from __future__ import annotations

from lbcert.teaching.views import (
    book,
    calendar,
    checkin,
    course_table,
    draft,
    feeds,
    makeups,
    messages,
    papers,
    pattern,
    phones,
    roll_call,
    school_test,
    session,
    shift,
    signed_sheet,
    signs,
    solving,
    timetable,
    trainers,
    venues,
    versions,
    workshops,
)
from lbcert.teaching.views.phone import learners
from lbcert.teaching.views.room import room

__all__ = [
    "book",
    "calendar",
    "checkin",
    "course_table",
    "draft",
    "feeds",
    "learners",
    "makeups",
    "messages",
    "papers",
    "pattern",
    "phones",
    "roll_call",
    "room",
    "school_test",
    "session",
    "shift",
    "signed_sheet",
    "signs",
    "solving",
    "timetable",
    "trainers",
    "venues",
    "versions",
    "workshops",
]
