"""Sessions: in time, in plan, and in one place at once."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from lbcert.cohorts.models import CohortState, PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.policy import set_policy
from lbcert.teaching.models import AttendanceMark, Mode
from lbcert.teaching.operations.attendance import Presence, record_attendance
from lbcert.teaching.operations.sessions import add_session, cancel_session, move_session
from lbcert.testing.factories import account, cohort, enrolment, organisation, person, store


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule: str(finding.message) for finding in caught.value.findings if finding.stops}


def test_a_session_is_planned(world):
    session = add_session(world.clerk, world.cohort.id, world.lesson)
    assert (session.hours, session.trainer.name, session.venue.name) == (4, "陈建国", "阜康实训室")
    assert session.starts_at == at(20)


def test_everything_wrong_with_a_session_is_said_at_once(world):
    stranger = person("别人")
    early = replace(world.lesson, trainer_id=stranger.id, starts_at=at(20, day=20), ends_at=at(23, day=20))
    store(PlannedTrainer(cohort_id=(other := cohort(world.school)).id, person_id=stranger.id))
    add_session(
        world.clerk, other.id, replace(early, module_id=other.plan[0].module_id, starts_at=at(20), ends_at=at(23))
    )
    bad = replace(
        world.lesson, starts_at=at(22), ends_at=at(23), mode=Mode.ONLINE, module_id=world.modules[2].id, hours=60,
        trainer_id=stranger.id, title="长" * 121,
    )  # fmt: skip
    found = refused(add_session, world.clerk, world.cohort.id, bad)
    assert set(found) == {
        "teaching.too_short", "teaching.online_practice", "teaching.beyond_plan", "teaching.trainer_not_filed",
        "teaching.text_long", "teaching.trainer_clash", "teaching.venue_clash",
    }  # fmt: skip
    assert "别人" in found["teaching.trainer_not_filed"]
    assert "备案 52 课时" in found["teaching.beyond_plan"]


def test_an_ended_cohort_plans_nothing(world):
    group = cohort(world.school, CohortState.TAUGHT)
    lesson = replace(world.lesson, module_id=group.plan[0].module_id)
    assert "teaching.cohort_state" in refused(add_session, world.clerk, group.id, lesson)


def test_trainer_venue_and_learner_in_two_places_are_named(world):
    add_session(world.clerk, world.cohort.id, world.lesson)
    other = cohort(world.school, name="植保班")
    store(PlannedTrainer(cohort_id=other.id, person_id=world.teacher.id))
    enrolment(other, world.learners[0].person)
    overlapping = replace(
        world.lesson, module_id=other.plan[0].module_id, starts_at=at(22), ends_at=at(23, 30), hours=2
    )
    found = refused(add_session, world.clerk, other.id, overlapping)
    assert set(found) == {"teaching.trainer_clash", "teaching.venue_clash", "teaching.learner_clash"}
    assert "陈建国" in found["teaching.trainer_clash"]
    assert "阜康实训室" in found["teaching.venue_clash"]
    assert "葛曾䮌" in found["teaching.learner_clash"]
    assert "沙马拉毕" not in found["teaching.learner_clash"]


def test_one_session_may_begin_as_another_ends(world):
    add_session(world.clerk, world.cohort.id, world.lesson)
    after = replace(world.lesson, starts_at=at(23), ends_at=at(23, 45), hours=1)
    assert add_session(world.clerk, world.cohort.id, after).hours == 1


def test_a_cancelled_session_frees_trainer_venue_and_hours(world):
    session = add_session(world.clerk, world.cohort.id, world.lesson)
    assert "teaching.reason" in refused(cancel_session, world.clerk, session.id, " ")
    cancel_session(world.clerk, session.id, "教师生病")
    assert "teaching.cancelled" in refused(cancel_session, world.clerk, session.id, "再取消一次")
    assert "teaching.cancelled" in refused(move_session, world.clerk, session.id, world.lesson)
    assert add_session(world.clerk, world.cohort.id, replace(world.lesson, hours=4)).id != session.id


def test_a_session_moves_without_clashing_with_itself_but_not_once_held(world):
    session = add_session(world.clerk, world.cohort.id, world.lesson)
    later = replace(world.lesson, starts_at=at(20, 30), ends_at=at(23, 30))
    assert move_session(world.clerk, session.id, later).starts_at == at(20, 30)
    assert "core.stale" in refused(move_session, world.clerk, session.id, world.lesson, version=1)
    with clock.at(at(21)):
        record_attendance(world.clerk, session.id, {world.learners[0].id: Presence(AttendanceMark.PRESENT)})
    assert "teaching.already_held" in refused(move_session, world.clerk, session.id, world.lesson)


def test_hours_a_day_follow_the_site(world):
    set_policy(world.bureau, "652300", "teaching.hours_a_day", 6, date(2025, 1, 1), "昌吉州文件")
    add_session(world.clerk, world.cohort.id, world.lesson)
    second = replace(world.lesson, starts_at=at(15), ends_at=at(18), hours=3)
    assert "共排 7 课时" in refused(add_session, world.clerk, world.cohort.id, second)["teaching.hours_a_day"]


def test_outside_the_cohorts_days_nothing_is_planned(world):
    early = replace(world.lesson, starts_at=at(20, day=20), ends_at=at(23, day=20))
    assert set(refused(add_session, world.clerk, world.cohort.id, early)) == {"teaching.outside_cohort"}


def test_a_lesson_in_the_field_may_name_no_place_but_a_classroom_must(world):
    somewhere = replace(world.lesson, mode=Mode.FIELD, venue_id=None)
    assert add_session(world.clerk, world.cohort.id, somewhere).venue is None
    nowhere = replace(world.lesson, starts_at=at(8), ends_at=at(11), venue_id=None)
    assert set(refused(add_session, world.clerk, world.cohort.id, nowhere)) == {"teaching.no_venue"}


def test_another_provider_plans_nothing_here(world):
    with pytest.raises(Forbidden):
        add_session(account(Role.PROVIDER_CLERK, organisation()), world.cohort.id, world.lesson)
