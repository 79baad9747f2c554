"""Founding a bank, filling it from a sheet, reading all of it, and saying how papers are put together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.reference import SkillLevel, Trade
from lbcert.core.seal import keyring
from lbcert.core.staging import (
    Checked,
    StagedSheet,
    discard,
    find,
    forget_rows,
    good_rows,
    importable,
    outdated,
    stage,
)
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import BankReading, Blueprint, BlueprintLine, Question, QuestionBank
from lbcert.exams.queries.cards import trades_filed
from lbcert.exams.rules import reasoned
from lbcert.exams.theory import blueprints
from lbcert.exams.theory.blueprints import Line
from lbcert.exams.theory.places import BANK_FOUNDERS, BANK_KEEPERS, BLUEPRINT_KEEPERS, SENDER
from lbcert.exams.theory.queries.banks import check_questions, judged, kept_from
from lbcert.exams.theory.question_sheet import KIND, Written
from lbcert.parties.models import Organisation


@operation("exams.create_bank", say("建立题库"), allow=BANK_FOUNDERS)
def create_bank(actor: Any, body_id: int, trade_id: int, level: SkillLevel | None) -> QuestionBank:
    """Found a body's bank for a trade at a level. Refused for a trade that the body has not filed to assess."""
    body, trade = load(Organisation, body_id), load(Trade, trade_id)
    filed = trade.id in {one.id for one in trades_filed(body.id)}
    message = say("{body} 没有“{trade}”的评价备案，请先登记备案", body=body.name, trade=trade.name)
    refuse_on([] if filed else [refuse("exams.bank_not_filed", message)])
    bank = QuestionBank(body_id=body.id, trade_id=trade.id, level=level, account_id=actor.id)
    db.session.add(bank)
    return bank


def receive_questions(actor: Any, bank_id: int, data: bytes, file_name: str) -> StagedSheet:
    """Check a sheet of questions and keep it in staging; the reading holds no lock. Raises ``Refused`` for what is none."""
    return stage_questions(actor, bank_id, check_questions(bank_id, data, file_name))


@operation("exams.stage_questions", say("上传试题待检查"), allow=BANK_KEEPERS)
def stage_questions(actor: Any, bank_id: int, checked: Checked) -> StagedSheet:
    """Keep a checked sheet of questions: each row sealed with its findings; none is asked yet. Refused to who teaches the trade."""
    bank = load(QuestionBank, bank_id)
    refuse_on(kept_from(actor.person_id, bank))
    return stage(actor, KIND, f"bank:{bank.id}", checked)


@operation("exams.import_questions", say("导入试题"), allow=SENDER)
def import_questions(actor: Any, staged_id: int) -> StagedSheet:
    """Put the good rows of a staged sheet into the bank, or none; a row that names a question takes its place.

    Refused when it was imported or discarded before, when no row is good, and when the bank has changed so that a good
    row is none any more.
    """
    staged = find(KIND, staged_id, lock=True)
    bank = load(QuestionBank, staged.subject_id, lock=True)
    entries = judged(bank.id, good_rows(staged))
    refuse_on(
        importable(staged),
        kept_from(actor.person_id, bank),
        outdated(finding for entry in entries for finding in entry.findings),
    )
    questions = [entry.question for entry in entries if entry.question]
    _retire([one.replaces for one in questions if one.replaces], f"替换：{staged.file_name}"[:300])
    db.session.add_all(_question(actor, bank, one) for one in questions)
    forget_rows(staged)
    staged.imported_at = clock.now()
    return staged


@operation("exams.discard_questions", say("放弃已检查的试题"), allow=SENDER)
def discard_questions(actor: Any, staged_id: int) -> StagedSheet:
    """Throw a staged sheet of questions away."""
    return discard(find(KIND, staged_id, lock=True))


@operation("exams.retire_question", say("停用试题"), allow=BANK_KEEPERS)
def retire_question(actor: Any, bank_id: int, question_id: int, reason: str) -> QuestionBank:
    """Ask a question no more; papers that have it keep it. Refused without a reason, and for none that the bank asks now."""
    bank = load(QuestionBank, bank_id, lock=True)
    question = db.session.get(Question, question_id)
    unknown = question is None or question.bank_id != bank.id or question.retired_at is not None
    message = say("题库里没有题号 {number}，或它已停用", number=question_id)
    refuse_on(reasoned(reason), [refuse("exams.question_unknown", message)] if unknown else [])
    _retire([question_id], reason.strip()[:300])
    return bank


@operation("exams.read_bank", say("查阅整个题库"), allow=BANK_KEEPERS)
def read_bank(actor: Any, bank_id: int, reason: str) -> BankReading:
    """Read a whole bank, with the keys; who did and why is kept. Refused without a reason, and to who teaches the trade."""
    bank = load(QuestionBank, bank_id)
    refuse_on(reasoned(reason), kept_from(actor.person_id, bank))
    reading = BankReading(bank_id=bank.id, account_id=actor.id, reason=reason.strip())
    db.session.add(reading)
    return reading


@operation("exams.create_blueprint", say("新建组卷方案"), allow=BANK_KEEPERS)
def create_blueprint(actor: Any, bank_id: int, name: str, minutes: int, lines: Sequence[Line]) -> Blueprint:
    """Say how papers are put together. Refused when it does not come to 100 points; what the bank lacks is said at the draw."""
    bank = load(QuestionBank, bank_id)
    refuse_on(blueprints.sound(name, minutes, lines))
    made = Blueprint(bank_id=bank.id, name=name.strip(), minutes=minutes, account_id=actor.id)
    made.lines = [BlueprintLine(**vars(line)) for line in lines]
    db.session.add(made)
    return made


@operation("exams.retire_blueprint", say("停用组卷方案"), allow=BLUEPRINT_KEEPERS)
def retire_blueprint(actor: Any, blueprint_id: int) -> Blueprint:
    """Put papers together by a blueprint no more."""
    made = load(Blueprint, blueprint_id, lock=True)
    refuse_on([] if made.retired_at is None else [refuse("exams.blueprint_retired", say("这份组卷方案已经停用"))])
    made.retired_at = clock.now()
    return made


def _retire(ids: Sequence[int], reason: str) -> None:
    now = clock.now()
    for question in db.session.scalars(select(Question).where(Question.id.in_(ids))) if ids else ():
        question.retired_at, question.retired_reason = now, reason
    db.session.flush()


def _question(actor: Any, bank: QuestionBank, one: Written) -> Question:
    return Question(
        bank_id=bank.id,
        kind=one.kind,
        point=one.point,
        difficulty=one.difficulty,
        stem=one.stem,
        options_json=json.dumps(one.options, ensure_ascii=False),
        key=one.key,
        fingerprint=keyring().index("question", one.sameness),
        replaces_id=one.replaces,
        account_id=actor.id,
    )
