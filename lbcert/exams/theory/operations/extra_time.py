"""Giving back the time that a hall, or one candidate in it, lost to a power cut or a broken machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import AnswerSheet, Batch, BatchState, Ending, ExtraTime, Seat, Sitting
from lbcert.exams.rules import reasoned
from lbcert.exams.theory import rules
from lbcert.exams.theory.places import HALL_STAFF
from lbcert.exams.theory.queries.extra_time import extra_limit, last_end
from lbcert.exams.theory.queries.papers import draw_of
from lbcert.exams.theory.queries.scores import scores_of

_MOST_MINUTES = 240


@operation("exams.give_extra_time", say("机考延时"), allow=HALL_STAFF)
def give_extra_time(actor: Any, sitting_id: int, minutes: int, reason: str, candidate_id: int | None = None) -> Sitting:
    """Let all in a hall who have not handed in, or one of them, answer so many minutes longer; from now on where time ended the sheet.

    Whoever has not opened his sheet may come in so much longer. Refused without a reason, outside the day of the sitting, beyond
    the minutes of the policy, and where nobody is left who could use it.
    """
    sitting, now = load(Sitting, sitting_id), clock.now()
    seats = db.session.scalars(
        select(Seat).where(Seat.sitting_id == sitting.id).order_by(Seat.id).with_for_update(of=Seat)
    ).all()  # as a sheet is opened: the seat before the batch
    batch = load(Batch, sitting.batch_id, lock=True)
    sheets = _sheets(seats)
    scored = scores_of(batch.id)
    left = [
        one
        for one in seats
        if candidate_id in {None, one.candidate_id}
        and one.candidate_id not in scored
        and (one.candidate_id not in sheets or sheets[one.candidate_id].ending is not Ending.HANDED_IN)
    ]
    ends = {
        one.candidate_id: sheets[one.candidate_id].due_at if one.candidate_id in sheets else last_end(one)
        for one in left
    }
    until = {key: rules.extended(end, minutes, now) for key, end in ends.items()}
    running = batch.state is BatchState.MARKING and draw_of(batch.id) is not None
    refuse_on(
        [] if running else [invariant("exams.extra_closed")],
        [] if left else [refuse("exams.extra_nobody", say("没有可以延时的考生：已经交卷或评分，或不在这个场次"))],
        [] if 1 <= minutes <= _MOST_MINUTES else [refuse("exams.extra_minutes", say("延时应为 1 至 {most} 的整分钟数", most=_MOST_MINUTES))],
        reasoned(reason),
        rules.may_extend(sitting.starts_at, sitting.ends_at, max(until.values(), default=now), now, extra_limit(batch)),
    )  # fmt: skip
    for key, end in ends.items():
        db.session.add(
            ExtraTime(
                batch_id=batch.id, candidate_id=key, was=end, until=until[key], minutes=minutes, reason=reason.strip(),
                account_id=actor.id, person_id=actor.person_id, created_at=now,
            )
        )  # fmt: skip
    db.session.flush()  # the database moves no sheet's end without its row
    for key in ends.keys() & sheets.keys():
        sheets[key].due_at, sheets[key].ended_at, sheets[key].ending = until[key], None, None
    return sitting


def _sheets(seats: Sequence[Seat]) -> dict[int, AnswerSheet]:
    theirs = AnswerSheet.candidate_id.in_([one.candidate_id for one in seats])
    query = select(AnswerSheet).where(theirs).order_by(AnswerSheet.id).with_for_update()
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return {one.candidate_id: one for one in rows}
