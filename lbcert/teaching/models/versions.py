"""Timetables as they were published."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Cohort
from lbcert.core.database import Base, Id, Stamped, append_only, explain
from lbcert.core.words import say


class TimetableVersion(Base, Stamped):
    """课程表的一版: what was published, frozen as it was printed; the first is the plan, each later one a change of it."""

    __tablename__ = "timetable_versions"
    __table_args__ = (
        UniqueConstraint("cohort_id", "number"),
        CheckConstraint("number > 0", name="numbers_from_one"),
        CheckConstraint("number = 1 OR reason <> ''", name="change_has_reason"),
    )
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    #: 1, and up by one with each version of a cohort.
    number: Mapped[int]
    #: Why it differs from the one before; empty in the first.
    reason: Mapped[str] = mapped_column(String(500), default="")
    #: JSON: the rows of the course table by column, each with the id of its session.
    content: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    cohort: Mapped[Cohort] = relationship()


append_only(TimetableVersion, "teaching.version", say("公布过的课程表不能修改或删除；有变动请公布新的一版"))
explain(
    "timetable_versions",
    "cohort_id, number",
    "teaching.published_meanwhile",
    say("课程表刚刚已有人公布，请核对最新的一版"),
)
