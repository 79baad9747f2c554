"""Agreements (协作协议), orders (订单) with their lines, and targeted seats (定向)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from itertools import pairwise

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import TrainingItem
from lbcert.core.database import Base, Id, Stamped, Versioned, choice, explain, refuse_rows, unique_where
from lbcert.core.reference import Region
from lbcert.core.words import Message, say
from lbcert.parties.models import Organisation, Person


class Agreement(Base, Stamped, Versioned):
    """协作协议: what firms and governments promise each other. Its signed paper is attached as "signed_agreement"."""

    __tablename__ = "agreements"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("headcount > 0", name="somebody"),
    )
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    home_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    signed_on: Mapped[date]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    #: How many people it is about; None where it does not say.
    headcount: Mapped[int | None]
    home_region: Mapped[Region] = relationship()
    parties: Mapped[list[AgreementParty]] = relationship(back_populates="agreement", order_by="AgreementParty.id")


class Duty(StrEnum):
    """What a party of an agreement takes upon itself: the county teaches, the government sends, the firm employs [S0]."""

    TRAINING = "training"
    TRANSFER = "transfer"
    JOBS = "jobs"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _DUTY_LABELS[self]


_DUTY_LABELS = {Duty.TRAINING: say("组织培训"), Duty.TRANSFER: say("组织输出"), Duty.JOBS: say("保障就业")}


class DutyState(StrEnum):
    """How a duty stands."""

    PLEDGED = "pledged"
    KEPT = "kept"
    BROKEN = "broken"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _DUTY_STATE_LABELS[self]


_DUTY_STATE_LABELS = {
    DutyState.PLEDGED: say("已承诺"),
    DutyState.KEPT: say("已履行"),
    DutyState.BROKEN: say("未履行"),
}


class AgreementParty(Base, Versioned):
    """One party of an agreement with its one duty."""

    __tablename__ = "agreement_parties"
    __table_args__ = (UniqueConstraint("agreement_id", "organisation_id"),)
    id: Mapped[Id]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreements.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    duty: Mapped[Duty] = mapped_column(choice(Duty))
    state: Mapped[DutyState] = mapped_column(choice(DutyState), default=DutyState.PLEDGED)
    #: What was done, or why it was not.
    note: Mapped[str] = mapped_column(String(300), default="")
    agreement: Mapped[Agreement] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship()


explain(
    "agreement_parties",
    "agreement_id, organisation_id",
    "demand.party_twice",
    say("这一单位已是协议的一方；每一方只承担一项职责"),
)


class OrderKind(StrEnum):
    """Only the first and third promise jobs."""

    EMPLOYER = "employer"
    DESTINATION = "destination"
    AGREEMENT = "agreement"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the sheet."""
        return _KIND_LABELS[self]


_KIND_LABELS = {
    OrderKind.EMPLOYER: say("企业订单"),
    OrderKind.DESTINATION: say("输入地需求"),
    OrderKind.AGREEMENT: say("协作协议"),
}


class OrderState(StrEnum):
    """A cancelled order leaves its cohorts standing."""

    OPEN = "open"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    OrderState.OPEN: say("执行中"),
    OrderState.FULFILLED: say("已完成"),
    OrderState.CANCELLED: say("已撤销"),
}


class Order(Base, Stamped, Versioned):
    """An order: who asks, and for which region's people. Its signed paper is attached as "signed_order"."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("(state = 'cancelled') = (cancelled_reason <> '')", name="cancelled_has_reason"),
        CheckConstraint("(kind = 'agreement') = (agreement_id IS NOT NULL)", name="agreement_is_named"),
    )
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[OrderKind] = mapped_column(choice(OrderKind))
    #: The employer, or the body that speaks for a destination.
    party_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: The agreement that it carries out.
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreements.id"), index=True)
    #: Whose workers it asks for.
    home_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    signed_on: Mapped[date]
    state: Mapped[OrderState] = mapped_column(choice(OrderState), default=OrderState.OPEN)
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    #: Why a worker would stay: 工龄工资, 岗位贡献激励 …
    retention_terms: Mapped[str] = mapped_column(String(300), default="")
    party: Mapped[Organisation] = relationship()
    agreement: Mapped[Agreement | None] = relationship()
    home_region: Mapped[Region] = relationship()
    lines: Mapped[list[OrderLine]] = relationship(back_populates="order", order_by="OrderLine.id")


refuse_rows(
    Order,
    "demand.cancelled_for_good",
    on=("UPDATE",),
    when="OLD.state = 'cancelled' OR NEW.kind <> OLD.kind OR NEW.party_id <> OLD.party_id",
    message=say("已撤销的订单不能再改，订单的类型和单位登记后不能更换；请另行登记订单"),
)


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


refuse_rows(
    OrderLine,
    "demand.no_promise",
    on=("INSERT", "UPDATE"),
    when="NEW.targeted AND EXISTS (SELECT 1 FROM orders o WHERE o.id = NEW.order_id AND o.kind = 'destination')",
    message=say("输入地需求不承诺岗位，不能设定向名额；请由用人单位下企业订单，或按协作协议下订单"),
)


class TargetState(StrEnum):
    """A seat's way: open, 拟招, 意向 signed, 参训, 结业, 到岗, 稳岗, none skipped; either side may step back before the last."""

    OPEN = "open"
    LISTED = "listed"
    SIGNED = "signed"
    TRAINING = "training"
    GRADUATED = "graduated"
    ARRIVED = "arrived"
    STABLE = "stable"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _TARGET_LABELS[self]


_TARGET_LABELS = {
    TargetState.OPEN: say("待点名"),
    TargetState.LISTED: say("拟招"),
    TargetState.SIGNED: say("已签意向"),
    TargetState.TRAINING: say("参训"),
    TargetState.GRADUATED: say("结业"),
    TargetState.ARRIVED: say("到岗"),
    TargetState.STABLE: say("稳岗"),
    TargetState.WITHDRAWN: say("已退出"),
}

#: The order of the states, withdrawal apart.
TARGET_WAY = tuple(state for state in TargetState if state is not TargetState.WITHDRAWN)


class Side(StrEnum):
    """Who steps back from a targeted seat."""

    EMPLOYER = "employer"
    LEARNER = "learner"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("用人单位") if self is Side.EMPLOYER else say("学员")


class TargetedSeat(Base, Stamped, Versioned):
    """定向: a seat of a targeted line, open until the employer puts a person on it before the start.

    The learner's signed intent is attached to "seat:<id>" as "signed_intent".
    """

    __tablename__ = "targeted_seats"
    __table_args__ = (
        unique_where("uq_targeted_seats_line_id_person_id", "line_id", "person_id", where="state <> 'withdrawn'"),
        CheckConstraint("(state = 'open') = (person_id IS NULL)", name="open_until_named"),
        CheckConstraint("state IN ('open', 'listed', 'withdrawn') OR intent_signed_on IS NOT NULL", name="intent_before_training"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_reason <> '' AND withdrawn_by IS NOT NULL)", name="withdrawn_has_reason"),
        CheckConstraint("fallback_line_id IS NULL OR fallback_line_id <> line_id", name="fallback_is_another"),
        CheckConstraint("wage_fen > 0", name="some_wage"),
        unique_where("uq_targeted_seats_person_id", "person_id", where="state IN ('signed', 'training', 'graduated')"),
    )  # fmt: skip
    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    post: Mapped[str] = mapped_column(String(60))
    wage_fen: Mapped[int]
    state: Mapped[TargetState] = mapped_column(choice(TargetState), default=TargetState.OPEN)
    intent_signed_on: Mapped[date | None]
    withdrawn_by: Mapped[Side | None] = mapped_column(choice(Side))
    withdrawn_reason: Mapped[str] = mapped_column(String(300), default="")
    #: The line of another employer that takes the learner instead.
    fallback_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    line: Mapped[OrderLine] = relationship(back_populates="targets", foreign_keys=[line_id])
    fallback_line: Mapped[OrderLine | None] = relationship(foreign_keys=[fallback_line_id])
    person: Mapped[Person | None] = relationship()


explain("targeted_seats", "line_id, person_id", "demand.already_targeted", say("此人已在该单位的拟招名单上"))
explain(
    "targeted_seats",
    "person_id",
    "demand.intent_elsewhere",
    say("此人已与另一单位签订就业意向并在执行中；请先办理退出，再签新的意向"),
)

_STEPS = [f"{before}>{after}" for before, after in pairwise(TARGET_WAY)]
_STEPS += [f"{state}>withdrawn" for state in TARGET_WAY if state not in {TargetState.OPEN, TargetState.STABLE}]
_ORDER = say("定向名额须依次经过拟招、签意向、参训、结业、到岗、稳岗，不能跳过，也不能倒退")
refuse_rows(
    TargetedSeat,
    "demand.state_jumped.begin",
    on=("INSERT",),
    when="NEW.state <> 'open'",
    message=_ORDER,
)
refuse_rows(
    TargetedSeat,
    "demand.state_jumped",
    on=("UPDATE",),
    when="NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN ("
    + ", ".join(f"'{step}'" for step in _STEPS)
    + ")",
    message=_ORDER,
)
refuse_rows(
    TargetedSeat,
    "demand.seat_untargeted",
    on=("INSERT",),
    when="EXISTS (SELECT 1 FROM order_lines l WHERE l.id = NEW.line_id AND NOT l.targeted)",
    message=say("这一订单行不是定向，没有定向名额"),
)
