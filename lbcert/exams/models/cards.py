"""Examiners' cards (考评员证卡): who may examine which trades up to which level, and from when to when."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain
from lbcert.core.files import StoredFile
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class CardGrade(StrEnum):
    """考评员 or 高级考评员."""

    EXAMINER = "examiner"
    SENIOR = "senior"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("考评员") if self is CardGrade.EXAMINER else say("高级考评员")


class ExaminerCard(Base, Stamped):
    """One card, as its paper says, registered by the body for which its holder examines."""

    __tablename__ = "examiner_cards"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason = '')", name="withdrawn_with_reason"),
    )
    id: Mapped[Id]
    body_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    grade: Mapped[CardGrade] = mapped_column(choice(CardGrade))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    #: A scan or photograph of the card.
    paper_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()
    paper: Mapped[StoredFile] = relationship()
    scopes: Mapped[list[CardScope]] = relationship(back_populates="card", order_by="CardScope.id")

    def covers(self, trade_id: int, level: SkillLevel | None, day: date) -> bool:
        """Tell whether its holder may examine a trade at a level on a day."""
        stands = self.valid_from <= day <= self.valid_to and (self.withdrawn_on is None or day < self.withdrawn_on)
        return stands and any(scope.covers(trade_id, level) for scope in self.scopes)


class CardScope(Base):
    """A trade of a card, up to a level; every level where none is named."""

    __tablename__ = "card_scopes"
    __table_args__ = (UniqueConstraint("card_id", "trade_id"),)
    id: Mapped[Id]
    card_id: Mapped[int] = mapped_column(ForeignKey("examiner_cards.id"))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    #: The highest: a smaller digit is a higher level.
    level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel))
    card: Mapped[ExaminerCard] = relationship(back_populates="scopes")
    trade: Mapped[Trade] = relationship()

    def covers(self, trade_id: int, level: SkillLevel | None) -> bool:
        """Tell whether it reaches a trade and level."""
        return self.trade_id == trade_id and (self.level is None or level is None or level >= self.level)


explain("examiner_cards", "number", "exams.card_twice", say("这一编号的考评员证卡已经登记过"))
append_only(
    ExaminerCard,
    "exams.examiner_card",
    say("登记的考评员证卡不能修改或删除；登记有误的请注销后重新登记"),
    update_when=(
        "OLD.withdrawn_on IS NOT NULL OR NEW.id <> OLD.id OR NEW.body_id <> OLD.body_id OR NEW.person_id <> OLD.person_id "
        "OR NEW.number <> OLD.number OR NEW.grade <> OLD.grade OR NEW.valid_from <> OLD.valid_from OR NEW.valid_to <> OLD.valid_to "
        "OR NEW.paper_id <> OLD.paper_id OR NEW.account_id <> OLD.account_id"
    ),
)
append_only(CardScope, "exams.card_scope", say("考评员证卡的职业和等级不能修改或删除；登记有误的请注销后重新登记"))
