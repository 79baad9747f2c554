"""Rooms (考场), who sits where in them by lot, and who watches over them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lbcert.core.database import Base, Id, Stamped, append_only, choice, explain, refuse_rows
from lbcert.core.words import say
from lbcert.exams.models.batches import BATCH_LOCK, Batch, BatchStaff, Candidate
from lbcert.exams.models.parts import Part


class ExamRoom(Base, Stamped):
    """A room of an exam site (考点), or a workshop with its stations; the same for whichever body examines there."""

    __tablename__ = "exam_rooms"
    __table_args__ = (
        UniqueConstraint("region_code", "site", "name"),
        CheckConstraint("capacity BETWEEN 1 AND 1000", name="some_seats"),
    )
    id: Mapped[Id]
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    site: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(60))
    #: Seats of a room, stations (工位) of a workshop.
    capacity: Mapped[int]


class Sitting(Base, Stamped):
    """场次: one part of a batch's exam in one room, from a moment to a moment. It is taken back and set anew, never moved."""

    __tablename__ = "sittings"
    __table_args__ = (
        UniqueConstraint("id", "batch_id", "part"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_sittings_room_times", "room_id", "starts_at"),
        Index("ix_sittings_batch", "batch_id"),
    )
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    part: Mapped[Part] = mapped_column(choice(Part))
    room_id: Mapped[int] = mapped_column(ForeignKey("exam_rooms.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    batch: Mapped[Batch] = relationship()
    room: Mapped[ExamRoom] = relationship()
    seats: Mapped[list[Seat]] = relationship(back_populates="sitting", order_by="Seat.number", passive_deletes="all")
    duties: Mapped[list[RoomDuty]] = relationship(
        back_populates="sitting", order_by="RoomDuty.id", passive_deletes="all"
    )


class SeatDraw(Base, Stamped):
    """抽签: the seed, the learners and the places of one draw, so that whoever doubts it can draw again and see the same."""

    __tablename__ = "seat_draws"
    __table_args__ = (CheckConstraint("seed <> ''", name="has_seed"), Index("ix_seat_draws_batch", "batch_id"))
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batches.id"))
    part: Mapped[Part] = mapped_column(choice(Part))
    #: 64 hex digits from the system's source of randomness.
    seed: Mapped[str] = mapped_column(String(64))
    #: JSON: ids of enrolments, and pairs of sitting and number of seat in the order in which they are filled.
    learners: Mapped[str] = mapped_column(Text)
    places: Mapped[str] = mapped_column(Text)
    #: Why an earlier draw no longer stands.
    reason: Mapped[str] = mapped_column(String(300), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))


class Seat(Base, Stamped):
    """A candidate's seat or station for one part, as drawn."""

    __tablename__ = "exam_seats"
    __table_args__ = (
        ForeignKeyConstraint(
            ["sitting_id", "batch_id", "part"],
            ["sittings.id", "sittings.batch_id", "sittings.part"],
            name="fk_exam_seats_sitting",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["candidate_id", "batch_id"],
            ["candidates.id", "candidates.batch_id"],
            name="fk_exam_seats_candidate",
            ondelete="CASCADE",
        ),
        UniqueConstraint("sitting_id", "number"),
        UniqueConstraint("candidate_id", "part"),
    )
    id: Mapped[Id]
    sitting_id: Mapped[int]
    batch_id: Mapped[int]
    part: Mapped[Part] = mapped_column(choice(Part))
    candidate_id: Mapped[int]
    number: Mapped[int]
    draw_id: Mapped[int] = mapped_column(ForeignKey("seat_draws.id"), index=True)
    sitting: Mapped[Sitting] = relationship(back_populates="seats")
    candidate: Mapped[Candidate] = relationship(overlaps="seats,sitting")


class RoomDuty(Base, Stamped):
    """监考: who watches over a room during a sitting."""

    __tablename__ = "room_duties"
    __table_args__ = (UniqueConstraint("sitting_id", "staff_id"),)
    id: Mapped[Id]
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("batch_staff.id", ondelete="CASCADE"), index=True)
    sitting: Mapped[Sitting] = relationship(back_populates="duties")
    staff: Mapped[BatchStaff] = relationship()


append_only(SeatDraw, "exams.seat_draw", say("抽签记录不能修改或删除"))
explain("exam_seats", "sitting_id, number", "exams.seat_taken", say("这个座位（工位）已有考生"))
explain("exam_seats", "candidate_id, part", "exams.seated_twice", say("考生的这一科目已有座位（工位）"))
explain("room_duties", "sitting_id, staff_id", "exams.duty_twice", say("此人已在这一场次监考"))

_PLANNED_ONLY = "(SELECT b.state FROM batches b WHERE b.id = {row}.batch_id) <> 'planned'"
_ARRANGED = say("开考后考场、座位不能更改")
_AT_ONCE = "s.starts_at < {other}.ends_at AND {other}.starts_at < s.ends_at"
refuse_rows(
    Sitting,
    "exams.room_taken",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM sittings s JOIN batches b ON b.id = s.batch_id WHERE s.room_id = NEW.room_id "
        f"AND b.state <> 'cancelled' AND {_AT_ONCE.format(other='NEW')})"
    ),
    message=say("同一考场在这段时间已安排了另一场考试，请换考场或时间"),
    locking="SELECT 1 FROM exam_rooms r WHERE r.id = NEW.room_id FOR NO KEY UPDATE",
)
refuse_rows(
    Sitting,
    "exams.parts_overlap",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM sittings s WHERE s.batch_id = NEW.batch_id AND s.part <> NEW.part "
        f"AND {_AT_ONCE.format(other='NEW')})"
    ),
    message=say("同一批次的不同科目不能同时考，请错开时间"),
)
refuse_rows(
    Sitting,
    "exams.sitting_begun",
    on=("INSERT",),
    when=_PLANNED_ONLY.format(row="NEW"),
    message=_ARRANGED,
    locking=BATCH_LOCK,
)
refuse_rows(
    Sitting,
    "exams.sitting_fixed",
    on=("UPDATE",),
    when="1=1",
    message=say("考试场次不能改写；请撤下后另行安排"),
)
refuse_rows(
    Sitting,
    "exams.sitting_kept",
    on=("DELETE",),
    when=_PLANNED_ONLY.format(row="OLD"),
    message=_ARRANGED,
    locking=BATCH_LOCK.replace("NEW", "OLD"),
)
refuse_rows(
    ExamRoom,
    "exams.room_too_small",
    on=("UPDATE",),
    when=(
        "NEW.region_code <> OLD.region_code OR NEW.site <> OLD.site OR NEW.name <> OLD.name OR EXISTS (SELECT 1 FROM exam_seats e "
        "JOIN sittings s ON s.id = e.sitting_id WHERE s.room_id = OLD.id AND e.number > NEW.capacity)"
    ),
    message=say("考场已有考生的座位号大于所填人数，不能改小；考场的名称和地点不能改"),
)
refuse_rows(
    Seat,
    "exams.seat_beyond_room",
    on=("INSERT",),
    when=(
        "NEW.number < 1 OR NEW.number > (SELECT r.capacity FROM exam_rooms r JOIN sittings s ON s.room_id = r.id "
        "WHERE s.id = NEW.sitting_id)"
    ),
    message=say("座位号大于考场可容纳人数"),
)
refuse_rows(
    Seat,
    "exams.seat_begun",
    on=("INSERT",),
    when=_PLANNED_ONLY.format(row="NEW"),
    message=_ARRANGED,
    locking=BATCH_LOCK,
)
refuse_rows(
    Seat,
    "exams.seat_undrawn",
    on=("INSERT",),
    when="NOT EXISTS (SELECT 1 FROM seat_draws d WHERE d.id = NEW.draw_id AND d.batch_id = NEW.batch_id AND d.part = NEW.part)",
    message=say("座位（工位）只能由抽签产生"),
)
refuse_rows(
    Seat, "exams.seat_fixed", on=("UPDATE",), when="1=1", message=say("座位（工位）不能调换；请写明理由重新抽签")
)
refuse_rows(
    Seat,
    "exams.seat_kept",
    on=("DELETE",),
    when=_PLANNED_ONLY.format(row="OLD"),
    message=_ARRANGED,
    locking=BATCH_LOCK.replace("NEW", "OLD"),
)
refuse_rows(
    RoomDuty,
    "exams.duty_not_invigilator",
    on=("INSERT",),
    when=(
        "NOT EXISTS (SELECT 1 FROM batch_staff f JOIN sittings s ON s.batch_id = f.batch_id "
        "WHERE f.id = NEW.staff_id AND s.id = NEW.sitting_id AND f.post = 'invigilator')"
    ),
    message=say("只有本批次任命的监考员可以安排监考"),
)
refuse_rows(
    RoomDuty,
    "exams.invigilator_twice",
    on=("INSERT",),
    when=(
        "EXISTS (SELECT 1 FROM sittings n JOIN sittings s ON " + _AT_ONCE.format(other="n") + " "
        "JOIN room_duties d ON d.sitting_id = s.id JOIN batch_staff f ON f.id = d.staff_id JOIN batches b ON b.id = s.batch_id "
        "WHERE n.id = NEW.sitting_id AND b.state <> 'cancelled' AND s.id <> n.id "
        "AND f.person_id = (SELECT o.person_id FROM batch_staff o WHERE o.id = NEW.staff_id))"
    ),
    message=say("此人这段时间在另一考场监考，不能同时监考两个考场"),
    locking="SELECT 1 FROM persons q WHERE q.id = (SELECT o.person_id FROM batch_staff o WHERE o.id = NEW.staff_id) FOR NO KEY UPDATE",
)
refuse_rows(RoomDuty, "exams.duty_fixed", on=("UPDATE",), when="1=1", message=say("监考安排不能改写；请撤下后另行安排"))
