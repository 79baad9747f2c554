"""Putting learners forward under random numbers, and opening the mapping of numbers to names."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.access import Actor
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules
from lbcert.exams.models import (
    Batch,
    BatchState,
    Candidate,
    ChangeKind,
    ChangeState,
    MappingOpening,
    Post,
    RosterChange,
)
from lbcert.exams.operations.resits import carry_parts, drop_parts
from lbcert.exams.places import CANDIDATE_OFFICE, MAPPING_READERS, OFFICE, holds_post
from lbcert.exams.queries.candidates import Learner, candidates_by_name, learners_of

#: Numbers of six digits, none beginning with 0, so that nobody drops one.
_FIRST, _NUMBERS = 100_000, 900_000


@operation("exams.add_candidates", say("增加考生"), allow=OFFICE)
def add_candidates(actor: Any, batch_id: int, enrolment_ids: Sequence[int]) -> Batch:
    """Put learners of the cohort forward; each gets a random number.

    Refused, each with the rule that failed, for who has not passed the school's test, lacks attendance or hours, meets no
    entry condition, left, or is examined elsewhere; then nobody is put forward. Refused to all once the list is frozen.
    """
    batch = load(Batch, batch_id, lock=True)
    learners = {learner.id: learner for learner in learners_of(batch)}
    wanted = [one for one in dict.fromkeys(enrolment_ids) if one not in learners or learners[one].candidate is None]
    refuse_on(
        still_planned(batch),
        rules.unfrozen(batch.freezes_at, clock.now()),
        [] if wanted else [refuse("exams.nobody_chosen", say("请先勾选要列入的学员"))],
        may_be_put_forward(learners, wanted),
    )
    put_forward(batch, wanted)
    return batch


@operation("exams.remove_candidate", say("移除考生"), allow=CANDIDATE_OFFICE)
def remove_candidate(actor: Any, candidate_id: int, reason: str = "") -> Batch:
    """Take a learner off the list, before it is frozen; who was taken off stays noted."""
    candidate = load(Candidate, candidate_id)
    batch = load(Batch, candidate.batch_id, lock=True)
    refuse_on(still_planned(batch), rules.unfrozen(batch.freezes_at, clock.now()))
    noted = RosterChange(
        batch_id=batch.id,
        enrolment_id=candidate.enrolment_id,
        kind=ChangeKind.REMOVE,
        state=ChangeState.NOTED,
        reason=reason.strip(),
        account_id=actor.id,
        requester_id=actor.person_id,
    )
    db.session.add(noted)
    take_off(candidate)
    return batch


def may_be_put_forward(learners: dict[int, Learner], wanted: Sequence[int]) -> Iterable[Finding]:
    """Find what stands against putting enrolments forward, each finding once."""
    strangers = [invariant("exams.candidate_of_another_cohort") for one in wanted if one not in learners]
    return dict.fromkeys(
        [*strangers, *(finding for one in wanted if one in learners for finding in learners[one].findings)]
    )


def put_forward(batch: Batch, enrolment_ids: Sequence[int]) -> None:
    """Write candidates under random numbers, inside the operation that judged them."""
    taken = set(db.session.scalars(select(Candidate.number).where(Candidate.batch_id == batch.id)))
    wanted = list(enrolment_ids)
    secrets.SystemRandom().shuffle(wanted)  # so that not even the order of the rows tells who is who
    for enrolment_id in wanted:
        number = _new_number(taken)
        taken.add(number)
        db.session.add(Candidate(batch_id=batch.id, enrolment_id=enrolment_id, number=number))
    db.session.flush()
    db.session.expire(batch, ["candidates"])
    for candidate in batch.candidates:
        if candidate.enrolment_id in wanted:
            carry_parts(batch, candidate)


def take_off(candidate: Candidate) -> None:
    """Take a candidate off the list, inside the operation that noted or granted it."""
    db.session.flush()  # the database lets go of nobody whose removal is not written
    drop_parts(candidate)
    db.session.delete(candidate)
    db.session.flush()
    db.session.expire(candidate.batch, ["candidates"])


@operation("exams.open_mapping", say("查看考号对应的姓名"), allow=MAPPING_READERS)
def open_mapping(actor: Any, batch_id: int, reason: str) -> list[Candidate]:
    """Show which candidate number is whose. Kept with the reason, and refused to whoever gives marks in the batch."""
    batch = load(Batch, batch_id)
    refuse_on(rules.reasoned(reason), kept_from_names(actor, batch))
    db.session.add(MappingOpening(batch_id=batch.id, account_id=actor.id, reason=reason.strip()))
    return candidates_by_name(batch.id)


def kept_from_names(actor: Actor, batch: Batch) -> list[Finding]:
    """Find that somebody gives marks in a batch: whose number is whose is nothing for him."""
    if not holds_post(actor, batch.id, Post.LEADER, Post.EXAMINER):
        return []
    return [refuse("exams.scorer_opens_mapping", say("考评员不得查看考生号与姓名的对应关系"))]


def _new_number(taken: set[str]) -> str:
    while True:
        number = str(_FIRST + secrets.randbelow(_NUMBERS))
        if number not in taken:
            return number


def still_planned(batch: Batch) -> list[Finding]:
    """Find that a batch has begun or is over."""
    if batch.state is BatchState.PLANNED:
        return []
    return [refuse("exams.candidates_frozen", say("开考后考生名单不能更改；未到考的记为缺考"))]
