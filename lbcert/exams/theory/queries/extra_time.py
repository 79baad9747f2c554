"""Extra time: until when somebody may answer, and who was given some, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import joinedload

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.policy import Ruling, ruling
from lbcert.exams.models import Batch, ExtraTime, Part, Seat, Sitting
from lbcert.exams.theory.rules import EXTRA_MINUTES


def extra_limit(batch: Batch) -> Ruling:
    """Give by how many minutes extra time may outlast a sitting of a batch."""
    return ruling(EXTRA_MINUTES, batch.body.region_code, batch.held_on, batch.cohort.fund)


def last_end(seat: Seat) -> datetime:
    """Give until when a candidate may come in: his sitting's end, or what extra time made of it."""
    return max(seat.sitting.ends_at, _moved(ExtraTime.candidate_id == seat.candidate_id) or seat.sitting.ends_at)


def hall_end(sitting: Sitting) -> datetime:
    """Give until when anybody may answer in a hall."""
    there = ExtraTime.candidate_id.in_(select(Seat.candidate_id).where(Seat.sitting_id == sitting.id))
    return max(sitting.ends_at, _moved(there) or sitting.ends_at)


def _moved(whose: ColumnElement[bool]) -> datetime | None:
    return db.session.scalar(select(func.max(ExtraTime.until)).where(whose))


def is_extended() -> ColumnElement[bool]:
    """Tell the seats whose candidates have extra time that is not over."""
    return exists().where(ExtraTime.candidate_id == Seat.candidate_id, ExtraTime.until > clock.now())


def extra_of(candidate_id: int) -> list[ExtraTime]:
    """List the extra time that a candidate was given, oldest first."""
    return list(
        db.session.scalars(select(ExtraTime).where(ExtraTime.candidate_id == candidate_id).order_by(ExtraTime.id))
    )


@dataclass(frozen=True)
class Given:
    """Extra time as it was given at one moment, with the numbers of its candidates."""

    row: ExtraTime
    numbers: Sequence[str]


def given_in(batch: Batch) -> dict[int, list[Given]]:
    """Give the extra time of a batch by sitting, oldest first."""
    query = (
        select(ExtraTime, Seat.sitting_id)
        .join(Seat, (Seat.candidate_id == ExtraTime.candidate_id) & (Seat.part == Part.THEORY))
        .where(ExtraTime.batch_id == batch.id)
        .options(joinedload(ExtraTime.person), joinedload(ExtraTime.candidate))
        .order_by(Seat.sitting_id, ExtraTime.created_at, ExtraTime.id)
    )
    found: dict[int, list[Given]] = {}
    for (sitting_id, _moment), rows in groupby(db.session.execute(query), key=lambda row: (row[1], row[0].created_at)):
        given = [row for row, _sitting in rows]
        found.setdefault(sitting_id, []).append(Given(given[0], sorted(row.candidate.number for row in given)))
    return found
