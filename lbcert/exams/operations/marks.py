"""Giving a mark, and changing one before the decision."""

from __future__ import annotations

from typing import Any

from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules
from lbcert.exams.models import Absence, Batch, BatchState, Candidate, Mark, Part
from lbcert.exams.operations.batches import apart
from lbcert.exams.places import SCORERS
from lbcert.exams.queries.marks import appointment, candidate_numbered, standing_mark


@operation("exams.record_mark", say("登记评分"), allow=SCORERS)
def record_mark(
    actor: Any, batch_id: int, number: str, part: Part, points: int | None, absence: Absence | None = None
) -> Mark:
    """Record an examiner's points of 0 to 100, or an absence, for one part of the candidate of that number.

    Refused outside the marking, without the examiner's declaration, when he taught the candidate, and when the part is
    marked already: that is a change, which needs a reason.
    """
    batch, candidate = load(Batch, batch_id), candidate_numbered(batch_id, number)
    refuse_on(_may_mark(actor, batch, part), rules.one_of_both(points, absence), _not_yet(candidate, part))
    return write_mark(actor, candidate, part, points, absence, scorer_id=actor.person_id)


@operation("exams.change_mark", say("修改评分"), allow=SCORERS)
def change_mark(
    actor: Any, batch_id: int, mark_id: int, points: int | None, absence: Absence | None, reason: str
) -> Mark:
    """Change a mark before the decision: a new row with the reason; the old one stays. Refused when another changed it first."""
    batch, old = load(Batch, batch_id), load(Mark, mark_id)
    elsewhere = [] if old.batch_id == batch_id else [refuse("exams.mark_elsewhere", say("该成绩不属于本批次"))]
    now = standing_mark(old.candidate_id, old.part)
    meanwhile = say("这一项的成绩刚刚已由他人更改，您的更改没有保存；请核对最新成绩")
    refuse_on(
        elsewhere,
        _may_mark(actor, batch, old.part),
        rules.one_of_both(points, absence),
        rules.reasoned(reason),
        [] if now is old else [refuse("exams.mark_changed_meanwhile", meanwhile)],
    )
    return write_mark(
        actor, old.candidate, old.part, points, absence,
        scorer_id=actor.person_id, replaces_id=old.id, reason=reason.strip(),
    )  # fmt: skip


def write_mark(
    actor: Any, candidate: Candidate, part: Part, points: int | None, absence: Absence | None, **more: Any
) -> Mark:
    """Add a mark to the operation under way."""
    mark = Mark(
        batch_id=candidate.batch_id,
        candidate_id=candidate.id,
        part=part,
        points=points,
        absence=absence,
        account_id=actor.id,
        **more,
    )
    db.session.add(mark)
    return mark


def _may_mark(actor: Any, batch: Batch, part: Part) -> list[Finding]:
    findings = []
    if batch.state is not BatchState.MARKING:
        message = say(
            "批次 {number} 是“{state}”，只有评分期间可以录入成绩", number=batch.number, state=batch.state.label
        )
        findings.append(refuse("exams.marks_locked", message))
    if part not in rules.parts_of(with_review=batch.with_review):
        findings.append(refuse("exams.no_review", say("本批次没有综合评审")))
    staff = appointment(batch.id, actor.person_id)
    if staff is not None:
        findings += rules.declared([] if staff.declared_on else [staff.person.name])
        findings += apart(staff.person_id, staff.person.name, batch)
    return findings


def _not_yet(candidate: Candidate, part: Part) -> list[Finding]:
    now = standing_mark(candidate.id, part)
    if now is None:
        return []
    value = now.absence.label if now.absence is not None else now.points
    message = say(
        "考生 {number} 的{part}已由 {who} 录入 {value}；如需改动，请用“更改”并写明理由",
        number=candidate.number, part=part.label, who=now.scorer.name, value=value,
    )  # fmt: skip
    return [refuse("exams.marked_meanwhile", message)]
