"""Taking in what an examiner's device sends: each mark for itself, however many come at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from lbcert.core.database import db
from lbcert.core.findings import Missing, Refused
from lbcert.core.operation import together
from lbcert.exams.models import Absence, Candidate, Mark, Part
from lbcert.exams.operations.marks import change_mark, open_to_others, record_mark


@dataclass(frozen=True)
class Sent:
    """A mark as a device sends it: ``entry`` is the UUID by which it knows it, ``after`` the mark that it changes."""

    entry: str
    number: str
    part: Part
    points: int | None
    absence: Absence | None
    by_item: tuple[int, ...] | None
    after: int | None
    reason: str


#: By id, so that two examiners who mark the same candidates in another order never wait for each other.
_ALL_LOCKED = (
    select(Candidate.id)
    .where(Candidate.batch_id == bindparam("batch"), Candidate.number.in_(bindparam("numbers", expanding=True)))
    .order_by(Candidate.id)
    .with_for_update(key_share=True)
)


def take_marks(actor: Any, batch_id: int, sent: Sequence[Sent]) -> list[Mark | Refused | Missing]:
    """Record or change each mark that was sent, and give what became of it, in that order.

    Several share one transaction: after an outage thirty phones send what they kept, and a commit for each mark took twice as long.
    """
    if len(sent) == 1:
        return [_tried(actor, batch_id, sent[0])]
    with together():
        open_to_others(batch_id)
        db.session.execute(_ALL_LOCKED, {"batch": batch_id, "numbers": [each.number for each in sent]})
        return [_tried(actor, batch_id, each) for each in sent]


def _tried(actor: Any, batch_id: int, sent: Sent) -> Mark | Refused | Missing:
    points, absence, by_item, entry = sent.points, sent.absence, sent.by_item, sent.entry
    try:
        if sent.after is None:
            return record_mark(actor, batch_id, sent.number, sent.part, points, absence, by_item=by_item, entry=entry)
        return change_mark(actor, batch_id, sent.after, points, absence, sent.reason, by_item=by_item, entry=entry)
    except (Refused, Missing) as refusal:
        return refusal
