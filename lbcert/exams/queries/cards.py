"""Cards of examiners, and how often somebody examined at a school."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from lbcert.cohorts.models import CohortProvider
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.reference import Trade
from lbcert.exams.appointing import CARD_NOTICE_DAYS
from lbcert.exams.models import Batch, BatchStaff, BatchState, CardScope, ExaminerCard, Post
from lbcert.parties.models import Account, Filing, FilingKind, Grant, Organisation, Person

_SCORING = [post for post in Post if post.scores]


def cards_of(person_id: int) -> list[ExaminerCard]:
    """List somebody's cards, the one that holds longest first."""
    query = (
        select(ExaminerCard)
        .where(ExaminerCard.person_id == person_id)
        .options(selectinload(ExaminerCard.scopes))
        .order_by(ExaminerCard.valid_to.desc(), ExaminerCard.id)
    )
    return list(db.session.scalars(query))


def cards_seen(actor: Actor) -> list[ExaminerCard]:
    """List the cards that an account may see, the next to end first, those that ended last."""
    query = (
        _seen(actor)
        .options(
            joinedload(ExaminerCard.person),
            joinedload(ExaminerCard.body),
            selectinload(ExaminerCard.scopes).joinedload(CardScope.trade),
        )
        .order_by(ExaminerCard.valid_to < clock.today(), ExaminerCard.valid_to, ExaminerCard.id)
        .limit(500)
    )
    return list(db.session.scalars(query))


def cards_ending(actor: Actor) -> list[ExaminerCard]:
    """List the cards of an exam clerk's body that end soon or ended lately, and that no longer one follows."""
    later = aliased(ExaminerCard)
    today, notice = clock.today(), timedelta(days=CARD_NOTICE_DAYS)
    query = (
        select(ExaminerCard)
        .where(
            visible(actor, Role.ASSESSMENT_CLERK, organisation=[ExaminerCard.body_id]),
            ExaminerCard.withdrawn_on.is_(None),
            ExaminerCard.valid_to.between(today - notice, today + notice),
            ~exists().where(
                later.person_id == ExaminerCard.person_id,
                later.withdrawn_on.is_(None),
                later.valid_to > ExaminerCard.valid_to,
            ),
        )
        .options(joinedload(ExaminerCard.person))
        .order_by(ExaminerCard.valid_to, ExaminerCard.id)
    )
    return list(db.session.scalars(query))


def _seen(actor: Actor) -> Select[ExaminerCard]:
    return (
        select(ExaminerCard)
        .join(ExaminerCard.body)
        .where(
            visible(
                actor, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, Role.BUREAU_OFFICER, Role.AUDITOR,
                region=[Organisation.region_code], organisation=[ExaminerCard.body_id],
            )
        )
    )  # fmt: skip


def examiners_at(body_id: int) -> list[Person]:
    """List the people who examine for a body."""
    query = (
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .join(Grant, Grant.account_id == Account.id)
        .where(Account.active, Grant.role == Role.EXAMINER, Grant.organisation_id == body_id)
        .order_by(Person.pinyin, Person.id)
        .distinct()
    )
    return list(db.session.scalars(query))


def trades_filed(body_id: int) -> list[Trade]:
    """List the trades that a body filed to assess."""
    filed = select(Filing.trade_id).where(Filing.organisation_id == body_id, Filing.kind == FilingKind.ASSESS)
    return list(db.session.scalars(select(Trade).where(Trade.id.in_(filed)).order_by(Trade.name, Trade.id)))


def runs_with(person_id: int, batch: Batch) -> dict[str, Sequence[Batch]]:
    """Give by school of a batch's cohort the consecutive batches that somebody examines, if this one is his too."""
    schools = db.session.execute(
        select(CohortProvider.organisation_id, Organisation.name)
        .join(Organisation, Organisation.id == CohortProvider.organisation_id)
        .where(CohortProvider.cohort_id == batch.cohort_id)
        .order_by(CohortProvider.organisation_id)
    )
    own = set(
        db.session.scalars(
            select(BatchStaff.batch_id).where(BatchStaff.person_id == person_id, BatchStaff.post.in_(_SCORING))
        )
    ) | {batch.id}
    return {name: _run(school_id, own, batch) for school_id, name in schools}


def _run(school_id: int, own: set[int], batch: Batch) -> list[Batch]:
    """Give the unbroken row of somebody's batches around one, in the order in which a school's exams are held."""
    cohorts = select(CohortProvider.cohort_id).where(CohortProvider.organisation_id == school_id)
    query = select(Batch).where(Batch.cohort_id.in_(cohorts), Batch.state != BatchState.CANCELLED)
    held = list(db.session.scalars(query.order_by(Batch.held_on, Batch.id)))
    run: list[Batch] = []
    for each in held:
        if each.id in own:
            run.append(each)
        elif batch in run:
            break
        else:
            run = []
    return run
