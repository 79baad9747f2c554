"""Setting sittings in rooms, drawing seats and stations by lot, and placing invigilators."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules, seating
from lbcert.exams.models import Batch, BatchStaff, BatchState, ExamRoom, Part, RoomDuty, Seat, SeatDraw, Sitting
from lbcert.exams.places import DUTY_OFFICE, OFFICE, SITTING_OFFICE
from lbcert.exams.queries.rooms import free_places, highest_seat, sitting_part, sittings_of, unseated

_MOST_SEATS = 1000


@operation("exams.add_sitting", say("安排考场和时间"), allow=OFFICE)
def add_sitting(
    actor: Any, batch_id: int, part: Part, room: str, capacity: int, starts_at: datetime, ends_at: datetime
) -> Sitting:
    """Hold one part of a batch's exam in a room of its site, for so many people, from a moment to a moment.

    A room that is on file for the site takes the new number of seats. Refused for a part that the batch has not, for
    times out of order or before the day of the exam, and (by the database) for a room that is in use then, or while
    another part of the batch is examined.
    """
    batch = load(Batch, batch_id, lock=True)
    refuse_on(
        _planned(batch),
        [] if part in rules.parts_of(with_review=batch.with_review) else [_no_part(part)],
        [] if room.strip() else [refuse("exams.no_room", say("请填写考场名称"))],
        [] if 1 <= capacity <= _MOST_SEATS else [refuse("exams.room_capacity", say("可容纳人数应在 1 至 1000 之间"))],
        seating.in_order(starts_at, ends_at, batch.held_on),
    )
    place = {"region_code": batch.cohort.site_region_code, "site": batch.site, "name": room.strip()[:60]}
    known = db.session.scalar(select(ExamRoom).filter_by(**place))
    if known is None:
        known = ExamRoom(**place, capacity=capacity)
        db.session.add(known)
    else:
        refuse_on(seating.room_for_seats(known.name, capacity, highest_seat(known)))
        known.capacity = capacity
    db.session.flush()
    sitting = Sitting(batch_id=batch.id, part=part, room_id=known.id, starts_at=starts_at, ends_at=ends_at)
    db.session.add(sitting)
    return sitting


@operation("exams.remove_sitting", say("撤下考试场次"), allow=SITTING_OFFICE)
def remove_sitting(actor: Any, sitting_id: int, reason: str = "") -> Batch:
    """Take a sitting back, with its seats and invigilators. Refused without a reason once its seats were drawn."""
    sitting = load(Sitting, sitting_id)
    batch = load(Batch, sitting.batch_id, lock=True)
    refuse_on(_planned(batch), rules.reasoned(reason) if sitting.seats else [])
    db.session.delete(sitting)
    return batch


@operation("exams.draw_seats", say("抽签编排座位和工位"), allow=OFFICE)
def draw_seats(actor: Any, batch_id: int, part: Part, reason: str = "") -> SeatDraw:
    """Draw a seat or station by lot for every candidate who has none in a part; kept so that it can be repeated.

    Where all are seated, all are drawn anew, which needs a reason. Refused when there are more people than places.
    """
    batch = load(Batch, batch_id, lock=True)
    refuse_on(
        _planned(batch),
        [] if batch.candidates else [rules.NO_CANDIDATE],
    )
    sittings = sittings_of(batch.id)
    waiting = unseated(batch, sittings, part)
    if not waiting:
        nobody = refuse("exams.nobody_sits", say("没有考生要考{part}", part=part.label))
        refuse_on(rules.reasoned(reason), [] if sitting_part(batch).get(part) else [nobody])
        for seat in [seat for one in sittings if one.part is part for seat in one.seats]:
            db.session.delete(seat)
        db.session.flush()
        db.session.expire_all()
        sittings = sittings_of(batch.id)
        waiting = unseated(batch, sittings, part)
    places = free_places(sittings, part)
    refuse_on(seating.enough_places(len(waiting), len(places), part))
    people = {one.enrolment_id: one for one in waiting}
    draw = SeatDraw(
        batch_id=batch.id,
        part=part,
        seed=secrets.token_hex(32),
        learners=json.dumps(sorted(people)),
        places=json.dumps(places[: len(people)]),
        reason=reason.strip(),
        account_id=actor.id,
    )
    db.session.add(draw)
    db.session.flush()
    for enrolment_id, (sitting_id, number) in seating.by_lot(draw.seed, sorted(people), places).items():
        db.session.add(
            Seat(
                sitting_id=sitting_id,
                batch_id=batch.id,
                part=part,
                candidate_id=people[enrolment_id].id,
                number=number,
                draw_id=draw.id,
            )
        )
    return draw


@operation("exams.assign_invigilator", say("安排监考"), allow=SITTING_OFFICE)
def assign_invigilator(actor: Any, sitting_id: int, staff_id: int) -> RoomDuty:
    """Have an invigilator of the batch watch over a room. The database keeps him out of two rooms at once."""
    sitting, staff = load(Sitting, sitting_id), load(BatchStaff, staff_id)
    batch = load(Batch, sitting.batch_id, lock=True)
    refuse_on(_planned(batch, BatchState.MARKING))
    duty = RoomDuty(sitting_id=sitting.id, staff_id=staff.id)
    db.session.add(duty)
    return duty


@operation("exams.release_invigilator", say("撤下监考"), allow=DUTY_OFFICE)
def release_invigilator(actor: Any, duty_id: int) -> Batch:
    """Take an invigilator off a room, before the exam begins."""
    duty = load(RoomDuty, duty_id)
    batch = load(Batch, duty.sitting.batch_id, lock=True)
    refuse_on(_planned(batch))
    db.session.delete(duty)
    return batch


def _planned(batch: Batch, *also: BatchState) -> list[Finding]:
    if batch.state in {BatchState.PLANNED, *also}:
        return []
    return [refuse("exams.sitting_begun", say("开考后考场、座位不能更改"))]


def _no_part(part: Part) -> Finding:
    return refuse("exams.no_such_part", say("本批次没有{part}这一科目", part=part.label))
