"""Two who write at the same moment do not slip past each other: the second sees what the first one did."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.exams import operations
from lbcert.exams.models import ExtraTime, Part, Post
from lbcert.exams.theory import operations as theory_operations
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
from tests.exams import scene as stage
from tests.exams import theory_scene as theory
from tests.exams.scene import begun, ready
from tests.exams.test_sql_attacks import CONTROL, MARK, PLAN, PROVIDER, STAFF
from tests.exams.test_two_markers import TWO


def is_held_up(engine, statement, sent):
    """Tell whether the second transaction waits for the first; SQLite does not say, and lets one write at a time."""
    if engine.dialect.name == "sqlite":
        return statement in sent
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with engine.connect() as watcher:  # anew each time: within a transaction the answer stays the same
        return watcher.scalar(text(waiting)) > 0


def second_is_refused(first, second, rule):
    """Hold the first statement's transaction open until the second waits for it or is through, then commit it."""
    engine, sent = db.engine, []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    def try_second():
        with engine.begin() as connection:
            connection.execute(text(second))

    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            connection.execute(text(first))
            running = pool.submit(try_second)
            while not (running.done() or is_held_up(engine, second, sent)):
                pass
        with pytest.raises(IntegrityError, match=rule):
            running.result(timeout=30)
    event.remove(engine, "before_cursor_execute", note)


def test_a_provider_and_a_batch_of_the_same_firm(app):
    cohort, body = make.cohort(make.organisation()), make.organisation(OrganisationKind.ASSESSMENT_BODY)
    provider = PROVIDER.format(cohort=cohort.id, organisation=body.id, part="joint")
    plan = PLAN.format(cohort=cohort.id, body=body.id, scheme="social", day="2025-08-09", state="planned")
    second_is_refused(provider, plan, "exams.(body_is_provider|shared_controller)")


def test_a_controller_and_a_batch(app):
    school, body = make.organisation(), make.organisation(OrganisationKind.ASSESSMENT_BODY)
    cohort = make.cohort(school)
    stage.run(f"UPDATE controls SET valid_to = '2025-07-31' WHERE organisation_id = {body.id}")
    control = CONTROL.format(organisation=body.id, controller=school.credit_code, since="2025-08-01", until="NULL")
    plan = PLAN.format(cohort=cohort.id, body=body.id, scheme="social", day="2025-08-09", state="planned")
    second_is_refused(control, plan, "exams.shared_controller")


def test_a_decision_and_a_mark(app):
    scene = stage.marking()
    decider = scene.staff[Post.DECIDER].person_id
    decide = stage.DECIDE.replace(":decider", str(decider)).replace(":batch", str(scene.batch.id))
    change = MARK.format(
        batch=scene.batch.id, candidate=scene.candidates[0].id, part=Part.THEORY.value, points=99, absence="NULL",
        scorer=scene.staff[Post.LEADER].person_id, account=scene.clerk.id, replaces=scene.marks[0].id, reason="x",
    )  # fmt: skip
    second_is_refused(decide, change, "exams.marks_locked")


def test_an_appointment_and_a_lesson(app):
    scene = stage.planned()
    stranger = make.person("后来的教师")
    staff = STAFF.format(batch=scene.batch.id, person=stranger.id, post="examiner", deputy="false")
    lesson = f"UPDATE sessions SET trainer_id = {stranger.id}"
    second_is_refused(staff, lesson, "exams.trainer_examines_cohort")


def test_the_two_markers_of_a_candidate(app):
    """Both take the first free seat; on PostgreSQL the second waits for the candidate, and neither is lost."""
    scene = begun(ready(policies=TWO))
    number, marked = scene.batch.candidates[0].number, []

    def give(account, points):
        with app.app_context():
            who = app.extensions["lbcert.account"](account)
            marked.append(operations.record_mark(who, scene.batch.id, number, Part.PRACTICE, points).seat)

    ids = [scene.leader.id, scene.second.id]
    db.session.remove()
    with clock.at(stage.DAY), ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(copy_context().run, give, account, 70) for account in ids]:
            done.result(timeout=60)
    assert sorted(marked) == [1, 2]


def at_once(app, stops_at, *calls):
    """Run two calls in threads of their own; the first stops at that statement until the second waits for it, or has none to wait for."""
    engine, sent, stopped = db.engine, [], []

    @event.listens_for(engine, "before_cursor_execute")
    def stop(_connection, _cursor, statement, *_):
        sent.append(statement)
        if statement.startswith(stops_at) and not stopped:
            stopped.append(statement)
            while not (
                (running[-1].done() and len(running) > 1) or is_held_up(engine, "BEGIN IMMEDIATE", sent[before(sent) :])
            ):
                pass

    def before(statements):
        """Pass over the first one's own beginning."""
        return statements.index("BEGIN IMMEDIATE") + 1 if "BEGIN IMMEDIATE" in statements else 0

    def carry_out(call):
        with app.app_context():
            return call()

    db.session.remove()
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(copy_context().run, carry_out, calls[0])]
        while not (stopped or running[0].done()):
            pass
        running.append(pool.submit(copy_context().run, carry_out, calls[1]))
        results = [one.result(timeout=60) for one in running]
    event.remove(engine, "before_cursor_execute", stop)
    return results


def test_two_phones_that_send_the_same_candidates_the_other_way_round(app):
    """With each taking its candidates as they come, both would wait for the other forever."""
    scene = begun(ready(policies=TWO))
    numbers, batch_id = [one.number for one in scene.batch.candidates], scene.batch.id

    def send(account, order):
        who = app.extensions["lbcert.account"](account)
        marks = [operations.Sent(str(uuid4()), number, Part.PRACTICE, 70, None, None, None, "") for number in order]
        return [mark.points for mark in operations.take_marks(who, batch_id, marks)]

    first, second = partial(send, scene.leader.id, numbers), partial(send, scene.second.id, numbers[::-1])
    with clock.at(stage.DAY):
        assert at_once(app, "INSERT INTO marks", first, second) == [[70] * 3] * 2


def test_extra_time_that_two_give_at_once_is_given_twice_and_no_minute_is_lost(app):
    policies = {**stage.POLICIES, "exams.extra_minutes": 30}
    scene = theory.begun(theory.arranged(theory.bank(ready(policies=policies))))
    watcher, sitting_id = scene.invigilator.id, scene.sitting_id

    def give(minutes):
        who = app.extensions["lbcert.account"](watcher)
        return theory_operations.give_extra_time(who, sitting_id, minutes, "停电").id

    with clock.at(theory.NINE + timedelta(minutes=10)):
        at_once(app, "INSERT INTO extra_times", partial(give, 5), partial(give, 7))
    rows = db.session.query(ExtraTime).order_by(ExtraTime.candidate_id, ExtraTime.id).all()
    assert [one.minutes for one in rows] == [5, 7] * 3
    assert {(one.until - one.was) // timedelta(minutes=1) for one in rows} == {5, 7}
    assert all(later.was == earlier.until for earlier, later in zip(rows[::2], rows[1::2], strict=True))
