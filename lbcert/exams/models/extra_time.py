"""延时: time that was lost to a power cut or a broken machine, given back by who watches over the hall."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, refuse_rows
from lbcert.core.words import say
from lbcert.exams.models.batches import BATCH_LOCK, Candidate
from lbcert.parties.models import Person


class ExtraTime(Base, Stamped):
    """Until when a candidate may answer was moved; of a whole hall each candidate has a row of that moment."""

    __tablename__ = "extra_times"
    __table_args__ = (
        ForeignKeyConstraint(["candidate_id", "batch_id"], ["candidates.id", "candidates.batch_id"]),
        CheckConstraint("minutes > 0 AND until > was", name="some_time"),
        CheckConstraint("reason <> ''", name="has_reason"),
        Index("ix_extra_times_batch", "batch_id"),
        Index("ix_extra_times_candidate", "candidate_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column()
    candidate_id: Mapped[int] = mapped_column()
    #: When his sheet ended, or his sitting where he has none yet; and what that became.
    was: Mapped[datetime]
    until: Mapped[datetime]
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(300))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    candidate: Mapped[Candidate] = relationship(foreign_keys=[candidate_id, batch_id], viewonly=True)
    person: Mapped[Person] = relationship()


append_only(ExtraTime, "exams.extra_time", say("延时记录不能修改或删除"))
refuse_rows(
    ExtraTime,
    "exams.extra_closed",
    on=("INSERT",),
    when=(
        "(SELECT b.state FROM batches b WHERE b.id = NEW.batch_id) <> 'marking' "
        "OR NOT EXISTS (SELECT 1 FROM exam_seats e WHERE e.candidate_id = NEW.candidate_id AND e.part = 'theory') "
        "OR EXISTS (SELECT 1 FROM answer_sheets a WHERE a.candidate_id = NEW.candidate_id "
        "AND (a.ending = 'handed_in' OR a.due_at <> NEW.was)) "
        "OR EXISTS (SELECT 1 FROM theory_scores t WHERE t.candidate_id = NEW.candidate_id)"
    ),
    message=say("只能给正在机考、还没有交卷和评分的考生延时"),
    locking=BATCH_LOCK,
)
