"""Designs that issuers made of certificates: each version once in force stays as it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, Versioned, append_only, explain, unique_where
from lbcert.core.words import say
from lbcert.parties.models import Account, Organisation

#: That of the type's own folder, for everybody who made none.
SHIPPED_NUMBER = 1


class DesignVersion(Base, Stamped, Versioned):
    """One version of an organisation's own design for a type of certificate; of those in force the newest counts.

    A draft is written until somebody asks for it to be put in force; another one then decides. What was in force never
    changes, for certificates were printed with it.
    """

    __tablename__ = "certificate_designs"
    __table_args__ = (
        CheckConstraint("number > 1", name="first_is_shipped"),
        CheckConstraint("(in_force_at IS NULL) = (decided_by IS NULL)", name="in_force_by_somebody"),
        CheckConstraint(
            "decided_by IS NULL OR (asked_by IS NOT NULL AND decided_by <> asked_by)", name="in_force_by_two"
        ),
        UniqueConstraint("organisation_id", "type", "number"),
        unique_where(
            "uq_certificate_designs_organisation_id_type", "organisation_id", "type", where="in_force_at IS NULL"
        ),
    )
    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    #: Name of a registered certificate type.
    type: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    #: What is new in it.
    remark: Mapped[str] = mapped_column(String(200), default="")
    template: Mapped[str] = mapped_column(Text)
    style: Mapped[str] = mapped_column(Text)
    #: SVG.
    frame: Mapped[str] = mapped_column(Text)
    drafted_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    in_force_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()
    drafter: Mapped[Account] = relationship(foreign_keys=[drafted_by])

    @property
    def is_draft(self) -> bool:
        """Tell whether it may be written."""
        return self.asked_by is None


explain("certificate_designs", "organisation_id, type", "certificates.design_open", say("这种证书已有一份没有启用的版式，请接着改那一份"))  # fmt: skip
_KEPT = ("id", "organisation_id", "type", "number", "drafted_by", "created_at")
_WRITTEN = ("remark", "template", "style", "frame")


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)


append_only(
    DesignVersion,
    "certificates.design_frozen",
    say("版式提交以后不能修改，也不能删除；启用过的请另起一版"),
    update_when=f"OLD.in_force_at IS NOT NULL OR {_changed(_KEPT)} OR (OLD.asked_by IS NOT NULL AND ({_changed(_WRITTEN)}))",
)
