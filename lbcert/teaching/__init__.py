"""Sessions, attendance, the lesson log, and the school's own test."""
