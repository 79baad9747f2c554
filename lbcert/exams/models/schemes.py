"""How each part of a batch is marked, frozen when its marking begins; and what a candidate's marks then come to, in SQL.

Two markers score alone. Where they differ by no more than the tolerance, or agree on an absence, their mean counts; otherwise
the mark of a third decides. A batch without a row has one marker for each part.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.database import Base, Id, Stamped, append_only, choice, refuse_rows
from lbcert.core.words import say
from lbcert.exams.models.batches import BATCH_LOCK
from lbcert.exams.models.parts import Part


class PartScheme(Base, Stamped):
    """评分办法: how many markers score a part of a batch, and how far apart they may be."""

    __tablename__ = "part_schemes"
    __table_args__ = (
        UniqueConstraint("batch_id", "part"),
        CheckConstraint("markers IN (1, 2)", name="one_or_two"),
        CheckConstraint("(markers = 2) = (tolerance IS NOT NULL)", name="two_have_tolerance"),
        CheckConstraint("tolerance BETWEEN 0 AND 100", name="tolerance_of_100"),
        CheckConstraint("NOT by_computer OR rubric_id IS NULL", name="key_without_rubric"),
        CheckConstraint("NOT by_computer OR (markers = 1 AND part = 'theory')", name="computer_alone"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    part: Mapped[Part] = mapped_column(choice(Part))
    markers: Mapped[int]
    #: Points by which two markers may differ.
    tolerance: Mapped[int | None]
    #: Whether the key alone gives its points: no marker does, one of them takes them over.
    by_computer: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: By which version of the body's rubric its items are marked; None where the body wrote none.
    rubric_id: Mapped[int | None] = mapped_column(ForeignKey("rubrics.id"))
    #: The documents that say so, as they stood.
    basis: Mapped[str] = mapped_column(String(300), default="")


append_only(PartScheme, "exams.scheme", say("评分办法在开考时确定，不能修改或删除"))
refuse_rows(
    PartScheme,
    "exams.scheme_late",
    on=("INSERT",),
    when="(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) <> 'planned'",
    message=say("评分办法只能在开考时确定"),
    locking=BATCH_LOCK,
)
refuse_rows(
    PartScheme,
    "exams.rubric_other",
    on=("INSERT",),
    when=(
        "NEW.rubric_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM rubrics r JOIN batches b ON b.id = NEW.batch_id AND b.body_id = r.body_id "
        "JOIN cohorts c ON c.id = b.cohort_id JOIN training_items t ON t.id = c.item_id AND t.trade_id = r.trade_id "
        "WHERE r.id = NEW.rubric_id AND r.part = NEW.part AND r.level IS NOT DISTINCT FROM t.level AND r.valid_from <= b.held_on "
        "AND r.withdrawn_on IS NULL AND (SELECT SUM(i.weight) FROM rubric_items i WHERE i.rubric_id = r.id) = 100)"
    ),
    message=say("批次只能用本评价机构为这一职业、等级、科目写的评分细则，权重合计为 100，且没有停用"),
    locking="SELECT 1 FROM rubrics r WHERE r.id = NEW.rubric_id FOR SHARE",
)


def stands(mark: str) -> str:
    """Write that nothing replaced the row ``mark`` of the marks."""
    return f"NOT EXISTS (SELECT 1 FROM marks later WHERE later.replaces_id = {mark}.id)"


def markers_of(row: str) -> str:
    """Write how many markers score the part of the batch that ``row`` is of."""
    return (
        f"COALESCE((SELECT s.markers FROM part_schemes s WHERE s.batch_id = {row}.batch_id AND s.part = {row}.part), 1)"
    )


def items_of(row: str) -> str:
    """Write the rest of a SELECT over the items ``i`` of the rubric by which the part of the batch of ``row`` is marked."""
    return (
        "FROM part_schemes s JOIN rubric_items i ON i.rubric_id = s.rubric_id "
        f"WHERE s.batch_id = {row}.batch_id AND s.part = {row}.part"
    )


def _seat(seat: int, alias: str, of: str) -> str:
    return f"marks {alias} ON {alias}.candidate_id = {of}.candidate_id AND {alias}.part = {of}.part AND {alias}.seat = {seat} AND {stands(alias)}"


#: Marks a and b of scheme s are near enough; false where one of them is missing.
_AGREE = "COALESCE(ABS(a.points - b.points) <= s.tolerance, a.absence = b.absence, false)"


def settled(candidate: str, part: str, what: str = "1") -> str:
    """Write a SELECT that has a row when a candidate's part is settled, by marks or because a passed one is carried.

    Its row is ``what``: 1, or :data:`POINTS`, which is NULL for an absence.
    """
    return (
        f"SELECT {what} FROM marks a LEFT JOIN {_seat(2, 'b', 'a')} LEFT JOIN {_seat(3, 't', 'a')} "
        "LEFT JOIN part_schemes s ON s.batch_id = a.batch_id AND s.part = a.part "
        f"WHERE a.candidate_id = {candidate} AND a.part = '{part}' AND a.seat = 1 AND {stands('a')} "
        f"AND (t.id IS NOT NULL OR COALESCE(s.markers, 1) = 1 OR {_AGREE}) "
        f"UNION ALL SELECT {'1' if what == '1' else 'p.points'} FROM carried_parts p WHERE p.candidate_id = {candidate} AND p.part = '{part}'"
    )


#: A half point is rounded up, as schools round marks (四舍五入); ``scoring.settled`` does the same.
POINTS = "CASE WHEN t.id IS NOT NULL THEN t.points WHEN COALESCE(s.markers, 1) = 1 THEN a.points ELSE (a.points + b.points + 1) / 2 END"

#: The first two markers of the part of NEW have both marked, and are too far apart: a third is wanted.
THIRD_WANTED = (
    f"EXISTS (SELECT 1 FROM marks a JOIN {_seat(2, 'b', 'a')} JOIN part_schemes s ON s.batch_id = a.batch_id AND s.part = a.part "
    f"WHERE a.candidate_id = NEW.candidate_id AND a.part = NEW.part AND a.seat = 1 AND {stands('a')} AND s.markers = 2 AND NOT {_AGREE})"
)
