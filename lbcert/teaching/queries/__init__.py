"""What pages and later rooms read of teaching."""

from lbcert.teaching.queries.attendance import attendance_shares, attended_hours, attended_hours_of, ledger_of, marks_of
from lbcert.teaching.queries.school_test import attempts_of, items_of, tests_of, ticks_of
from lbcert.teaching.queries.sessions import (
    due_in,
    has_taught,
    learners_in,
    sessions_of,
    taught_by,
    teaches_in,
    venues_for,
)
from lbcert.teaching.rules import PRESENT

__all__ = [
    "PRESENT",
    "attempts_of",
    "attendance_shares",
    "attended_hours",
    "attended_hours_of",
    "due_in",
    "has_taught",
    "items_of",
    "learners_in",
    "ledger_of",
    "marks_of",
    "sessions_of",
    "taught_by",
    "teaches_in",
    "tests_of",
    "ticks_of",
    "venues_for",
]
