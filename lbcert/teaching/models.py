"""Venues, sessions (课次), attendance, leave, lesson log, and the school's own test (结业考核)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Module
from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core.database import Base, Id, Stamped, Versioned, append_only, choice, refuse_rows
from lbcert.core.reference import Region
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class Venue(Base, Stamped, Versioned):
    """A classroom, workshop or field."""

    __tablename__ = "venues"
    __table_args__ = (UniqueConstraint("region_code", "name"),)
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    capacity: Mapped[int | None]
    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class Mode(StrEnum):
    """How a session is held: 线下, 线上, 田间, 岗位."""

    ON_SITE = "on_site"
    ONLINE = "online"
    FIELD = "field"
    WORKPLACE = "workplace"


class Session(Base, Stamped, Versioned):
    """课次: one meeting. A class hour is 45 minutes."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("hours > 0", name="some_hours"),
        CheckConstraint("mode = 'online' OR venue_id IS NOT NULL", name="place_unless_online"),
        Index("ix_sessions_trainer_start", "trainer_id", "starts_at"),
        Index("ix_sessions_venue_start", "venue_id", "starts_at"),
    )
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"))
    title: Mapped[str] = mapped_column(String(120), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    hours: Mapped[int]
    mode: Mapped[Mode] = mapped_column(choice(Mode))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    trainer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    material: Mapped[str] = mapped_column(String(200), default="")
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    cohort: Mapped[Cohort] = relationship()
    module: Mapped[Module] = relationship()
    venue: Mapped[Venue | None] = relationship()
    trainer: Mapped[Person] = relationship()


class AttendanceMark(StrEnum):
    """五种考勤: in this order of test."""

    ABSENT = "absent"
    LEAVE = "leave"
    LATE = "late"
    EARLY = "early"
    PRESENT = "present"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _MARK_LABELS[self]


_MARK_LABELS = {
    AttendanceMark.ABSENT: say("缺勤"),
    AttendanceMark.LEAVE: say("请假"),
    AttendanceMark.LATE: say("迟到"),
    AttendanceMark.EARLY: say("早退"),
    AttendanceMark.PRESENT: say("出勤"),
}


class Attendance(Base, Stamped):
    """One learner's mark in one session. A correction is a new row with a reason; the newest counts."""

    __tablename__ = "attendance"
    __table_args__ = (
        Index("ix_attendance_session_enrolment", "session_id", "enrolment_id"),
        Index("ix_attendance_enrolment", "enrolment_id"),
        CheckConstraint("corrects_id IS NULL OR reason <> ''", name="correction_has_reason"),
        UniqueConstraint("corrects_id"),
    )
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    mark: Mapped[AttendanceMark] = mapped_column(choice(AttendanceMark))
    in_at: Mapped[datetime | None]
    out_at: Mapped[datetime | None]
    #: "roll_call", "sheet" or "qr".
    how: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("attendance.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()


append_only(Attendance, "teaching.attendance", say("考勤记录不能修改或删除；更正请新增一条并写明理由"))


class LeaveRequest(Base, Stamped, Versioned):
    """请假条: a learner's request to be away from one session."""

    __tablename__ = "leave_requests"
    __table_args__ = (UniqueConstraint("session_id", "enrolment_id"),)
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    #: None while nobody has decided.
    granted: Mapped[bool | None]
    decided_by: Mapped[int | None]
    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()


class LessonLog(Base, Stamped):
    """教学日志: what was taught in a session; a correction is a new row."""

    __tablename__ = "lesson_logs"
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    content: Mapped[str] = mapped_column(Text)
    head_count: Mapped[int]
    account_id: Mapped[int | None]
    session: Mapped[Session] = relationship()


append_only(LessonLog, "teaching.lesson_log", say("教学日志不能修改或删除；更正请新增一条"))


class TestItem(Base):
    """A practical item that the trainer ticks for each learner (学一项、会一项、精一项)."""

    __test__ = False  # no pytest class
    __tablename__ = "test_items"
    __table_args__ = (UniqueConstraint("cohort_id", "name"),)
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    name: Mapped[str] = mapped_column(String(80))


class ItemTick(Base, Stamped):
    """A learner can do an item; a tick taken back is a row with ``able`` false. The newest counts."""

    __tablename__ = "item_ticks"
    __table_args__ = (Index("ix_item_ticks_enrolment_item", "enrolment_id", "test_item_id"),)
    id: Mapped[Id]
    test_item_id: Mapped[int] = mapped_column(ForeignKey("test_items.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    able: Mapped[bool]
    account_id: Mapped[int | None]
    test_item: Mapped[TestItem] = relationship()


class SchoolTest(Base, Stamped, Versioned):
    """结业考核: a learner's test by the provider; theory and practice out of 100, None where absent (缺考)."""

    __tablename__ = "school_tests"
    __table_args__ = (
        UniqueConstraint("enrolment_id"),
        CheckConstraint("theory BETWEEN 0 AND 100", name="theory_of_100"),
        CheckConstraint("practice BETWEEN 0 AND 100", name="practice_of_100"),
    )
    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    taken_on: Mapped[date]
    theory: Mapped[int | None]
    practice: Mapped[int | None]
    passed: Mapped[bool]
    account_id: Mapped[int | None]
    enrolment: Mapped[Enrolment] = relationship()


refuse_rows(
    Session,
    "teaching.online_practice",
    on=("INSERT", "UPDATE"),
    when="NEW.mode = 'online' AND EXISTS (SELECT 1 FROM modules m WHERE m.id = NEW.module_id AND NOT m.online_allowed)",
    message=say("这一模块不能线上授课"),
)
