"""成绩复核, 申诉, 投诉: filed by a candidate, looked into by somebody who had no part in the exam, answered once."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import Batch, Candidate
from lbcert.exams.models.parts import Part
from lbcert.exams.models.results import Amendment
from lbcert.parties.models import Person


class AppealKind(StrEnum):
    """What is asked for: that the marks are looked at again, that an answer is, or that somebody's conduct is."""

    REVIEW = "review"
    APPEAL = "appeal"
    COMPLAINT = "complaint"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    AppealKind.REVIEW: say("成绩复核"),
    AppealKind.APPEAL: say("申诉"),
    AppealKind.COMPLAINT: say("投诉"),
}


class Effect(StrEnum):
    """What an answer leads to: the result is to be amended, the candidate sits again, or nothing of the two."""

    NONE = "none"
    AMENDMENT = "amendment"
    RESIT = "resit"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _EFFECT_LABELS[self]


_EFFECT_LABELS = {
    Effect.NONE: say("不影响成绩"),
    Effect.AMENDMENT: say("更改成绩（另一人批准后生效）"),
    Effect.RESIT: say("准予重考"),
}


class Appeal(Base, Stamped):
    """One case of a candidate, filed by himself or by a clerk who keeps his signed paper."""

    __tablename__ = "appeals"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        ForeignKeyConstraint(
            ["amendment_id", "candidate_id"], ["amendments.id", "amendments.candidate_id"], name="fk_appeals_amendment_own"
        ),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("(account_id IS NULL) = (paper_id IS NULL)", name="clerk_keeps_paper"),
        CheckConstraint(
            "(answered_at IS NULL) = (upheld IS NULL) AND (answered_at IS NULL) = (answered_by IS NULL) "
            "AND (answered_at IS NULL) = (answer = '')",
            name="answered_whole",
        ),
        CheckConstraint("effect = 'none' OR upheld", name="effect_when_upheld"),
        CheckConstraint("(effect = 'amendment') = (amendment_id IS NOT NULL)", name="amendment_there"),
        unique_where("uq_appeals_candidate_id_kind", "candidate_id", "kind", where="answered_at IS NULL"),
        Index("ix_appeals_batch", "batch_id"),
        Index("ix_appeals_answered_at", "answered_at"),
    )  # fmt: skip
    id: Mapped[Id]
    kind: Mapped[AppealKind] = mapped_column(choice(AppealKind))
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    #: None where it is about no one part.
    part: Mapped[Part | None] = mapped_column(choice(Part))
    reason: Mapped[str] = mapped_column(String(1000))
    #: The clerk who took it on paper, and the paper; None where the candidate filed it himself.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("stored_files.id"))
    filed_on: Mapped[date]
    #: By when it is to be answered, and the document that says so; None where no policy is on file.
    due_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    upheld: Mapped[bool | None]
    effect: Mapped[Effect] = mapped_column(choice(Effect), default=Effect.NONE)
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None]
    amendment_id: Mapped[int | None] = mapped_column()
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id])
    batch: Mapped[Batch] = relationship(
        foreign_keys=[batch_id], primaryjoin="Appeal.batch_id == Batch.id", viewonly=True
    )
    amendment: Mapped[Amendment | None] = relationship(
        foreign_keys=[amendment_id], primaryjoin="Appeal.amendment_id == Amendment.id", viewonly=True
    )
    paper: Mapped[StoredFile | None] = relationship()
    answerer: Mapped[Person | None] = relationship()
    assignments: Mapped[list[AppealAssignment]] = relationship(back_populates="appeal", order_by="AppealAssignment.id")

    @property
    def handler(self) -> Person | None:
        """Whoever looks into it now."""
        return self.assignments[-1].person if self.assignments else None


class AppealAssignment(Base, Stamped):
    """Somebody was given a case; the last one has it."""

    __tablename__ = "appeal_assignments"
    __table_args__ = (Index("ix_appeal_assignments_appeal", "appeal_id"),)
    id: Mapped[Id]
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    appeal: Mapped[Appeal] = relationship(back_populates="assignments")
    person: Mapped[Person] = relationship()


explain("appeals", "candidate_id, kind", "exams.appeal_open", say("该考生已有一件同类申请在办，请等待答复"))
append_only(
    Appeal,
    "exams.appeal",
    say("复核、申诉、投诉及其答复不能改写或删除"),
    update_when=(
        "OLD.answered_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.batch_id <> OLD.batch_id "
        "OR NEW.candidate_id <> OLD.candidate_id OR NEW.part IS DISTINCT FROM OLD.part OR NEW.reason <> OLD.reason "
        "OR NEW.account_id IS DISTINCT FROM OLD.account_id OR NEW.paper_id IS DISTINCT FROM OLD.paper_id "
        "OR NEW.filed_on <> OLD.filed_on OR NEW.due_on IS DISTINCT FROM OLD.due_on"
    ),
)
append_only(AppealAssignment, "exams.appeal_assignment", say("指派记录不能改写；请另行指派"))
refuse_rows(
    Appeal,
    "exams.appeal_not_assigned",
    on=("UPDATE",),
    when=(
        "NEW.answered_by IS NOT NULL AND NEW.answered_by <> COALESCE((SELECT s.person_id FROM appeal_assignments s "
        "WHERE s.appeal_id = NEW.id ORDER BY s.id DESC LIMIT 1), -1)"
    ),
    message=say("只有被指派的人可以答复"),
)
_CASE = "appeals a JOIN batches b ON b.id = a.batch_id"
refuse_rows(
    AppealAssignment,
    "exams.appeal_involved",
    on=("INSERT",),
    when=" OR ".join(
        f"EXISTS (SELECT 1 FROM {_CASE} {joined} WHERE a.id = NEW.appeal_id AND {involved})"
        for joined, involved in (
            ("JOIN batch_staff f ON f.batch_id = b.id", "f.person_id = NEW.person_id"),
            ("JOIN marks m ON m.batch_id = b.id JOIN accounts k ON k.id = m.account_id", "(m.scorer_id = NEW.person_id OR k.person_id = NEW.person_id)"),
            ("JOIN results r ON r.candidate_id = a.candidate_id", "r.decided_by = NEW.person_id"),
            ("JOIN amendments q ON q.candidate_id = a.candidate_id", "(q.requester_id = NEW.person_id OR q.answered_by = NEW.person_id)"),
            ("JOIN sessions s ON s.cohort_id = b.cohort_id", "s.cancelled_reason = '' AND s.trainer_id = NEW.person_id"),
            ("JOIN candidates c ON c.id = a.candidate_id JOIN enrolments e ON e.id = c.enrolment_id", "e.person_id = NEW.person_id"),
            ("JOIN appeals o ON o.candidate_id = a.candidate_id", "o.id <> a.id AND o.answered_by = NEW.person_id"),
        )
    ),
    message=say("被指派的人参与过这次培训或认定，须另选一人"),
)  # fmt: skip
refuse_rows(
    AppealAssignment,
    "exams.appeal_closed",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM appeals a WHERE a.id = NEW.appeal_id AND a.answered_at IS NOT NULL)",
    message=say("这一件已经答复，不能再指派"),
)
