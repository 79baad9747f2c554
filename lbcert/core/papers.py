"""Papers (材料): signed and stamped documents attached to what they prove."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core import files
from lbcert.core.database import Base, Id, Stamped, db
from lbcert.core.files import StoredFile
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.words import say


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


#: What a document is, by its first bytes; what its sender calls it does not count.
_TYPES = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def receive(subject: str, kind: str, data: bytes, name: str, account_id: int | None) -> Paper:
    """Keep a signed document that somebody uploaded, inside the operation under way. Refused unless PDF, JPEG or PNG."""
    if findings := no_paper(data, name):
        raise Refused(findings)
    return attach(subject, kind, data, name, media_type(data), account_id)


def media_type(data: bytes) -> str:
    """Tell what a document that was found good is, by its first bytes."""
    return next(found for beginning, found in _TYPES.items() if data.startswith(beginning))


def no_paper(data: bytes, name: str) -> list[Finding]:
    """Find that a file is no PDF, JPEG or PNG by its first bytes."""
    if data.startswith(tuple(_TYPES)):
        return []
    message = say("「{name}」不是 PDF、JPG 或 PNG 文件：请上传签字盖章原件的扫描件或照片", name=name[:60])
    return [refuse("core.paper_type", message)]


def papers_of(subject: str, kind: str | None = None) -> list[Paper]:
    """List the documents of ``subject``, oldest first."""
    query = select(Paper).where(Paper.subject == subject).order_by(Paper.id)
    return list(db.session.scalars(query if kind is None else query.where(Paper.kind == kind)))
