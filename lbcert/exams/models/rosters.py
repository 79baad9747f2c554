"""The list of candidates: what it took off and put on, and that it stands once it is frozen."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows, unique_where
from lbcert.core.words import Message, say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, Candidate
from lbcert.parties.models import Person


class ChangeKind(StrEnum):
    """What a change does to the list."""

    ADD = "add"
    REMOVE = "remove"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("增加考生") if self is ChangeKind.ADD else say("移出考生")


class ChangeState(StrEnum):
    """Noted before the freeze, where nobody is asked; asked for after it, and then granted or declined by another person."""

    NOTED = "noted"
    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return _STATE_LABELS[self]


_STATE_LABELS = {
    ChangeState.NOTED: say("冻结前办理"),
    ChangeState.OPEN: say("待批准"),
    ChangeState.GRANTED: say("已批准"),
    ChangeState.DECLINED: say("未批准"),
}


class RosterChange(Base, Stamped):
    """Somebody taken off a batch's list, or a request to change the list after its freeze, with its reason and answer."""

    __tablename__ = "roster_changes"
    __table_args__ = (
        CheckConstraint("(state IN ('granted', 'declined')) = (answered_by IS NOT NULL)", name="answered_by_whom"),
        CheckConstraint("(answered_by IS NULL) = (answered_at IS NULL)", name="answered_when"),
        CheckConstraint("answered_by <> requester_id", name="two_persons"),
        CheckConstraint("state = 'noted' OR (reason <> '' AND requester_id IS NOT NULL)", name="asked_with_reason"),
        CheckConstraint("state <> 'noted' OR kind = 'remove'", name="noted_removal"),
        Index("ix_roster_changes_batch_enrolment", "batch_id", "enrolment_id"),
        unique_where("uq_roster_changes_open", "batch_id", "enrolment_id", where="state = 'open'"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id"))
    kind: Mapped[ChangeKind] = mapped_column(choice(ChangeKind))
    state: Mapped[ChangeState] = mapped_column(choice(ChangeState))
    reason: Mapped[str] = mapped_column(String(300), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    requester_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(300), default="")
    batch: Mapped[Batch] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    requester: Mapped[Person | None] = relationship(foreign_keys=[requester_id])
    answerer: Mapped[Person | None] = relationship(foreign_keys=[answered_by])


append_only(
    RosterChange,
    "exams.roster_change",
    say("考生名单的变更记录不能修改或删除；批准或不批准只能答复一次"),
    update_when=(
        "OLD.state <> 'open' OR NEW.state NOT IN ('granted', 'declined') OR NEW.id <> OLD.id OR NEW.batch_id <> OLD.batch_id "
        "OR NEW.enrolment_id <> OLD.enrolment_id OR NEW.kind <> OLD.kind OR NEW.reason <> OLD.reason "
        "OR NEW.requester_id <> OLD.requester_id OR NEW.account_id <> OLD.account_id OR NEW.created_at <> OLD.created_at"
    ),
)
_ASKED_TWICE = say("该学员的名单变更已经在申请中，请等待批准")
explain("roster_changes", "batch_id, enrolment_id", "exams.roster_asked_twice", _ASKED_TWICE)
explain("roster_changes", "open", "exams.roster_asked_twice", _ASKED_TWICE)

_BATCH = "EXISTS (SELECT 1 FROM batches b WHERE b.id = {row}.batch_id AND {which})"
_FROZEN = say("考生名单已冻结：增减考生须写明理由提出申请，由人社局或评价机构成绩审定人批准")
refuse_rows(
    RosterChange,
    "exams.roster_begun",
    on=("INSERT",),
    when=_BATCH.format(row="NEW", which="b.state <> 'planned'"),
    message=say("开考后考生名单不能更改；未到考的记为缺考"),
    locking=BATCH_LOCK,
)
refuse_rows(
    RosterChange,
    "exams.roster_unasked",
    on=("INSERT",),
    when=(
        "NEW.state NOT IN ('noted', 'open') OR (NEW.state = 'noted' AND "
        + _BATCH.format(row="NEW", which="b.freezes_at <= NEW.created_at")
        + ")"
    ),
    message=_FROZEN,
)
# Put on after the freeze: only as granted, and since nobody was taken off again. Taken off: only with its row, granted after the freeze.
refuse_rows(
    Candidate,
    "exams.roster_frozen",
    on=("INSERT",),
    when=(
        _BATCH.format(row="NEW", which="b.state = 'planned' AND b.freezes_at <= NEW.created_at")
        + " AND NOT EXISTS (SELECT 1 FROM roster_changes r WHERE r.batch_id = NEW.batch_id AND r.enrolment_id = NEW.enrolment_id "
        "AND r.kind = 'add' AND r.state = 'granted' AND NOT EXISTS (SELECT 1 FROM roster_changes l WHERE l.id > r.id "
        "AND l.batch_id = r.batch_id AND l.enrolment_id = r.enrolment_id AND l.state = 'granted'))"
    ),
    message=_FROZEN,
    locking=BATCH_LOCK,
)
refuse_rows(
    Candidate,
    "exams.removal_unnoted",
    on=("DELETE",),
    when=(
        _BATCH.format(row="OLD", which="b.state = 'planned'")
        + " AND NOT EXISTS (SELECT 1 FROM roster_changes r WHERE r.batch_id = OLD.batch_id AND r.enrolment_id = OLD.enrolment_id "
        "AND r.kind = 'remove' AND r.created_at >= OLD.created_at AND r.state IN ('noted', 'granted'))"
    ),
    message=_FROZEN,
)
