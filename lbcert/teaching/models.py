"""Venues, sessions (课次), attendance, leave, lesson log, and the school's own test (结业考核)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Module
from lbcert.cohorts.models import Cohort, Enrolment
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
from lbcert.core.reference import Region
from lbcert.core.words import Message, say
from lbcert.core.workdays import DayKind
from lbcert.parties.models import Organisation, Person


class Venue(Base, Stamped, Versioned):
    """A classroom, workshop or field. Two schools of a town may each have a 一号教室."""

    __tablename__ = "venues"
    __table_args__ = (
        UniqueConstraint("region_code", "organisation_id", "name"),
        CheckConstraint("capacity > 0", name="some_places"),
    )
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(120))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    capacity: Mapped[int | None]
    region: Mapped[Region] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


explain("venues", "region_code, organisation_id, name", "teaching.venue_taken", say("本机构在这一地区已有同名的场地"))


class Mode(StrEnum):
    """How a session is held."""

    ON_SITE = "on_site"
    ONLINE = "online"
    FIELD = "field"
    WORKPLACE = "workplace"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the course table."""
        return _MODE_LABELS[self]


_MODE_LABELS = {
    Mode.ON_SITE: say("线下"),
    Mode.ONLINE: say("线上"),
    Mode.FIELD: say("田间"),
    Mode.WORKPLACE: say("岗位"),
}


class Session(Base, Stamped, Versioned):
    """课次: one meeting. A class hour is 45 minutes."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("hours > 0", name="some_hours"),
        CheckConstraint("mode IN ('online', 'field') OR venue_id IS NOT NULL", name="place_unless_online_or_field"),
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
    #: What the calendar of the site made of its day when it was planned, or kept after a change of the calendar.
    day_kind: Mapped[DayKind | None] = mapped_column(choice(DayKind))
    cohort: Mapped[Cohort] = relationship()
    module: Mapped[Module] = relationship()
    venue: Mapped[Venue | None] = relationship()
    trainer: Mapped[Person] = relationship()


class CohortPattern(Base, Stamped, Versioned):
    """班型: when a cohort is to be taught, as its school chose."""

    __tablename__ = "cohort_patterns"
    __table_args__ = (
        UniqueConstraint("cohort_id"),
        CheckConstraint("hours_a_day > 0", name="some_hours"),
    )
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    #: Names of registered patterns, parted by blanks: a cohort may meet at night and at weekends.
    names: Mapped[str] = mapped_column(String(200), default="")
    #: Windows of its own, a line each, as they were typed.
    own_windows: Mapped[str] = mapped_column(Text, default="")
    hours_a_day: Mapped[int | None]
    #: Modules are taught one after another, as the plan has them.
    in_order: Mapped[bool] = mapped_column(default=False)
    cohort: Mapped[Cohort] = relationship()


explain("cohort_patterns", "cohort_id", "teaching.pattern_chosen", say("本班的班型刚刚已有人选定，请核对"))


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
    #: "roll_call", "sheet" or "qr".
    how: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None]
    corrects_id: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()


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


class SchoolTest(Base, Stamped):
    """结业考核: a learner's test by the provider; theory and practice out of 100, None where absent (缺考).

    Taking it again is a new row: the newest counts, and one that was passed is the last.
    """

    __tablename__ = "school_tests"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "attempt"),
        unique_where("uq_school_tests_passed", "enrolment_id", where="passed"),
        CheckConstraint("attempt > 0", name="attempts_from_one"),
        CheckConstraint("theory BETWEEN 0 AND 100", name="theory_of_100"),
        CheckConstraint("practice BETWEEN 0 AND 100", name="practice_of_100"),
        CheckConstraint("NOT passed OR (theory IS NOT NULL AND practice IS NOT NULL)", name="passed_has_both_marks"),
    )
    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    #: 1, and up by one with each retake.
    attempt: Mapped[int] = mapped_column(default=1)
    taken_on: Mapped[date]
    theory: Mapped[int | None]
    practice: Mapped[int | None]
    passed: Mapped[bool]
    account_id: Mapped[int | None]
    enrolment: Mapped[Enrolment] = relationship()


_PASSED = say("这名学员的结业考核已经合格")
explain("school_tests", "passed", "teaching.passed_already", _PASSED)
explain("school_tests", "enrolment_id", "teaching.passed_already", _PASSED)  # as SQLite names a partial index
explain(
    "school_tests", "enrolment_id, attempt", "teaching.tested_meanwhile", say("这名学员的考核刚刚已有人登记，请核对")
)
refuse_rows(
    SchoolTest,
    "teaching.school_test.delete",
    on=("DELETE",),
    when="1=1",
    message=say("结业考核记录不能删除；补考请新增一条"),
)

refuse_rows(
    Session,
    "teaching.online_practice",
    on=("INSERT", "UPDATE"),
    when="NEW.mode = 'online' AND EXISTS (SELECT 1 FROM modules m WHERE m.id = NEW.module_id AND NOT m.online_allowed)",
    message=say("这一模块不能线上授课"),
)

_AT_ONCE = (
    "NEW.cancelled_reason = '' AND EXISTS (SELECT 1 FROM sessions s WHERE s.{whose} = NEW.{whose} "
    "AND s.cancelled_reason = '' AND s.starts_at < NEW.ends_at AND s.ends_at > NEW.starts_at{others})"
)
for _whose, _rule, _said, _lock in (
    (
        "trainer_id",
        "teaching.trainer_clash",
        say("这名教师当时在上另一节课"),
        "SELECT 1 FROM persons x WHERE x.id = NEW.trainer_id FOR NO KEY UPDATE",
    ),
    (
        "venue_id",
        "teaching.venue_clash",
        say("这一场地当时用于另一节课"),
        "SELECT 1 FROM venues x WHERE x.id = NEW.venue_id FOR NO KEY UPDATE",
    ),
):
    for _happening, _others in (("INSERT", ""), ("UPDATE", " AND s.id <> NEW.id")):
        refuse_rows(
            Session,
            f"{_rule}.{_happening.lower()}",
            on=(_happening,),
            when=_AT_ONCE.format(whose=_whose, others=_others),
            message=_said,
            locking=_lock,
        )

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
