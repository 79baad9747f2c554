"""Many certificates revoked together, with a time to take it back; and whose end was announced."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.certificates.models.certificates import Reason
from lbcert.core.database import Base, Id, Stamped, choice, refuse_rows
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class BulkState(StrEnum):
    """Where a revocation of many stands."""

    PENDING = "pending"
    DONE = "done"
    UNDONE = "undone"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _BULK_STATES[self][0]

    @property
    def sign(self) -> str:
        """How a page shows it: wait, stop or ok."""
        return _BULK_STATES[self][1]


_BULK_STATES = {
    BulkState.PENDING: (say("暂停使用，等待撤销"), "wait"),
    BulkState.DONE: (say("已撤销"), "stop"),
    BulkState.UNDONE: (say("已收回，恢复使用"), "ok"),
}


class BulkRevocation(Base, Stamped):
    """Many certificates revoked for one reason. Until ``revoke_at`` they are suspended, and a second person may take it back."""

    __tablename__ = "bulk_revocations"
    __table_args__ = (
        CheckConstraint("undone_by IS NULL OR undone_by <> person_id", name="undone_by_another"),
        CheckConstraint("(state = 'undone') = (undone_by IS NOT NULL)", name="undone_by_somebody"),
    )
    id: Mapped[Id]
    #: Whose certificates they are.
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[Reason] = mapped_column(choice(Reason))
    #: For the file, never on the public page.
    detail: Mapped[str] = mapped_column(Text)
    authority: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    account_id: Mapped[int | None]
    revoke_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[BulkState] = mapped_column(choice(BulkState), default=BulkState.PENDING)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


refuse_rows(
    BulkRevocation,
    "certificates.bulk_ended",
    on=("UPDATE",),
    when="OLD.state <> 'pending'",
    message=say("这次批量撤销已经办结，不能再改"),
)


class ExpiryReminder(Base, Stamped):
    """That a certificate will soon end and was put on its issuer's list: once each."""

    __tablename__ = "expiry_reminders"
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), primary_key=True, autoincrement=False)
