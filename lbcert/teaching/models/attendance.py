"""Attendance (考勤), leave (请假) and the lesson log (教学日志)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import (
    Base,
    Id,
    Stamped,
    Versioned,
    append_only,
    choice,
    explain,
    refuse_rows,
    unique_where,
)
from lbcert.core.words import Message, say
from lbcert.teaching.models.sessions import Session


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


class Way(StrEnum):
    """How an attendance mark was made. The first three are equal in worth."""

    ROLL_CALL = "roll_call"
    SHEET = "sheet"
    QR = "qr"
    CODE = "code"
    CORRECTION = "correction"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _WAY_LABELS[self]


_WAY_LABELS = {
    Way.ROLL_CALL: say("点名"),
    Way.SHEET: say("签到表"),
    Way.QR: say("扫码"),
    Way.CODE: say("口令"),
    Way.CORRECTION: say("更正"),
}


class Attendance(Base, Stamped):
    """One learner's mark in one session. A correction is a new row with a reason; the newest counts."""

    __tablename__ = "attendance"
    __table_args__ = (
        unique_where("uq_attendance_first", "session_id", "enrolment_id", where="corrects_id IS NULL"),
        Index("ix_attendance_session_enrolment", "session_id", "enrolment_id"),
        Index("ix_attendance_enrolment", "enrolment_id"),
        CheckConstraint("corrects_id IS NULL OR reason <> ''", name="correction_has_reason"),
        CheckConstraint("out_at > in_at", name="out_after_in"),
        UniqueConstraint("corrects_id"),
        UniqueConstraint("id", "session_id", "enrolment_id"),
        # a correction is about the same learner in the same session
        ForeignKeyConstraint(
            ["corrects_id", "session_id", "enrolment_id"],
            ["attendance.id", "attendance.session_id", "attendance.enrolment_id"],
            name="fk_attendance_corrects",
        ),
    )
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    mark: Mapped[AttendanceMark] = mapped_column(choice(AttendanceMark))
    in_at: Mapped[datetime | None]
    out_at: Mapped[datetime | None]
    #: A `Way`.
    how: Mapped[str] = mapped_column(String(20))
    #: Who made it; None where the learner's own phone did.
    account_id: Mapped[int | None]
    corrects_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()

    @property
    def way(self) -> Way:
        """How it was made."""
        return Way(self.how)


_MARKED = say("这名学员这节课的考勤刚刚已有人登记，请核对最新的记录")
explain("attendance", "session_id, enrolment_id", "teaching.already_marked", _MARKED)
explain("attendance", "first", "teaching.already_marked", _MARKED)
explain("attendance", "corrects_id", "teaching.corrected_already", _MARKED)
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


explain("leave_requests", "session_id, enrolment_id", "teaching.leave_twice", say("这名学员这节课已有请假条"))


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


for _model in (Attendance, LeaveRequest):
    refuse_rows(
        _model,
        f"teaching.{_model.__tablename__}.other_cohort",
        on=("INSERT",),
        when=(
            "NOT EXISTS (SELECT 1 FROM sessions s JOIN enrolments e ON e.cohort_id = s.cohort_id "
            "WHERE s.id = NEW.session_id AND e.id = NEW.enrolment_id)"
        ),
        message=say("此人不是这节课所在培训班的学员"),
    )
