"""联网查询: files of certificates for the national query, as they were sent, and what came back for each certificate."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.certificates.models.certificates import Certificate, StatusChange
from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.seal import Sealed
from lbcert.core.words import Message, say
from lbcert.exams.models import Batch


class Reported(StrEnum):
    """How far a certificate has come on its way into the national query."""

    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return {"sent": say("已上报"), "accepted": say("已接收"), "refused": say("被退回")}[self.value]


class QueryReport(Base, Stamped):
    """One file for the national query. The file itself is sealed, for it names people with their ID numbers."""

    __tablename__ = "query_reports"
    __table_args__ = (Index("ix_query_reports_batch", "batch_id"),)
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: By when it had to be sent, and the document; None where no policy is on file.
    due_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    #: The workbook in base64, and its SHA-256.
    content: Mapped[str] = mapped_column(Sealed)
    sha256: Mapped[str] = mapped_column(String(64))
    batch: Mapped[Batch] = relationship()
    lines: Mapped[list[ReportedCertificate]] = relationship(back_populates="report", order_by="ReportedCertificate.id")


class ReportedCertificate(Base):
    """A certificate in a file, or what became of one that went before; accepted for good, or refused and free to be sent again."""

    __tablename__ = "reported_certificates"
    __table_args__ = (
        UniqueConstraint("report_id", "certificate_id"),
        unique_where(
            "uq_reported_certificates_certificate_id",
            "certificate_id",
            where="state <> 'refused' AND change_id IS NULL",
        ),
        unique_where("uq_reported_certificates_change_id", "change_id", where="state <> 'refused'"),
        CheckConstraint("(state = 'sent') = (answered_at IS NULL)", name="answered_when"),
    )
    id: Mapped[Id]
    report_id: Mapped[int] = mapped_column(ForeignKey("query_reports.id"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificates.id"), index=True)
    #: The change of its status that is told; None where the certificate itself is.
    change_id: Mapped[int | None] = mapped_column(ForeignKey("status_changes.id"))
    state: Mapped[Reported] = mapped_column(choice(Reported), default=Reported.SENT)
    #: Why it was refused, in the words of the answer.
    reason: Mapped[str] = mapped_column(String(300), default="")
    answered_at: Mapped[datetime | None]
    report: Mapped[QueryReport] = relationship(back_populates="lines")
    certificate: Mapped[Certificate] = relationship()
    change: Mapped[StatusChange | None] = relationship()


for _columns in ("certificate_id", "report_id, certificate_id", "change_id"):
    explain(
        "reported_certificates", _columns, "certificates.reported_before", say("这本证书已经上报，没有被退回的不能再报")
    )
append_only(QueryReport, "certificates.query_report", say("上报记录不能修改或删除"))
append_only(
    ReportedCertificate,
    "certificates.reported",
    say("上报结果不能改写；被退回的请更正后重新上报"),
    update_when=(
        "OLD.state <> 'sent' OR NEW.id <> OLD.id OR NEW.report_id <> OLD.report_id OR NEW.certificate_id <> OLD.certificate_id "
        "OR NEW.change_id IS DISTINCT FROM OLD.change_id"
    ),
)
refuse_rows(
    ReportedCertificate,
    "certificates.reported_elsewhere",
    on=("INSERT",),
    when=(
        "NEW.state <> 'sent' OR NOT EXISTS (SELECT 1 FROM query_reports q JOIN certificates c ON c.id = NEW.certificate_id "
        "JOIN results r ON r.id = c.result_id WHERE q.id = NEW.report_id AND r.batch_id = q.batch_id) OR (NEW.change_id IS NOT NULL AND NOT EXISTS ("
        "SELECT 1 FROM status_changes s WHERE s.id = NEW.change_id AND s.certificate_id = NEW.certificate_id))"
    ),
    message=say("只能上报本批次发出的证书，和它自己的状态变更"),
)
