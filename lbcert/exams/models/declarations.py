"""Declarations (回避声明): what each of a batch's staff says of himself, in which words, and what follows from a "yes"."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Scheme
from lbcert.core.database import Base, Id, Stamped, append_only, refuse_rows
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, BatchStaff
from lbcert.exams.models.marks import Mark
from lbcert.exams.models.results import Result
from lbcert.exams.models.separation import SEPARATION
from lbcert.parties.models import Person


class Ground(StrEnum):
    """What one stands aside for: 近亲属, 同一用人单位, 经济利益, 培训辅导."""

    KIN = "kin"
    EMPLOYER = "employer"
    MONEY = "money"
    TRAINING = "training"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _GROUND_LABELS[self]


_GROUND_LABELS = {
    Ground.KIN: say("近亲属"),
    Ground.EMPLOYER: say("同一用人单位"),
    Ground.MONEY: say("经济利益"),
    Ground.TRAINING: say("培训、辅导"),
}


class Declaration(Base, Stamped):
    """One person's signed answers for one batch. A ground left empty was answered "no"; otherwise it says what there is.

    Signing again adds to what was said before and takes nothing back.
    """

    __tablename__ = "declarations"
    __table_args__ = (
        UniqueConstraint("id", "person_id"),
        Index("ix_declarations_batch_person", "batch_id", "person_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    #: The signer's own.
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    signed_on: Mapped[date]
    #: Which edition of the questions was answered, and its words.
    edition: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    kin: Mapped[str] = mapped_column(String(500), default="")
    employer: Mapped[str] = mapped_column(String(500), default="")
    money: Mapped[str] = mapped_column(String(500), default="")
    training: Mapped[str] = mapped_column(String(500), default="")
    batch: Mapped[Batch] = relationship()
    person: Mapped[Person] = relationship()
    relatives: Mapped[list[DeclaredKin]] = relationship(back_populates="declaration", order_by="DeclaredKin.id")

    @property
    def answers(self) -> dict[Ground, str]:
        """Give what was answered with yes, with its details."""
        said = {ground: getattr(self, ground.value) for ground in Ground}
        return {ground: details for ground, details in said.items() if details}

    @property
    def bars(self) -> list[Ground]:
        """Give the grounds that keep him out of the whole batch; kin keeps him from the candidates named alone.

        Under the employer's own scheme examiner and candidates are of one firm.
        """
        own = self.batch.scheme is Scheme.EMPLOYER_OWN
        spared = {Ground.KIN, Ground.EMPLOYER} if own else {Ground.KIN}
        return [ground for ground in self.answers if ground not in spared]


class DeclaredKin(Base, Stamped):
    """A relative whom somebody named: known by the index of the ID number, whether he is on file by now or not."""

    __tablename__ = "declared_kin"
    __table_args__ = (
        ForeignKeyConstraint(["declaration_id", "person_id"], ["declarations.id", "declarations.person_id"]),
        UniqueConstraint("declaration_id", "kin_index"),
        Index("ix_declared_kin_person_kin", "person_id", "kin_index"),
    )
    id: Mapped[Id]
    declaration_id: Mapped[int] = mapped_column()
    #: Whose relative it is.
    person_id: Mapped[int] = mapped_column()
    kin_index: Mapped[str] = mapped_column(String(64))
    kin_masked: Mapped[str] = mapped_column(String(24))
    declaration: Mapped[Declaration] = relationship(back_populates="relatives")


append_only(Declaration, "exams.declaration", say("回避声明签署后不能修改或删除；有新情况请再签一份"))
append_only(DeclaredKin, "exams.declared_kin", say("声明的亲属关系不能修改或删除"))

refuse_rows(
    Declaration,
    "exams.signed_by_another",
    on=("INSERT",),
    when="NOT EXISTS (SELECT 1 FROM accounts k WHERE k.id = NEW.account_id AND k.person_id = NEW.person_id)",
    message=say("回避声明须由本人用自己的账号签署"),
    source=SEPARATION,
)
refuse_rows(
    Declaration,
    "exams.declared_late",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) NOT IN ('planned', 'marking')",
    message=say("成绩已审定或批次已取消，不能再签声明；发现应当回避的，请报告评价机构，按成绩更改办理"),
    source=SEPARATION,
    locking=BATCH_LOCK,
)
refuse_rows(
    DeclaredKin,
    "exams.kin_declared_late",
    on=("INSERT",),
    when=(
        "(SELECT b.state FROM batches b JOIN declarations d ON d.batch_id = b.id WHERE d.id = NEW.declaration_id) "
        "NOT IN ('planned', 'marking')"
    ),
    message=say("成绩已审定或批次已取消，不能再声明亲属关系"),
    source=SEPARATION,
    locking="SELECT 1 FROM batches b JOIN declarations d ON d.batch_id = b.id WHERE d.id = NEW.declaration_id FOR SHARE OF b",
)
refuse_rows(
    BatchStaff,
    "exams.declared_without_answers",
    on=("INSERT", "UPDATE OF declared_on"),
    when=(
        "NEW.declared_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM declarations d "
        "WHERE d.batch_id = NEW.batch_id AND d.person_id = NEW.person_id)"
    ),
    message=say("还没有本人逐项签署的回避声明"),
    source=SEPARATION,
)


def _interested(person: str, batch: str) -> str:
    """Write that a person answered yes to what keeps him out of a whole batch."""
    return (
        f"EXISTS (SELECT 1 FROM declarations d JOIN batches w ON w.id = d.batch_id WHERE d.batch_id = {batch} "
        f"AND d.person_id = {person} AND (d.money <> '' OR d.training <> '' OR (d.employer <> '' AND w.scheme = 'social')))"
    )


def _kin(person: str, candidate: str) -> str:
    """Write that a person named a candidate as a relative, in whatever batch."""
    return (
        "EXISTS (SELECT 1 FROM candidates x JOIN enrolments e ON e.id = x.enrolment_id JOIN persons p ON p.id = e.person_id "
        f"JOIN declared_kin k ON k.kin_index = p.id_index WHERE x.id = {candidate} AND k.person_id = {person})"
    )


refuse_rows(
    Mark,
    "exams.scorer_has_interest",
    on=("INSERT",),
    when=_interested("NEW.scorer_id", "NEW.batch_id"),
    message=say("您在本批次的回避声明中填写了须回避的情形，不能评分；请考务另任一名考评员"),
    source=SEPARATION,
)
refuse_rows(
    Mark,
    "exams.scorer_is_kin",
    on=("INSERT",),
    when=_kin("NEW.scorer_id", "NEW.candidate_id"),
    message=say("这名考生须由另一名考评员评分（回避）"),
    source=SEPARATION,
)
refuse_rows(
    Batch,
    "exams.marked_by_interested",
    on=("UPDATE",),
    when=(
        "NEW.state = 'decided' AND OLD.state <> 'decided' AND EXISTS (SELECT 1 FROM marks m WHERE m.batch_id = NEW.id "
        "AND NOT EXISTS (SELECT 1 FROM marks l WHERE l.replaces_id = m.id) "
        f"AND ({_interested('m.scorer_id', 'NEW.id')} OR {_kin('m.scorer_id', 'm.candidate_id')}))"
    ),
    message=say(
        "有成绩是须回避的考评员评的，不能审定；请由另一名考评员重评并写明理由；双人评分的，请取消批次后另行安排"
    ),
    source=SEPARATION,
)
refuse_rows(
    Result,
    "exams.decider_has_interest",
    on=("INSERT",),
    when=f"{_interested('NEW.decided_by', 'NEW.batch_id')} OR {_kin('NEW.decided_by', 'NEW.candidate_id')}",
    message=say("审定人声明了须回避的情形，或与考生有亲属关系，不得审定；请由人社局任命替补的成绩审定人"),
    source=SEPARATION,
)
