"""Public notices with masked names for so many working days, and the objections that were made while they hung."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, refuse_rows
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class NoticeKind(StrEnum):
    """What is put up."""

    RESULTS = "results"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("认定成绩公示")


class Notice(Base, Stamped):
    """公示: lines about a ``subject`` ("batch:7"), shown to everybody until ``ends_at`` and to nobody with names afterwards."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("days > 0 AND ends_on >= starts_on AND source <> ''", name="some_days_by_a_document"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn_has_reason"),
        Index("ix_notices_subject", "subject"),
        Index("ix_notices_ends_at", "ends_at"),
    )
    id: Mapped[Id]
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind))
    subject: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: Whose bureau answers the objections.
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    starts_on: Mapped[date]
    #: The last day on which it hangs.
    ends_on: Mapped[date]
    #: Midnight after the last day, in UTC.
    ends_at: Mapped[datetime]
    #: Working days, and the document that sets them.
    days: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    #: Whether an open objection against one line holds up everything that is noticed (policy).
    holds_all: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    organisation: Mapped[Organisation] = relationship()
    lines: Mapped[list[NoticeLine]] = relationship(back_populates="notice", order_by="NoticeLine.id")
    objections: Mapped[list[Objection]] = relationship(back_populates="notice", order_by="Objection.id")


class NoticeLine(Base):
    """What a notice says about one person: the masked name, the last four of the ID number at most, and one thing more."""

    __tablename__ = "notice_lines"
    __table_args__ = (
        UniqueConstraint("notice_id", "ref"),
        UniqueConstraint("id", "notice_id"),
        CheckConstraint("length(last_four) <= 4", name="last_four_at_most"),
        Index("ix_notice_lines_ref", "ref"),
    )
    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    #: What the line is about: "candidate:12".
    ref: Mapped[str] = mapped_column(String(80))
    #: As it is shown, masked.
    name: Mapped[str] = mapped_column(String(60))
    last_four: Mapped[str] = mapped_column(String(4), default="")
    says: Mapped[str] = mapped_column(String(120), default="")
    notice: Mapped[Notice] = relationship(back_populates="lines")


class Objection(Base, Stamped):
    """异议: made by somebody who names himself, against one line or the whole notice; answered once, with a reason."""

    __tablename__ = "objections"
    __table_args__ = (
        ForeignKeyConstraint(["line_id", "notice_id"], ["notice_lines.id", "notice_lines.notice_id"]),
        CheckConstraint(
            "(answered_at IS NULL) = (upheld IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL) "
            "AND (answered_at IS NULL) = (answer = '')",
            name="answered_whole",
        ),
        Index("ix_objections_notice", "notice_id"),
        Index("ix_objections_line", "line_id"),
    )
    id: Mapped[Id]
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    line_id: Mapped[int | None] = mapped_column()
    #: Who objects, how he is reached, and what he says: for those who look into it alone.
    objector: Mapped[str] = mapped_column(Sealed)
    contact: Mapped[str] = mapped_column(Sealed)
    reason: Mapped[str] = mapped_column(Sealed)
    #: By when it is to be answered, and the document that says so; None where no policy is on file.
    due_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None]
    notice: Mapped[Notice] = relationship(back_populates="objections", foreign_keys=[notice_id])
    line: Mapped[NoticeLine | None] = relationship(foreign_keys=[line_id, notice_id], viewonly=True)
    answerer: Mapped[Person | None] = relationship()


append_only(
    Notice,
    "oversight.notice",
    say("公示的内容和期限不能改写；有误的请撤下后重新公示"),
    update_when=(
        "OLD.withdrawn_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject OR NEW.title <> OLD.title "
        "OR NEW.organisation_id <> OLD.organisation_id OR NEW.region_code <> OLD.region_code OR NEW.starts_on <> OLD.starts_on "
        "OR NEW.ends_on <> OLD.ends_on OR NEW.ends_at <> OLD.ends_at OR NEW.days <> OLD.days OR NEW.source <> OLD.source "
        "OR NEW.holds_all <> OLD.holds_all OR NEW.created_at <> OLD.created_at"
    ),
)
append_only(NoticeLine, "oversight.notice_line", say("公示的名单不能改写；有误的请撤下后重新公示"))
append_only(
    Objection,
    "oversight.objection",
    say("异议及其答复不能改写或删除"),
    update_when=(
        "OLD.answered_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.notice_id <> OLD.notice_id OR NEW.line_id IS DISTINCT FROM OLD.line_id "
        "OR NEW.objector <> OLD.objector OR NEW.contact <> OLD.contact OR NEW.reason <> OLD.reason "
        "OR NEW.due_on IS DISTINCT FROM OLD.due_on OR NEW.created_at <> OLD.created_at"
    ),
)
refuse_rows(
    NoticeLine,
    "oversight.notice_line_late",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM objections o WHERE o.notice_id = NEW.notice_id) "
        "OR EXISTS (SELECT 1 FROM notices n WHERE n.id = NEW.notice_id AND n.withdrawn_at IS NOT NULL)"
    ),
    message=say("公示开始后不能增加名单；请另行补充公示"),
)
refuse_rows(
    Objection,
    "oversight.notice_over",
    on=("INSERT",),
    when=(
        "NEW.answered_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM notices n WHERE n.id = NEW.notice_id AND n.withdrawn_at IS NULL "
        "AND NEW.created_at >= n.created_at AND NEW.created_at < n.ends_at)"
    ),
    message=say("公示已经结束，不能再在这里提出异议；请向人社局投诉"),
)

#: A line of ``ref`` in a notice that hung to its end before ``at``.
NOTICED = (
    "EXISTS (SELECT 1 FROM notice_lines l JOIN notices n ON n.id = l.notice_id WHERE l.ref = {ref} AND n.withdrawn_at IS NULL "
    "AND n.ends_at <= {at})"
)
#: An open objection that holds ``ref``: against its line, against the whole notice, or against any line where one holds all.
OBJECTED = (
    "EXISTS (SELECT 1 FROM notice_lines l JOIN objections o ON o.notice_id = l.notice_id JOIN notices n ON n.id = l.notice_id "
    "WHERE l.ref = {ref} AND o.answered_at IS NULL AND (o.line_id IS NULL OR o.line_id = l.id OR n.holds_all))"
)
#: An upheld objection against ``ref`` itself.
UPHELD = "EXISTS (SELECT 1 FROM notice_lines l JOIN objections o ON o.line_id = l.id WHERE l.ref = {ref} AND o.upheld)"
