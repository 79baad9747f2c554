"""Results: decided from the marks, published, and amended only by a new row that two people answer for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, Candidate
from lbcert.exams.models.parts import Part
from lbcert.exams.models.schemes import POINTS, settled
from lbcert.oversight.models import NOTICED
from lbcert.parties.models import Person


class Outcome(StrEnum):
    """What was decided for a candidate."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    VOID = "void"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _OUTCOME_LABELS[self]


_OUTCOME_LABELS = {
    Outcome.PASSED: say("合格"),
    Outcome.FAILED: say("不合格"),
    Outcome.ABSENT: say("缺考"),
    Outcome.VOID: say("成绩无效"),
}


class Amendment(Base, Stamped):
    """成绩更改申请: what a result should be and why, with evidence; granted or declined by another person."""

    __tablename__ = "amendments"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        UniqueConstraint("id", "candidate_id"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint(
            "(granted IS NULL) = (answered_by IS NULL) AND (granted IS NULL) = (answered_at IS NULL)",
            name="answered_whole",
        ),
        CheckConstraint("answered_by IS NULL OR answered_by <> requester_id", name="answered_by_another"),
        unique_where("uq_amendments_candidate_id", "candidate_id", where="granted IS NULL"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    theory: Mapped[int | None]
    practice: Mapped[int | None]
    review: Mapped[int | None]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    reason: Mapped[str] = mapped_column(String(300))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    requester_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    #: None while nobody has answered.
    granted: Mapped[bool | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(300), default="")
    candidate: Mapped[Candidate] = relationship()
    evidence: Mapped[StoredFile] = relationship()
    requester: Mapped[Person] = relationship(foreign_keys=[requester_id])
    answerer: Mapped[Person | None] = relationship(foreign_keys=[answered_by])


explain("amendments", "candidate_id", "exams.amendment_open", say("该考生已有一份成绩更改申请在办，请先办结"))
append_only(
    Amendment,
    "exams.amendment",
    say("成绩更改申请不能改写；未获批准的可另行申请"),
    update_when=(
        "OLD.granted IS NOT NULL OR NEW.id <> OLD.id OR NEW.candidate_id <> OLD.candidate_id OR NEW.outcome <> OLD.outcome "
        "OR NEW.reason <> OLD.reason OR NEW.evidence_id <> OLD.evidence_id OR NEW.requester_id <> OLD.requester_id "
        "OR COALESCE(NEW.theory, -1) <> COALESCE(OLD.theory, -1) OR COALESCE(NEW.practice, -1) <> COALESCE(OLD.practice, -1) "
        "OR COALESCE(NEW.review, -1) <> COALESCE(OLD.review, -1)"
    ),
)


class Result(Base, Stamped):
    """认定结果, frozen when it is decided. A later amendment is a new row that names the one it replaces."""

    __tablename__ = "results"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        UniqueConstraint("id", "candidate_id"),
        ForeignKeyConstraint(
            ["replaces_id", "candidate_id"], ["results.id", "results.candidate_id"], name="fk_results_replaces_own"
        ),
        ForeignKeyConstraint(
            ["amendment_id", "candidate_id"],
            ["amendments.id", "amendments.candidate_id"],
            name="fk_results_amended_own",
        ),
        CheckConstraint("(replaces_id IS NULL) = (amendment_id IS NULL)", name="amended_on_request"),
        CheckConstraint("theory BETWEEN 0 AND 100", name="theory_of_100"),
        CheckConstraint("practice BETWEEN 0 AND 100", name="practice_of_100"),
        CheckConstraint("review BETWEEN 0 AND 100", name="review_of_100"),
        UniqueConstraint("replaces_id"),
        UniqueConstraint("amendment_id"),
        unique_where("uq_results_first", "candidate_id", where="replaces_id IS NULL"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(index=True)
    candidate_id: Mapped[int] = mapped_column()
    theory: Mapped[int | None]
    practice: Mapped[int | None]
    review: Mapped[int | None]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    #: Who decided it; of an amendment, who approved it.
    decided_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    replaces_id: Mapped[int | None] = mapped_column()
    amendment_id: Mapped[int | None] = mapped_column()
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id])
    batch: Mapped[Batch] = relationship(
        foreign_keys=[batch_id], primaryjoin="Result.batch_id == Batch.id", viewonly=True
    )
    amendment: Mapped[Amendment | None] = relationship(
        foreign_keys=[amendment_id], primaryjoin="Result.amendment_id == Amendment.id", viewonly=True
    )
    replaces: Mapped[Result | None] = relationship(
        foreign_keys=[replaces_id], primaryjoin="Result.replaces_id == remote(Result.id)", viewonly=True
    )


append_only(Result, "exams.result", say("认定结果不能修改或删除；更改请另行审批并新增一条"))

#: A result that passed and that nothing replaced, of batch {batch}.
STILL_QUALIFIES = (
    "EXISTS (SELECT 1 FROM results r WHERE r.batch_id = {batch} AND r.outcome = 'passed' "
    "AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id))"
)
_MEETS = (
    "COALESCE((SELECT NEW.theory >= b.pass_theory AND NEW.practice >= b.pass_practice "
    "AND (NOT b.with_review OR NEW.review >= b.pass_review) FROM batches b WHERE b.id = NEW.batch_id), false)"
)
refuse_rows(
    Result,
    "exams.result_undecided",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM batches b WHERE b.id = NEW.batch_id AND ((NEW.replaces_id IS NULL AND b.state = 'decided' "
        "AND b.decided_by = NEW.decided_by) OR (NEW.replaces_id IS NOT NULL AND b.state IN ('decided', 'published'))))"
    ),
    message=say("认定结果只能由本批次的审定人在审定时形成"),
    locking=BATCH_LOCK,
)
refuse_rows(
    Result,
    "exams.result_differs",
    on=("INSERT",),
    when="NEW.replaces_id IS NULL AND ("
    + " OR ".join(
        f"COALESCE(NEW.{part.value}, -1) <> COALESCE(({settled('NEW.candidate_id', part.value, POINTS)}), -1)"
        for part in Part
    )
    + ")",
    message=say("认定结果与考评员的评分不一致"),
)
refuse_rows(
    Result,
    "exams.outcome_differs",
    on=("INSERT",),
    when=f"(NEW.outcome = 'passed' AND NOT {_MEETS}) OR (NEW.replaces_id IS NULL AND NEW.outcome <> 'passed' AND {_MEETS})",
    message=say("认定结论与分数和合格线不符"),
)
refuse_rows(
    Result,
    "exams.amendment_differs",
    on=("INSERT",),
    when=(
        "NEW.amendment_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM amendments a WHERE a.id = NEW.amendment_id AND a.granted "
        "AND a.answered_by = NEW.decided_by AND a.outcome = NEW.outcome AND COALESCE(a.theory, -1) = COALESCE(NEW.theory, -1) "
        "AND COALESCE(a.practice, -1) = COALESCE(NEW.practice, -1) AND COALESCE(a.review, -1) = COALESCE(NEW.review, -1))"
    ),
    message=say("更改后的结果须与获批的成绩更改申请一致"),
)
refuse_rows(
    Batch,
    "exams.results_missing",
    on=("UPDATE",),
    when=(
        "NEW.state = 'published' AND OLD.state = 'decided' AND EXISTS (SELECT 1 FROM candidates c WHERE c.batch_id = NEW.id "
        "AND NOT EXISTS (SELECT 1 FROM results r WHERE r.candidate_id = c.id))"
    ),
    message=say("还有考生没有认定结果，不能公布"),
)

# The public notice (公示) between decision and publication

refuse_rows(
    Batch,
    "exams.notice_days_fixed",
    on=("UPDATE",),
    when="OLD.state IN ('decided', 'published') AND NEW.notice_days IS DISTINCT FROM OLD.notice_days",
    message=say("审定时确定的公示期不能更改"),
)
_REF = "'candidate:' || r.candidate_id"
_PUBLISHES = "NEW.state = 'published' AND OLD.state = 'decided' AND NEW.notice_days > 0"
_STANDING = (
    "r.batch_id = NEW.id AND r.outcome = 'passed' AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id)"
)
refuse_rows(
    Batch,
    "exams.not_noticed",
    on=("UPDATE",),
    when=(
        f"{_PUBLISHES} AND EXISTS (SELECT 1 FROM results r WHERE {_STANDING} "
        f"AND NOT {NOTICED.format(ref=_REF, at='NEW.published_at')})"
    ),
    message=say("合格人员还没有公示期满，不能公布成绩"),
)
refuse_rows(
    Batch,
    "exams.objection_holds",
    on=("UPDATE",),
    when=(
        f"{_PUBLISHES} AND EXISTS (SELECT 1 FROM notices n JOIN objections o ON o.notice_id = n.id WHERE n.subject = 'batch:' || NEW.id "
        "AND o.answered_at IS NULL AND (o.line_id IS NULL OR n.holds_all))"
    ),
    message=say("对公示的异议还没有答复，不能公布成绩"),
)
