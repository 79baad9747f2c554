"""Where and when a batch is examined, who sits where and who watches."""

from __future__ import annotations

import json

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from lbcert.cohorts.models import Enrolment
from lbcert.core.database import db
from lbcert.core.findings import Finding
from lbcert.core.policy import ruling
from lbcert.exams import seating
from lbcert.exams.models import Batch, BatchStaff, Candidate, ExamRoom, Part, Post, RoomDuty, Seat, SeatDraw, Sitting
from lbcert.exams.queries.resits import carried_into
from lbcert.exams.rules import parts_of


def sittings_of(batch_id: int) -> list[Sitting]:
    """List the sittings of a batch in time, with rooms, seats and invigilators."""
    query = (
        select(Sitting)
        .where(Sitting.batch_id == batch_id)
        .options(
            joinedload(Sitting.room),
            selectinload(Sitting.seats)
            .joinedload(Seat.candidate)
            .joinedload(Candidate.enrolment)
            .joinedload(Enrolment.person),
            selectinload(Sitting.duties).joinedload(RoomDuty.staff).joinedload(BatchStaff.person),
        )
        .order_by(Sitting.starts_at, Sitting.id)
    )
    return sorted(db.session.scalars(query), key=lambda one: (one.starts_at, one.room.name))


def free_places(sittings: list[Sitting], part: Part) -> list[tuple[int, int]]:
    """List the free seats of a part, as pairs of sitting and number, room after room in time."""
    return [
        (one.id, number)
        for one in sittings
        if one.part is part
        for number in range(1, one.room.capacity + 1)
        if number not in {seat.number for seat in one.seats}
    ]


def highest_seat(room: ExamRoom) -> int:
    """Give the highest seat or station that was ever drawn in a room; 0: none."""
    query = select(func.max(Seat.number)).join(Sitting, Sitting.id == Seat.sitting_id).where(Sitting.room_id == room.id)
    return db.session.scalar(query) or 0


def sitting_part(batch: Batch) -> dict[Part, list[Candidate]]:
    """List who sits each part: every candidate, save those who carry it from an earlier exam."""
    carried = carried_into(batch.id)
    return {
        part: [one for one in batch.candidates if part not in carried.get(one.id, {})]
        for part in parts_of(with_review=batch.with_review)
    }


def unseated(batch: Batch, sittings: list[Sitting], part: Part) -> list[Candidate]:
    """List the candidates who sit a part and have no seat in it."""
    seated = {seat.candidate_id for one in sittings if one.part is part for seat in one.seats}
    return [one for one in sitting_part(batch).get(part, []) if one.id not in seated]


def draws_of(batch_id: int) -> list[SeatDraw]:
    """List the draws of a batch, the newest first."""
    return list(db.session.scalars(select(SeatDraw).where(SeatDraw.batch_id == batch_id).order_by(SeatDraw.id.desc())))


def drawn_again(draw: SeatDraw) -> dict[int, tuple[int, int]]:
    """Repeat a draw from what was kept of it: enrolment → (sitting, number)."""
    places = [(sitting, number) for sitting, number in json.loads(draw.places)]
    return seating.by_lot(draw.seed, json.loads(draw.learners), places)


def is_as_drawn(draw: SeatDraw) -> bool:
    """Tell whether each seat that stands from a draw is where its repetition puts it."""
    again = drawn_again(draw)
    seats = select(Seat, Candidate.enrolment_id).join(Candidate, Candidate.id == Seat.candidate_id)
    rows = db.session.execute(seats.where(Seat.draw_id == draw.id))
    return all(again.get(enrolment_id) == (seat.sitting_id, seat.number) for seat, enrolment_id in rows)


def arrangement(batch: Batch) -> list[Finding]:
    """Find what is not arranged yet for a batch: rooms, seats, invigilators."""
    sittings = sittings_of(batch.id)
    parts = [part for part, people in sitting_part(batch).items() if people or not batch.candidates]
    region, fund = batch.body.region_code, batch.cohort.fund
    return seating.arranged(
        parts,
        [seating.Arranged(one.part, one.room.name, len(one.duties)) for one in sittings],
        {part: [one.enrolment.person.name for one in unseated(batch, sittings, part)] for part in parts},
        ruling(seating.SEATS_BY_LOT, region, batch.held_on, fund),
        ruling(seating.INVIGILATORS, region, batch.held_on, fund),
    )


def invigilators_of(batch: Batch) -> list[BatchStaff]:
    """List the invigilators of a batch."""
    return [one for one in batch.staff if one.post is Post.INVIGILATOR]
