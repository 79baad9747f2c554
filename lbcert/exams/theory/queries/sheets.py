"""Answer sheets: finding a candidate's by what he names, what he chose, and how far everybody is."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.seal import keyring
from lbcert.exams.models import (
    Answer,
    AnswerSheet,
    Batch,
    BatchState,
    Candidate,
    PaperQuestion,
    Part,
    Question,
    Seat,
    SheetOpening,
    Sitting,
)
from lbcert.exams.queries.rooms import sittings_of
from lbcert.exams.theory.queries.extra_time import Given, given_in, hall_end

#: The code is shown from so long before a sitting on.
CODE_SHOWN = timedelta(minutes=30)
_CODE_DIGITS = 6


def code_of(sitting: Sitting) -> str:
    """Give the six digits that whoever sits must name: kept nowhere, told by the installation's secret key."""
    return f"{int(keyring().index('sitting', str(sitting.id)), 16) % 10**_CODE_DIGITS:0{_CODE_DIGITS}d}"


def seat_named(number: str, last_four: str, code: str) -> Seat | None:
    """Find the seat in a theory sitting of about now whose candidate has this number and last four, and whose sitting this code."""
    around = clock.now()
    sittings = db.session.scalars(
        select(Sitting).where(
            Sitting.part == Part.THEORY,
            Sitting.starts_at.between(around - timedelta(days=1), around + timedelta(days=1)),
        )
    )
    right = [one.id for one in sittings if hmac.compare_digest(code_of(one).encode(), code.encode())]
    query = (
        select(Seat)
        .join(Seat.candidate)
        .where(Seat.sitting_id.in_(right), Candidate.number == number)
        .options(joinedload(Seat.sitting))
    )
    for seat in db.session.scalars(query):
        if hmac.compare_digest(seat.candidate.enrolment.person.id_number[-4:].encode(), last_four.encode()):
            return seat
    return None


def sheet_of(candidate_id: int) -> AnswerSheet | None:
    """Give a candidate's sheet."""
    return db.session.scalar(select(AnswerSheet).where(AnswerSheet.candidate_id == candidate_id))


def sheets_by_candidate(batch_id: int) -> dict[int, AnswerSheet]:
    """Give the sheets of a batch by candidate."""
    query = select(AnswerSheet).where(AnswerSheet.batch_id == batch_id)
    return {one.candidate_id: one for one in db.session.scalars(query.options(joinedload(AnswerSheet.paper)))}


def asked_on(paper_id: int) -> list[tuple[PaperQuestion, Question]]:
    """List the questions of a paper in their order."""
    query = (
        select(PaperQuestion, Question)
        .join(PaperQuestion.question)
        .where(PaperQuestion.paper_id == paper_id)
        .order_by(PaperQuestion.position)
    )
    return [(row, question) for row, question in db.session.execute(query)]


def last_answers(of: ColumnElement[bool]) -> Select[Answer]:
    """Choose, among the answers that are ``of`` some sheets, the last one for each question, those taken back too."""
    newest = select(func.max(Answer.id)).where(of).group_by(Answer.sheet_id, Answer.question_id)
    return select(Answer).where(Answer.id.in_(newest))


def of_batch(batch_id: int) -> ColumnElement[bool]:
    """Tell answers on the sheets of a batch."""
    return Answer.sheet_id.in_(select(AnswerSheet.id).where(AnswerSheet.batch_id == batch_id))


def chosen_on(sheet_id: int) -> dict[int, Answer]:
    """Give the last choice for each question of a sheet, those taken back too."""
    return {one.question_id: one for one in db.session.scalars(last_answers(Answer.sheet_id == sheet_id))}


def elsewhere(sheet_id: int, device: str) -> datetime | None:
    """Give when a sheet was last opened in another browser than this one, after this one; None where it was not."""
    rows = db.session.execute(
        select(SheetOpening.device, SheetOpening.created_at)
        .where(SheetOpening.sheet_id == sheet_id)
        .order_by(SheetOpening.id.desc())
        .limit(1)
    ).all()
    return None if not rows or rows[0].device == device else rows[0].created_at


def opened_before(sheet_id: int, device: str) -> datetime | None:
    """Give when another browser opened a sheet before this one did; None where none has."""
    query = (
        select(SheetOpening.created_at)
        .where(SheetOpening.sheet_id == sheet_id, SheetOpening.device != device)
        .order_by(SheetOpening.id.desc())
    )
    return db.session.scalar(query.limit(1))


@dataclass(frozen=True)
class Progress:
    """How far a candidate is, by number."""

    seat: int
    number: str
    sheet: AnswerSheet | None
    answered: int
    machines: int


@dataclass(frozen=True)
class Hall:
    """A theory sitting, its code, and how far everybody is."""

    sitting: Sitting
    code: str
    shows_code: bool
    #: While somebody could still be given more time.
    is_running: bool
    rows: Sequence[Progress] = field(default_factory=list)
    given: Sequence[Given] = ()


def halls_of(batch: Batch) -> list[Hall]:
    """List the theory sittings of a batch with how far everybody is, seat by seat."""
    sheets = sheets_by_candidate(batch.id)
    chosen = last_answers(of_batch(batch.id)).where(Answer.chosen != "")
    answered = _counts(chosen.with_only_columns(Answer.sheet_id, func.count()).group_by(Answer.sheet_id))
    machines = _counts(
        select(SheetOpening.sheet_id, func.count(SheetOpening.device.distinct()))
        .where(SheetOpening.sheet_id.in_(sheet.id for sheet in sheets.values()))
        .group_by(SheetOpening.sheet_id)
    )
    halls, now, given = [], clock.now(), given_in(batch)
    for sitting in (one for one in sittings_of(batch.id) if one.part is Part.THEORY):
        rows = []
        for seat in sitting.seats:
            sheet = sheets.get(seat.candidate_id)
            key = sheet.id if sheet else 0
            rows.append(Progress(seat.number, seat.candidate.number, sheet, answered.get(key, 0), machines.get(key, 0)))
        shows = sitting.starts_at - CODE_SHOWN <= now < hall_end(sitting)
        today = clock.local(now).date() == clock.local(sitting.starts_at).date()
        is_running = batch.state is BatchState.MARKING and today and now >= sitting.starts_at
        halls.append(Hall(sitting, code_of(sitting), shows, is_running, rows, given.get(sitting.id, ())))
    return halls


def _counts(query: Select[int, int]) -> dict[int, int]:
    return dict(db.session.execute(query).all())
