"""Sitting a paper: opened by who was looked at, saved at every answer, ended by its candidate or by the time."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, select

from lbcert.core import clock, jobs
from lbcert.core.access import CONSOLE, PUBLIC, Actor, Console, Holder, only
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import (
    Answer,
    AnswerSheet,
    BatchState,
    Ending,
    PaperQuestion,
    Part,
    PartScheme,
    Question,
    Seat,
    Seen,
    SheetOpening,
)
from lbcert.exams.queries.incidents import last_check
from lbcert.exams.theory import rules
from lbcert.exams.theory.queries.extra_time import last_end
from lbcert.exams.theory.queries.papers import draw_of, papers_of
from lbcert.exams.theory.queries.sheets import chosen_on, seat_named, sheet_of


def _is_own(actor: Actor, sheet_id: int) -> bool:
    return isinstance(actor, Holder) and load(AnswerSheet, sheet_id).candidate.enrolment.person_id == actor.person_id


SHEET_SELF = only("whose sheet it is", _is_own)


@operation("exams.open_sheet", say("打开答卷"), allow=PUBLIC)
def open_sheet(actor: Any, number: str, last_four: str, code: str, secret: str) -> AnswerSheet:
    """Open a candidate's sheet, or go on with it, in a browser that is known by its ``secret``.

    Refused in the same words whichever of number, last four of the ID and code of the sitting is wrong; outside the
    sitting, before the exam has begun or somebody looked at him, and once the sheet is ended.
    """
    seat = seat_named(number, last_four.upper(), code)
    if seat is None:
        message = say("考生号、身份证号后四位和场次码对不上，请照准考证、身份证和考场公布的场次码核对")
        raise Refused([refuse("exams.sitting_unknown", message)])
    load(Seat, seat.id, lock=True)  # one sheet, however many browsers ask at once
    now, sheet = clock.now(), sheet_of(seat.candidate_id)
    refuse_on(rules.may_open(_entry(seat, sheet), now))
    if sheet is None:
        sheet = _begin(seat)
    elif sheet.due_at <= now:
        refuse_on([invariant("exams.answer_late")])
    db.session.add(SheetOpening(sheet_id=sheet.id, device=device_of(secret)))
    return sheet


@operation("exams.save_answer", say("保存作答"), allow=SHEET_SELF)
def save_answer(actor: Any, sheet_id: int, question_id: int, chosen: Sequence[str]) -> Answer | None:
    """Keep what was chosen of a question; the last one counts, by the server's clock. The same again adds nothing.

    Nothing chosen takes a choice back. Refused once the sheet is ended or its time over.
    """
    sheet = db.session.scalars(select(AnswerSheet).where(AnswerSheet.id == sheet_id).with_for_update(read=True)).one()
    asked = select(Question).join(PaperQuestion, PaperQuestion.question_id == Question.id)
    question = db.session.scalar(asked.where(PaperQuestion.paper_id == sheet.paper_id, Question.id == question_id))
    tidy = rules.tidy_choice(question.kind, question.choices, chosen) if question else ""
    now = clock.now()
    refuse_on(
        [invariant("exams.answer_late")] if sheet.ended_at or now > sheet.due_at else [],
        [] if question else [invariant("exams.answer_elsewhere")],
        [refuse("exams.answer_odd", say("没有这个选项，请刷新页面"))] if tidy is None else [],
    )
    before = chosen_on(sheet.id).get(question_id)
    if (before.chosen if before else "") == tidy:
        return before
    answer = Answer(sheet_id=sheet.id, question_id=question_id, chosen=tidy or "", saved_at=now)
    db.session.add(answer)
    return answer


@operation("exams.hand_in_sheet", say("交卷"), allow=SHEET_SELF)
def hand_in_sheet(actor: Any, sheet_id: int) -> AnswerSheet:
    """End a sheet; one that is ended stays as it is."""
    sheet = load(AnswerSheet, sheet_id, lock=True)
    if sheet.ended_at is None:
        now = clock.now()
        is_late = now > sheet.due_at
        sheet.ended_at, sheet.ending = min(now, sheet.due_at), Ending.TIME if is_late else Ending.HANDED_IN
    return sheet


@operation("exams.end_sheets", say("到时自动交卷"), allow=CONSOLE)
def end_sheets(actor: Any) -> int:
    """End every sheet whose time is over; gives how many."""
    return end_by_time(overdue().with_for_update(skip_locked=True))


@jobs.regularly
def end_what_is_due() -> None:
    """End the sheets whose time is over, where there are any."""
    if db.session.scalar(overdue().limit(1)) is not None:
        end_sheets(Console())


def overdue() -> Select[AnswerSheet]:
    """Choose the sheets whose time is over and that nobody has ended."""
    return select(AnswerSheet).where(AnswerSheet.ended_at.is_(None), AnswerSheet.due_at < clock.now())


def end_by_time(those: Select[AnswerSheet]) -> int:
    """End sheets at the moment when their time was over, inside the operation under way; gives how many."""
    sheets = db.session.scalars(those).all()
    for sheet in sheets:
        sheet.ended_at, sheet.ending = sheet.due_at, Ending.TIME
    db.session.flush()
    return len(sheets)


def device_of(secret: str) -> str:
    """Give what is kept of a browser's secret."""
    return sha256(secret.encode()).hexdigest()


def _entry(seat: Seat, sheet: AnswerSheet | None) -> rules.Entry:
    batch, check = seat.sitting.batch, last_check(seat.candidate_id)
    scheme = db.session.scalar(
        select(PartScheme).where(PartScheme.batch_id == batch.id, PartScheme.part == Part.THEORY)
    )
    return rules.Entry(
        starts_at=seat.sitting.starts_at,
        ends_at=last_end(seat),
        is_begun=batch.state is BatchState.MARKING,
        by_computer=scheme is not None and scheme.by_computer,
        is_seen=check is not None and check.seen is Seen.MATCH,
        is_ended=sheet is not None and sheet.ended_at is not None,
    )


def _begin(seat: Seat) -> AnswerSheet:
    """Begin a sheet; of two forms, neighbours have different ones."""
    drawn, now = draw_of(seat.batch_id), clock.now()
    if drawn is None or drawn.minutes is None:
        raise Refused([rules.NO_PAPERS])
    papers = papers_of(drawn.id)
    sheet = AnswerSheet(
        batch_id=seat.batch_id,
        candidate_id=seat.candidate_id,
        sitting_id=seat.sitting_id,
        paper_id=papers[(seat.number - 1) % len(papers)].id,
        opened_at=now,
        due_at=rules.due_at(now, drawn.minutes, last_end(seat)),
    )
    db.session.add(sheet)
    db.session.flush()
    return sheet
