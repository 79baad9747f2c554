"""申报条件: what a level asks of whoever sits its exam, and what learners state of their work with a paper."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice
from lbcert.core.files import StoredFile
from lbcert.core.reference import Region, SkillLevel, Trade
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import Batch
from lbcert.parties.models import Person


class StatementKind(StrEnum):
    """What a paper proves: work in the trade, schooling in its field, a junior title (初级职称)."""

    WORK = "work"
    STUDY = "study"
    TITLE = "title"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    StatementKind.WORK: say("从事本职业的经历"),
    StatementKind.STUDY: say("相关专业毕业"),
    StatementKind.TITLE: say("相关专业初级职称"),
}


class EntryRoute(Base, Stamped):
    """One way to a level: for one occupation of one edition, or for any (``trade_id`` empty); who meets one way may sit the exam.

    Editions of a standard differ, so a way is dated and bound to an area, and names the document.
    """

    __tablename__ = "entry_routes"
    __table_args__ = (
        CheckConstraint("years BETWEEN 0 AND 50", name="years_of_work"),
        CheckConstraint("min_age BETWEEN 14 AND 70", name="age_of_work"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("source <> ''", name="has_source"),
        Index("ix_entry_routes_level_trade", "level", "trade_id"),
    )
    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    trade_id: Mapped[int | None] = mapped_column(ForeignKey("trades.id"))
    level: Mapped[SkillLevel] = mapped_column(choice(SkillLevel, "level"))
    min_age: Mapped[int | None]
    #: Of work in the trade; counted from the certificate of ``held_level`` where that is asked for.
    years: Mapped[int] = mapped_column(default=0)
    held_level: Mapped[SkillLevel | None] = mapped_column(choice(SkillLevel, "held_level"))
    #: A paper that is asked for besides.
    proof: Mapped[StatementKind | None] = mapped_column(choice(StatementKind, "proof"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200))
    trade: Mapped[Trade | None] = relationship()
    area: Mapped[Region] = relationship()


append_only(
    EntryRoute,
    "exams.entry_route",
    say("申报条件不能改写或删除，只能写明失效日期后另行登记"),
    update_when=(
        "OLD.valid_to IS NOT NULL OR NEW.id <> OLD.id OR NEW.area_code <> OLD.area_code OR NEW.level <> OLD.level "
        "OR NEW.years <> OLD.years OR NEW.valid_from <> OLD.valid_from OR NEW.source <> OLD.source "
        "OR COALESCE(NEW.trade_id, 0) <> COALESCE(OLD.trade_id, 0) OR COALESCE(NEW.min_age, 0) <> COALESCE(OLD.min_age, 0) "
        "OR COALESCE(NEW.held_level, '') <> COALESCE(OLD.held_level, '') OR COALESCE(NEW.proof, '') <> COALESCE(OLD.proof, '')"
    ),
)


class Statement(Base, Stamped):
    """What a learner states of his work or schooling in a trade, with the paper that shows it; withdrawn with a reason, never deleted."""

    __tablename__ = "work_statements"
    __table_args__ = (
        CheckConstraint("kind <> 'work' OR since IS NOT NULL", name="work_since"),
        CheckConstraint("until >= since", name="dates_in_order"),
        Index("ix_work_statements_person_trade", "person_id", "trade_id"),
    )
    id: Mapped[Id]
    #: For which exam it was handed in; it counts in later ones too.
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    trade_id: Mapped[int] = mapped_column(ForeignKey("trades.id"))
    kind: Mapped[StatementKind] = mapped_column(choice(StatementKind))
    since: Mapped[date | None]
    #: Empty while the work goes on.
    until: Mapped[date | None]
    employer: Mapped[str] = mapped_column(String(120), default="")
    paper_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    batch: Mapped[Batch] = relationship()
    person: Mapped[Person] = relationship()
    paper: Mapped[StoredFile] = relationship()


append_only(
    Statement,
    "exams.statement",
    say("申报材料不能改写或删除，只能写明原因后撤回"),
    update_when=(
        "OLD.withdrawn_reason <> '' OR NEW.id <> OLD.id OR NEW.batch_id <> OLD.batch_id OR NEW.person_id <> OLD.person_id "
        "OR NEW.trade_id <> OLD.trade_id OR NEW.kind <> OLD.kind OR NEW.paper_id <> OLD.paper_id "
        "OR NEW.since <> OLD.since OR NEW.until <> OLD.until OR NEW.employer <> OLD.employer"
    ),
)
