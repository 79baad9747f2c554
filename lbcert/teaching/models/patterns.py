"""When a cohort is to be taught (班型)."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Cohort
from lbcert.core.database import Base, Id, Stamped, Versioned, explain
from lbcert.core.words import say


class CohortPattern(Base, Stamped, Versioned):
    """班型: when a cohort is to be taught, as its school chose."""

    __tablename__ = "cohort_patterns"
    __table_args__ = (
        UniqueConstraint("cohort_id"),
        CheckConstraint("hours_a_day > 0", name="some_hours"),
    )
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    #: Names of registered patterns, parted by blanks: a cohort may meet at night and at weekends.
    names: Mapped[str] = mapped_column(String(200), default="")
    #: Windows of its own, a line each, as they were typed.
    own_windows: Mapped[str] = mapped_column(Text, default="")
    hours_a_day: Mapped[int | None]
    #: Modules are taught one after another, as the plan has them.
    in_order: Mapped[bool] = mapped_column(default=False)
    cohort: Mapped[Cohort] = relationship()


explain("cohort_patterns", "cohort_id", "teaching.pattern_chosen", say("本班的班型刚刚已有人选定，请核对"))
