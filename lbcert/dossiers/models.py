"""The file of a batch as it was closed, and who asked, allowed and opened it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, explain, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.words import say
from lbcert.exams.models import Batch
from lbcert.parties.models import Account


class Dossier(Base, Stamped):
    """批次档案: one signed ZIP of everything on file about a batch. What comes later makes another edition; none is changed."""

    __tablename__ = "dossiers"
    __table_args__ = (UniqueConstraint("batch_id", "edition"), CheckConstraint("edition > 0", name="edition_counts"))
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    edition: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    #: How many files are in it, the manifest not counted.
    papers: Mapped[int]
    closed_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    #: The last day on which it has to be there, by the document ``basis``; None where no term is on file.
    keep_until: Mapped[date | None]
    basis: Mapped[str] = mapped_column(String(200), default="")
    batch: Mapped[Batch] = relationship()
    file: Mapped[StoredFile] = relationship()
    closer: Mapped[Account] = relationship()
    readings: Mapped[list[Reading]] = relationship(back_populates="dossier", order_by="Reading.id.desc()")


class Reading(Base, Stamped):
    """调阅申请: somebody asks to read a dossier and says why; another person lets him, or not."""

    __tablename__ = "dossier_readings"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint(
            "(granted IS NULL) = (answered_by IS NULL) AND (granted IS NULL) = (answered_at IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint("answered_by IS NULL OR answered_by <> reader_id", name="answered_by_another"),
        unique_where("uq_dossier_readings_waiting", "dossier_id", "reader_id", where="granted IS NULL"),
    )
    id: Mapped[Id]
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossiers.id"), index=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(300))
    #: None while nobody has answered.
    granted: Mapped[bool | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(300), default="")
    dossier: Mapped[Dossier] = relationship(back_populates="readings")
    reader: Mapped[Account] = relationship(foreign_keys=[reader_id])
    answerer: Mapped[Account | None] = relationship(foreign_keys=[answered_by])
    openings: Mapped[list[Opening]] = relationship(order_by="Opening.id")


class Opening(Base, Stamped):
    """Somebody took a dossier out, on a reading that was granted."""

    __tablename__ = "dossier_openings"
    id: Mapped[Id]
    reading_id: Mapped[int] = mapped_column(ForeignKey("dossier_readings.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


append_only(Dossier, "dossiers.dossier", say("批次档案归档后不能修改或删除；有补充请另归一版"))
append_only(
    Reading,
    "dossiers.reading",
    say("调阅申请不能改写；可以另行申请"),
    update_when=(
        "OLD.granted IS NOT NULL OR NEW.id <> OLD.id OR NEW.dossier_id <> OLD.dossier_id OR NEW.reader_id <> OLD.reader_id "
        "OR NEW.reason <> OLD.reason"
    ),
)
append_only(Opening, "dossiers.opening", say("调阅记录不能修改或删除"))
explain("dossiers", "batch_id, edition", "dossiers.closed_meanwhile", say("刚才已有另一人归档，请刷新后查看"))
explain("dossier_readings", "dossier_id, reader_id", "dossiers.asked_already", say("您已申请调阅，正等另一人批准"))
refuse_rows(
    Dossier,
    "dossiers.unpublished",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) <> 'published'",
    message=say("成绩公布后才能归档"),
)
refuse_rows(
    Reading,
    "dossiers.own_reading",
    on=("UPDATE",),
    when=(
        "EXISTS (SELECT 1 FROM accounts a JOIN accounts r ON r.person_id = a.person_id "
        "WHERE a.id = NEW.answered_by AND r.id = NEW.reader_id)"
    ),
    message=say("调阅须由申请人以外的人批准"),
)
refuse_rows(
    Opening,
    "dossiers.not_granted",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM dossier_readings r WHERE r.id = NEW.reading_id AND r.reader_id = NEW.account_id AND r.granted)"
    ),
    message=say("调阅须由另一人批准，且只限申请人本人"),
)
