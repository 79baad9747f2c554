"""What 宁蒗's trainers and venues allow, and an employer's workshop where two lessons were held; all figures are ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from lbcert.brands.models import ModuleKind
from lbcert.core import clock, jobs
from lbcert.core.database import load
from lbcert.demo.cast import ADMIN, Cast, at, moment
from lbcert.demo.people import Crowd
from lbcert.parties.operations import PersonData, register_person
from lbcert.teaching.models import Mode, Session
from lbcert.teaching.operations.replans import start_replan
from lbcert.teaching.operations.resources import Terms, add_trainer, book_trainer, book_venue, set_travel, sign_hours
from lbcert.teaching.operations.sessions import Room, add_venue, describe_venue, move_session
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.course_table import lesson_of
from lbcert.teaching.queries.replans import profile_of
from lbcert.teaching.queries.workshops import mentors_at

_SCHOOL, _EMPLOYER = "ninglang-school", "ninglang-employer"


def put_on_file(cast: Cast, home: str, away: str, today: date) -> None:
    """Put trainers' terms on file, the way to the employer's town, and a trainer's leave."""
    clerk, school = cast.account(_SCHOOL), cast.bodies[_SCHOOL]
    terms = Terms(home, "", "每天 08:00-22:00", 40, 7)
    profiles = [
        add_trainer(clerk, school, cast.persons[user], terms).id for user in ("ninglang-trainer", "ninglang-trainer2")
    ]
    set_travel(cast.account(_SCHOOL), school, home, away, 36)
    leave = moment(today + timedelta(days=12), 0)
    book_trainer(cast.account(_SCHOOL), profiles[1], leave, leave + timedelta(days=1), "请假（演示）")


def hold_at_work(cast: Cast, cohort_id: int, home: str, crowd: Crowd) -> list[int]:
    """Move the first two lessons of practice to an employer's workshop, with a mentor of its own; give them."""
    desk, firm = cast.account(_EMPLOYER), cast.bodies[_EMPLOYER]
    room = Room(16, "护理床 8 张\n按摩床 8 张", "每天 08:30-18:00")
    shop = add_venue(desk, firm, "海安康养驻宁蒗实训门店", home, 40, room).id
    figure = crowd.person("冯桂英")
    mentor = PersonData(figure.name, figure.id_number, phone=figure.phone, household_region_code=figure.region)
    add_trainer(cast.account(_EMPLOYER), firm, register_person(cast.account(ADMIN), mentor).id)
    practice = [one for one in sessions_of(cohort_id) if one.module.kind is ModuleKind.PRACTICE and one.hours > 1][:2]
    school_room = practice[0].venue_id
    for session in practice:
        lesson = replace(lesson_of(session), mode=Mode.WORKPLACE, venue_id=shop)
        move_session(cast.account(_SCHOOL), session.id, lesson)
    if school_room:
        name = "大兴镇康养实训基地"
        describe_venue(cast.account(_SCHOOL), school_room, name, 100, Room(20, "护理床 10 张", "每天 08:00-21:00"))
        closed = moment(practice[-1].starts_at.date() + timedelta(days=30), 0)
        book_venue(cast.account(_SCHOOL), school_room, closed, closed + timedelta(days=1), "设备检修（演示）")
    return [session.id for session in practice]


def fall_ill(cast: Cast, cohort_id: int, today: date) -> None:
    """Have the fewest changes looked for when a trainer cannot hold the next lesson; nobody has decided on them yet."""
    clerk = cast.account(_SCHOOL)
    with at(today, 8):
        lesson = next(one for one in sessions_of(cohort_id) if one.starts_at > moment(today + timedelta(days=1), 0))
        profile, first = profile_of(lesson.trainer_id), moment(clock.local(lesson.starts_at).date(), 0)
        if profile:
            run = start_replan(clerk, profile.id, None, first, first + timedelta(days=2), "身体不适（演示）")
            jobs.run(run.job_id or 0)


def sign(cast: Cast, session_ids: list[int], now: date) -> None:
    """Have the employer sign the first of the lessons that are over; the other one waits for it."""
    over = [key for key in session_ids if load(Session, key).ends_at < moment(now, 0)]
    if over:
        sign_hours(cast.account(_EMPLOYER), over[0], mentors_at(load(Session, over[0]))[0].id)
