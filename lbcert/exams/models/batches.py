"""Batches, whom they are staffed with, and whom they examine: what may change, and until when."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Cohort, Enrolment, Scheme
from lbcert.core.database import Base, Id, Stamped, Versioned, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class BatchState(StrEnum):
    """A batch's way, none skipped; marks are given while it is *marking* and lock when it is decided."""

    PLANNED = "planned"
    MARKING = "marking"
    DECIDED = "decided"
    PUBLISHED = "published"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    BatchState.PLANNED: say("筹备"),
    BatchState.MARKING: say("评分中"),
    BatchState.DECIDED: say("已审定"),
    BatchState.PUBLISHED: say("已公布"),
    BatchState.CANCELLED: say("已取消"),
}


class Batch(Base, Stamped, Versioned):
    """认定批次: one exam of one cohort's candidates by one assessment body.

    Pass marks and their document are written when it is decided, and never again.
    """

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("id", "body_id"),
        CheckConstraint(
            "state NOT IN ('decided', 'published') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL AND basis <> '' "
            "AND pass_theory IS NOT NULL AND pass_practice IS NOT NULL AND (pass_review IS NOT NULL OR NOT with_review))",
            name="decided_with_pass_marks",
        ),
        CheckConstraint(
            "state IN ('decided', 'published') OR (decided_by IS NULL AND decided_at IS NULL AND basis = '' "
            "AND pass_theory IS NULL AND pass_practice IS NULL AND pass_review IS NULL)",
            name="undecided_without",
        ),
        CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name="published_when"),
        CheckConstraint("(state = 'cancelled') = (cancelled_reason <> '')", name="cancelled_has_reason"),
        CheckConstraint("(rotation_batches IS NULL) = (rotation_source = '')", name="rotation_with_source"),
        CheckConstraint("(cards_required IS NULL) = (cards_source = '')", name="cards_with_source"),
    )
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    scheme: Mapped[Scheme] = mapped_column(choice(Scheme))
    held_on: Mapped[date]
    site: Mapped[str] = mapped_column(String(120))
    #: From then on the list of candidates changes only as granted; None where no policy says so.
    freezes_at: Mapped[datetime | None]
    #: Theory and practice, and comprehensive review (综合评审) where the level asks for it.
    with_review: Mapped[bool] = mapped_column(default=False)
    state: Mapped[BatchState] = mapped_column(choice(BatchState), default=BatchState.PLANNED)
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    pass_theory: Mapped[int | None]
    pass_practice: Mapped[int | None]
    pass_review: Mapped[int | None]
    #: Which document set the pass marks, as decided.
    basis: Mapped[str] = mapped_column(String(300), default="")
    #: Working days of public notice before publication, as the policy stood at the decision; None or 0 without.
    notice_days: Mapped[int | None]
    notice_source: Mapped[str] = mapped_column(String(200), default="", server_default="")
    published_at: Mapped[datetime | None]
    #: How many batches running at one school an examiner may have, and whether he must hold a card, each with its document as it
    #: stood when the batch was planned; None where no policy was on file.
    rotation_batches: Mapped[int | None]
    rotation_source: Mapped[str] = mapped_column(String(200), default="", server_default="")
    cards_required: Mapped[bool | None]
    cards_source: Mapped[str] = mapped_column(String(200), default="", server_default="")
    cohort: Mapped[Cohort] = relationship()
    body: Mapped[Organisation] = relationship()
    decider: Mapped[Person | None] = relationship()
    staff: Mapped[list[BatchStaff]] = relationship(back_populates="batch", order_by="BatchStaff.id")
    candidates: Mapped[list[Candidate]] = relationship(back_populates="batch", order_by="Candidate.number")


class Post(StrEnum):
    """What a person does in a batch: 考评组长, 考评员, 监考员, 质量督导员, 成绩审定."""

    LEADER = "leader"
    EXAMINER = "examiner"
    INVIGILATOR = "invigilator"
    SUPERVISOR = "supervisor"
    DECIDER = "decider"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _POST_LABELS[self]

    @property
    def scores(self) -> bool:
        """Tell whether it gives marks."""
        return self in {Post.LEADER, Post.EXAMINER}


_POST_LABELS = {
    Post.LEADER: say("考评组长"),
    Post.EXAMINER: say("考评员"),
    Post.INVIGILATOR: say("监考员"),
    Post.SUPERVISOR: say("质量督导员"),
    Post.DECIDER: say("成绩审定人"),
}


class BatchStaff(Base, Stamped):
    """A person appointed to a batch; declared no kin, employer or money tie when ``declared_on`` is set.

    Leader, supervisor and decider are one each; a small office appoints a ``deputy`` beside one who cannot act.
    """

    __tablename__ = "batch_staff"
    __table_args__ = (
        UniqueConstraint("batch_id", "person_id"),
        unique_where("uq_batch_staff_batch_id_post", "batch_id", "post", where="post IN ('leader', 'supervisor', 'decider') AND NOT deputy"),
    )  # fmt: skip
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    post: Mapped[Post] = mapped_column(choice(Post))
    deputy: Mapped[bool] = mapped_column(default=False)
    declared_on: Mapped[date | None]
    batch: Mapped[Batch] = relationship(back_populates="staff")
    person: Mapped[Person] = relationship()


class Candidate(Base, Stamped):
    """A learner put forward. ``number`` is random and all that a scorer sees."""

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("batch_id", "enrolment_id"),
        UniqueConstraint("batch_id", "number"),
        UniqueConstraint("id", "batch_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), index=True)
    number: Mapped[str] = mapped_column(String(12))
    batch: Mapped[Batch] = relationship(back_populates="candidates")
    enrolment: Mapped[Enrolment] = relationship()


class MappingOpening(Base, Stamped):
    """Somebody looked up which candidate number is whose, and why."""

    __tablename__ = "mapping_openings"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="has_reason"),
        Index("ix_mapping_openings_batch", "batch_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    reason: Mapped[str] = mapped_column(String(300))


append_only(MappingOpening, "exams.mapping_opening", say("查看考生对应关系的记录不能修改或删除"))
explain("batch_staff", "batch_id, person_id", "exams.one_post", say("同一人在一个批次中只能担任一项工作，请另选一人"))
explain(
    "batch_staff",
    "batch_id, post",
    "exams.post_taken",
    say("考评组长、质量督导员、成绩审定人各一人；确需替补的，请勾选“替补”"),
)
explain("candidates", "batch_id, enrolment_id", "exams.candidate_twice", say("该学员已在本批次考生名单中"))

#: PostgreSQL waits for whoever is changing the batch's state.
BATCH_LOCK = "SELECT 1 FROM batches b WHERE b.id = NEW.batch_id FOR SHARE"

# A batch's steps

refuse_rows(
    Batch,
    "exams.batch_begins_planned",
    on=("INSERT",),
    when="NEW.state <> 'planned'",
    message=say("新建的认定批次只能处于筹备状态"),
)
refuse_rows(
    Batch,
    "exams.batch_step",
    on=("UPDATE",),
    when=(
        "NEW.state <> OLD.state AND NOT ((OLD.state = 'planned' AND NEW.state IN ('marking', 'cancelled')) "
        "OR (OLD.state = 'marking' AND NEW.state IN ('decided', 'cancelled')) OR (OLD.state = 'decided' AND NEW.state = 'published'))"
    ),
    message=say("认定批次只能按“筹备、评分、审定、公布”的顺序办理；审定后的更改走成绩更改"),
)
refuse_rows(
    Batch,
    "exams.batch_fixed",
    on=("UPDATE",),
    when=(
        "NEW.id <> OLD.id OR NEW.number <> OLD.number OR NEW.cohort_id <> OLD.cohort_id OR NEW.body_id <> OLD.body_id OR NEW.scheme <> OLD.scheme "
        "OR (OLD.state <> 'planned' AND (NEW.held_on <> OLD.held_on OR NEW.site <> OLD.site OR NEW.with_review <> OLD.with_review)) "
        "OR NEW.decided_by <> OLD.decided_by OR NEW.decided_at <> OLD.decided_at OR NEW.published_at <> OLD.published_at "
        "OR NEW.pass_theory <> OLD.pass_theory OR NEW.pass_practice <> OLD.pass_practice OR NEW.pass_review <> OLD.pass_review "
        "OR (OLD.basis <> '' AND NEW.basis <> OLD.basis) "
        "OR (OLD.freezes_at IS NOT NULL AND (NEW.freezes_at IS NULL OR NEW.freezes_at <> OLD.freezes_at)) "
        "OR (OLD.rotation_source <> '' AND (NEW.rotation_source <> OLD.rotation_source OR NEW.rotation_batches IS DISTINCT FROM OLD.rotation_batches)) "
        "OR (OLD.cards_source <> '' AND (NEW.cards_source <> OLD.cards_source OR NEW.cards_required IS DISTINCT FROM OLD.cards_required))"
    ),
    message=say("认定批次的班级、评价机构不能更改，开考后时间地点不能更改；请取消后另建批次"),
)
refuse_rows(Batch, "exams.batch_kept", on=("DELETE",), when="1=1", message=say("认定批次不能删除，只能取消"))

# Staff: appointed, declared once, never exchanged

refuse_rows(
    BatchStaff,
    "exams.staff_fixed",
    on=("UPDATE",),
    when=(
        "NEW.id <> OLD.id OR NEW.batch_id <> OLD.batch_id OR NEW.person_id <> OLD.person_id OR NEW.post <> OLD.post "
        "OR NEW.deputy <> OLD.deputy OR (OLD.declared_on IS NOT NULL AND (NEW.declared_on IS NULL OR NEW.declared_on <> OLD.declared_on))"
    ),
    message=say("考务人员的任命和声明不能改写；请另行任命"),
)
refuse_rows(
    BatchStaff,
    "exams.staff_kept",
    on=("DELETE",),
    when="(SELECT b.state FROM batches b WHERE b.id = OLD.batch_id) <> 'planned'",
    message=say("开考后不能移除考务人员；确有变动请另行任命替补"),
    locking=BATCH_LOCK.replace("NEW", "OLD"),
)
refuse_rows(
    BatchStaff,
    "exams.staff_closed",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) NOT IN ('planned', 'marking')",
    message=say("成绩审定后不能再任命考务人员"),
    locking=BATCH_LOCK,
)

# Candidates: of the batch's own cohort, frozen when the exam begins

refuse_rows(
    Candidate,
    "exams.candidate_of_another_cohort",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM enrolments e JOIN batches b ON b.cohort_id = e.cohort_id "
        "WHERE e.id = NEW.enrolment_id AND b.id = NEW.batch_id AND e.state <> 'left')"
    ),
    message=say("考生须是本批次所属培训班的在册学员"),
)
refuse_rows(
    Candidate,
    "exams.candidates_frozen",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) <> 'planned'",
    message=say("开考后不能增加考生；请安排下一批次"),
    locking=BATCH_LOCK,
)
refuse_rows(
    Candidate,
    "exams.candidate_elsewhere",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM candidates c JOIN batches b ON b.id = c.batch_id WHERE c.enrolment_id = NEW.enrolment_id "
        "AND c.batch_id <> NEW.batch_id AND (b.state IN ('planned', 'marking', 'decided') OR (b.state = 'published' AND EXISTS ("
        "SELECT 1 FROM results r WHERE r.candidate_id = c.id AND r.outcome = 'passed' "
        "AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id)))))"
    ),
    message=say("该学员正在另一批次应考，或已认定合格，不能同时参加两个批次"),
    locking="SELECT 1 FROM enrolments e WHERE e.id = NEW.enrolment_id FOR NO KEY UPDATE",
)
refuse_rows(
    Candidate,
    "exams.candidate_fixed",
    on=("UPDATE",),
    when="1=1",
    message=say("考生和考生号不能改写；开考前可移出名单后重新加入"),
)
refuse_rows(
    Candidate,
    "exams.candidate_kept",
    on=("DELETE",),
    when="(SELECT b.state FROM batches b WHERE b.id = OLD.batch_id) <> 'planned'",
    message=say("开考后不能移除考生；未到考的记为缺考"),
    locking=BATCH_LOCK.replace("NEW", "OLD"),
)
refuse_rows(
    Enrolment,
    "exams.enrolment_of_candidate",
    on=("UPDATE OF person_id, cohort_id",),
    when=(
        "(NEW.person_id <> OLD.person_id OR NEW.cohort_id <> OLD.cohort_id) "
        "AND EXISTS (SELECT 1 FROM candidates c WHERE c.enrolment_id = OLD.id)"
    ),
    message=say("该学员已列为考生，参训记录不能改成他人或他班"),
)
