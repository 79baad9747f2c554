"""The school's own test (结业考核), and what a trainer ticks on the way to it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import Base, Id, Stamped, explain, refuse_rows, unique_where
from lbcert.core.words import say


class TestItem(Base):
    """A practical item that the trainer ticks for each learner (学一项、会一项、精一项)."""

    __test__ = False  # no pytest class
    __tablename__ = "test_items"
    __table_args__ = (UniqueConstraint("cohort_id", "name"),)
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    name: Mapped[str] = mapped_column(String(80))


class ItemTick(Base, Stamped):
    """A learner can do an item; a tick taken back is a row with ``able`` false. The newest counts."""

    __tablename__ = "item_ticks"
    __table_args__ = (Index("ix_item_ticks_enrolment_item", "enrolment_id", "test_item_id"),)
    id: Mapped[Id]
    test_item_id: Mapped[int] = mapped_column(ForeignKey("test_items.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    able: Mapped[bool]
    account_id: Mapped[int | None]
    test_item: Mapped[TestItem] = relationship()


class SchoolTest(Base, Stamped):
    """结业考核: a learner's test by the provider; theory and practice out of 100, None where absent (缺考).

    Taking it again is a new row: the newest counts, and one that was passed is the last.
    """

    __tablename__ = "school_tests"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "attempt"),
        unique_where("uq_school_tests_passed", "enrolment_id", where="passed"),
        CheckConstraint("attempt > 0", name="attempts_from_one"),
        CheckConstraint("theory BETWEEN 0 AND 100", name="theory_of_100"),
        CheckConstraint("practice BETWEEN 0 AND 100", name="practice_of_100"),
        CheckConstraint("NOT passed OR (theory IS NOT NULL AND practice IS NOT NULL)", name="passed_has_both_marks"),
    )
    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    #: 1, and up by one with each retake.
    attempt: Mapped[int] = mapped_column(default=1)
    taken_on: Mapped[date]
    theory: Mapped[int | None]
    practice: Mapped[int | None]
    passed: Mapped[bool]
    account_id: Mapped[int | None]
    enrolment: Mapped[Enrolment] = relationship()


_PASSED = say("这名学员的结业考核已经合格")
explain("school_tests", "passed", "teaching.passed_already", _PASSED)
explain("school_tests", "enrolment_id", "teaching.passed_already", _PASSED)  # as SQLite names a partial index
explain(
    "school_tests", "enrolment_id, attempt", "teaching.tested_meanwhile", say("这名学员的考核刚刚已有人登记，请核对")
)
refuse_rows(
    SchoolTest,
    "teaching.school_test.delete",
    on=("DELETE",),
    when="1=1",
    message=say("结业考核记录不能删除；补考请新增一条"),
)
