"""Giving a mark, and changing one before the decision. Of another's mark of two nothing is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import once, operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules, scoring
from lbcert.exams.models import Absence, Batch, BatchState, Candidate, Mark, Part
from lbcert.exams.operations.batches import apart
from lbcert.exams.places import SCORERS
from lbcert.exams.queries.candidates import gave_any_lesson
from lbcert.exams.queries.marks import OwnSheet, appointment, candidate_numbered, own_sheet, schemes_of, value_of
from lbcert.exams.scoring import Given, Item, Scheme


@operation("exams.record_mark", say("登记评分"), allow=SCORERS)
def record_mark(
    actor: Any,
    batch_id: int,
    number: str,
    part: Part,
    points: int | None,
    absence: Absence | None = None,
    *,
    by_item: Sequence[int] | None = None,
    entry: str | None = None,
) -> Mark:
    """Record an examiner's points of 0 to 100, or an absence, for one part of the candidate of that number.

    Of a part with a rubric the points are given ``by_item``, in its order, and ``points`` is None: they are what the items
    come to. ``entry`` is the UUID by which a device knows what it sends: sent again, it gives the mark that it became. Refused outside
    the marking, without the examiner's declaration, when he taught the candidate, when the part is marked already (that is
    a change, which needs a reason), and when two others score it.
    """
    batch = open_to_others(batch_id)
    candidate = candidate_numbered(batch_id, number, lock=True)
    given = Given(points, absence, None if by_item is None else tuple(by_item))
    if sent := _sent_before(actor, entry, candidate, part, given):
        return sent
    sheet = own_sheet(candidate, actor.person_id, _schemes(batch_id))
    refuse_on(
        _may_mark(actor, batch, part),
        _whole(number, part, sheet.schemes[part].items, given),
        _well_named(entry),
        _not_yet(sheet, part, by_computer=sheet.schemes[part].by_computer),
    )
    return write_mark(
        actor, candidate, part, scoring.summed(sheet.schemes[part].items, given),
        scorer_id=actor.person_id, seat=sheet.seats[part], entry=entry,
    )  # fmt: skip


@operation("exams.change_mark", say("修改评分"), allow=SCORERS)
def change_mark(
    actor: Any,
    batch_id: int,
    mark_id: int,
    points: int | None,
    absence: Absence | None,
    reason: str,
    *,
    by_item: Sequence[int] | None = None,
    entry: str | None = None,
) -> Mark:
    """Change a mark before the decision: a new row with the reason; the old one stays.

    Refused when it was changed meanwhile; of a part that two score, each changes his own mark alone.
    """
    batch, old = open_to_others(batch_id), load(Mark, mark_id)
    candidate_numbered(old.batch_id, old.candidate.number, lock=True)
    given = Given(points, absence, None if by_item is None else tuple(by_item))
    if sent := _sent_before(actor, entry, old.candidate, old.part, given):
        return sent
    scheme = _schemes(old.batch_id)[old.part]
    is_strange = old.batch_id != batch_id or (scheme.is_blind and old.scorer_id != actor.person_id)
    if is_strange:
        refuse_on([refuse("exams.mark_elsewhere", say("该成绩不属于本批次，或不是您评的"))])
    meanwhile = say("这一项的成绩刚刚已更改，您的更改没有保存；请核对最新成绩")
    refuse_on(
        _may_mark(actor, batch, old.part),
        _whole(old.candidate.number, old.part, scheme.items, given),
        rules.reasoned(reason),
        _well_named(entry),
        [refuse("exams.mark_changed_meanwhile", meanwhile)] if _is_replaced(old) else [],
    )
    return write_mark(
        actor, old.candidate, old.part, scoring.summed(scheme.items, given),
        scorer_id=actor.person_id, seat=old.seat, replaces_id=old.id, reason=reason.strip(), entry=entry,
    )  # fmt: skip


def write_mark(actor: Any, candidate: Candidate, part: Part, given: Given, **more: Any) -> Mark:
    """Add a mark to the operation under way."""
    mark = Mark(
        batch_id=candidate.batch_id,
        candidate_id=candidate.id,
        part=part,
        points=given.points,
        absence=given.absence,
        by_item=given.by_item,
        account_id=actor.id,
        **more,
    )
    db.session.add(mark)
    return mark


_BATCH_SHARED = (
    select(Batch)
    .where(Batch.id == bindparam("batch"))
    .with_for_update(read=True)
    .execution_options(populate_existing=True)
)
_SENT = select(Mark).where(Mark.entry == bindparam("entry"))


def open_to_others(batch_id: int) -> Batch:
    """Load a batch, shared: no decision comes between, and other examiners do not wait. It is locked before its candidates."""
    return once(("exams.batch", batch_id), lambda: db.session.scalars(_BATCH_SHARED, {"batch": batch_id}).one())


# Of a batch that is shared neither how its parts are marked changes, nor who marks them.


def _schemes(batch_id: int) -> dict[Part, Scheme]:
    return once(("exams.schemes", batch_id), lambda: schemes_of(batch_id))


def _may_mark(actor: Any, batch: Batch, part: Part) -> list[Finding]:
    return once(("exams.may_mark", batch.id, part, actor.id), lambda: may_mark(actor, batch, part))


def taken(number: str, part: Part) -> Finding:
    """Say that two others score a part, and nothing else about them."""
    message = say("考生 {number} 的{part}已由两名考评员评分，不需要您再评", number=number, part=part.label)
    return refuse("exams.mark_not_wanted", message)


def _whole(number: str, part: Part, items: Sequence[Item], given: Given) -> list[Finding]:
    """Find a mark that is neither points nor an absence, or that is not given by the items of the part's rubric."""
    wrong = scoring.itemised(say("考生 {number} ", number=number), part, items, given)
    return wrong if wrong or given.by_item is not None else rules.one_of_both(given.points, given.absence)


def _sent_before(actor: Any, entry: str | None, candidate: Candidate, part: Part, given: Given) -> Mark | None:
    mark = db.session.scalar(_SENT, {"entry": entry}) if entry else None
    if mark is None:
        return None
    points = given.points if mark.by_item is None else mark.points  # of what was given by item they come of it
    now = (mark.scorer_id, mark.candidate_id, mark.part, Given(mark.points, mark.absence, mark.by_item))
    if now != (actor.person_id, candidate.id, part, replace(given, points=points)):
        refuse_on([refuse("exams.entry_reused", say("这一条成绩的编号已经用过，内容不同；请重新录入"))])
    return mark


def _well_named(entry: str | None) -> list[Finding]:
    try:
        known = entry is None or str(UUID(entry)) == entry
    except ValueError:
        known = False
    return (
        []
        if known
        else [refuse("exams.entry_odd", say("成绩的编号应为 UUID，例如 {example}", example=str(UUID(int=1))))]
    )


def _is_replaced(mark: Mark) -> bool:
    return db.session.scalar(select(Mark.id).where(Mark.replaces_id == mark.id)) is not None


def being_marked(batch: Batch) -> list[Finding]:
    """Find that a batch is not being marked."""
    if batch.state is BatchState.MARKING:
        return []
    message = say("批次 {number} 是“{state}”，只有评分期间可以录入成绩", number=batch.number, state=batch.state.label)
    return [refuse("exams.marks_locked", message)]


def may_mark(actor: Any, batch: Batch, part: Part) -> list[Finding]:
    """Find why an examiner may not mark a part of a batch now."""
    findings = being_marked(batch)
    if part not in rules.parts_of(with_review=batch.with_review):
        findings.append(invariant("exams.no_review"))
    staff = appointment(batch.id, actor.person_id)
    if staff is not None:
        findings += rules.declared([] if staff.declared_on else [staff.person.name])
        if gave_any_lesson(staff.person_id, batch):
            findings += apart(staff.person_id, staff.person.name, batch)
    return findings


def _not_yet(sheet: OwnSheet, part: Part, *, by_computer: bool) -> list[Finding]:
    now = sheet.marks.get(part)
    if now is None:
        if part in sheet.carried:
            return [invariant("exams.part_carried")]
        if by_computer:
            return [invariant("exams.theory_by_computer")]
        return [] if part in sheet.seats else [taken(sheet.number, part)]
    message = say(
        "考生 {number} 的{part}已由 {who} 录入 {value}；如需改动，请用“更改”并写明理由",
        number=sheet.number, part=part.label, who=now.scorer.name, value=rules.shown(value_of(now)),
    )  # fmt: skip
    return [refuse("exams.marked_meanwhile", message)]
