"""Venues, trainers, sessions (课次), attendance, leave, lesson log, and the school's own test (结业考核)."""

from __future__ import annotations

from lbcert.teaching.models.attendance import Attendance, AttendanceMark, LeaveRequest, LessonLog, Way
from lbcert.teaching.models.checkin import BindingSlip, CheckIn, CheckInOpening, HeadCount, Leg, Phone, RandomCall
from lbcert.teaching.models.covers import CoverAsk, CoverRequest
from lbcert.teaching.models.feeds import CalendarFeed
from lbcert.teaching.models.patterns import CohortPattern
from lbcert.teaching.models.places import Venue
from lbcert.teaching.models.replans import Replan
from lbcert.teaching.models.resources import Booking, SignedHours, TrainerProfile, TravelTime
from lbcert.teaching.models.school_test import ItemTick, SchoolTest, TestItem
from lbcert.teaching.models.sessions import Mode, Session
from lbcert.teaching.models.solving import SolveBeside, SolveRun
from lbcert.teaching.models.versions import TimetableVersion

__all__ = [
    "Attendance",
    "AttendanceMark",
    "BindingSlip",
    "Booking",
    "CalendarFeed",
    "CheckIn",
    "CheckInOpening",
    "CohortPattern",
    "CoverAsk",
    "CoverRequest",
    "HeadCount",
    "ItemTick",
    "LeaveRequest",
    "Leg",
    "LessonLog",
    "Mode",
    "Phone",
    "RandomCall",
    "Replan",
    "SchoolTest",
    "Session",
    "SignedHours",
    "SolveBeside",
    "SolveRun",
    "TestItem",
    "TimetableVersion",
    "TrainerProfile",
    "TravelTime",
    "Venue",
    "Way",
]
