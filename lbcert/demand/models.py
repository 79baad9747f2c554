"""Orders (订单), order lines, and targeted candidates (拟招对象)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import TrainingItem
from lbcert.core.database import Base, Id, Stamped, Versioned, choice, explain
from lbcert.core.reference import Region
from lbcert.core.words import say
from lbcert.parties.models import Organisation, Person


class OrderKind(StrEnum):
    """Only the first and third promise jobs."""

    EMPLOYER = "employer"
    DESTINATION = "destination"
    AGREEMENT = "agreement"


class OrderState(StrEnum):
    """A cancelled order leaves its cohorts standing."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"


class Order(Base, Stamped, Versioned):
    """An order: who asks, and for which region's people. Its signed paper is attached as "signed_order"."""

    __tablename__ = "orders"
    __table_args__ = (CheckConstraint("(state = 'cancelled') = (cancelled_reason <> '')", name="cancelled_has_reason"),)
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[OrderKind] = mapped_column(choice(OrderKind))
    #: The employer, or the body that speaks for a destination.
    party_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: Whose workers it asks for.
    home_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    signed_on: Mapped[date]
    state: Mapped[OrderState] = mapped_column(choice(OrderState), default=OrderState.OPEN)
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    #: Why a worker would stay: 工龄工资, 岗位贡献激励 …
    retention_terms: Mapped[str] = mapped_column(String(300), default="")
    party: Mapped[Organisation] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(back_populates="order", order_by="OrderLine.id")


class OrderLine(Base, Stamped, Versioned):
    """So many people of one training item, at a place, by a day, for a wage a month in 分."""

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("headcount > 0", name="somebody"),
        CheckConstraint("wage_min_fen > 0 AND wage_max_fen >= wage_min_fen", name="wage_in_order"),
        CheckConstraint("travel_days >= 0", name="travel_not_negative"),
    )
    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("training_items.id"), index=True)
    headcount: Mapped[int]
    wage_min_fen: Mapped[int]
    wage_max_fen: Mapped[int]
    place_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    arrival_on: Mapped[date]
    #: Days between the last lesson and the first day at work.
    travel_days: Mapped[int] = mapped_column(default=0)
    #: 定向: the employer chooses its people before the start.
    targeted: Mapped[bool] = mapped_column(default=False)
    #: The post that a targeted seat names.
    post: Mapped[str] = mapped_column(String(60), default="")
    order: Mapped[Order] = relationship(back_populates="lines")
    item: Mapped[TrainingItem] = relationship()
    place: Mapped[Region] = relationship()
    targets: Mapped[list[TargetedSeat]] = relationship(
        back_populates="line", foreign_keys="TargetedSeat.line_id", order_by="TargetedSeat.id"
    )


class TargetState(StrEnum):
    """拟招 → 意向 signed → 参训 → 结业 → 到岗 → 稳岗; either side may step back."""

    LISTED = "listed"
    SIGNED = "signed"
    TRAINING = "training"
    GRADUATED = "graduated"
    ARRIVED = "arrived"
    STABLE = "stable"
    WITHDRAWN = "withdrawn"


class TargetedSeat(Base, Stamped, Versioned):
    """定向: a seat of a targeted line, open until the employer puts a person on it before the start."""

    __tablename__ = "targeted_seats"
    __table_args__ = (
        UniqueConstraint("line_id", "person_id"),
        CheckConstraint("state = 'listed' OR state = 'withdrawn' OR (intent_signed_on IS NOT NULL AND person_id IS NOT NULL)", name="intent_before_training"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_reason <> '')", name="withdrawn_has_reason"),
    )  # fmt: skip
    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    post: Mapped[str] = mapped_column(String(60))
    wage_fen: Mapped[int]
    state: Mapped[TargetState] = mapped_column(choice(TargetState), default=TargetState.LISTED)
    intent_signed_on: Mapped[date | None]
    #: "employer" or "learner".
    withdrawn_by: Mapped[str] = mapped_column(String(10), default="")
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    #: The line of another employer that takes the learner instead.
    fallback_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    line: Mapped[OrderLine] = relationship(back_populates="targets", foreign_keys=[line_id])
    fallback_line: Mapped[OrderLine | None] = relationship(foreign_keys=[fallback_line_id])
    person: Mapped[Person | None] = relationship()


explain("targeted_seats", "line_id, person_id", "demand.already_targeted", say("此人已在该单位的拟招名单上"))
