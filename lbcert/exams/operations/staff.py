"""Appointing who examines, invigilates, supervises and decides."""

from __future__ import annotations

from typing import Any

from lbcert.core.access import Role, holds
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import declaring
from lbcert.exams.models import Batch, BatchStaff, BatchState, Post
from lbcert.exams.operations.batches import apart, fit_to_score, keep_limits
from lbcert.exams.operations.declarations import checked_elsewhere
from lbcert.exams.places import OFFICE, STAFF_OFFICE, batch_place
from lbcert.exams.queries.batches import decides_for
from lbcert.exams.queries.ties import barring, declarations_of, ties_of
from lbcert.parties.models import Person

_BUREAU = holds(Role.BUREAU_OFFICER, at=batch_place)
_SINGLE = frozenset({Post.LEADER, Post.SUPERVISOR, Post.DECIDER})


@operation("exams.appoint", say("委派考评人员"), allow=OFFICE)
def appoint(actor: Any, batch_id: int, person_id: int, post: Post, *, deputy: bool = False) -> BatchStaff:
    """Appoint a person to a post of a batch; a ``deputy`` (替补) stands in for a leader, supervisor or decider.

    Refused, with the list of the very sessions, for somebody who taught the cohort or, within the policy's months, one
    of its people, and for somebody who is tied to the school or declared that he must stand aside. An examiner is refused
    too for want of a valid card, and when he would examine too many of a school's batches running. A decider holds that role at the body; a deputy decider need not, and is appointed by the bureau. The
    database keeps out learners, a second post for one person, and appointments after the decision.
    """
    batch, person = load(Batch, batch_id, lock=True), load(Person, person_id)
    refuse_on(
        apart(person.id, person.name, batch),
        declaring.tied(person.name, ties_of(person, batch)),
        checked_elsewhere(person, batch),
        declaring.barred(person.name, barring(declarations_of(batch.id).get(person.id, ()))),
        fit_to_score(person, batch) if post.scores else [],
        _deputy(actor, batch, post, deputy=deputy),
        _decider(batch, person, post, deputy=deputy),
    )
    keep_limits(batch)
    staff = BatchStaff(batch_id=batch.id, person_id=person.id, post=post, deputy=deputy)
    db.session.add(staff)
    return staff


@operation("exams.dismiss", say("撤回考评人员的委派"), allow=STAFF_OFFICE)
def dismiss(actor: Any, staff_id: int) -> Batch:
    """Take an appointment back, while the batch is being planned."""
    staff = load(BatchStaff, staff_id)
    batch = load(Batch, staff.batch_id, lock=True)
    if batch.state is not BatchState.PLANNED:
        refuse_on([invariant("exams.staff_kept")])
    db.session.delete(staff)
    return batch


def _deputy(actor: Any, batch: Batch, post: Post, *, deputy: bool) -> list[Finding]:
    if not deputy:
        return []
    if post not in _SINGLE:
        return [refuse("exams.deputy_post", say("只有考评组长、质量督导员和成绩审定人设替补"))]
    if post is Post.DECIDER and not _BUREAU.admits(actor, {"batch_id": batch.id}):
        return [refuse("exams.deputy_by_bureau", say("替补的成绩审定人由人社局任命"))]
    return []


def _decider(batch: Batch, person: Person, post: Post, *, deputy: bool) -> list[Finding]:
    if post is not Post.DECIDER or deputy or decides_for(person.id, batch.body_id):
        return []
    message = say(
        "{who} 在 {body} 没有“成绩审定”的角色；请先授予角色，或由人社局任命为替补",
        who=person.name, body=batch.body.name,
    )  # fmt: skip
    return [refuse("exams.no_result_officer", message)]
