"""The form of a make-up begins with the first time that is free, or says that there is none."""

import re
from dataclasses import replace
from datetime import date

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.calendar import enter_days
from lbcert.core.database import db
from lbcert.core.policy import set_policy
from lbcert.teaching import makeups
from lbcert.teaching.models import AttendanceMark, Mode, Session
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.resources import add_trainer, book_trainer, book_venue
from lbcert.teaching.operations.sessions import add_session, cancel_session
from lbcert.testing.factories import FUKANG, account, cohort, person, store
from tests.teaching.conftest import at


@pytest.fixture
def lost(world):
    """Give the session that one of two missed, on the next morning."""
    session = add_session(world.clerk, world.cohort.id, world.lesson)
    with clock.at(session.ends_at):
        marks = (AttendanceMark.PRESENT, AttendanceMark.ABSENT)
        record_attendance(
            world.clerk, session.id, {one.id: Presence(mark) for one, mark in zip(world.learners, marks, strict=True)}
        )
    with clock.at(at(8, day=25)):
        yield session


@pytest.fixture
def form(world, lost, signed_in):
    """Give the form as it stands on the page: its values, and all the words."""

    def ask(session=lost):
        page = signed_in(world.clerk).get(f"/teaching/sessions/{session.id}/make-up").text
        values = {
            name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]
            for name in ("day", "starts", "ends", "hours")
        }
        return " ".join(values.values()), page

    return ask


def evenings(world, text="每天 18:00-23:00"):
    choose_pattern(world.clerk, world.cohort.id, [], text, reason="改时间")


def elsewhere(world, starts_at, ends_at, **values):
    """Plan a lesson of another cohort with another trainer in the same room, unless said otherwise."""
    group = cohort(world.school, item=world.cohort.item)
    other = person("马玉梅")
    store(*(PlannedTrainer(cohort_id=group.id, person_id=who.id) for who in (world.teacher, other)))
    lesson = replace(world.lesson, starts_at=starts_at, ends_at=ends_at, hours=1, **{"trainer_id": other.id, **values})
    return add_session(world.clerk, group.id, lesson)


def test_the_first_time_within_the_windows_is_proposed_and_can_be_laid_as_it_stands(world, lost, form, signed_in):
    evenings(world)
    found, page = form()
    assert found == "2025-07-25 18:00 21:00 4"
    assert "下面填的是教师、场地和学员都空的第一个时间" in page
    day, starts, ends, hours = found.split()
    sent = {"day": day, "starts": starts, "ends": ends, "hours": hours, "mode": "on_site"}
    sent |= {name: getattr(lost, name) for name in ("module_id", "venue_id", "trainer_id")}
    assert signed_in(world.clerk).post(f"/teaching/sessions/{lost.id}/make-up", data=sent).status_code == 302
    assert db.session.query(Session).filter_by(makes_up_id=lost.id).one().starts_at == at(18, day=25)


def test_it_begins_when_the_trainer_and_the_room_are_free_again(world, form):
    evenings(world)
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id)
    book_trainer(world.clerk, profile.id, at(17, day=25), at(18, 30, day=25), "开会")
    assert form()[0] == "2025-07-25 18:30 21:30 4"
    book_venue(world.clerk, world.venue.id, at(18, day=25), at(20, day=25), "检修")
    assert form()[0] == "2025-07-25 20:00 23:00 4"
    elsewhere(world, at(22, day=25), at(23, day=25))
    assert form()[0] == "2025-07-26 18:00 21:00 4", "another cohort is in the room"
    elsewhere(world, at(20, day=26), at(22, day=26), trainer_id=world.teacher.id, venue_id=None, mode=Mode.FIELD)
    assert form()[0] == "2025-07-27 18:00 21:00 4", "its trainer has another cohort"


def test_it_is_no_time_at_which_who_missed_the_lesson_has_another(world, form):
    evenings(world)
    other = person("马玉梅")
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=other.id))
    busy = replace(world.lesson, module_id=world.modules[1].id, trainer_id=other.id, hours=2, starts_at=at(18, day=25))
    add_session(world.clerk, world.cohort.id, replace(busy, ends_at=at(19, 30, day=25), mode=Mode.FIELD, venue_id=None))
    assert form()[0] == "2025-07-25 19:30 22:30 4"


def test_without_windows_it_is_the_lost_lessons_hour_on_a_day_that_is_free(world, form):
    assert form()[0] == "2025-07-25 20:00 23:00 4"
    with clock.at(at(20, 1, day=25)):
        assert form()[0] == "2025-07-26 20:00 23:00 4"
    enter_days(account(Role.BUREAU_OFFICER, FUKANG), FUKANG, "2025-07-26 休 古尔邦节", "阜康市放假通知（演示）")
    book_venue(world.clerk, world.venue.id, at(0, day=27), at(0, day=28), "检修")
    with clock.at(at(20, 1, day=25)):
        assert form()[0] == "2025-07-28 20:00 23:00 4"


def test_what_is_left_of_a_cancelled_lesson_is_proposed_after_it(world, form):
    evenings(world)
    cancelled = add_session(
        world.clerk, world.cohort.id, replace(world.lesson, starts_at=at(20, day=28), ends_at=at(23, day=28))
    )
    cancel_session(world.clerk, cancelled.id, "停电")
    assert form(cancelled)[0] == "2025-07-28 20:00 23:00 4"
    part = replace(
        world.lesson, starts_at=at(20, day=28), ends_at=at(21, 30, day=28), hours=2, makes_up_id=cancelled.id
    )
    add_session(world.clerk, world.cohort.id, part)
    assert form(cancelled)[0] == "2025-07-28 21:30 23:00 2"


def test_where_no_time_is_free_the_page_says_so(world, form):
    book_venue(world.clerk, world.venue.id, at(0, day=25), at(0, day=31), "检修")
    assert form()[0] == "2025-07-31 20:00 23:00 4"
    set_policy(world.bureau, "530000", makeups.DAYS.name, 6, date(2025, 1, 1), "本局设定")
    found, page = form()
    assert found == "2025-07-25 20:00 23:00 4"
    assert "到 2025-08-07 结束为止，没有合乎班型而教师、场地和学员都空的时间" in page
    assert "下面填的是" not in page
