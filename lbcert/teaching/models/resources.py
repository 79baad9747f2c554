"""What trainers and places allow: trainers' terms, bookings, ways between regions, and hours that an employer signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, Versioned, append_only, explain
from lbcert.core.reference import Region
from lbcert.core.words import say
from lbcert.parties.models import Organisation, Person
from lbcert.teaching.models.places import Venue
from lbcert.teaching.models.sessions import Session


class TrainerProfile(Base, Stamped, Versioned):
    """A trainer of a school, or a mentor (带教师傅) of an employer, with what may be asked of him. Empty: no limit."""

    __tablename__ = "trainer_profiles"
    __table_args__ = (
        UniqueConstraint("person_id"),
        CheckConstraint("hours_a_week > 0", name="some_hours"),
        CheckConstraint("nights_away >= 0", name="nights_not_negative"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: Where he sleeps when nothing keeps him away.
    home_region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    #: Training items and modules that he teaches, a line each: 电工, 电工：操作实训, 操作实训.
    subjects: Mapped[str] = mapped_column(Text, default="")
    #: When he can teach, a line each, as it was typed.
    windows: Mapped[str] = mapped_column(Text, default="")
    #: Class hours a week, Monday to Sunday, in all cohorts.
    hours_a_week: Mapped[int | None]
    #: Nights away from home in a row.
    nights_away: Mapped[int | None]
    person: Mapped[Person] = relationship()
    organisation: Mapped[Organisation] = relationship()
    home_region: Mapped[Region | None] = relationship()


explain(
    "trainer_profiles", "person_id", "teaching.profile_taken", say("此人的教师资料已由一家机构登记，请向该机构核对")
)


class Booking(Base, Stamped):
    """占用: a venue or a trainer taken for something that is no session: leave, repair, a meeting, another's use."""

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint("(venue_id IS NULL) <> (profile_id IS NULL)", name="one_thing"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("reason <> ''", name="has_reason"),
        Index("ix_bookings_venue_start", "venue_id", "starts_at"),
        Index("ix_bookings_profile_start", "profile_id", "starts_at"),
    )
    id: Mapped[Id]
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    profile_id: Mapped[int | None] = mapped_column(ForeignKey("trainer_profiles.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    venue: Mapped[Venue | None] = relationship()
    profile: Mapped[TrainerProfile | None] = relationship()


class TravelTime(Base, Stamped, Versioned):
    """Hours on the way between two regions, either way, as a school counts them; the lesser code stands first."""

    __tablename__ = "travel_times"
    __table_args__ = (
        UniqueConstraint("organisation_id", "from_code", "to_code"),
        CheckConstraint("from_code < to_code", name="lesser_first"),
        CheckConstraint("hours > 0", name="some_hours"),
    )
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    from_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    to_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    hours: Mapped[int]
    from_region: Mapped[Region] = relationship(foreign_keys=[from_code])
    to_region: Mapped[Region] = relationship(foreign_keys=[to_code])


class SignedHours(Base, Stamped):
    """以工代训: the class hours of a session at an employer's workshop, signed by one of its mentors."""

    __tablename__ = "signed_hours"
    __table_args__ = (UniqueConstraint("session_id"), CheckConstraint("hours > 0", name="some_hours"))
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    mentor_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    hours: Mapped[int]
    account_id: Mapped[int | None]
    session: Mapped[Session] = relationship()
    mentor: Mapped[Person] = relationship()


explain("signed_hours", "session_id", "teaching.signed_already", say("这节课的课时已由用人单位签认"))
append_only(SignedHours, "teaching.signed_hours", say("用人单位签认的课时不能修改或删除"))
