"""Banks, what is in them by number and never by word, and who taught what they ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from lbcert.brands.models import TrainingItem
from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.policy import ruling
from lbcert.core.sheets import Row, read_sheet
from lbcert.core.staging import Checked
from lbcert.exams.models import BankReading, Blueprint, Question, QuestionBank, QuestionKind
from lbcert.exams.queries.candidates import lesson
from lbcert.exams.rules import SEPARATION_MONTHS, months_before
from lbcert.exams.theory import rules
from lbcert.exams.theory.blueprints import Line, Pooled
from lbcert.exams.theory.question_sheet import COLUMNS, Entry, Written, judge
from lbcert.teaching.models import Session
from lbcert.teaching.queries import taught_by


def banks_seen(actor: Actor) -> list[tuple[QuestionBank, int]]:
    """List the banks of an exam clerk's bodies, each with how many questions it asks now."""
    live = (
        select(func.count())
        .where(Question.bank_id == QuestionBank.id, Question.retired_at.is_(None))
        .correlate(QuestionBank)
        .scalar_subquery()
    )
    query = (
        select(QuestionBank, live)
        .where(visible(actor, Role.ASSESSMENT_CLERK, organisation=[QuestionBank.body_id]))
        .options(joinedload(QuestionBank.body), joinedload(QuestionBank.trade))
        .order_by(QuestionBank.body_id, QuestionBank.id)
    )
    return [(bank, count) for bank, count in db.session.execute(query)]


def live_questions(bank_id: int) -> list[Question]:
    """List the questions that a bank asks now, by kind and number, with what they say."""
    query = select(Question).where(Question.bank_id == bank_id, Question.retired_at.is_(None)).order_by(Question.id)
    order = list(QuestionKind)
    return sorted(db.session.scalars(query), key=lambda one: order.index(one.kind))


def pool_of(bank_id: int) -> list[Pooled]:
    """List what may be drawn from a bank now, in the order of the numbers."""
    query = select(Question.id, Question.kind, Question.point).where(
        Question.bank_id == bank_id, Question.retired_at.is_(None)
    )
    return [Pooled(*row) for row in db.session.execute(query.order_by(Question.id))]


def counts_of(pool: Sequence[Pooled]) -> dict[str, dict[QuestionKind, int]]:
    """Count questions by knowledge point and kind."""
    counts: dict[str, dict[QuestionKind, int]] = {}
    for one in sorted(pool, key=lambda each: each.point):
        row = counts.setdefault(one.point, dict.fromkeys(QuestionKind, 0))
        row[one.kind] += 1
    return counts


def blueprints_of(bank_id: int) -> list[Blueprint]:
    """List the blueprints of a bank that are not retired."""
    query = select(Blueprint).where(Blueprint.bank_id == bank_id, Blueprint.retired_at.is_(None))
    return list(db.session.scalars(query.options(selectinload(Blueprint.lines)).order_by(Blueprint.name)))


def lines_of(blueprint: Blueprint) -> list[Line]:
    """Give the lines of a blueprint."""
    return [Line(line.kind, line.point, line.count, line.tenths) for line in blueprint.lines]


def readings_of(bank_id: int) -> list[BankReading]:
    """List who read a whole bank, the last one first."""
    query = select(BankReading).where(BankReading.bank_id == bank_id).options(joinedload(BankReading.account))
    return list(db.session.scalars(query.order_by(BankReading.id.desc())))


def kept_from(person_id: int | None, bank: QuestionBank) -> list[Finding]:
    """Find the sessions for which somebody may not see what a bank asks."""
    months = ruling(SEPARATION_MONTHS, bank.body.region_code, clock.today())
    query = (
        select(Session)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .join(TrainingItem, TrainingItem.id == Cohort.item_id)
        .where(taught_by(person_id), TrainingItem.trade_id == bank.trade_id)
    )
    if months.is_on_file:
        since = months_before(clock.today(), months.value)
        query = query.where(Session.starts_at >= datetime.combine(since, time(), clock.SHANGHAI))
    taught = [lesson(one) for one in db.session.scalars(query.order_by(Session.starts_at))]
    return rules.keeps_from_questions(bank.trade.name, taught if person_id else [], months)


def check_questions(bank_id: int, data: bytes, file_name: str) -> Checked:
    """Judge a sheet of questions against a bank as it stands now; raises ``Refused`` where it cannot be read."""
    sheet = read_sheet(data, COLUMNS)
    return Checked(f"bank:{bank_id}", file_name, data, sheet, judged(bank_id, sheet.rows))


def judged(bank_id: int, rows: Sequence[Row]) -> list[Entry]:
    """Judge rows against a bank as it stands now."""
    live = live_questions(bank_id)
    return judge(rows, {sameness_of(one): one.id for one in live}, [one.id for one in live])


def sameness_of(question: Question) -> str:
    """Give what a stored question shares with one that asks the same."""
    options = tuple(question.options.values())
    return Written(question.kind, question.point, question.difficulty, question.stem, options, question.key).sameness
