"""What pages and later rooms read of teaching."""

from lbcert.teaching.queries.attendance import PRESENT, attendance_shares, attended_hours, attended_hours_of, marks_of
from lbcert.teaching.queries.school_test import items_of, tests_of, ticks_of
from lbcert.teaching.queries.sessions import due_in, has_taught, learners_in, sessions_of, teaches_in, venues_in

__all__ = [
    "PRESENT",
    "attendance_shares",
    "attended_hours",
    "attended_hours_of",
    "due_in",
    "has_taught",
    "items_of",
    "learners_in",
    "marks_of",
    "sessions_of",
    "teaches_in",
    "tests_of",
    "ticks_of",
    "venues_in",
]
