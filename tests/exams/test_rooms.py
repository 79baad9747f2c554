"""Rooms, seats and stations: enough of them, given by a lot that anybody can draw again, and watched over by pairs."""

import hashlib
import json
from datetime import datetime, timedelta

import pytest

from lbcert.core import clock
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.exams import operations
from lbcert.exams.models import BatchState, ExamRoom, Part, Post, RoomDuty, Seat, SeatDraw, Sitting
from lbcert.exams.queries.rooms import is_as_drawn
from lbcert.exams.seating import by_lot
from lbcert.parties.models import Account
from lbcert.testing.fixtures import browser_of
from tests.exams import scene as stage
from tests.exams.scene import refused, rules_of, said
from tests.exams.test_sql_attacks import got_through

pytestmark = pytest.mark.usefixtures("app", "exam_day")
ASKED = {**stage.POLICIES, "exams.seats_by_lot": True, "exams.invigilators_per_room": 2}


def at(hour, minute=0):
    return datetime(2025, 8, 9, hour, minute, tzinfo=SHANGHAI)


def sit(scene, part, room, capacity, begins, hours=2, batch=None):
    return operations.add_sitting(
        scene.clerk, (batch or scene.batch).id, part, room, capacity, begins, begins + timedelta(hours=hours)
    )


def watching(scene, name, batch=None):
    person = stage.examiner(scene, name).person
    return operations.appoint(scene.clerk, (batch or scene.batch).id, person.id, Post.INVIGILATOR)


def test_a_batch_begins_once_each_part_has_rooms_each_candidate_a_seat_and_each_room_a_pair():
    scene = stage.staffed(stage.ready(policies=ASKED))
    begin = operations.begin_marking
    refusal = refused(begin, scene.clerk, scene.batch.id)
    assert rules_of(refusal) == {"exams.no_sitting"}
    assert "理论知识还没有安排考场和时间" in said(refusal)
    theory = sit(scene, Part.THEORY, "第 1 考场", 2, at(9))
    sit(scene, Part.PRACTICE, "实训车间", 3, at(14))
    refusal = refused(operations.draw_seats, scene.clerk, scene.batch.id, Part.THEORY)
    assert rules_of(refusal) == {"exams.too_few_seats"}
    assert "理论知识：3 人大于可容纳人数 2，请增加考场或场次" in said(refusal)
    more = sit(scene, Part.THEORY, "第 2 考场", 2, at(9))
    for part in (Part.THEORY, Part.PRACTICE):
        operations.draw_seats(scene.clerk, scene.batch.id, part)
    refusal = refused(begin, scene.clerk, scene.batch.id)
    assert rules_of(refusal) == {"exams.too_few_invigilators"}
    assert "第 1 考场（理论知识）有 0 名监考员，应不少于 2 名" in said(refusal)
    staff = [watching(scene, f"监考{n}") for n in "甲乙丙丁"]
    first, second = staff[0], staff[1]
    operations.assign_invigilator(scene.clerk, theory.id, first.id)
    assert rules_of(refused(operations.assign_invigilator, scene.clerk, more.id, first.id)) == {
        "exams.invigilator_twice"
    }
    leader = next(one for one in scene.batch.staff if one.post is Post.LEADER)
    assert rules_of(refused(operations.assign_invigilator, scene.clerk, more.id, leader.id)) == {
        "exams.duty_not_invigilator"
    }
    operations.assign_invigilator(scene.clerk, theory.id, second.id)
    for one in staff[2:]:
        operations.assign_invigilator(scene.clerk, more.id, one.id)
    workshop = db.session.query(Sitting).filter_by(part=Part.PRACTICE).one()
    for one in staff[:2]:  # who watched in the morning may watch in the afternoon
        operations.assign_invigilator(scene.clerk, workshop.id, one.id)
    assert rules_of(refused(begin, scene.clerk, scene.batch.id)) == {"exams.undeclared"}
    for one in staff:
        operations.declare(db.session.query(Account).filter_by(person_id=one.person_id).one(), one.id)
    assert begin(scene.clerk, scene.batch.id).state is BatchState.MARKING
    assert rules_of(refused(operations.draw_seats, scene.clerk, scene.batch.id, Part.THEORY, "再抽")) == {
        "exams.sitting_begun"
    }


def test_without_a_rule_on_file_a_batch_begins_without_rooms_and_a_note_says_so():
    scene = stage.staffed()
    from lbcert.exams.queries.rooms import arrangement  # noqa: PLC0415

    assert [(one.rule, one.stops) for one in arrangement(scene.batch)] == [
        ("policy.exams.seats_by_lot", False),
        ("policy.exams.invigilators_per_room", False),
    ]
    sit(scene, Part.THEORY, "第 1 考场", 3, at(9))
    assert rules_of(refused(operations.begin_marking, scene.clerk, scene.batch.id)) == {"exams.unseated"}


def test_a_draw_can_be_repeated_by_hand_and_is_drawn_anew_with_a_reason_only():
    scene = stage.staffed(stage.ready(names=[f"学员{n}" for n in range(12)]))
    sitting = sit(scene, Part.THEORY, "第 1 考场", 20, at(9))
    draw = operations.draw_seats(scene.clerk, scene.batch.id, Part.THEORY)
    order = sorted(json.loads(draw.learners), key=lambda one: hashlib.sha256(f"{draw.seed}:{one}".encode()).hexdigest())
    seats = db.session.query(Seat).order_by(Seat.number).all()
    assert [seat.candidate.enrolment_id for seat in seats] == order
    assert [seat.number for seat in seats] == list(range(1, 13))
    assert order != sorted(order)  # 12! orders: it never happens by chance
    assert rules_of(refused(operations.draw_seats, scene.clerk, scene.batch.id, Part.THEORY, " ")) == {"exams.reason"}
    again = operations.draw_seats(scene.clerk, scene.batch.id, Part.THEORY, "座位表贴错")
    assert again.seed != draw.seed
    assert db.session.query(SeatDraw).count() == 2
    assert is_as_drawn(again)
    one, other = db.session.query(Seat).order_by(Seat.number).limit(2)
    assert not got_through([
        ("exams.seat_fixed", f"UPDATE exam_seats SET number = 20 WHERE id = {one.id}"),
        ("exams.seat_draw", f"UPDATE seat_draws SET seed = 'x' WHERE id = {again.id}"),
        ("exams.seat_draw", f"DELETE FROM seat_draws WHERE id = {draw.id}"),
        ("exams.sitting_fixed", f"UPDATE sittings SET starts_at = ends_at WHERE id = {sitting.id}"),
        ("exams.room_too_small", "UPDATE exam_rooms SET capacity = 11"),
    ])  # fmt: skip
    stage.run("DELETE FROM exam_seats WHERE id IN (:a, :b)", a=one.id, b=other.id)
    moved = (
        "INSERT INTO exam_seats (sitting_id, batch_id, part, candidate_id, number, draw_id, created_at) "
        f"VALUES ({sitting.id}, {scene.batch.id}, 'theory', {{candidate}}, {{number}}, {{draw}}, '2025-08-09 02:00:00')"
    )
    assert not got_through([
        ("exams.seat_beyond_room", moved.format(candidate=other.candidate_id, number=21, draw=again.id)),
        ("exams.seat_undrawn|FOREIGN|fk_", moved.format(candidate=other.candidate_id, number=20, draw=99)),
    ])  # fmt: skip
    stage.run(moved.format(candidate=other.candidate_id, number=one.number, draw=again.id))
    db.session.rollback()
    assert not is_as_drawn(db.session.get(SeatDraw, again.id))  # exchanged behind the lot's back: the page shows it


def test_places_are_filled_in_their_order_and_each_seed_gives_its_own():
    places = [(1, n) for n in range(1, 6)]
    drawn = {seed: tuple(by_lot(seed, [7, 8, 9], places)) for seed in "abcdefgh"}
    assert len(set(drawn.values())) > 2
    assert all(sorted(by_lot(seed, [7, 8, 9], places).values()) == places[:3] for seed in drawn)


def test_a_room_holds_one_exam_at_a_time_and_ends_after_it_begins():
    scene = stage.staffed()
    other = operations.plan_batch(scene.clerk, scene.cohort.id, scene.body.id, stage.HELD, "阜康考点")
    sit(scene, Part.THEORY, "第 1 考场", 30, at(9))
    refusal = refused(sit, scene, Part.THEORY, "第 1 考场", 30, at(10), batch=other)
    assert rules_of(refusal) == {"exams.room_taken"}
    assert "同一考场在这段时间已安排了另一场考试" in said(refusal)
    assert sit(scene, Part.THEORY, "第 1 考场", 40, at(11), batch=other).room.capacity == 40
    assert db.session.query(ExamRoom).count() == 1
    assert rules_of(refused(sit, scene, Part.PRACTICE, "车间", 30, at(10))) == {"exams.parts_overlap"}
    assert rules_of(refused(sit, scene, Part.PRACTICE, "车间", 30, at(15), hours=0)) == {"exams.sitting_times"}
    assert rules_of(refused(sit, scene, Part.PRACTICE, "车间", 30, at(15) - timedelta(days=1))) == {
        "exams.sitting_early"
    }
    assert rules_of(refused(sit, scene, Part.REVIEW, " ", 0, at(15))) == {
        "exams.no_such_part", "exams.no_room", "exams.room_capacity",
    }  # fmt: skip
    operations.cancel_batch(scene.clerk, other.id, "改期")
    assert sit(scene, Part.PRACTICE, "第 1 考场", 40, at(11))
    operations.draw_seats(scene.clerk, scene.batch.id, Part.THEORY)
    refusal = refused(sit, scene, Part.THEORY, "第 1 考场", 1, at(14))
    assert (rules_of(refusal), "请填 3 以上" in said(refusal)) == ({"exams.room_too_small"}, True)


def test_who_is_put_on_later_gets_a_free_seat_and_who_is_taken_off_leaves_his():
    scene = stage.staffed()
    sit(scene, Part.THEORY, "第 1 考场", 3, at(9))
    operations.draw_seats(scene.clerk, scene.batch.id, Part.THEORY)
    kept = {seat.candidate.enrolment_id: seat.number for seat in db.session.query(Seat)}
    gone = scene.batch.candidates[0]
    freed = kept.pop(gone.enrolment_id)
    operations.remove_candidate(scene.clerk, gone.id)
    late = stage.learner(scene.cohort, "补录者")
    operations.add_candidates(scene.clerk, scene.batch.id, [late.id])
    operations.draw_seats(scene.clerk, scene.batch.id, Part.THEORY)
    assert {seat.candidate.enrolment_id: seat.number for seat in db.session.query(Seat)} == {**kept, late.id: freed}
    sitting = db.session.query(Sitting).one()
    assert rules_of(refused(operations.remove_sitting, scene.clerk, sitting.id)) == {"exams.reason"}
    operations.remove_sitting(scene.clerk, sitting.id, "考场漏雨")
    assert db.session.query(Seat).count() == 0


def test_the_page_sets_rooms_draws_and_shows_who_sits_where_but_no_candidate_number(app):
    scene = stage.staffed()
    clerk, url = browser_of(app, scene.clerk), f"/exams/{scene.batch.id}/rooms"
    form = {"part": "theory", "room": "第 1 考场", "capacity": "3", "starts_at": "2025-08-09T09:00", "ends_at": "2025-08-09T11:00"}  # fmt: skip
    assert clerk.post(url, data={**form, "ends_at": "2025-08-09T08:00"}).status_code == 422
    assert clerk.post(url, data=form).status_code == 302
    sitting = db.session.query(Sitting).one()
    assert clock.local(sitting.starts_at) == at(9)
    assert clerk.post(f"/exams/{scene.batch.id}/draw/practice").status_code == 422
    assert clerk.post(f"/exams/{scene.batch.id}/draw/theory").status_code == 302
    watching(scene, "监考甲")
    staff = next(one for one in scene.batch.staff if one.post is Post.INVIGILATOR)
    assert clerk.post(f"/exams/sittings/{sitting.id}/invigilators", data={"staff": staff.id}).status_code == 302
    page = clerk.get(url).text
    for shown in ("第 1 考场", "2025-08-09 09:00 — 11:00", "张三", "监考甲", "重算一致"):
        assert shown in page
    assert not any(one.number in page for one in scene.batch.candidates)
    duty = db.session.query(RoomDuty).one()
    assert clerk.post(f"/exams/room-duties/{duty.id}/release").status_code == 302
    assert clerk.post(f"/exams/sittings/{sitting.id}/remove", data={"reason": "换考点"}).status_code == 302
    assert "还没有安排考场" in clerk.get(url).text
