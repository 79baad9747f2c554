"""Employment records (就业记录) and in-service outcomes (在岗提升)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import Base, Id, Stamped, Versioned, choice
from lbcert.core.reference import Region
from lbcert.demand.models import OrderLine
from lbcert.parties.models import Organisation, Person


class Channel(StrEnum):
    """How a worker came to the job: 集中输出, 县内转移, 公益岗位, 自主."""

    ORGANISED = "organised"
    LOCAL = "local"
    PUBLIC_POST = "public_post"
    OWN = "own"


class EmploymentRecord(Base, Stamped, Versioned):
    """A job after training. Seasonal work is no stable employment."""

    __tablename__ = "employment_records"
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= started_on", name="dates_in_order"),
        CheckConstraint("wage_fen > 0", name="some_wage"),
    )
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolments.id"), index=True)
    employer_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: 用工单位, for dispatched labour only.
    host_employer_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"), index=True)
    place_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    post: Mapped[str] = mapped_column(String(60))
    trade_id: Mapped[int | None] = mapped_column(ForeignKey("trades.id"))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    wage_fen: Mapped[int]
    has_contract: Mapped[bool]
    seasonal: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    #: Until when somebody has seen the worker in the job.
    confirmed_to: Mapped[date | None]
    person: Mapped[Person] = relationship()
    enrolment: Mapped[Enrolment | None] = relationship()
    employer: Mapped[Organisation] = relationship(foreign_keys=[employer_id])
    host_employer: Mapped[Organisation | None] = relationship(foreign_keys=[host_employer_id])
    line: Mapped[OrderLine | None] = relationship()
    place: Mapped[Region] = relationship()


class InServiceOutcome(Base, Stamped, Versioned):
    """在岗提升 of somebody at work already: post, grade and wage before and after. No new placement."""

    __tablename__ = "in_service_outcomes"
    __table_args__ = (
        UniqueConstraint("enrolment_id"),
        CheckConstraint("wage_before_fen > 0 AND wage_after_fen > 0", name="some_wage"),
    )
    id: Mapped[Id]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    employer_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    post_before: Mapped[str] = mapped_column(String(60))
    post_after: Mapped[str] = mapped_column(String(60))
    grade_before: Mapped[str] = mapped_column(String(40), default="")
    grade_after: Mapped[str] = mapped_column(String(40), default="")
    wage_before_fen: Mapped[int]
    wage_after_fen: Mapped[int]
    as_of: Mapped[date]
    enrolment: Mapped[Enrolment] = relationship()
    employer: Mapped[Organisation] = relationship()
