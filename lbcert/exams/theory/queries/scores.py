"""What sheets come to by the key, and what they tell of the questions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.exams.models import (
    AnswerSheet,
    Batch,
    Part,
    Question,
    Sitting,
    TheoryPaper,
    TheoryScore,
)
from lbcert.exams.queries.marks import schemes_of
from lbcert.exams.queries.rooms import sitting_part
from lbcert.exams.theory import rules
from lbcert.exams.theory.queries.extra_time import hall_end
from lbcert.exams.theory.queries.papers import draw_of, papers_of
from lbcert.exams.theory.queries.sheets import last_answers, of_batch
from lbcert.exams.theory.statistics import Analysis, Reply, analyse


def choices_of(batch_id: int) -> dict[int, dict[int, str]]:
    """Give the last choice for each question by sheet and question, of all sheets of a batch."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for answer in db.session.scalars(last_answers(of_batch(batch_id))):
        found[answer.sheet_id][answer.question_id] = answer.chosen
    return found


def tenths_of_sheets(batch: Batch) -> dict[int, int]:
    """Give what each sheet of a batch comes to, in tenths of a point, by sheet."""
    choices = choices_of(batch.id)
    sheets = select(AnswerSheet.id, AnswerSheet.paper_id).where(AnswerSheet.batch_id == batch.id)
    asked = {paper.id: paper.questions for paper in _papers(batch)}
    return {
        sheet_id: rules.tenths_scored(
            [(one.question.key, one.tenths) for one in asked[paper_id]],
            [choices[sheet_id].get(one.question_id, "") for one in asked[paper_id]],
        )
        for sheet_id, paper_id in db.session.execute(sheets)
    }


def scores_of(batch_id: int) -> dict[int, TheoryScore]:
    """Give the scores that were taken over, by candidate."""
    return {
        one.candidate_id: one for one in db.session.scalars(select(TheoryScore).where(TheoryScore.batch_id == batch_id))
    }


def may_be_scored(batch: Batch) -> bool:
    """Tell whether marks by the key are to be written: every theory sitting is over, and somebody has no score."""
    if not schemes_of(batch.id)[Part.THEORY].by_computer:
        return False
    halls = db.session.scalars(select(Sitting).where(Sitting.batch_id == batch.id, Sitting.part == Part.THEORY)).all()
    sits = len(sitting_part(batch)[Part.THEORY])
    is_over = bool(halls) and all(hall_end(one) <= clock.now() for one in halls)
    return is_over and len(scores_of(batch.id)) < sits


@dataclass(frozen=True)
class Item:
    """A question of a batch's papers, by number, with what its answers tell."""

    question: Question
    forms: str
    analysis: Analysis


def items_of(batch: Batch) -> list[Item]:
    """Analyse the questions of a batch's papers by the sheets that were scored in points, in the order of the papers."""
    papers, choices = _papers(batch), choices_of(batch.id)
    asked = {paper.id: paper.questions for paper in papers}
    replies: dict[int, list[Reply]] = defaultdict(list)
    sheets = db.session.execute(
        select(AnswerSheet.id, AnswerSheet.paper_id, TheoryScore.tenths)
        .join(TheoryScore, TheoryScore.sheet_id == AnswerSheet.id)
        .where(AnswerSheet.batch_id == batch.id, TheoryScore.points.is_not(None))
    )
    for sheet_id, paper_id, scored in sheets:
        total = scored or 0
        for one in asked[paper_id]:
            given = choices[sheet_id].get(one.question_id, "")
            right = given == one.question.key
            rest = total - one.tenths * right
            replies[one.question_id].append(Reply(given, right, total, rest, f"{sheet_id:012d}"))
    forms: dict[int, str] = defaultdict(str)
    questions: dict[int, Question] = {}
    for paper in papers:
        for one in paper.questions:
            forms[one.question_id] += paper.form
            questions[one.question_id] = one.question
    return [
        Item(question, forms[key], analyse(replies[key], question.choices))
        for key, question in questions.items()
        if replies[key]
    ]


def _papers(batch: Batch) -> list[TheoryPaper]:
    drawn = draw_of(batch.id)
    return papers_of(drawn.id) if drawn else []
