"""Cohorts, their providers and plan, seats from orders, and enrolments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Brand, MenuVersion, Module, TrainingItem
from lbcert.core.database import (
    Base,
    Id,
    Stamped,
    Versioned,
    append_only,
    choice,
    explain,
    refuse_rows,
    unique_where,
)
from lbcert.core.reference import Region
from lbcert.core.words import Message, say
from lbcert.demand.models import OrderLine, TargetedSeat
from lbcert.parties.models import Organisation, Person


class CohortState(StrEnum):
    """In this order, none skipped; *returned* goes back to *filed*, *cancelled* ends it before the teaching does."""

    DRAFT = "draft"
    FILED = "filed"
    RETURNED = "returned"
    APPROVED = "approved"
    RUNNING = "running"
    TAUGHT = "taught"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    CohortState.DRAFT: say("筹备"),
    CohortState.FILED: say("已备案待审"),
    CohortState.RETURNED: say("退回修改"),
    CohortState.APPROVED: say("已批准"),
    CohortState.RUNNING: say("开班"),
    CohortState.TAUGHT: say("结课"),
    CohortState.CLOSED: say("结班"),
    CohortState.CANCELLED: say("已取消"),
}


class Scheme(StrEnum):
    """Who may examine: a body that is none of the providers, or (自主评价) the employer's own."""

    SOCIAL = "social"
    EMPLOYER_OWN = "employer_own"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _SCHEME_LABELS[self]


_SCHEME_LABELS = {Scheme.SOCIAL: say("社会培训评价"), Scheme.EMPLOYER_OWN: say("用人单位自主评价")}


class Cohort(Base, Stamped, Versioned):
    """One group trained together. Off-site, cross-province and online are three attributes of it."""

    __tablename__ = "cohorts"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("fee_fen >= 0", name="fee_not_negative"),
        CheckConstraint("min_size > 0", name="min_size_positive"),
        CheckConstraint("NOT three_stage OR (by_order AND by_menu AND by_target AND fee_fen = 0)", name="three_stage_is_all_and_free"),
        Index("ix_cohorts_state_region", "state", "home_region_code"),
    )  # fmt: skip
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("training_items.id"), index=True)
    menu_id: Mapped[int] = mapped_column(ForeignKey("menu_versions.id"))
    home_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    site_region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    site: Mapped[str] = mapped_column(String(120), default="")
    off_site: Mapped[bool] = mapped_column(default=False)
    cross_province: Mapped[bool] = mapped_column(default=False)
    online: Mapped[bool] = mapped_column(default=False)
    by_order: Mapped[bool] = mapped_column(default=False)
    by_menu: Mapped[bool] = mapped_column(default=False)
    by_target: Mapped[bool] = mapped_column(default=False)
    #: 三段式: all three stages, free of charge.
    three_stage: Mapped[bool] = mapped_column(default=False)
    scheme: Mapped[Scheme] = mapped_column(choice(Scheme), default=Scheme.SOCIAL)
    fund: Mapped[str] = mapped_column(String(40), default="")
    fee_fen: Mapped[int] = mapped_column(default=0)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    #: 最低开班人数
    min_size: Mapped[int] = mapped_column(default=1)
    #: The last day on which modules may be chosen.
    choices_close_on: Mapped[date | None]
    #: Set when the choices became the plan; a return by the bureau opens them again.
    menu_frozen_at: Mapped[datetime | None]
    state: Mapped[CohortState] = mapped_column(choice(CohortState), default=CohortState.DRAFT)
    resources: Mapped[str] = mapped_column(Text, default="")
    assessment_plan: Mapped[str] = mapped_column(Text, default="")
    #: 告知承诺 of the school.
    provider_promised_on: Mapped[date | None]
    filed_at: Mapped[datetime | None]
    #: By when the bureau owes its answer.
    reply_due_on: Mapped[date | None]
    brand: Mapped[Brand] = relationship()
    item: Mapped[TrainingItem] = relationship()
    menu: Mapped[MenuVersion] = relationship()
    home_region: Mapped[Region] = relationship(foreign_keys=[home_region_code])
    site_region: Mapped[Region] = relationship(foreign_keys=[site_region_code])
    providers: Mapped[list[CohortProvider]] = relationship(back_populates="cohort", order_by="CohortProvider.id")
    plan: Mapped[list[PlannedModule]] = relationship(back_populates="cohort", order_by="PlannedModule.id")
    trainers: Mapped[list[PlannedTrainer]] = relationship(back_populates="cohort", order_by="PlannedTrainer.id")
    allotments: Mapped[list[Allotment]] = relationship(back_populates="cohort", order_by="Allotment.id")
    enrolments: Mapped[list[Enrolment]] = relationship(back_populates="cohort", order_by="Enrolment.id")
    steps: Mapped[list[CohortStep]] = relationship(back_populates="cohort", order_by="CohortStep.id")
    changes: Mapped[list[CohortChange]] = relationship(back_populates="cohort", order_by="CohortChange.id")


explain("cohorts", "number", "cohorts.number_taken", say("这一班号已被使用"))

#: state → the states that may follow it; the database refuses any other step.
NEXT_STATES: dict[CohortState, tuple[CohortState, ...]] = {
    CohortState.DRAFT: (CohortState.FILED, CohortState.CANCELLED),
    CohortState.FILED: (CohortState.APPROVED, CohortState.RETURNED, CohortState.CANCELLED),
    CohortState.RETURNED: (CohortState.FILED, CohortState.CANCELLED),
    CohortState.APPROVED: (CohortState.RUNNING, CohortState.CANCELLED),
    CohortState.RUNNING: (CohortState.TAUGHT, CohortState.CANCELLED),
    CohortState.TAUGHT: (CohortState.CLOSED,),
    CohortState.CLOSED: (),
    CohortState.CANCELLED: (),
}
_STEPS = " OR ".join(
    f"(OLD.state = '{state}' AND NEW.state = '{to}')" for state, following in NEXT_STATES.items() for to in following
)
refuse_rows(
    Cohort,
    "cohorts.jump",
    on=("UPDATE",),
    when=f"OLD.state <> NEW.state AND NOT ({_STEPS})",
    message=say("培训班的状态不能跳过中间步骤"),
)


class ProviderPart(StrEnum):
    """What an organisation does in a cohort."""

    LEAD = "lead"
    JOINT = "joint"
    HOST = "host"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _PART_LABELS[self]


_PART_LABELS = {
    ProviderPart.LEAD: say("主办培训机构"),
    ProviderPart.JOINT: say("联合培训机构"),
    ProviderPart.HOST: say("承办单位"),
}


class CohortProvider(Base):
    """A training provider or host of a cohort: rows, not a column, and none of them may examine it."""

    __tablename__ = "cohort_providers"
    __table_args__ = (
        UniqueConstraint("cohort_id", "organisation_id"),
        unique_where("uq_cohort_providers_lead", "cohort_id", where="part = 'lead'"),
    )  # fmt: skip
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    part: Mapped[ProviderPart] = mapped_column(choice(ProviderPart))
    #: Its share of the hours.
    hours: Mapped[int | None]
    cohort: Mapped[Cohort] = relationship(back_populates="providers")
    organisation: Mapped[Organisation] = relationship()


explain("cohort_providers", "cohort_id, organisation_id", "cohorts.provider_twice", say("这一机构已在本班的办班单位中"))
_ONE_LEAD = say("一个班只有一个主办培训机构")
explain("cohort_providers", "lead", "cohorts.one_lead", _ONE_LEAD)
explain("cohort_providers", "cohort_id", "cohorts.one_lead", _ONE_LEAD)  # as SQLite names a partial index


class PlannedModule(Base):
    """A module in the filed plan, frozen with its hours."""

    __tablename__ = "planned_modules"
    __table_args__ = (UniqueConstraint("cohort_id", "module_id"), CheckConstraint("hours > 0", name="some_hours"))
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"))
    hours: Mapped[int]
    cohort: Mapped[Cohort] = relationship(back_populates="plan")
    module: Mapped[Module] = relationship()


_FILED = (
    "EXISTS (SELECT 1 FROM cohorts c WHERE c.id = {row}.cohort_id "
    "AND c.filed_at IS NOT NULL AND c.state NOT IN ('draft', 'returned'))"
)
for _happenings, _row in ((("INSERT", "UPDATE"), "NEW"), (("DELETE",), "OLD")):
    refuse_rows(
        PlannedModule,
        f"cohorts.filed_plan_{'change' if _row == 'NEW' else 'delete'}",
        on=_happenings,
        when=_FILED.format(row=_row),
        message=say("教学计划备案后不能修改；请由人社局退回后再改"),
    )


class PlannedTrainer(Base):
    """A trainer in the filed plan."""

    __tablename__ = "planned_trainers"
    __table_args__ = (UniqueConstraint("cohort_id", "person_id"),)
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    qualification: Mapped[str] = mapped_column(String(120), default="")
    cohort: Mapped[Cohort] = relationship(back_populates="trainers")
    person: Mapped[Person] = relationship()


class Allotment(Base, Stamped, Versioned):
    """Seats of a cohort that serve an order line; many to many."""

    __tablename__ = "allotments"
    __table_args__ = (UniqueConstraint("line_id", "cohort_id"), CheckConstraint("seats > 0", name="some_seats"))
    id: Mapped[Id]
    line_id: Mapped[int] = mapped_column(ForeignKey("order_lines.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    seats: Mapped[int]
    #: Set when the order was cancelled: the seats are free for another.
    freed_at: Mapped[datetime | None]
    line: Mapped[OrderLine] = relationship()
    cohort: Mapped[Cohort] = relationship(back_populates="allotments")


explain("allotments", "line_id, cohort_id", "cohorts.allotted_twice", say("这一订单明细已给本班划过名额"))


class EnrolmentState(StrEnum):
    """One learner's way through a cohort."""

    APPLIED = "applied"
    ENROLLED = "enrolled"
    LEFT = "left"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _ENROLMENT_LABELS[self]


_ENROLMENT_LABELS = {
    EnrolmentState.APPLIED: say("已报名"),
    EnrolmentState.ENROLLED: say("在班"),
    EnrolmentState.LEFT: say("已退班"),
    EnrolmentState.COMPLETED: say("结业"),
    EnrolmentState.FAILED: say("未结业"),
}


class Enrolment(Base, Stamped, Versioned):
    """参训记录: a person in a cohort, perhaps on an order's seat or a targeted one."""

    __tablename__ = "enrolments"
    __table_args__ = (
        UniqueConstraint("cohort_id", "person_id"),
        unique_where("uq_enrolments_targeted_seat_id", "targeted_seat_id", where="state <> 'left'"),
        CheckConstraint("(state = 'left') = (left_reason <> '')", name="left_has_reason"),
        Index("ix_enrolments_person", "person_id"),
    )
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    state: Mapped[EnrolmentState] = mapped_column(choice(EnrolmentState), default=EnrolmentState.ENROLLED)
    line_id: Mapped[int | None] = mapped_column(ForeignKey("order_lines.id"))
    targeted_seat_id: Mapped[int | None] = mapped_column(ForeignKey("targeted_seats.id"))
    #: 告知承诺 of the learner.
    promised_on: Mapped[date | None]
    #: At work already: an in-service outcome is expected, no new placement.
    in_service: Mapped[bool] = mapped_column(default=False)
    job_before: Mapped[str] = mapped_column(String(120), default="")
    left_on: Mapped[date | None]
    left_reason: Mapped[str] = mapped_column(String(300), default="")
    cohort: Mapped[Cohort] = relationship(back_populates="enrolments")
    person: Mapped[Person] = relationship()
    line: Mapped[OrderLine | None] = relationship()
    targeted_seat: Mapped[TargetedSeat | None] = relationship()
    choices: Mapped[list[ModuleChoice]] = relationship(back_populates="enrolment", cascade="all, delete-orphan")


explain("enrolments", "cohort_id, person_id", "cohorts.already_enrolled", say("此人已在本班"))
explain("enrolments", "targeted_seat_id", "cohorts.seat_taken", say("这一定向岗位已有学员"))


class ModuleChoice(Base):
    """A module that is a learner's; attendance is due in it, and the certificate prints its hours."""

    __tablename__ = "module_choices"
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"), primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"), primary_key=True)
    #: "learner", "employer" or "provider".
    chosen_by: Mapped[str] = mapped_column(String(10))
    enrolment: Mapped[Enrolment] = relationship(back_populates="choices")
    module: Mapped[Module] = relationship()


class CohortStep(Base, Stamped):
    """A step of a cohort from one state to another, with its reason or approval number."""

    __tablename__ = "cohort_steps"
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    from_state: Mapped[CohortState] = mapped_column(choice(CohortState, "from_state"))
    to_state: Mapped[CohortState] = mapped_column(choice(CohortState, "to_state"))
    account_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    cohort: Mapped[Cohort] = relationship(back_populates="steps")


append_only(CohortStep, "cohorts.step", say("培训班的办理记录不能修改或删除"))


class CohortChange(Base, Stamped):
    """Something changed after the approval, with its reason: what the bureau approved stays readable."""

    __tablename__ = "cohort_changes"
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    #: What changed: the name of a field, or "enrolments" or "trainers".
    field: Mapped[str] = mapped_column(String(40))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(500))
    account_id: Mapped[int | None]
    cohort: Mapped[Cohort] = relationship(back_populates="changes")


append_only(CohortChange, "cohorts.change", say("培训班的变更记录不能修改或删除"))
