"""What the database itself refuses, whatever the code above it believed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lbcert.core.access import CONSOLE, Console
from lbcert.core.database import load
from lbcert.core.findings import Refused
from lbcert.core.operation import operation
from lbcert.teaching.models import (
    Attendance,
    AttendanceMark,
    LeaveRequest,
    Mode,
    SchoolTest,
    Session,
    Venue,
)
from lbcert.teaching.operations.sessions import add_session, cancel_session
from lbcert.testing.factories import FUKANG, cohort, enrolment, person, store


@operation("testing.change_session", allow=CONSOLE)
def change(actor, session_id, values):
    for name, value in values.items():
        setattr(load(Session, session_id), name, value)


def refusal(*rows):
    with pytest.raises(Refused) as caught:
        store(*rows)
    return caught.value.findings[0].rule


def refused_change(session, **values):
    with pytest.raises(Refused) as caught:
        change(Console(), session.id, values)
    return caught.value.findings[0].rule


def planned(world, **values):
    lesson = vars(world.lesson) | {"cohort_id": world.cohort.id} | values
    return Session(**lesson)


def attended(world, session, **values):
    usual = {
        "session_id": session.id, "enrolment_id": world.learners[0].id, "mark": AttendanceMark.PRESENT, "how": "sheet",
    }  # fmt: skip
    return Attendance(**usual | values)


def test_a_trainer_is_in_one_place(world):
    add_session(world.clerk, world.cohort.id, world.lesson)
    elsewhere = store(Venue(name="二号教室", region_code=FUKANG))
    assert refusal(planned(world, venue_id=elsewhere.id)) == "teaching.trainer_clash.insert"
    assert refusal(planned(world, mode=Mode.ONLINE, venue_id=None)) == "teaching.trainer_clash.insert"


def test_a_venue_holds_one_session(world):
    add_session(world.clerk, world.cohort.id, world.lesson)
    assert refusal(planned(world, trainer_id=person("李老师").id)) == "teaching.venue_clash.insert"


def test_neither_moving_nor_bringing_back_makes_a_clash(world):
    first = add_session(world.clerk, world.cohort.id, world.lesson)
    after = world.lesson.ends_at
    values = {"starts_at": after, "ends_at": after + timedelta(minutes=45), "mode": Mode.FIELD, "venue_id": None}
    later = store(planned(world, hours=1, **values))
    assert refused_change(later, starts_at=world.lesson.starts_at) == "teaching.trainer_clash.update"
    cancel_session(world.clerk, first.id, "停电")
    add_session(world.clerk, world.cohort.id, replace(world.lesson, mode=Mode.FIELD, venue_id=None))
    assert refused_change(first, cancelled_reason="") == "teaching.trainer_clash.update"


def test_a_correction_is_about_the_same_learner(taught):
    two = taught.learners[1]
    row = store(attended(taught, taught.sessions[0]))
    other = attended(taught, taught.sessions[0], enrolment_id=two.id, corrects_id=row.id, reason="看错了")
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store(other)


def test_a_learner_has_one_first_mark_in_a_session(taught):
    store(attended(taught, taught.sessions[0]))
    assert refusal(attended(taught, taught.sessions[0])) == "teaching.already_marked"


def test_marks_and_leave_are_of_the_sessions_own_cohort(taught):
    stranger = enrolment(cohort(taught.school))
    session = taught.sessions[0]
    assert refusal(attended(taught, session, enrolment_id=stranger.id)) == "teaching.attendance.other_cohort"
    asked = LeaveRequest(session_id=session.id, enrolment_id=stranger.id, reason="有事")
    assert refusal(asked) == "teaching.leave_requests.other_cohort"


def test_two_schools_may_have_a_room_of_one_name(world):
    other = store(Venue(name="阜康实训室", region_code=FUKANG, organisation_id=cohort().providers[0].organisation_id))
    assert other.id != world.venue.id
    same = Venue(name="阜康实训室", region_code=FUKANG, organisation_id=world.school.id)
    assert refusal(same) == "teaching.venue_taken"


def test_nobody_passes_without_both_marks(world):
    test = SchoolTest(enrolment_id=world.learners[0].id, taken_on=world.cohort.ends_on, theory=90, passed=True)
    with pytest.raises(Exception, match=r"passed_has_both_marks"):
        store(test)
