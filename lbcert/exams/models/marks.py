"""Marks: points or an absence, never a zero in its place; append-only, and locked by the decision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.files import StoredFile
from lbcert.core.words import say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, Candidate
from lbcert.exams.models.parts import Absence, Part
from lbcert.exams.models.rubrics import ItemPoints
from lbcert.exams.models.schemes import THIRD_WANTED, items_of, markers_of, settled
from lbcert.parties.models import Person


class Transcription(Base, Stamped):
    """The county's sheet of marks with names, as an examiner signed it, taken over by the exam office.

    The sheet is checked when it is uploaded and again when it is taken over: all of it, or nothing.
    """

    __tablename__ = "transcriptions"
    __table_args__ = (
        UniqueConstraint("id", "batch_id", "examiner_id"),
        CheckConstraint("taken_at IS NULL OR discarded_at IS NULL", name="taken_or_discarded"),
        Index("ix_transcriptions_batch", "batch_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    #: Who signed the paper, and so whose marks they are.
    examiner_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    sheet_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    #: The signed paper, as a scan or photograph.
    paper_id: Mapped[int] = mapped_column(ForeignKey("stored_files.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    taken_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    batch: Mapped[Batch] = relationship()
    examiner: Mapped[Person] = relationship()
    sheet: Mapped[StoredFile] = relationship(foreign_keys=[sheet_id])
    paper: Mapped[StoredFile] = relationship(foreign_keys=[paper_id])


append_only(
    Transcription,
    "exams.transcription",
    say("誊录记录不能修改或删除"),
    update_when=(
        "NEW.id <> OLD.id OR NEW.batch_id <> OLD.batch_id OR NEW.examiner_id <> OLD.examiner_id OR NEW.sheet_id <> OLD.sheet_id "
        "OR NEW.paper_id <> OLD.paper_id OR NEW.account_id <> OLD.account_id OR OLD.taken_at IS NOT NULL OR OLD.discarded_at IS NOT NULL"
    ),
)


class Mark(Base, Stamped):
    """One scorer's points, 0 to 100, for one part; a change before the decision is a new row with a reason.

    ``seat`` is 1 where one marker scores; two markers take 1 and 2, whoever comes first, and the third who decides takes 3.
    """

    __tablename__ = "marks"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        UniqueConstraint("id", "candidate_id", "part"),
        ForeignKeyConstraint(
            ["replaces_id", "candidate_id", "part"],
            ["marks.id", "marks.candidate_id", "marks.part"],
            name="fk_marks_replaces_same_part",
        ),
        ForeignKeyConstraint(
            ["transcription_id", "batch_id", "scorer_id"],
            ["transcriptions.id", "transcriptions.batch_id", "transcriptions.examiner_id"],
            name="fk_marks_transcription_signed",
        ),
        CheckConstraint("points BETWEEN 0 AND 100", name="points_of_100"),
        CheckConstraint("(points IS NULL) <> (absence IS NULL)", name="points_or_absence"),
        CheckConstraint("replaces_id IS NULL OR reason <> ''", name="change_has_reason"),
        UniqueConstraint("replaces_id"),
        unique_where("uq_marks_candidate_id_part_seat", "candidate_id", "part", "seat", where="replaces_id IS NULL"),
        unique_where(
            "uq_marks_candidate_id_part_scorer_id", "candidate_id", "part", "scorer_id", where="replaces_id IS NULL"
        ),
        unique_where("uq_marks_entry", "entry", where="entry IS NOT NULL"),
        Index("ix_marks_candidate", "candidate_id", "part", "seat"),
        Index("ix_marks_batch_scorer_account", "batch_id", "scorer_id", "account_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    part: Mapped[Part] = mapped_column(choice(Part))
    seat: Mapped[int] = mapped_column(default=1, server_default="1")
    points: Mapped[int | None]
    absence: Mapped[Absence | None] = mapped_column(choice(Absence))
    #: Of a part that is marked by a rubric, the points of each item, in its order; ``points`` are what they come to.
    by_item: Mapped[tuple[int, ...] | None] = mapped_column(ItemPoints)
    #: The examiner whose mark it is; a transcription names the examiner who signed the paper.
    scorer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    #: Who typed it in.
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    transcription_id: Mapped[int | None] = mapped_column(index=True)
    replaces_id: Mapped[int | None] = mapped_column()
    reason: Mapped[str] = mapped_column(String(300), default="")
    #: What the device that made it calls it (a UUID), so that it may be sent again and is stored once.
    entry: Mapped[str | None] = mapped_column(String(36))
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id])
    scorer: Mapped[Person] = relationship(foreign_keys=[scorer_id])


append_only(Mark, "exams.mark", say("成绩记录不能修改或删除；更改请新增一条并写明理由"))
_MARKED_MEANWHILE = say("这一项刚刚已由他人录入成绩，您的分数没有保存；请核对后再决定是否更改")
explain("marks", "candidate_id, part, seat", "exams.marked_meanwhile", _MARKED_MEANWHILE)
explain("marks", "replaces_id", "exams.mark_changed_meanwhile", _MARKED_MEANWHILE)
explain(
    "marks",
    "candidate_id, part, scorer_id",
    "exams.marked_twice",
    say("您已经为这一项评过分；如需改动，请用“更改”并写明理由"),
)
explain("marks", "entry", "exams.entry_reused", say("这一条成绩的编号已经用过，内容不同；请重新录入"))

_EVERY_PART = " AND ".join(
    f"({'' if part is not Part.REVIEW else 'NOT NEW.with_review OR '}EXISTS ({settled('c.id', part.value)}))"
    for part in Part
)
refuse_rows(
    Mark,
    "exams.mark_seat",
    on=("INSERT",),
    when=(
        "(NEW.replaces_id IS NULL AND NOT (NEW.seat = 1 OR (NEW.seat = 2 AND "
        f"{markers_of('NEW')} = 2) OR (NEW.seat = 3 AND {THIRD_WANTED}))) "
        "OR (NEW.replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM marks o WHERE o.id = NEW.replaces_id AND o.seat = NEW.seat "
        f"AND (o.scorer_id = NEW.scorer_id OR {markers_of('NEW')} = 1)))"
    ),
    message=say("这一项没有轮到您评分，您的分数没有保存；两名考评员各评各的，相差过大时才由第三名考评员评定"),
    locking="SELECT 1 FROM candidates c WHERE c.id = NEW.candidate_id FOR NO KEY UPDATE",
)
refuse_rows(
    Mark,
    "exams.marks_locked",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) <> 'marking'",
    message=say("只有评分期间可以录入成绩；审定后成绩已锁定"),
    locking=BATCH_LOCK,
)
refuse_rows(
    Mark,
    "exams.no_review",
    on=("INSERT",),
    when="NEW.part = 'review' AND NOT (SELECT b.with_review FROM batches b WHERE b.id = NEW.batch_id)",
    message=say("本批次没有综合评审"),
)
#: What a marker gave for item i.
_GIVEN = "CAST(SUBSTR(NEW.by_item, 3 * i.place - 2, 3) AS INTEGER)"
refuse_rows(
    Mark,
    "exams.points_by_item",
    on=("INSERT",),
    when=(
        f"(CASE WHEN NEW.by_item IS NULL THEN NEW.points IS NOT NULL AND NEW.transcription_id IS NULL AND EXISTS (SELECT 1 {items_of('NEW')}) "
        "WHEN NEW.points IS NULL OR TRIM(NEW.by_item, '0123456789') <> '' "
        f"OR LENGTH(NEW.by_item) <> (SELECT 3 * COUNT(*) {items_of('NEW')}) THEN true "
        f"ELSE NEW.points IS DISTINCT FROM (SELECT CASE WHEN MAX({_GIVEN} - i.most) <= 0 "
        f"THEN (SUM({_GIVEN} * (i.weight * 100 / i.most)) + 50) / 100 END {items_of('NEW')}) END)"
    ),
    message=say("这一科目按评分细则逐项评分：每项不超过满分，得分须等于各项按权重相加"),
)
refuse_rows(
    Batch,
    "exams.marks_missing",
    on=("UPDATE",),
    when=(
        "NEW.state = 'decided' AND OLD.state = 'marking' AND (NOT EXISTS (SELECT 1 FROM candidates c WHERE c.batch_id = NEW.id) "
        f"OR EXISTS (SELECT 1 FROM candidates c WHERE c.batch_id = NEW.id AND NOT ({_EVERY_PART})))"
    ),
    message=say("还有考生的成绩未录全，不能审定；未到考的请录“缺考”"),
)
