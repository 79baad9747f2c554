"""Make-up sessions (补课): tied to what was lost, for those who lost it, and counted once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.exams.queries.eligibility import hours_of_all
from lbcert.teaching import makeups
from lbcert.teaching.models import AttendanceMark, Session
from lbcert.teaching.operations.attendance import Presence, correct_attendance, record_attendance
from lbcert.teaching.operations.sessions import add_session, cancel_session, move_session
from lbcert.teaching.queries import attendance_shares, attended_hours_of, due_in, marks_of
from lbcert.teaching.queries.calendar import of_person, sessions_between
from lbcert.teaching.queries.course_table import course_rows
from lbcert.teaching.queries.papers import course_table_of
from lbcert.teaching.queries.planning import Board
from lbcert.teaching.queries.plans import hours_by_cohort
from lbcert.teaching.rules import Share
from lbcert.testing.factories import account, store
from tests.teaching.conftest import at

PRESENT, ABSENT, LEAVE = (
    Presence(mark) for mark in (AttendanceMark.PRESENT, AttendanceMark.ABSENT, AttendanceMark.LEAVE)
)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule for finding in caught.value.findings if finding.stops}


def again(world, lost, day, hours=4):
    """Give the lesson that makes up a lost one on an evening."""
    ends = at(20, day=day) + timedelta(minutes=45 * hours)
    return replace(world.lesson, starts_at=at(20, day=day), ends_at=ends, hours=hours, makes_up_id=lost.id)


def hold(world, session, mark_one, mark_two):
    one, two = world.learners
    with clock.at(session.ends_at):
        record_attendance(world.clerk, session.id, {one.id: mark_one, two.id: mark_two})


def test_a_cancelled_session_is_made_up_by_all_and_no_longer_than_it_was(world):
    lost = add_session(world.clerk, world.cohort.id, world.lesson)
    assert refused(add_session, world.clerk, world.cohort.id, again(world, lost, 25)) == {
        "teaching.make_up_for_nothing"
    }
    cancel_session(world.clerk, lost.id, "停电")
    elsewhere = replace(again(world, lost, 25), module_id=world.modules[1].id)
    assert refused(add_session, world.clerk, world.cohort.id, elsewhere) == {"teaching.make_up_of_another"}
    first = add_session(world.clerk, world.cohort.id, again(world, lost, 25, 3))
    assert refused(add_session, world.clerk, world.cohort.id, again(world, lost, 26, 2)) == {
        "teaching.make_up_too_long"
    }
    assert refused(move_session, world.clerk, first.id, replace(again(world, lost, 23), makes_up_id=None)) >= {
        "teaching.make_up_early"
    }
    moved = move_session(world.clerk, first.id, replace(again(world, lost, 26, 3), makes_up_id=None))
    assert (moved.makes_up_id, moved.for_absentees) == (lost.id, False)
    assert [learner.id for learner in due_in(moved)] == [learner.id for learner in world.learners]
    assert hours_by_cohort([world.cohort.id])[world.cohort.id][1] == 3
    cancel_session(world.clerk, moved.id, "又停电")
    assert refused(add_session, world.clerk, world.cohort.id, again(world, moved, 27, 3)) == {"teaching.make_up_again"}
    assert add_session(world.clerk, world.cohort.id, again(world, lost, 27)).hours == 4


def test_who_missed_a_session_makes_it_up_alone_and_is_counted_once(world):
    one, two = world.learners
    lost = add_session(world.clerk, world.cohort.id, world.lesson)
    hold(world, lost, PRESENT, ABSENT)
    planned = hours_by_cohort([world.cohort.id])
    first = add_session(world.clerk, world.cohort.id, again(world, lost, 25, 3))
    second = add_session(world.clerk, world.cohort.id, again(world, lost, 26, 3))
    # nobody but her, in the roll, her own calendar and what it costs the plan
    assert [learner.id for learner in due_in(first)] == [two.id]
    own = {
        learner.id: [row.id for row in sessions_between(of_person(world.clerk, learner.person_id), date(2025, 7, 25), date(2025, 7, 26))]
        for learner in (one, two)
    }  # fmt: skip
    assert own == {one.id: [], two.id: [first.id, second.id]}
    assert hours_by_cohort([world.cohort.id]) == planned
    assert Board(world.cohort, []).left(world.modules[0].id) == world.modules[0].hours - 4
    assert course_table_of(world.cohort)["hours"] == 4
    assert [row["content"] for row in course_rows(world.cohort.id)][1:] == ["安全用电（补7月24日20:00的课）"] * 2
    busy = replace(world.lesson, module_id=world.modules[1].id, starts_at=at(20, day=25), ends_at=at(23, day=25))
    found = [
        finding for finding in Board(world.cohort, [busy]).findings(busy) if finding.rule == "teaching.learner_clash"
    ]
    assert [str(finding.message).count("名学员") for finding in found] == [1]
    assert "1 名学员" in str(found[0].message)
    with clock.at(first.ends_at):
        assert refused(record_attendance, world.clerk, first.id, {one.id: PRESENT}) == {"teaching.not_due"}
        assert attendance_shares(world.cohort.id) == {one.id: Share(4, 4, 0), two.id: Share(4, 0, 3)}
        record_attendance(world.clerk, first.id, {two.id: PRESENT})
    with clock.at(second.ends_at):
        record_attendance(world.clerk, second.id, {two.id: PRESENT})
        # three and three hours come to the four that were lost
        assert attendance_shares(world.cohort.id) == {one.id: Share(4, 4, 0), two.id: Share(4, 4, 0, 4)}
        assert attended_hours_of(world.cohort.id) == {key: {world.modules[0].id: 4} for key in (one.id, two.id)}
        taken = hours_of_all(world.cohort, world.learners)[two.id][world.modules[0].kind]
        assert (taken.taught, taken.attended) == (4, 4)
        assert refused(add_session, world.clerk, world.cohort.id, again(world, lost, 27)) == {
            "teaching.make_up_for_nothing"
        }
        assert refused(add_session, world.clerk, world.cohort.id, again(world, first, 27)) >= {"teaching.make_up_again"}
        # she was there after all: what she made up is not counted on top
        mark = marks_of([lost.id])[lost.id, two.id]
        correct_attendance(world.clerk, mark.id, PRESENT, "签到表有签名")
        assert attendance_shares(world.cohort.id)[two.id] == Share(4, 4, 0)
        assert attended_hours_of(world.cohort.id)[two.id] == {world.modules[0].id: 4}


def test_the_bureau_says_by_when_and_whether_a_make_up_counts(world):
    two = world.learners[1]
    lost = add_session(world.clerk, world.cohort.id, world.lesson)
    hold(world, lost, PRESENT, LEAVE)
    set_policy(world.bureau, "530000", makeups.DAYS.name, 2, date(2025, 1, 1), "本局设定")
    assert refused(add_session, world.clerk, world.cohort.id, again(world, lost, 27)) == {"teaching.make_up_late"}
    made = add_session(world.clerk, world.cohort.id, again(world, lost, 26))
    with clock.at(made.ends_at):
        record_attendance(world.clerk, made.id, {two.id: PRESENT})
        assert attendance_shares(world.cohort.id)[two.id] == Share(4, 4, 0, 4)
        set_policy(world.bureau, "530000", makeups.COUNTS.name, False, date(2025, 1, 1), "本局设定")
        assert attendance_shares(world.cohort.id)[two.id] == Share(4, 0, 0)
        assert attended_hours_of(world.cohort.id)[two.id] == {world.modules[0].id: 4}


def test_the_database_itself_ties_a_make_up_to_what_was_lost(world):
    lost = add_session(world.clerk, world.cohort.id, world.lesson)

    def refused_rows(**values):
        lesson = vars(again(world, lost, 25)) | values
        return refused(store, Session(cohort_id=world.cohort.id, **lesson))

    assert refused_rows() == {"teaching.make_up_for_nothing"}
    hold(world, lost, PRESENT, ABSENT)
    assert refused_rows(module_id=world.modules[1].id) == {"teaching.make_up_of_another"}
    assert refused_rows(starts_at=at(19), ends_at=at(19, 45)) == {"teaching.make_up_of_another"}
    assert refused_rows(hours=5) == {"teaching.make_up_too_long.insert"}
    add_session(world.clerk, world.cohort.id, again(world, lost, 25))


def test_a_make_up_is_planned_and_found_by_the_page_of_what_was_lost(world, signed_in):
    lost = add_session(world.clerk, world.cohort.id, world.lesson)
    client, url = signed_in(world.clerk), f"/teaching/sessions/{lost.id}"
    assert "安排补课" not in client.get(url).text
    hold(world, lost, PRESENT, ABSENT)
    with clock.at(at(8, day=25)):
        page = client.get(url).text
        assert f"{url}/make-up" in page
        assert "沙马拉毕" in client.get(f"{url}/make-up").text
        form = vars(world.lesson) | {"day": "2025-07-25", "starts": "20:00", "ends": "23:00", "mode": "on_site"}
        form = {
            key: form[key] for key in ("module_id", "day", "starts", "ends", "hours", "mode", "venue_id", "trainer_id")
        }
        answer = client.post(f"{url}/make-up", data=form)
        assert answer.status_code == 302
        made = db.session.query(Session).filter_by(makes_up_id=lost.id).one()
        assert answer.location == f"/teaching/sessions/{made.id}"
        assert f"/teaching/sessions/{made.id}" in client.get(url).text
        assert "补 2025-07-24 20:00 的课" in client.get(answer.location).text
        assert "补 2025-07-24 20:00 的课" in client.get(f"/teaching/cohorts/{world.cohort.id}").text
    with clock.at(made.ends_at):
        roll = client.get(f"{answer.location}/roll-call").text
        assert ("沙马拉毕" in roll, "葛曾䮌" in roll) == (True, False)
    assert signed_in(account(Role.PROVIDER_CLERK)).get(f"{url}/make-up").status_code == 403
