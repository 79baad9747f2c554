"""Addresses under which a person's sessions are read by calendar programs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, explain, unique_where
from lbcert.core.words import say
from lbcert.parties.models import Account, Person


class CalendarFeed(Base, Stamped):
    """日历订阅: an address that an account made for a person; only the hash of its secret part is kept.

    It shows what that account may see of the person's sessions at the time of reading, and nothing once it is withdrawn.
    """

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        unique_where("uq_calendar_feeds_standing", "person_id", "account_id", where="withdrawn_at IS NULL"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    withdrawn_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
    account: Mapped[Account] = relationship()


_TWICE = say("订阅地址刚刚已经换过，请刷新页面后再试")
explain("calendar_feeds", "standing", "teaching.feed_twice", _TWICE)
explain("calendar_feeds", "person_id, account_id", "teaching.feed_twice", _TWICE)  # as SQLite names a partial index
