"""Papers (材料): signed and stamped documents attached to what they prove."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core import files
from lbcert.core.database import Base, Id, Stamped, db
from lbcert.core.files import StoredFile


class Paper(Base, Stamped):
    """One document of a ``kind`` ("signed_order", "truth_promise") that belongs to ``subject`` ("order:7")."""

    __tablename__ = "papers"
    __table_args__ = (Index("ix_papers_subject_kind", "subject", "kind"),)
    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(60))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    account_id: Mapped[int | None]
    file: Mapped[StoredFile] = relationship()


def attach(subject: str, kind: str, data: bytes, name: str, media_type: str, account_id: int | None) -> Paper:
    """Keep a document for ``subject``, inside the operation under way."""
    stored = files.keep(data, name, media_type)
    paper = Paper(subject=subject, kind=kind, file_id=stored.id, account_id=account_id)
    db.session.add(paper)
    return paper


def papers_of(subject: str, kind: str | None = None) -> list[Paper]:
    """List the documents of ``subject``, oldest first."""
    query = select(Paper).where(Paper.subject == subject).order_by(Paper.id)
    return list(db.session.scalars(query if kind is None else query.where(Paper.kind == kind)))
