"""Marks by candidate number, never by name: as they settle for who decides, and as one scorer may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from lbcert.core.database import db
from lbcert.core.findings import Missing
from lbcert.exams import scoring
from lbcert.exams.models import (
    Absence,
    Batch,
    BatchStaff,
    BatchState,
    Candidate,
    CarriedPart,
    Mark,
    Part,
    PartScheme,
    Post,
    RubricItem,
)
from lbcert.exams.rules import parts_of
from lbcert.exams.scoring import Given, Item, Scheme
from lbcert.parties.models import Account


def given_of(mark: Mark) -> Given:
    """Give what the marker gave."""
    return Given(mark.points, mark.absence, mark.by_item)


def value_of(mark: Mark) -> int | Absence:
    """Give the points or the absence of a mark."""
    return given_of(mark).value


@dataclass
class Sheet:
    """A candidate's marks that count, by part and seat: for who decides and for the exam office, never for a scorer."""

    candidate_id: int
    number: str
    schemes: Mapping[Part, Scheme]
    marks: dict[Part, dict[int, Mark]] = field(default_factory=dict)
    #: Points of parts that were passed in an earlier exam and are not marked again.
    carried: Mapping[Part, int] = field(default_factory=dict)

    def given(self, part: Part) -> dict[int, int | Absence]:
        """Give what each seat's marker gave."""
        return {seat: value_of(mark) for seat, mark in sorted(self.marks.get(part, {}).items())}

    def value(self, part: Part) -> int | Absence | None:
        """Give what counts of a part; None where it is not settled."""
        return self.carried.get(part, scoring.settled(self.given(part), self.schemes[part]))

    def wants_third(self, part: Part) -> bool:
        """Tell whether two markers are too far apart and no third has marked."""
        return scoring.wants_third(self.given(part), self.schemes[part])


@dataclass(frozen=True)
class OwnSheet:
    """A candidate as one scorer sees him: his number, the scorer's own marks, and which parts wait for the scorer.

    A part that one marker scores shows the mark whoever gave it; a part of two shows nothing of the others'.
    """

    candidate_id: int
    number: str
    marks: Mapping[Part, Mark]
    #: The seat that he would take, for each part that waits for him.
    seats: Mapping[Part, int]
    schemes: Mapping[Part, Scheme]
    carried: Mapping[Part, int] = field(default_factory=dict)

    @classmethod
    def of(cls, sheet: Sheet, person_id: int | None, parts: Iterable[Part]) -> OwnSheet:
        """Leave of a sheet what a person may see."""
        marks: dict[Part, Mark] = {}
        seats: dict[Part, int] = {}
        for part in parts:
            scheme, there = sheet.schemes[part], sheet.marks.get(part, {})
            shown = [mark for mark in there.values() if not scheme.is_blind or mark.scorer_id == person_id]
            if shown:
                marks[part] = shown[0]
            elif part in sheet.carried or scheme.by_computer:
                continue
            elif seat := scoring.free_seat(sheet.given(part), scheme):
                seats[part] = seat
        return cls(sheet.candidate_id, sheet.number, marks, seats, sheet.schemes, sheet.carried)

    def value(self, part: Part) -> int | Absence | None:
        """Give the points or the absence of a part, as far as the scorer may see it."""
        return value_of(self.marks[part]) if part in self.marks else None


def standing_marks() -> Select[Mark]:
    """Choose the marks that nothing replaced."""
    later = aliased(Mark)
    return select(Mark).outerjoin(later, later.replaces_id == Mark.id).where(later.id.is_(None))


#: What each mark asks, put together once: to build a statement takes longer than to run it.
_ITEM = (RubricItem.name, RubricItem.weight, RubricItem.most, RubricItem.guide)
_SCHEMES = (
    select(PartScheme.part, PartScheme.markers, PartScheme.tolerance, PartScheme.by_computer, *_ITEM)
    .outerjoin(RubricItem, RubricItem.rubric_id == PartScheme.rubric_id)
    .where(PartScheme.batch_id == bindparam("batch"))
    .order_by(PartScheme.part, RubricItem.place)
)
_CARRIED = select(CarriedPart.candidate_id, CarriedPart.part, CarriedPart.points)
_CARRIED_OF_ONE = _CARRIED.where(CarriedPart.candidate_id == bindparam("candidate"))
_MARKS_OF_ONE = standing_marks().where(Mark.candidate_id == bindparam("candidate"))
_NUMBERED = select(Candidate).where(Candidate.batch_id == bindparam("batch"), Candidate.number == bindparam("number"))
_NUMBERED_LOCKED = _NUMBERED.with_for_update(key_share=True)
_APPOINTMENT = select(BatchStaff).where(
    BatchStaff.batch_id == bindparam("batch"), BatchStaff.person_id == bindparam("person")
)


def schemes_of(batch_id: int) -> dict[Part, Scheme]:
    """Give how each part of a batch is marked; one marker and no rubric where nothing was frozen."""
    schemes = dict.fromkeys(Part, Scheme())
    for part, rows in groupby(db.session.execute(_SCHEMES, {"batch": batch_id}).all(), key=lambda row: row.part):
        found = list(rows)
        items = tuple(Item(*row[4:]) for row in found if row.name is not None)
        schemes[part] = Scheme(found[0].markers, found[0].tolerance or 0, found[0].by_computer, items)
    return schemes


def sheets_of(batch_id: int) -> dict[int, Sheet]:
    """Give each candidate's marks that count, by candidate id, in the order of the random numbers."""
    rows = db.session.execute(
        select(Candidate.id, Candidate.number).where(Candidate.batch_id == batch_id).order_by(Candidate.number)
    )
    schemes = schemes_of(batch_id)
    carried = _carried(db.session.execute(_CARRIED.where(CarriedPart.batch_id == batch_id)))
    sheets = {row.id: Sheet(row.id, row.number, schemes, carried=carried.get(row.id, {})) for row in rows}
    marks = standing_marks().where(Mark.batch_id == batch_id).options(selectinload(Mark.scorer))
    for mark in db.session.scalars(marks):
        sheets[mark.candidate_id].marks.setdefault(mark.part, {})[mark.seat] = mark
    return sheets


def _carried(rows: Iterable[Any]) -> dict[int, dict[Part, int]]:
    found: dict[int, dict[Part, int]] = {}
    for candidate_id, part, points in rows:
        found.setdefault(candidate_id, {})[part] = points
    return found


def own_sheets(batch: Batch, person_id: int | None) -> list[OwnSheet]:
    """Give the candidates of a batch as one scorer sees them, in the order of the random numbers."""
    parts = parts_of(with_review=batch.with_review)
    return [OwnSheet.of(sheet, person_id, parts) for sheet in sheets_of(batch.id).values()]


def own_sheet(candidate: Candidate, person_id: int | None, schemes: Mapping[Part, Scheme] | None = None) -> OwnSheet:
    """Give one candidate as one scorer sees him; whoever knows the batch's ``schemes`` already says so."""
    one = {"candidate": candidate.id}
    carried = _carried(db.session.execute(_CARRIED_OF_ONE, one)).get(candidate.id, {})
    sheet = Sheet(candidate.id, candidate.number, schemes or schemes_of(candidate.batch_id), carried=carried)
    for mark in db.session.scalars(_MARKS_OF_ONE, one):
        sheet.marks.setdefault(mark.part, {})[mark.seat] = mark
    return OwnSheet.of(sheet, person_id, Part)


def candidate_numbered(batch_id: int, number: str, *, lock: bool = False) -> Candidate:
    """Find a candidate by number, locked until the operation ends when asked; raises ``Missing``."""
    found = db.session.scalar(_NUMBERED_LOCKED if lock else _NUMBERED, {"batch": batch_id, "number": number})
    if found is None:
        raise Missing(f"Candidate {number} of batch {batch_id}")
    return found


def own_history(candidate: Candidate, person_id: int | None) -> list[Mark]:
    """List the marks that a scorer may see of a candidate, oldest first, replaced ones too."""
    schemes = schemes_of(candidate.batch_id)
    query = select(Mark).where(Mark.candidate_id == candidate.id).options(joinedload(Mark.scorer)).order_by(Mark.id)
    return [
        mark for mark in db.session.scalars(query) if not schemes[mark.part].is_blind or mark.scorer_id == person_id
    ]


def unsettled(batch: Batch, sheets: Mapping[int, Sheet]) -> dict[Part, list[str]]:
    """Give the numbers of candidates whose part has no value yet, by part, those who want a third among them."""
    return {
        part: [sheet.number for sheet in sheets.values() if sheet.value(part) is None]
        for part in parts_of(with_review=batch.with_review)
    }


def wanting_third(batch: Batch, sheets: Mapping[int, Sheet]) -> dict[Part, list[str]]:
    """Give the numbers of candidates whose two markers are too far apart, by part."""
    return {
        part: [sheet.number for sheet in sheets.values() if sheet.wants_third(part)]
        for part in parts_of(with_review=batch.with_review)
    }


def has_marked(batch_id: int, person_id: int) -> bool:
    """Tell whether somebody gave, or typed in, a mark of a batch."""
    query = (
        select(Mark.id)
        .join(Account, Account.id == Mark.account_id)
        .where(Mark.batch_id == batch_id, (Mark.scorer_id == person_id) | (Account.person_id == person_id))
        .limit(1)
    )
    return db.session.scalar(query) is not None


def scores_somewhere(person_id: int | None) -> bool:
    """Tell whether somebody is an examiner of a batch that is being marked."""
    there = exists().where(
        BatchStaff.person_id == person_id,
        BatchStaff.post.in_((Post.LEADER, Post.EXAMINER)),
        BatchStaff.batch_id == Batch.id,
        Batch.state == BatchState.MARKING,
    )
    return bool(db.session.scalar(select(there)))


def appointment(batch_id: int, person_id: int | None) -> BatchStaff | None:
    """Give somebody's post in a batch."""
    return db.session.scalar(_APPOINTMENT, {"batch": batch_id, "person": person_id})
