"""Checking in by phone: slips that bind a learner's phone, what was scanned, and what the trainer opened and counted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say
from lbcert.parties.models import Person
from lbcert.teaching.models.attendance import Way
from lbcert.teaching.models.sessions import Session


class BindingSlip(Base, Stamped):
    """绑定条: a paper for one learner, whose code binds one phone, once."""

    __tablename__ = "binding_slips"
    __table_args__ = (CheckConstraint("ends_at > created_at", name="ends_after_it_began"),)
    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    #: Eight digits, printed on the slip.
    code: Mapped[str] = mapped_column(Sealed)
    #: By which the code is found without being read.
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    account_id: Mapped[int | None]
    enrolment: Mapped[Enrolment] = relationship()


append_only(
    BindingSlip,
    "teaching.binding_slip",
    say("绑定条发出后不能修改，只能作废一次"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.code_index <> OLD.code_index "
        "OR NEW.ends_at <> OLD.ends_at OR NEW.created_at <> OLD.created_at OR OLD.withdrawn_at IS NOT NULL"
    ),
)


class Phone(Base, Stamped):
    """A learner's phone, bound by a slip and known by a secret in its browser; a person has one at a time."""

    __tablename__ = "phones"
    __table_args__ = (
        UniqueConstraint("slip_id"),
        unique_where("uq_phones_bound", "person_id", where="withdrawn_at IS NULL"),
        Index("ix_phones_device", "device"),
        CheckConstraint("withdrawn_at IS NULL OR reason <> ''", name="withdrawn_for_a_reason"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    slip_id: Mapped[int] = mapped_column(ForeignKey("binding_slips.id"))
    #: SHA-256 of the browser's secret; the same when one phone is bound to another person.
    device: Mapped[str] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None]
    #: Who took it back; None where the learner bound another phone.
    withdrawn_by: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(300), default="")
    person: Mapped[Person] = relationship()
    slip: Mapped[BindingSlip] = relationship()


explain("phones", "slip_id", "teaching.slip_used", say("这张绑定条已经用过，请向教务另要一张"))
_BOUND_MEANWHILE = say("这名学员刚刚绑定了另一部手机，请核对")
explain("phones", "bound", "teaching.bound_meanwhile", _BOUND_MEANWHILE)
explain("phones", "person_id", "teaching.bound_meanwhile", _BOUND_MEANWHILE)  # as SQLite names a partial index
append_only(
    Phone,
    "teaching.phone",
    say("手机绑定不能修改，只能解除一次"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.person_id <> OLD.person_id OR NEW.slip_id <> OLD.slip_id OR NEW.device <> OLD.device "
        "OR NEW.created_at <> OLD.created_at OR OLD.withdrawn_at IS NOT NULL"
    ),
)


class Leg(StrEnum):
    """Coming or going."""

    IN = "in"
    OUT = "out"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("签到") if self is Leg.IN else say("签退")


class CheckInOpening(Base, Stamped):
    """A trainer showed a session's QR or code: who, and since when."""

    __tablename__ = "check_in_openings"
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    session: Mapped[Session] = relationship()


append_only(CheckInOpening, "teaching.check_in_opening", say("签到的开启记录不能修改或删除"))


class CheckIn(Base, Stamped):
    """A learner came or went, as the bound phone says; it stays beside whatever mark the trainer makes."""

    __tablename__ = "check_ins"
    __table_args__ = (UniqueConstraint("session_id", "enrolment_id", "leg"),)
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id"), index=True)
    leg: Mapped[Leg] = mapped_column(choice(Leg))
    way: Mapped[Way] = mapped_column(choice(Way))
    #: When the code was scanned, by the server's clock; the row may follow after the phone was bound.
    at: Mapped[datetime]
    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    phone: Mapped[Phone] = relationship()


explain("check_ins", "session_id, enrolment_id, leg", "teaching.checked_in_already", say("刚刚已经签过，不用再签"))
append_only(CheckIn, "teaching.check_in", say("签到记录不能修改或删除"))
refuse_rows(
    CheckIn,
    "teaching.check_in.other_phone",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM phones p JOIN enrolments e ON e.person_id = p.person_id "
        "WHERE p.id = NEW.phone_id AND p.withdrawn_at IS NULL AND e.id = NEW.enrolment_id)"
    ),
    message=say("这部手机的绑定已经解除，或不是这名学员的"),
    locking="SELECT 1 FROM phones p WHERE p.id = NEW.phone_id FOR SHARE",
)
refuse_rows(
    CheckIn,
    "teaching.check_in.other_cohort",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM sessions s JOIN enrolments e ON e.cohort_id = s.cohort_id "
        "WHERE s.id = NEW.session_id AND e.id = NEW.enrolment_id)"
    ),
    message=say("此人不是这节课所在培训班的学员"),
)


class HeadCount(Base, Stamped):
    """A trainer counted heads; a later count is a new row, and the newest counts."""

    __tablename__ = "head_counts"
    __table_args__ = (CheckConstraint("counted >= 0", name="no_fewer_than_none"),)
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    counted: Mapped[int]
    #: How many bore a mark of being there at that moment.
    marked: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    session: Mapped[Session] = relationship()


append_only(HeadCount, "teaching.head_count", say("清点记录不能修改或删除；重新清点请新增一条"))


class RandomCall(Base, Stamped):
    """抽查点名: the system named a learner at random during a lesson, and the trainer wrote down whether he answered."""

    __tablename__ = "random_calls"
    __table_args__ = (
        CheckConstraint("(answered IS NULL) = (answered_at IS NULL)", name="answered_at_a_time"),
        Index("ix_random_calls_session_enrolment", "session_id", "enrolment_id"),
    )
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: None while nobody wrote it down.
    answered: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    session: Mapped[Session] = relationship()
    enrolment: Mapped[Enrolment] = relationship()


append_only(
    RandomCall,
    "teaching.random_call",
    say("抽查点名的记录不能修改或删除，应答只记一次"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.session_id <> OLD.session_id OR NEW.enrolment_id <> OLD.enrolment_id "
        "OR NEW.account_id <> OLD.account_id OR NEW.created_at <> OLD.created_at OR OLD.answered IS NOT NULL"
    ),
)
refuse_rows(
    RandomCall,
    "teaching.random_call.other_cohort",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM sessions s JOIN enrolments e ON e.cohort_id = s.cohort_id "
        "WHERE s.id = NEW.session_id AND e.id = NEW.enrolment_id)"
    ),
    message=say("此人不是这节课所在培训班的学员"),
)
