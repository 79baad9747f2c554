"""The papers of a batch: what was drawn, whether it comes out the same again, and whether the batch is ready for them."""

from __future__ import annotations

import json

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.exams.models import (
    AnswerSheet,
    BankReading,
    Batch,
    Blueprint,
    Candidate,
    PaperDraw,
    PaperQuestion,
    Part,
    Question,
    QuestionBank,
    TheoryPaper,
)
from lbcert.exams.queries.rooms import sitting_part, sittings_of, unseated
from lbcert.exams.theory import rules
from lbcert.exams.theory.blueprints import Pooled, draw
from lbcert.exams.theory.queries.banks import lines_of
from lbcert.parties.models import Account, Person
from lbcert.teaching.models import Session
from lbcert.teaching.queries import taught_by


def draws_of(batch_id: int) -> list[PaperDraw]:
    """List the draws of a batch, the newest first."""
    query = select(PaperDraw).where(PaperDraw.batch_id == batch_id).options(joinedload(PaperDraw.blueprint))
    return list(db.session.scalars(query.order_by(PaperDraw.id.desc())))


def draw_of(batch_id: int) -> PaperDraw | None:
    """Give the draw that counts; None where theory is on paper."""
    newest = select(func.max(PaperDraw.id)).where(PaperDraw.batch_id == batch_id).scalar_subquery()
    return db.session.scalar(select(PaperDraw).where(PaperDraw.id == newest, PaperDraw.forms != ""))


def papers_of(draw_id: int) -> list[TheoryPaper]:
    """List the forms of a draw with their questions."""
    query = select(TheoryPaper).where(TheoryPaper.draw_id == draw_id).order_by(TheoryPaper.form)
    return list(
        db.session.scalars(query.options(selectinload(TheoryPaper.questions).joinedload(PaperQuestion.question)))
    )


def is_as_drawn(made: PaperDraw) -> bool:
    """Tell whether the forms of a draw are those that its seed and its pool give again."""
    if made.blueprint is None:
        return True
    ids = json.loads(made.pool)
    query = select(Question.id, Question.kind, Question.point).where(Question.id.in_(ids)).order_by(Question.id)
    pool = [Pooled(*row) for row in db.session.execute(query)]
    again = draw(lines_of(made.blueprint), pool, made.seed, made.forms)
    rows = db.session.execute(
        select(TheoryPaper.form, PaperQuestion.question_id, PaperQuestion.tenths)
        .join(PaperQuestion, PaperQuestion.paper_id == TheoryPaper.id)
        .where(TheoryPaper.draw_id == made.id)
        .order_by(PaperQuestion.position)
    )
    stored: dict[str, list[tuple[int, int]]] = {form: [] for form in made.forms}
    for form, question_id, tenths in rows:
        stored[form].append((question_id, tenths))
    return stored == again


def blueprints_for(batch: Batch) -> list[Blueprint]:
    """List the blueprints by which papers for a batch may be put together: of its body's bank for its trade and level."""
    item = batch.cohort.item
    query = (
        select(Blueprint)
        .join(Blueprint.bank)
        .where(
            Blueprint.retired_at.is_(None),
            QuestionBank.body_id == batch.body_id,
            QuestionBank.trade_id == item.trade_id,
            QuestionBank.level == item.level if item.level else QuestionBank.level.is_(None),
        )
        .order_by(Blueprint.name)
    )
    return list(db.session.scalars(query))


def _answered_before(batch: Batch) -> Select[int, int]:
    """Choose candidates of a batch with the questions that were on papers which they opened for earlier batches."""
    again, earlier = aliased(Enrolment), aliased(Candidate)
    return (
        select(Candidate.id, PaperQuestion.question_id)
        .join(Candidate.enrolment)
        .join(again, again.person_id == Enrolment.person_id)
        .join(earlier, (earlier.enrolment_id == again.id) & (earlier.batch_id != batch.id))
        .join(AnswerSheet, AnswerSheet.candidate_id == earlier.id)
        .join(PaperQuestion, PaperQuestion.paper_id == AnswerSheet.paper_id)
        .where(Candidate.batch_id == batch.id)
    )


def seen_before(batch: Batch) -> set[int]:
    """Give the questions that some candidate of a batch has answered in an earlier exam."""
    return {question_id for _candidate, question_id in db.session.execute(_answered_before(batch))}


def theory_ready(batch: Batch) -> list[Finding]:
    """Find what keeps a batch whose theory is by computer from beginning; nothing where it is on paper."""
    made = draw_of(batch.id)
    if made is None or made.minutes is None or made.blueprint is None:
        return []
    sittings = [one for one in sittings_of(batch.id) if one.part is Part.THEORY]
    lengths = {one.room.name: int((one.ends_at - one.starts_at).total_seconds()) // 60 for one in sittings}
    sits = {one.id: one.enrolment.person.name for one in sitting_part(batch)[Part.THEORY]}
    asked = select(PaperQuestion.question_id).join(PaperQuestion.paper).where(TheoryPaper.draw_id == made.id)
    seen = _answered_before(batch).where(PaperQuestion.question_id.in_(asked)).distinct()
    knows = {candidate_id for candidate_id, _question in db.session.execute(seen)}
    return rules.ready(
        rules.Readiness(
            minutes=made.minutes,
            unseated=[one.enrolment.person.name for one in unseated(batch, sittings, Part.THEORY)],
            short=[(room, minutes) for room, minutes in lengths.items() if minutes < made.minutes],
            seen=[name for key, name in sits.items() if key in knows],
            trainers=_trainers_who_read(made.blueprint.bank_id, batch.cohort),
        )
    )


def _trainers_who_read(bank_id: int, cohort: Cohort) -> list[str]:
    query = (
        select(Person.name)
        .join(Account, Account.person_id == Person.id)
        .join(BankReading, BankReading.account_id == Account.id)
        .join(Session, taught_by(Person.id))
        .where(BankReading.bank_id == bank_id, Session.cohort_id == cohort.id)
        .distinct()
    )
    return list(db.session.scalars(query.order_by(Person.name)))
