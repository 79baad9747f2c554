"""Drawing the papers of a batch, and going back to paper and pen."""

from __future__ import annotations

import json
import secrets
from typing import Any

from sqlalchemy import delete

from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import Batch, BatchState, Blueprint, PaperDraw, PaperForm, PaperQuestion, Part, TheoryPaper
from lbcert.exams.places import TRANSCRIBERS
from lbcert.exams.rules import reasoned
from lbcert.exams.theory import rules
from lbcert.exams.theory.blueprints import draw, lacking
from lbcert.exams.theory.queries.banks import lines_of, pool_of
from lbcert.exams.theory.queries.papers import blueprints_for, draw_of, seen_before


@operation("exams.draw_papers", say("机考组卷"), allow=TRANSCRIBERS)
def draw_papers(actor: Any, batch_id: int, blueprint_id: int, *, two_forms: bool = True, reason: str = "") -> PaperDraw:
    """Have the theory of a batch sat by computer: draw its papers, in one form or two, by a seed that is kept.

    Questions that one of the candidates answered in an earlier exam are left out. Refused once the exam has begun, for a
    blueprint of another body, trade or level, with names for what the bank lacks, and without a reason where papers were drawn before.
    """
    batch, blueprint = load(Batch, batch_id, lock=True), load(Blueprint, blueprint_id)
    lines, seen = lines_of(blueprint), seen_before(batch)
    pool = [one for one in pool_of(blueprint.bank_id) if one.id not in seen]
    fits = blueprint.id in {one.id for one in blueprints_for(batch)}
    strange = refuse("exams.blueprint_elsewhere", say("这份组卷方案不是本批次评价机构、职业和等级的，或已停用"))
    lacks = lacking(lines, pool)
    if lacks and seen:
        note = say("本批次有补考的考生，他们答过的 {count} 道题不再出", count=len(seen))
        lacks.append(Finding("exams.questions_left_out", Level.NOTE, note))
    refuse_on(
        _planned(batch),
        [] if fits else [strange],
        lacks if fits else [],
        reasoned(reason) if draw_of(batch.id) else [],
    )
    made = PaperDraw(
        batch_id=batch.id,
        blueprint_id=blueprint.id,
        forms="AB" if two_forms else "A",
        minutes=blueprint.minutes,
        seed=secrets.token_hex(32),
        pool=json.dumps([one.id for one in pool]),
        reason=reason.strip(),
        account_id=actor.id,
    )
    db.session.add(made)
    db.session.flush()
    for form, drawn in draw(lines, pool, made.seed, made.forms).items():
        paper = TheoryPaper(draw_id=made.id, batch_id=batch.id, form=form)
        paper.questions = [
            PaperQuestion(position=place, question_id=question_id, tenths=tenths)
            for place, (question_id, tenths) in enumerate(drawn, start=1)
        ]
        db.session.add(paper)
    _name_form(batch, computer_form(made))
    return made


@operation("exams.withdraw_papers", say("改回纸笔考试"), allow=TRANSCRIBERS)
def withdraw_papers(actor: Any, batch_id: int, reason: str) -> PaperDraw:
    """Have the theory of a batch written on paper after all. Refused without a reason, and once the exam has begun."""
    batch = load(Batch, batch_id, lock=True)
    refuse_on(_planned(batch), [] if draw_of(batch.id) else [rules.NO_PAPERS], reasoned(reason))
    made = PaperDraw(batch_id=batch.id, forms="", reason=reason.strip(), account_id=actor.id)
    db.session.add(made)
    _name_form(batch, "")
    return made


def computer_form(made: PaperDraw) -> str:
    """Name the form of the paper that a draw is, for the rule that a resit is on another."""
    return f"机考 {made.id}"


def _name_form(batch: Batch, label: str) -> None:
    db.session.execute(delete(PaperForm).where(PaperForm.batch_id == batch.id, PaperForm.part == Part.THEORY))
    if label:
        db.session.add(PaperForm(batch_id=batch.id, part=Part.THEORY, label=label))


def _planned(batch: Batch) -> list[Finding]:
    if batch.state is BatchState.PLANNED:
        return []
    return [refuse("exams.paper_drawn_late", say("试卷只能在开考以前组"))]
