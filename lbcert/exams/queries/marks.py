"""Marks as scorers see them: by candidate number, never by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from lbcert.core.database import db
from lbcert.core.findings import Missing
from lbcert.exams.models import Absence, Batch, BatchStaff, Candidate, Mark, Part
from lbcert.exams.rules import parts_of
from lbcert.parties.models import Account


@dataclass
class Sheet:
    """A candidate as a scorer sees him: his number, and the marks that count."""

    candidate_id: int
    number: str
    marks: dict[Part, Mark] = field(default_factory=dict)

    def value(self, part: Part) -> int | Absence | None:
        """Give the points or the absence of a part; None where nobody marked it."""
        mark = self.marks.get(part)
        return None if mark is None else mark.absence if mark.absence is not None else mark.points


def standing_marks() -> Select[Mark]:
    """Choose the marks that nothing replaced."""
    later = aliased(Mark)
    return select(Mark).outerjoin(later, later.replaces_id == Mark.id).where(later.id.is_(None))


def sheets_of(batch_id: int) -> dict[int, Sheet]:
    """Give each candidate's marks that count, by candidate id, in the order of the random numbers."""
    rows = db.session.execute(
        select(Candidate.id, Candidate.number).where(Candidate.batch_id == batch_id).order_by(Candidate.number)
    )
    sheets = {row.id: Sheet(row.id, row.number) for row in rows}
    marks = standing_marks().where(Mark.batch_id == batch_id).options(joinedload(Mark.scorer))
    for mark in db.session.scalars(marks):
        sheets[mark.candidate_id].marks[mark.part] = mark
    return sheets


def sheet_of(batch_id: int, number: str) -> Sheet:
    """Give one candidate's marks that count, by number; raises ``Missing``."""
    for sheet in sheets_of(batch_id).values():
        if sheet.number == number:
            return sheet
    raise Missing(f"Candidate {number} of batch {batch_id}")


def candidate_numbered(batch_id: int, number: str) -> Candidate:
    """Find a candidate by number; raises ``Missing``."""
    found = db.session.scalar(select(Candidate).where(Candidate.batch_id == batch_id, Candidate.number == number))
    if found is None:
        raise Missing(f"Candidate {number} of batch {batch_id}")
    return found


def standing_mark(candidate_id: int, part: Part) -> Mark | None:
    """Give the mark that counts for a part, or None."""
    return db.session.scalar(standing_marks().where(Mark.candidate_id == candidate_id, Mark.part == part))


def history_of(candidate_id: int) -> list[Mark]:
    """List every mark that a candidate was given, oldest first, replaced ones too."""
    query = select(Mark).where(Mark.candidate_id == candidate_id).options(joinedload(Mark.scorer)).order_by(Mark.id)
    return list(db.session.scalars(query))


def unmarked(batch: Batch, sheets: Mapping[int, Sheet]) -> dict[Part, list[str]]:
    """Give the numbers of candidates whose mark is missing, by part."""
    return {
        part: [sheet.number for sheet in sheets.values() if part not in sheet.marks]
        for part in parts_of(with_review=batch.with_review)
    }


def marks_given(batch_id: int) -> int:
    """Count the marks that count."""
    query = standing_marks().where(Mark.batch_id == batch_id).with_only_columns(func.count())
    return db.session.scalar(query) or 0


def has_marked(batch_id: int, person_id: int) -> bool:
    """Tell whether somebody gave, or typed in, a mark of a batch."""
    query = (
        select(Mark.id)
        .join(Account, Account.id == Mark.account_id)
        .where(Mark.batch_id == batch_id, (Mark.scorer_id == person_id) | (Account.person_id == person_id))
        .limit(1)
    )
    return db.session.scalar(query) is not None


def appointment(batch_id: int, person_id: int | None) -> BatchStaff | None:
    """Give somebody's post in a batch."""
    return db.session.scalar(
        select(BatchStaff).where(BatchStaff.batch_id == batch_id, BatchStaff.person_id == person_id)
    )
