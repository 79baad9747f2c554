"""What a batch's list of candidates took off, and what was asked of it after its freeze."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import db
from lbcert.exams.models import RosterChange


def roster_changes(batch_id: int) -> list[RosterChange]:
    """List every change of a batch's list that was noted, asked for or answered, the newest first."""
    query = (
        select(RosterChange)
        .where(RosterChange.batch_id == batch_id)
        .options(
            joinedload(RosterChange.enrolment).joinedload(Enrolment.person),
            joinedload(RosterChange.requester),
            joinedload(RosterChange.answerer),
        )
        .order_by(RosterChange.id.desc())
    )
    return list(db.session.scalars(query))
