"""Changing a frozen list of candidates: one person asks with a reason, another grants."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules
from lbcert.exams.models import Batch, Candidate, ChangeKind, ChangeState, RosterChange
from lbcert.exams.operations.candidates import may_be_put_forward, put_forward, still_planned, take_off
from lbcert.exams.places import OFFICE, ROSTER_APPROVERS
from lbcert.exams.queries.candidates import learners_of


@operation("exams.request_roster_change", say("申请变更考生名单"), allow=OFFICE)
def request_roster_change(actor: Any, batch_id: int, enrolment_id: int, kind: ChangeKind, reason: str) -> RosterChange:
    """Ask that a learner be put on a frozen list, or taken off it.

    Refused without a reason, while the list is open still, when it says so already, and for a learner who may not sit the exam.
    """
    batch = load(Batch, batch_id, lock=True)
    refuse_on(
        still_planned(batch),
        rules.frozen(batch.freezes_at, clock.now()),
        rules.reasoned(reason),
        _has_person(actor),
        _would_change(batch, enrolment_id, kind),
    )
    change = RosterChange(
        batch_id=batch.id,
        enrolment_id=enrolment_id,
        kind=kind,
        state=ChangeState.OPEN,
        reason=reason.strip(),
        account_id=actor.id,
        requester_id=actor.person_id,
    )
    db.session.add(change)
    return change


@operation("exams.answer_roster_change", say("答复考生名单变更"), allow=ROSTER_APPROVERS)
def answer_roster_change(actor: Any, change_id: int, *, granted: bool, answer: str = "") -> RosterChange:
    """Grant or decline a change of a frozen list; granted, the list changes at once.

    Refused to whoever asked, once the exam began, and without a reason for a no. Whoever is put on is judged again.
    """
    change = load(RosterChange, change_id, lock=True)
    batch = load(Batch, change.batch_id, lock=True)
    answered = refuse("exams.roster_answered", say("这份名单变更申请已经办结"))
    own = refuse("exams.own_roster_change", say("申请人不得批准自己的申请，请由另一人办理"))
    refuse_on([] if change.state is ChangeState.OPEN else [answered])
    refuse_on(
        [own] if actor.person_id is not None and actor.person_id == change.requester_id else [],
        _has_person(actor),
        [*still_planned(batch), *_would_change(batch, change.enrolment_id, change.kind)]
        if granted
        else rules.reasoned(answer),
    )
    change.state = ChangeState.GRANTED if granted else ChangeState.DECLINED
    change.answer, change.answered_by, change.answered_at = answer.strip(), actor.person_id, clock.now()
    db.session.flush()
    if granted and change.kind is ChangeKind.ADD:
        put_forward(batch, [change.enrolment_id])
    elif granted:
        take_off(_candidate(batch, change.enrolment_id))
    return change


def _candidate(batch: Batch, enrolment_id: int) -> Any:
    return db.session.scalar(
        select(Candidate).where(Candidate.batch_id == batch.id, Candidate.enrolment_id == enrolment_id)
    )


def _would_change(batch: Batch, enrolment_id: int, kind: ChangeKind) -> list[Finding]:
    is_on = _candidate(batch, enrolment_id) is not None
    if kind is ChangeKind.REMOVE:
        return [] if is_on else [refuse("exams.not_on_roster", say("该学员不在考生名单中"))]
    if is_on:
        return [refuse("exams.candidate_twice", say("该学员已在本批次考生名单中"))]
    learners = {learner.id: learner for learner in learners_of(batch)}
    return list(may_be_put_forward(learners, [enrolment_id]))


def _has_person(actor: Any) -> list[Finding]:
    if actor.person_id is not None:
        return []
    return [refuse("exams.no_person", say("您的账号没有登记本人信息，不能办理；请先补充登记"))]
