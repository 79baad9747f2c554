"""Sessions (课次): where a trainer meets a cohort, and that nobody is in two places."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.brands.models import Module
from lbcert.cohorts.models import Cohort
from lbcert.core.database import Base, Id, Stamped, Versioned, choice, refuse_rows
from lbcert.core.words import Message, say
from lbcert.core.workdays import DayKind
from lbcert.parties.models import Person
from lbcert.teaching.models.places import Venue


class Mode(StrEnum):
    """How a session is held."""

    ON_SITE = "on_site"
    ONLINE = "online"
    FIELD = "field"
    WORKPLACE = "workplace"

    @property
    def label(self) -> Message:
        """Its name on the pages and in the course table."""
        return _MODE_LABELS[self]


_MODE_LABELS = {
    Mode.ON_SITE: say("线下"),
    Mode.ONLINE: say("线上"),
    Mode.FIELD: say("田间"),
    Mode.WORKPLACE: say("岗位"),
}


class Session(Base, Stamped, Versioned):
    """课次: one meeting. A class hour is 45 minutes."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("hours > 0", name="some_hours"),
        CheckConstraint("mode IN ('online', 'field') OR venue_id IS NOT NULL", name="place_unless_online_or_field"),
        Index("ix_sessions_trainer_start", "trainer_id", "starts_at"),
        Index("ix_sessions_venue_start", "venue_id", "starts_at"),
    )
    id: Mapped[Id]
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"))
    title: Mapped[str] = mapped_column(String(120), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    hours: Mapped[int]
    mode: Mapped[Mode] = mapped_column(choice(Mode))
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    trainer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    material: Mapped[str] = mapped_column(String(200), default="")
    cancelled_reason: Mapped[str] = mapped_column(String(300), default="")
    #: What the calendar of the site made of its day when it was planned, or kept after a change of the calendar.
    day_kind: Mapped[DayKind | None] = mapped_column(choice(DayKind))
    #: Where an online session is met: https, empty while nobody gave it.
    meeting_link: Mapped[str] = mapped_column(String(300), default="", server_default="")
    #: 补课: the session that was lost, because it was cancelled or to those who missed it.
    makes_up_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    #: 锁定: neither moved by hand nor when something fails.
    pinned: Mapped[bool] = mapped_column(default=False, server_default=false())
    cohort: Mapped[Cohort] = relationship()
    module: Mapped[Module] = relationship()
    venue: Mapped[Venue | None] = relationship()
    trainer: Mapped[Person] = relationship()
    makes_up: Mapped[Session | None] = relationship(remote_side="Session.id")

    @property
    def for_absentees(self) -> bool:
        """Whether it is held again for those who missed it, and so adds no hours to the plan."""
        return self.makes_up is not None and not self.makes_up.cancelled_reason

    @property
    def content(self) -> str:
        """上课内容: its module, and its title where that says more."""
        return self.module.name if self.title in {"", self.module.name} else f"{self.module.name}：{self.title}"


refuse_rows(
    Session,
    "teaching.online_practice",
    on=("INSERT", "UPDATE"),
    when="NEW.mode = 'online' AND EXISTS (SELECT 1 FROM modules m WHERE m.id = NEW.module_id AND NOT m.online_allowed)",
    message=say("这一模块不能线上授课"),
)

_AT_ONCE = (
    "NEW.cancelled_reason = '' AND EXISTS (SELECT 1 FROM sessions s WHERE s.{whose} = NEW.{whose} "
    "AND s.cancelled_reason = '' AND s.starts_at < NEW.ends_at AND s.ends_at > NEW.starts_at{others})"
)
for _whose, _rule, _said, _lock in (
    (
        "trainer_id",
        "teaching.trainer_clash",
        say("这名教师当时在上另一节课"),
        "SELECT 1 FROM persons x WHERE x.id = NEW.trainer_id FOR NO KEY UPDATE",
    ),
    (
        "venue_id",
        "teaching.venue_clash",
        say("这一场地当时用于另一节课"),
        "SELECT 1 FROM venues x WHERE x.id = NEW.venue_id FOR NO KEY UPDATE",
    ),
):
    for _happening, _others in (("INSERT", ""), ("UPDATE", " AND s.id <> NEW.id")):
        refuse_rows(
            Session,
            f"{_rule}.{_happening.lower()}",
            on=(_happening,),
            when=_AT_ONCE.format(whose=_whose, others=_others),
            message=_said,
            locking=_lock,
        )

_LOST = "SELECT 1 FROM sessions l WHERE l.id = NEW.makes_up_id"
_MISSED = (
    "EXISTS (SELECT 1 FROM attendance a WHERE a.session_id = l.id AND a.mark IN ('absent', 'leave') "
    "AND NOT EXISTS (SELECT 1 FROM attendance c WHERE c.corrects_id = a.id))"
)
_HOURS_MADE_UP = (
    "(SELECT COALESCE(SUM(s.hours), 0) FROM sessions s WHERE s.makes_up_id = l.id AND s.cancelled_reason = ''{others})"
)
refuse_rows(
    Session,
    "teaching.make_up_of_another",
    on=("INSERT", "UPDATE"),
    when=(
        f"NEW.makes_up_id IS NOT NULL AND NOT EXISTS ({_LOST} AND l.cohort_id = NEW.cohort_id "
        "AND l.module_id = NEW.module_id AND l.starts_at <= NEW.starts_at "
        "AND (l.cancelled_reason <> '' OR l.ends_at <= NEW.starts_at))"
    ),
    message=say("补课须补同一个班、同一模块的课，并在所补的课之后"),
)
refuse_rows(
    Session,
    "teaching.make_up_for_nothing",
    on=("INSERT", "UPDATE OF makes_up_id"),
    when=f"NEW.makes_up_id IS NOT NULL AND NOT EXISTS ({_LOST} AND (l.cancelled_reason <> '' OR {_MISSED}))",
    message=say("所补的课没有取消，也没有人缺课"),
)
for _happening, _others in (("INSERT", ""), ("UPDATE", " AND s.id <> NEW.id")):
    refuse_rows(
        Session,
        f"teaching.make_up_too_long.{_happening.lower()}",
        on=(_happening,),
        # of a session that was held each make-up alone: who missed one may come to another
        when=(
            f"NEW.makes_up_id IS NOT NULL AND NEW.cancelled_reason = '' AND EXISTS ({_LOST} AND l.hours < NEW.hours + "
            f"CASE WHEN l.cancelled_reason = '' THEN 0 ELSE {_HOURS_MADE_UP.format(others=_others)} END)"
        ),
        message=say("补课的课时不能超过所补的课"),
        locking="SELECT 1 FROM sessions x WHERE x.id = NEW.makes_up_id FOR NO KEY UPDATE",
    )
refuse_rows(
    Session,
    "teaching.made_up",
    on=("UPDATE",),
    when=(
        "EXISTS (SELECT 1 FROM sessions s WHERE s.makes_up_id = NEW.id) AND (NEW.cohort_id <> OLD.cohort_id "
        "OR NEW.module_id <> OLD.module_id OR NEW.hours < OLD.hours OR NEW.starts_at > OLD.starts_at "
        "OR NEW.ends_at > OLD.ends_at OR (NEW.cancelled_reason = '') <> (OLD.cancelled_reason = ''))"
    ),
    message=say("这节课已安排补课，不能再改动"),
)
