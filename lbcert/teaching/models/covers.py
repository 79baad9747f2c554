"""Cover requests (代课征求): several trainers are asked to take a session, and the first who accepts has it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, Versioned, explain, refuse_rows, unique_where
from lbcert.core.words import say
from lbcert.parties.models import Account, Person
from lbcert.teaching.models.sessions import Session


class CoverRequest(Base, Stamped, Versioned):
    """A session whose trainer cannot come; it lapses by itself when the session begins."""

    __tablename__ = "cover_requests"
    __table_args__ = (
        unique_where("uq_cover_requests_open", "session_id", where="closed_at IS NULL"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("taken_by IS NULL OR closed_at IS NOT NULL", name="taken_is_closed"),
        CheckConstraint("taken_by <> trainer_id", name="taken_by_another"),
    )
    id: Mapped[Id]
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    #: Who cannot come.
    trainer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: When it was taken or withdrawn.
    closed_at: Mapped[datetime | None]
    #: Who accepted first.
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    session: Mapped[Session] = relationship()
    trainer: Mapped[Person] = relationship(foreign_keys=[trainer_id])
    account: Mapped[Account] = relationship()
    taker: Mapped[Person | None] = relationship(foreign_keys=[taken_by])
    asks: Mapped[list[CoverAsk]] = relationship(back_populates="request", order_by="CoverAsk.id")


class CoverAsk(Base, Stamped):
    """One trainer who was asked, and what he answered."""

    __tablename__ = "cover_asks"
    __table_args__ = (
        UniqueConstraint("request_id", "person_id"),
        CheckConstraint("(accepted IS NULL) = (answered_at IS NULL)", name="answered_when"),
    )
    id: Mapped[Id]
    request_id: Mapped[int] = mapped_column(ForeignKey("cover_requests.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    #: None while he has not answered.
    accepted: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    request: Mapped[CoverRequest] = relationship(back_populates="asks")
    person: Mapped[Person] = relationship()


_OPEN = say("这节课正在征求代课，请刷新后再试")
explain("cover_requests", "open", "teaching.cover_twice", _OPEN)
explain("cover_requests", "session_id", "teaching.cover_twice", _OPEN)  # as SQLite names a partial index
explain("cover_asks", "request_id, person_id", "teaching.asked_twice", say("这位教师已经问过"))
refuse_rows(
    CoverRequest,
    "teaching.cover_closed",
    on=("UPDATE",),
    when="OLD.closed_at IS NOT NULL",
    message=say("这次代课征求已经结束"),
)
refuse_rows(
    CoverRequest,
    "teaching.cover_not_asked",
    on=("UPDATE",),
    when=(
        "NEW.taken_by IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM cover_asks a WHERE a.request_id = NEW.id AND a.person_id = NEW.taken_by)"
    ),
    message=say("只有被征求的教师才能接下这节课"),
)
