"""A timetable solved in the background: asked for on a page, found without a clash, kept as a course table, and stopped."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock, jobs
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.staging import find
from lbcert.teaching.models import SolveRun
from lbcert.teaching.operations.course_table import import_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.resources import Terms, add_trainer, book_trainer
from lbcert.teaching.operations.sessions import Room, add_session, describe_venue
from lbcert.teaching.operations.solving import start_solving
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.solving import Asked, setting_of
from lbcert.teaching.sheets import KIND
from lbcert.teaching.solver import solve as engine
from lbcert.teaching.solver.problem import DAY
from lbcert.teaching.solver.wishes import Idle
from lbcert.testing.factories import cohort, person, store

FIRST = date(2025, 7, 24)


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def windows(world):
    set_policy(world.bureau, "650000", "teaching.hours_a_day", 8, date(2025, 1, 1), "示例文件")
    choose_pattern(world.clerk, world.cohort.id, [], "每天 08:00-12:30\n每天 14:00-18:30", in_order=True)


def test_a_search_goes_round_what_stands_and_is_booked_and_its_best_plan_by_the_stop_is_looked_at_before_it_counts(
    world, windows, signed_in, monkeypatch
):
    other = person("马玉梅")
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=other.id))
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id, Terms(subjects="操作实训", hours_a_week=20))
    book_trainer(world.clerk, profile.id, at(0, day=28), at(0, day=29), "请假")
    describe_venue(world.clerk, world.venue.id, "阜康实训室", 40, Room(windows="每天 08:00-18:30"))
    standing = add_session(world.clerk, world.cohort.id, world.lesson.__class__(**{
        **vars(world.lesson), "trainer_id": other.id, "starts_at": at(9), "ends_at": at(12),
    }))  # fmt: skip
    client = signed_in(world.clerk)
    page = f"/teaching/cohorts/{world.cohort.id}"
    assert "自动排课" in client.get(page).text
    sent = {
        "first": "2025-07-24",
        "hours_at_once": 4,
        "seconds": 60,
        "practice_mode": "on_site",
        "venues": [world.venue.id],
    }
    answer = client.post(f"{page}/solving", data=sent)
    assert answer.status_code == 302
    assert "求解中" in client.get(answer.location).text
    run = load(SolveRun, int(answer.location.rpartition("/")[2]))
    client.post(f"{answer.location}/stop")
    assert "正在停止" in client.get(answer.location).text
    told, real = [], engine.solve

    def spied(problem, effort, **given):
        told.append(given["stop"]())
        return real(problem, effort, **given)

    monkeypatch.setattr(engine, "solve", spied)
    jobs.run(run.job_id)
    assert told == [True]
    shown = client.get(answer.location).text
    assert "已排下 17 / 17 节课" in shown
    staged = find(KIND, load(SolveRun, run.id).staged_id)
    assert (staged.good, staged.total) == (17, 17)
    assert len(sessions_of(world.cohort.id)) == 1
    import_course_table(world.clerk, staged.id)
    planned = sessions_of(world.cohort.id)
    assert sum(one.hours for one in planned) == 72
    assert {one.trainer_id for one in planned if one.module.name != "操作实训"} == {other.id}
    times = sorted((one.starts_at, one.ends_at) for one in planned)
    assert all(before[1] <= after[0] for before, after in pairwise(times))
    assert not any(one.trainer_id == world.teacher.id and clock.local(one.starts_at).day == 28 for one in planned)
    assert standing.id in {one.id for one in planned}
    with pytest.raises(Refused, match="都已排好"):
        start_solving(world.clerk, world.cohort.id, Asked(FIRST), 2)


def test_where_no_plan_exists_the_reasons_are_said(world, windows, signed_in):
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id)
    book_trainer(world.clerk, profile.id, at(0), at(0) + timedelta(days=13), "病假")
    run = start_solving(world.clerk, world.cohort.id, Asked(FIRST, venues=(world.venue.id,)), 2)
    jobs.run(run.job_id)
    shown = signed_in(world.clerk).get(f"/teaching/solving/{run.id}").text
    assert "这些要求不能同时满足" in shown
    assert "陈建国：病假" in shown
    assert "没有排下" in shown
    assert load(SolveRun, run.id).placed < load(SolveRun, run.id).meetings


def test_learners_with_the_same_modules_are_one_body_and_the_plan_begins_on_a_monday(world, windows):
    setting = setting_of({world.cohort: Asked(FIRST, venues=(world.venue.id,))})
    assert setting.origin == date(2025, 7, 21)
    assert [one.name for one in setting.problem.resources if one.kind == "learners"] == ["learners:0"]
    assert {(piece.count, piece.hours) for piece in setting.problem.pieces} == {(2, 4), (3, 4), (13, 4)}
    assert [str(wish.words) for wish in setting.problem.wishes if wish.weight is None] == [
        f"{world.cohort.name}每天最多 8 课时", "先上“安全用电”，再上“电工基础”", "先上“电工基础”，再上“操作实训”",
    ]  # fmt: skip


def test_lessons_are_spread_over_the_days_where_that_is_wished_rather_than_over_early(world, windows):
    days = {}
    for steady in (False, True):
        setting = setting_of({world.cohort: Asked(FIRST, venues=(world.venue.id,), steady=steady)})
        plan = engine.solve(setting.problem, engine.Effort(5))
        assert not plan.missing
        days[steady] = len({meeting.start // DAY for meeting in plan.meetings})
    assert days == {False: 9, True: 15}


def test_a_class_does_not_wait_over_a_trainers_morning_away_to_be_through_a_day_earlier(world, windows):
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id)
    book_trainer(world.clerk, profile.id, at(9, 30), at(14), "开会")
    setting = setting_of({world.cohort: Asked(FIRST, hours_at_once=2, venues=(world.venue.id,))})
    gaps = {wish.resource: wish for wish in setting.problem.wishes if isinstance(wish, Idle)}
    learners, trainer = gaps["learners:0"], gaps[f"trainer:{world.teacher.id}"]
    assert learners.weight > trainer.weight > 0
    on_the_first = [start % DAY for start, _ in learners.periods if start // DAY == 3]
    assert on_the_first == [8 * 60, 9 * 60 + 30, 11 * 60, 14 * 60, 15 * 60 + 30, 17 * 60]
    plan = engine.solve(setting.problem, engine.Effort(5))
    assert not plan.missing
    assert len({meeting.start % DAY < 12 * 60 for meeting in plan.meetings if meeting.start // DAY == 3}) == 1
    assert max(meeting.start // DAY for meeting in plan.meetings) == 12
    beside = cohort(world.school, name="电工4培训班")
    choose_pattern(world.clerk, beside.id, [], "每天 08:00-12:30\n每天 12:30-18:30")
    asked = dict.fromkeys((world.cohort, beside), Asked(FIRST, hours_at_once=2, venues=(world.venue.id,)))
    (teaches,) = [
        wish
        for wish in setting_of(asked).problem.wishes
        if isinstance(wish, Idle) and wish.resource == trainer.resource
    ]
    periods = [start % DAY for start, _ in teaches.periods if start // DAY == 3]
    assert periods == list(range(8 * 60, 17 * 60 + 1, 90))
