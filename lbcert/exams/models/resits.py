"""补考: parts that were passed before and are carried into a later exam, and which form of the papers an exam uses."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, choice, explain, refuse_rows
from lbcert.core.words import say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, Candidate
from lbcert.exams.models.marks import Mark
from lbcert.exams.models.parts import Part
from lbcert.exams.models.results import Result


class CarriedPart(Base, Stamped):
    """A part that a candidate passed in an earlier exam of the same item, whose points count in this one (沿用)."""

    __tablename__ = "carried_parts"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        UniqueConstraint("candidate_id", "part"),
        CheckConstraint("points BETWEEN 0 AND 100", name="points_of_100"),
        Index("ix_carried_parts_batch", "batch_id"),
        Index("ix_carried_parts_result", "result_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    part: Mapped[Part] = mapped_column(choice(Part))
    points: Mapped[int]
    #: The result from which it comes.
    result_id: Mapped[int] = mapped_column(ForeignKey("results.id"))
    #: The last day of an exam into which it may be carried, and the document; None where no policy is on file.
    valid_until: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(200), default="")
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id])
    result: Mapped[Result] = relationship(foreign_keys=[result_id])


class PaperForm(Base, Stamped):
    """试卷版本: which form of the paper, or of the tasks, a batch uses for a part."""

    __tablename__ = "paper_forms"
    __table_args__ = (
        UniqueConstraint("batch_id", "part"),
        CheckConstraint("label <> ''", name="has_label"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    part: Mapped[Part] = mapped_column(choice(Part))
    label: Mapped[str] = mapped_column(String(60))


_PLANNED = "(SELECT b.state FROM batches b WHERE b.id = {row}.batch_id) <> 'planned'"
explain("carried_parts", "candidate_id, part", "exams.carried_twice", say("该考生的这一科目已经沿用"))
explain("paper_forms", "batch_id, part", "exams.form_twice", say("该科目的试卷版本已经登记，请先撤回"))
for _model, _rule, _words in (
    (CarriedPart, "exams.carried", say("沿用的科目在列入考生时确定，不能更改")),
    (PaperForm, "exams.form", say("试卷版本在开考时确定，不能更改")),
):
    refuse_rows(_model, f"{_rule}.update", on=("UPDATE",), when="1=1", message=_words)
    refuse_rows(
        _model, f"{_rule}.late", on=("INSERT",), when=_PLANNED.format(row="NEW"), message=_words, locking=BATCH_LOCK
    )
    refuse_rows(_model, f"{_rule}.kept", on=("DELETE",), when=_PLANNED.format(row="OLD"), message=_words)

#: New candidate n and an earlier candidate o are one person, examined in one training item, in batches nb and ob.
_AGAIN = (
    "candidates n JOIN batches nb ON nb.id = n.batch_id JOIN enrolments ne ON ne.id = n.enrolment_id JOIN cohorts nc ON nc.id = ne.cohort_id "
    "JOIN enrolments oe ON oe.person_id = ne.person_id JOIN cohorts oc ON oc.id = oe.cohort_id AND oc.item_id = nc.item_id "
    "JOIN candidates o ON o.enrolment_id = oe.id AND o.batch_id <> n.batch_id JOIN batches ob ON ob.id = o.batch_id"
)


def _of_part(row: str, prefix: str = "") -> str:
    return (
        f"CASE NEW.part WHEN 'theory' THEN {row}.{prefix}theory WHEN 'practice' THEN {row}.{prefix}practice "
        f"ELSE {row}.{prefix}review END"
    )


refuse_rows(
    CarriedPart,
    "exams.carried_differs",
    on=("INSERT",),
    when=(
        f"NOT EXISTS (SELECT 1 FROM {_AGAIN} JOIN results r ON r.candidate_id = o.id WHERE n.id = NEW.candidate_id AND r.id = NEW.result_id "
        "AND ob.state = 'published' AND ob.held_on < nb.held_on AND (NEW.valid_until IS NULL OR NEW.valid_until >= nb.held_on) "
        "AND r.outcome IN ('failed', 'absent') AND NOT EXISTS (SELECT 1 FROM results l WHERE l.replaces_id = r.id) "
        f"AND {_of_part('r')} = NEW.points AND NEW.points >= {_of_part('ob', 'pass_')} "
        "AND NOT EXISTS (SELECT 1 FROM carried_parts p WHERE p.candidate_id = o.id AND p.part = NEW.part))"
    ),
    message=say("只能沿用本人在同一项目已公布的认定中亲自考合格、仍在有效期内的科目"),
)
refuse_rows(
    Mark,
    "exams.part_carried",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM carried_parts p WHERE p.candidate_id = NEW.candidate_id AND p.part = NEW.part)",
    message=say("该考生这一科目沿用以前的合格成绩，不再评分"),
)
refuse_rows(
    Batch,
    "exams.same_form",
    on=("UPDATE",),
    when=(
        f"OLD.state = 'planned' AND NEW.state = 'marking' AND EXISTS (SELECT 1 FROM {_AGAIN} "
        "JOIN marks m ON m.candidate_id = o.id AND m.points IS NOT NULL "
        "LEFT JOIN paper_forms nf ON nf.batch_id = n.batch_id AND nf.part = m.part LEFT JOIN paper_forms f ON f.batch_id = ob.id AND f.part = m.part "
        "WHERE n.batch_id = NEW.id AND ob.state IN ('decided', 'published') AND (nf.label IS NULL OR nf.label = f.label) "
        "AND NOT EXISTS (SELECT 1 FROM carried_parts p WHERE p.candidate_id = n.id AND p.part = m.part))"
    ),
    message=say("有补考的考生：补考须用另一套试卷，请登记试卷版本，并与该考生以前用过的不同"),
)
refuse_rows(
    Result,
    "exams.decider_scored_carried",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM carried_parts p JOIN results o ON o.id = p.result_id JOIN marks m ON m.candidate_id = o.candidate_id "
        "AND m.part = p.part WHERE p.candidate_id = NEW.candidate_id AND m.scorer_id = NEW.decided_by)"
    ),
    message=say("沿用的科目是审定人自己评的分，请由另一人审定"),
)
