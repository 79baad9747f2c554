"""调课: what fails, what was looked for, and the proposal that came of it."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped
from lbcert.core.jobs import Job
from lbcert.parties.models import Person
from lbcert.teaching.models.places import Venue


class Replan(Base, Stamped):
    """A trainer or a venue fails for a while: the sessions hit, and a proposal that counts for nothing until it is accepted."""

    __tablename__ = "replans"
    __table_args__ = (
        CheckConstraint("(venue_id IS NULL) <> (trainer_id IS NULL)", name="one_thing"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("accepted_at IS NULL OR finished_at IS NOT NULL", name="accepted_when_found"),
        CheckConstraint("accepted_at IS NULL OR discarded_at IS NULL", name="accepted_or_discarded"),
    )
    id: Mapped[Id]
    venue_id: Mapped[int | None] = mapped_column(ForeignKey("venues.id"))
    trainer_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    #: JSON: the ids of the cohorts whose sessions may be moved.
    cohorts: Mapped[str] = mapped_column(Text)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("jobs.id"))
    finished_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    #: JSON: a ``replans.Proposal``; empty while it is looked for.
    proposal: Mapped[str] = mapped_column(Text, default="")
    venue: Mapped[Venue | None] = relationship()
    trainer: Mapped[Person | None] = relationship()
    job: Mapped[Job | None] = relationship()

    @property
    def cohort_ids(self) -> list[int]:
        """The cohorts whose sessions may be moved."""
        found: list[int] = json.loads(self.cohorts)
        return found

    @property
    def name(self) -> str:
        """Who or what fails."""
        return (self.trainer or self.venue).name  # type: ignore[union-attr]  # one of them, says the CHECK

    @property
    def is_open(self) -> bool:
        """Tell whether somebody may still accept or discard it."""
        return self.accepted_at is None and self.discarded_at is None
