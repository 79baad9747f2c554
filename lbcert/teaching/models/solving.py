"""A timetable being solved for one cohort or several together: how far it came, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Cohort
from lbcert.core.database import Base, Id, Stamped
from lbcert.core.jobs import Job
from lbcert.core.staging import StagedSheet


class SolveRun(Base, Stamped):
    """One search for a timetable: a worker writes how good the best plan is by now, and reads whether to stop."""

    __tablename__ = "solve_runs"
    __table_args__ = (CheckConstraint("seconds > 0", name="some_time"),)
    id: Mapped[Id]
    #: For whose cohort it was asked; further ones are ``beside`` it.
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    seconds: Mapped[int]
    #: Meetings that are to be placed, and those that the best plan by now has in place.
    meetings: Mapped[int] = mapped_column(default=0)
    placed: Mapped[int] = mapped_column(default=0)
    #: What the best plan by now costs.
    cost: Mapped[int | None]
    stop_asked: Mapped[bool] = mapped_column(default=False)
    finished_at: Mapped[datetime | None]
    #: The course table that came of it; None where nothing found a place.
    staged_id: Mapped[int | None] = mapped_column(ForeignKey("staged_sheets.id"))
    #: JSON: why there is no whole plan.
    findings: Mapped[str] = mapped_column(Text, default="[]")
    cohort: Mapped[Cohort] = relationship()
    job: Mapped[Job | None] = relationship()
    staged: Mapped[StagedSheet | None] = relationship()
    beside: Mapped[list[SolveBeside]] = relationship(order_by="SolveBeside.id")


class SolveBeside(Base):
    """A further cohort whose timetable is found in the same search."""

    __tablename__ = "solve_beside"
    __table_args__ = (UniqueConstraint("run_id", "cohort_id"),)
    id: Mapped[Id]
    run_id: Mapped[int] = mapped_column(ForeignKey("solve_runs.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    staged_id: Mapped[int | None] = mapped_column(ForeignKey("staged_sheets.id"))
    cohort: Mapped[Cohort] = relationship()
    staged: Mapped[StagedSheet | None] = relationship()
