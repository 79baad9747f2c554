"""Cases of candidates, whoever did what in their exams, and what waits."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.exams.appeals import Deed
from lbcert.exams.models import (
    Amendment,
    Appeal,
    AppealAssignment,
    AppealKind,
    Batch,
    BatchStaff,
    BatchState,
    Candidate,
    Mark,
    Result,
)
from lbcert.exams.queries.results import standing_results
from lbcert.parties.models import Account, Grant, Organisation, Person
from lbcert.teaching.models import Session
from lbcert.teaching.queries import taught_by

#: Open ones first.
SORTS = {"state": Appeal.answered_at.is_not(None)}
_WATCHING = (Role.BUREAU_OFFICER, Role.AUDITOR, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER)


def deeds_of(person_id: int, candidate: Candidate) -> list[Deed]:
    """List what somebody did in the training and the exam of a candidate; nobody who did anything looks into his case."""
    batch = candidate.batch
    found = [
        Deed(staff.post.label)
        for staff in db.session.scalars(
            select(BatchStaff).where(BatchStaff.batch_id == batch.id, BatchStaff.person_id == person_id)
        )
    ]
    typed = select(Account.id).where(Account.person_id == person_id)
    counted = (
        (say("为本批次评分"), select(func.count()).where(Mark.batch_id == batch.id, Mark.scorer_id == person_id)),
        (
            say("为本批次录入他人的评分"),
            select(func.count()).where(
                Mark.batch_id == batch.id, Mark.account_id.in_(typed), Mark.scorer_id != person_id
            ),
        ),
        (
            say("审定或批准过该考生的结果"),
            select(func.count()).where(Result.candidate_id == candidate.id, Result.decided_by == person_id),
        ),
        (
            say("办理过该考生的成绩更改"),
            select(func.count()).where(
                Amendment.candidate_id == candidate.id,
                (Amendment.requester_id == person_id) | (Amendment.answered_by == person_id),
            ),
        ),
        (
            say("为本班授课"),
            select(func.count()).where(Session.cohort_id == batch.cohort_id, taught_by(person_id)),
        ),
        (
            say("答复过该考生的另一件申请"),
            select(func.count()).where(Appeal.candidate_id == candidate.id, Appeal.answered_by == person_id),
        ),
    )
    found += [Deed(what, count) for what, query in counted if (count := db.session.scalar(query) or 0)]
    return found + ([Deed(say("就是考生本人"))] if candidate.enrolment.person_id == person_id else [])


def published_result(candidate_id: int) -> Result | None:
    """Give the result of a candidate that counts, once it is published."""
    query = standing_results().join(Batch, Batch.id == Result.batch_id)
    return db.session.scalar(query.where(Result.candidate_id == candidate_id, Batch.state == BatchState.PUBLISHED))


def own_results(person_id: int) -> list[Result]:
    """List the published results of a person that count, the newest first, for her own page."""
    query = (
        standing_results()
        .join(Batch, Batch.id == Result.batch_id)
        .join(Candidate, Candidate.id == Result.candidate_id)
        .join(Candidate.enrolment)
        .where(Enrolment.person_id == person_id, Batch.state == BatchState.PUBLISHED)
        .order_by(Result.id.desc())
    )
    return list(db.session.scalars(query))


def appeals_of(candidate_id: int) -> list[Appeal]:
    """List the cases of a candidate, the newest first."""
    return list(
        db.session.scalars(select(Appeal).where(Appeal.candidate_id == candidate_id).order_by(Appeal.id.desc()))
    )


def appeal_behind(amendment: Amendment) -> Appeal | None:
    """Give the case that was upheld and asks for an amendment, if it comes of one."""
    return db.session.scalar(select(Appeal).where(Appeal.amendment_id == amendment.id))


def has_case(person_id: int | None, appeal_id: int) -> bool:
    """Tell whether somebody is the one who looks into a case."""
    last = select(AppealAssignment.person_id).where(AppealAssignment.appeal_id == appeal_id)
    return person_id is not None and db.session.scalar(last.order_by(AppealAssignment.id.desc()).limit(1)) == person_id


def handlers_for(appeal: Appeal) -> list[Person]:
    """List who may be given a case: people of the body and of its bureaus with accounts, without a deed in it."""
    query = (
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .join(Grant, Grant.account_id == Account.id)
        .where(
            Account.active,
            Grant.role.in_((Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, Role.EXAMINER)),
            (Grant.organisation_id == appeal.batch.body_id)
            | Grant.region_code.in_([appeal.batch.body.region_code, appeal.batch.cohort.home_region_code]),
        )
        .order_by(Person.pinyin, Person.id)
        .distinct()
        .limit(200)
    )
    return [one for one in db.session.scalars(query) if not deeds_of(one.id, appeal.candidate)]


def _seen(actor: Actor) -> Select[Appeal]:
    watched = visible(
        actor, *_WATCHING, region=[Cohort.home_region_code, Organisation.region_code], organisation=[Batch.body_id]
    )
    given = select(AppealAssignment.appeal_id).where(AppealAssignment.person_id == (actor.person_id or -1))
    return (
        select(Appeal)
        .join(Batch, Batch.id == Appeal.batch_id)
        .join(Batch.cohort)
        .join(Batch.body)
        .where(watched | Appeal.id.in_(given))
        .options(
            selectinload(Appeal.assignments).joinedload(AppealAssignment.person),
            joinedload(Appeal.candidate).joinedload(Candidate.enrolment).joinedload(Enrolment.person),
        )
    )


def list_appeals(actor: Actor, paging: Paging) -> Page[Appeal]:
    """List the cases that an account sees, open ones first. Filters: state (*open*, *overdue*, *answered*) and kind."""
    query, is_open = _seen(actor), Appeal.answered_at.is_(None)
    match paging.filters.get("state"):
        case "open":
            query = query.where(is_open)
        case "overdue":
            query = query.where(is_open, Appeal.due_on < clock.today())
        case "answered":
            query = query.where(~is_open)
    if (kind := paging.filters.get("kind")) in set(AppealKind):
        query = query.where(Appeal.kind == AppealKind(kind))
    return paginate(db.session, query, paging, SORTS, Appeal.id)


def todo(actor: Actor) -> Iterator[Todo]:
    """Tell the office which cases nobody has, whoever has one that it waits, and the bureau which are overdue."""
    today = clock.today()
    is_open = _seen(actor).where(Appeal.answered_at.is_(None)).order_by(Appeal.due_on, Appeal.id)
    roles = {grant.role for grant in actor.grants}
    for appeal in db.session.scalars(is_open):
        name = appeal.candidate.enrolment.person.name
        mine = appeal.handler is not None and appeal.handler.id == actor.person_id
        if appeal.due_on is not None and appeal.due_on < today and (mine or Role.BUREAU_OFFICER in roles):
            words = say(
                "{kind}已逾期（应于 {day} 前答复）：{name}", kind=appeal.kind.label, day=appeal.due_on, name=name
            )
        elif mine:
            words = say("办理{kind}：{name}", kind=appeal.kind.label, name=name)
        elif appeal.handler is None and roles & {Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK}:
            words = say("指派{kind}的办理人：{name}", kind=appeal.kind.label, name=name)
        else:
            continue
        yield Todo(words, "exams.appeal", {"appeal_id": appeal.id})
