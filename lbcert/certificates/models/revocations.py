"""Many certificates revoked together: suspended at once, revoked when the hours in which it can be undone are over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.certificates.models.certificates import Certificate, Reason, Status
from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.words import Message, say
from lbcert.parties.models import Person


class Settled(StrEnum):
    """What became of a certificate of a bulk revocation."""

    #: the hours run
    PENDING = "pending"
    REVOKED = "revoked"
    #: taken back by a second person
    UNDONE = "undone"
    #: revoked or replaced by itself in the meantime
    PASSED_OVER = "passed_over"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _LABELS[self][0]

    @property
    def sign(self) -> str:
        """How a page shows it."""
        return _LABELS[self][1]


_LABELS = {
    Settled.PENDING: (say("暂停使用，等待到时"), "wait"),
    Settled.REVOKED: (say("已撤销"), "stop"),
    Settled.UNDONE: (say("已收回"), "ok"),
    Settled.PASSED_OVER: (say("已另行处理"), "neutral"),
}


class BulkRevocation(Base, Stamped):
    """Who began it, why, on which paper (``papers_of("bulk_revocation:<id>")``), and until when it can be undone."""

    __tablename__ = "bulk_revocations"
    __table_args__ = (CheckConstraint("due_at >= created_at", name="due_after_it_began"),)
    id: Mapped[Id]
    reason: Mapped[Reason] = mapped_column(choice(Reason))
    #: For the file, never on the public page.
    detail: Mapped[str] = mapped_column(Text)
    #: How the certificates were chosen, in words.
    chosen: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime]
    #: The document that sets the hours.
    source: Mapped[str] = mapped_column(String(200))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    person: Mapped[Person] = relationship()
    items: Mapped[list[BulkRevocationItem]] = relationship(
        back_populates="revocation", order_by="BulkRevocationItem.id"
    )


class BulkRevocationItem(Base):
    """One certificate of it."""

    __tablename__ = "bulk_revocation_items"
    __table_args__ = (
        UniqueConstraint("revocation_id", "certificate_id"),
        CheckConstraint("(settled = 'pending') = (settled_at IS NULL)", name="settled_when"),
        CheckConstraint("(settled = 'undone') = (undone_by IS NOT NULL)", name="undone_by_somebody"),
        CheckConstraint("was IN ('valid', 'suspended')", name="was_standing"),
        unique_where("uq_bulk_revocation_items_certificate_id", "certificate_id", where="settled = 'pending'"),
    )
    id: Mapped[Id]
    revocation_id: Mapped[int] = mapped_column(ForeignKey("bulk_revocations.id"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    #: Its status before: what was suspended already stays so when this is undone.
    was: Mapped[Status] = mapped_column(choice(Status))
    #: In whose name it is decided.
    authority: Mapped[str] = mapped_column(String(120))
    settled: Mapped[Settled] = mapped_column(choice(Settled), default=Settled.PENDING)
    settled_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    revocation: Mapped[BulkRevocation] = relationship(back_populates="items")
    certificate: Mapped[Certificate] = relationship()


append_only(BulkRevocation, "certificates.bulk_revocation", say("批量撤销登记后不能修改或删除，只能在期限内收回"))
append_only(
    BulkRevocationItem,
    "certificates.bulk_revocation_item",
    say("批量撤销里已经办结的证书不能再改"),
    update_when=(
        "OLD.settled <> 'pending' OR NEW.revocation_id <> OLD.revocation_id OR NEW.certificate_id <> OLD.certificate_id "
        "OR NEW.was <> OLD.was OR NEW.authority <> OLD.authority"
    ),
)
explain(
    "bulk_revocation_items", "certificate_id", "certificates.in_bulk_revocation", say("有的证书已在另一批批量撤销中")
)
_OF = "SELECT 1 FROM bulk_revocations r WHERE r.id = NEW.revocation_id AND"
refuse_rows(
    BulkRevocationItem,
    "certificates.undo_by_another",
    on=("UPDATE",),
    when=f"NEW.settled = 'undone' AND EXISTS ({_OF} r.person_id = NEW.undone_by)",
    message=say("批量撤销须由另一人收回：发起人自己不能收回"),
)
refuse_rows(
    BulkRevocationItem,
    "certificates.undo_window",
    on=("UPDATE",),
    when=(
        f"(NEW.settled = 'undone' AND EXISTS ({_OF} r.due_at <= NEW.settled_at)) "
        f"OR (NEW.settled = 'revoked' AND EXISTS ({_OF} r.due_at > NEW.settled_at))"
    ),
    message=say("批量撤销在期限之内才能收回，期限过后才撤销"),
)
refuse_rows(
    Certificate,
    "certificates.reinstated_alone",
    on=("UPDATE OF status",),
    when=(
        "NEW.status = 'valid' AND OLD.status = 'suspended' AND EXISTS (SELECT 1 FROM bulk_revocation_items i "
        "WHERE i.certificate_id = NEW.id AND i.settled = 'pending')"
    ),
    message=say("这本证书在批量撤销中：请由另一人在“批量撤销”里收回"),
)
