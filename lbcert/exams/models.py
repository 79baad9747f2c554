"""Batches of an assessment body, their staff, candidates, marks and results: separated from training by the database."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Cohort, CohortProvider, Enrolment, Scheme
from lbcert.core.database import Base, Id, Stamped, Versioned, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.words import Message, say
from lbcert.parties.models import Control, Organisation, Person

_SEPARATION = "人社部 考培分离、评培分离 要求"


class BatchState(StrEnum):
    """A batch's way; marks lock when it is decided."""

    PLANNED = "planned"
    MARKING = "marking"
    DECIDED = "decided"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Batch(Base, Stamped, Versioned):
    """认定批次: one exam of one cohort's candidates by one assessment body."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("id", "body_id"),)
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    scheme: Mapped[Scheme] = mapped_column(choice(Scheme))
    held_on: Mapped[date]
    site: Mapped[str] = mapped_column(String(120))
    #: Theory and practice, and comprehensive review (综合评审) where the level asks for it.
    with_review: Mapped[bool] = mapped_column(default=False)
    state: Mapped[BatchState] = mapped_column(choice(BatchState), default=BatchState.PLANNED)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    cohort: Mapped[Cohort] = relationship()
    body: Mapped[Organisation] = relationship()
    staff: Mapped[list[BatchStaff]] = relationship(back_populates="batch", order_by="BatchStaff.id")
    candidates: Mapped[list[Candidate]] = relationship(back_populates="batch", order_by="Candidate.number")


class Post(StrEnum):
    """What a person does in a batch: 考评组长, 考评员, 监考员, 质量督导员, 成绩审定."""

    LEADER = "leader"
    EXAMINER = "examiner"
    INVIGILATOR = "invigilator"
    SUPERVISOR = "supervisor"
    DECIDER = "decider"


class BatchStaff(Base, Stamped):
    """A person appointed to a batch; declared no kin, employer or money tie when ``declared_on`` is set."""

    __tablename__ = "batch_staff"
    __table_args__ = (UniqueConstraint("batch_id", "person_id"),)
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    post: Mapped[Post] = mapped_column(choice(Post))
    declared_on: Mapped[date | None]
    batch: Mapped[Batch] = relationship(back_populates="staff")
    person: Mapped[Person] = relationship()


explain("batch_staff", "batch_id, person_id", "exams.one_post", say("同一人在一个批次中只能担任一项工作"), _SEPARATION)


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


class Part(StrEnum):
    """理论知识考试, 操作技能考核, 综合评审."""

    THEORY = "theory"
    PRACTICE = "practice"
    REVIEW = "review"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _PART_LABELS[self]


_PART_LABELS = {Part.THEORY: say("理论知识"), Part.PRACTICE: say("操作技能"), Part.REVIEW: say("综合评审")}


class Absence(StrEnum):
    """Why there are no points; never a zero."""

    ABSENT = "absent"
    VOID = "void"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("缺考") if self is Absence.ABSENT else say("成绩无效")


class Mark(Base, Stamped):
    """One scorer's points, 0 to 100, for one part; a change before the decision is a new row with a reason."""

    __tablename__ = "marks"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        CheckConstraint("points BETWEEN 0 AND 100", name="points_of_100"),
        CheckConstraint("(points IS NULL) <> (absence IS NULL)", name="points_or_absence"),
        CheckConstraint("replaces_id IS NULL OR reason <> ''", name="change_has_reason"),
        UniqueConstraint("replaces_id"),
        unique_where("uq_marks_first", "candidate_id", "part", where="replaces_id IS NULL"),
    )  # fmt: skip
    id: Mapped[Id]
    batch_id: Mapped[int]
    candidate_id: Mapped[int]
    part: Mapped[Part] = mapped_column(choice(Part))
    points: Mapped[int | None]
    absence: Mapped[Absence | None] = mapped_column(choice(Absence))
    #: The examiner whose mark it is; a transcription names the examiner who signed the paper.
    scorer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    #: "phone" or "transcribed".
    how: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("marks.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    candidate: Mapped[Candidate] = relationship()
    scorer: Mapped[Person] = relationship()


append_only(Mark, "exams.mark", say("成绩记录不能修改或删除；更改请新增一条并写明理由"))


class Outcome(StrEnum):
    """What was decided for a candidate."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    VOID = "void"


class Result(Base, Stamped):
    """认定结果, frozen when it is decided. A later amendment is a new row that names the one it replaces."""

    __tablename__ = "results"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        CheckConstraint("replaces_id IS NULL OR (reason <> '' AND approver_id IS NOT NULL)", name="amendment_has_reason"),
        UniqueConstraint("replaces_id"),
        unique_where("uq_results_first", "candidate_id", where="replaces_id IS NULL"),
    )  # fmt: skip
    id: Mapped[Id]
    batch_id: Mapped[int]
    candidate_id: Mapped[int]
    theory: Mapped[int | None]
    practice: Mapped[int | None]
    review: Mapped[int | None]
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    #: What the pass marks were and which document set them, as decided.
    basis: Mapped[str] = mapped_column(String(300))
    decided_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("results.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    candidate: Mapped[Candidate] = relationship()
    batch: Mapped[Batch] = relationship(
        foreign_keys="Result.batch_id", primaryjoin="Result.batch_id == Batch.id", viewonly=True
    )


append_only(Result, "exams.result", say("认定结果不能修改或删除；更改请另行审批并新增一条"))


# Apart by construction (design.md 4)

_SHARED_CONTROLLER = (
    "EXISTS (SELECT 1 FROM cohort_providers p JOIN controls a ON a.organisation_id = {body} "
    "JOIN controls b ON b.organisation_id = p.organisation_id WHERE p.cohort_id = {cohort} AND a.controller = b.controller "
    "AND a.valid_to IS NULL AND b.valid_to IS NULL{more})"
)
_SAME_BODY = (
    "EXISTS (SELECT 1 FROM cohort_providers p JOIN organisations x ON x.id = p.organisation_id "
    "JOIN organisations y ON y.id = {body} WHERE p.cohort_id = {cohort} AND (x.id = y.id OR x.credit_code = y.credit_code))"
)
refuse_rows(
    Batch,
    "exams.body_is_provider",
    on=("INSERT", "UPDATE"),
    when="NEW.scheme = 'social' AND " + _SAME_BODY.format(body="NEW.body_id", cohort="NEW.cohort_id"),
    message=say("评培分离：评价机构不得是本班的培训机构或联合办学机构，请另选评价机构"),
    source=_SEPARATION,
)
refuse_rows(
    Batch,
    "exams.shared_controller",
    on=("INSERT", "UPDATE"),
    when="NEW.scheme = 'social' AND " + _SHARED_CONTROLLER.format(body="NEW.body_id", cohort="NEW.cohort_id", more=""),
    message=say("评培分离：评价机构与本班的培训机构实际控制人相同，请另选评价机构"),
    source=_SEPARATION,
)
refuse_rows(
    Batch,
    "exams.uncontrolled_body",
    on=("INSERT", "UPDATE"),
    when="NOT EXISTS (SELECT 1 FROM controls c WHERE c.organisation_id = NEW.body_id AND c.valid_to IS NULL)",
    message=say("评价机构没有登记实际控制人，不能安排认定；独立机构请登记其自身"),
    source=_SEPARATION,
)
refuse_rows(
    Batch,
    "exams.scheme_differs",
    on=("INSERT", "UPDATE"),
    when="NEW.scheme <> (SELECT c.scheme FROM cohorts c WHERE c.id = NEW.cohort_id)",
    message=say("认定批次的评价方式须与培训班备案的一致"),
    source=_SEPARATION,
)
refuse_rows(
    CohortProvider,
    "exams.provider_is_body",
    on=("INSERT", "UPDATE"),
    when=(
        "EXISTS (SELECT 1 FROM batches t JOIN organisations y ON y.id = t.body_id JOIN organisations x ON x.id = NEW.organisation_id "
        "WHERE t.cohort_id = NEW.cohort_id AND t.scheme = 'social' AND t.state <> 'cancelled' AND (x.id = y.id OR x.credit_code = y.credit_code "
        "OR EXISTS (SELECT 1 FROM controls a JOIN controls b ON a.controller = b.controller WHERE a.organisation_id = y.id "
        "AND b.organisation_id = x.id AND a.valid_to IS NULL AND b.valid_to IS NULL)))"
    ),
    message=say("评培分离：该机构（或其实际控制人）正在为本班做评价，不能参与培训"),
    source=_SEPARATION,
)
refuse_rows(
    Control,
    "exams.control_joins_sides",
    on=("INSERT", "UPDATE"),
    when=(
        "NEW.valid_to IS NULL AND EXISTS (SELECT 1 FROM batches t JOIN cohort_providers p ON p.cohort_id = t.cohort_id "
        "JOIN controls o ON o.valid_to IS NULL AND o.controller = NEW.controller AND o.organisation_id <> NEW.organisation_id "
        "WHERE t.scheme = 'social' AND t.state IN ('planned', 'marking') AND ("
        "(t.body_id = NEW.organisation_id AND p.organisation_id = o.organisation_id) OR "
        "(p.organisation_id = NEW.organisation_id AND t.body_id = o.organisation_id)))"
    ),
    message=say("评培分离：这一实际控制人会使正在进行的认定批次中的培训机构与评价机构受同一人控制"),
    source=_SEPARATION,
)
refuse_rows(
    Mark,
    "exams.marks_locked",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) IN ('decided', 'published', 'cancelled')",
    message=say("结果审定后成绩已锁定"),
)
refuse_rows(
    Mark,
    "exams.scorer_not_appointed",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM batch_staff s WHERE s.batch_id = NEW.batch_id AND s.person_id = NEW.scorer_id "
        "AND s.post IN ('leader', 'examiner'))"
    ),
    message=say("只有本批次的考评员可以评分"),
    source=_SEPARATION,
)
refuse_rows(
    Result,
    "exams.decider_scored",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM marks m WHERE m.candidate_id = NEW.candidate_id AND m.scorer_id = NEW.decided_by)",
    message=say("评分人不得审定自己评过的成绩，请由另一人审定"),
    source=_SEPARATION,
)
