"""Cohorts (培训班): filing and approval, seats, enrolment, the roster."""
