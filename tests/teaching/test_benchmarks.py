"""What the timetable's benchmarks rest on: the competition's files and checker, and the season's data, peer and checker."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks.itc2007.adapter import lectures_of, problem_of
from benchmarks.itc2007.check import costs, violations
from benchmarks.itc2007.instance import read, read_solution, write
from benchmarks.season import check
from benchmarks.season.data import KINDS, season
from benchmarks.season.engine import problem_of as season_problem
from benchmarks.season.engine import sessions_of
from benchmarks.season.peer import plan as peer_plan
from lbcert.teaching.solver.measure import Held
from lbcert.teaching.solver.problem import DAY, Meeting
from lbcert.teaching.solver.solve import Effort, Status, solve
from lbcert.teaching.solver.wishes import Idle

INSTANCE = """\
Name: Village
Courses: 3
Rooms: 2
Days: 2
Periods_per_day: 3
Curricula: 1
Constraints: 1

COURSES:
wiring zhang 2 2 30
welding li 2 2 40
cooking zhang 1 1 20

ROOMS:
big 40
small 25

CURRICULA:
electricians 2 wiring welding

UNAVAILABILITY_CONSTRAINTS:
cooking 0 0

END.
"""
#: Without a violation and at no cost, by hand.
SOLUTION = [
    ("wiring", "big", 0, 0), ("welding", "big", 0, 1), ("wiring", "big", 1, 0), ("welding", "big", 1, 1),
    ("cooking", "small", 1, 2),
]  # fmt: skip


def changed(number, **parts):
    names = ("course", "room", "day", "period")
    lecture = tuple(parts.get(name, value) for name, value in zip(names, SOLUTION[number], strict=True))
    return [*SOLUTION[:number], lecture, *SOLUTION[number + 1 :]]


@pytest.mark.parametrize(
    ("lectures", "found"),
    [
        (SOLUTION, {}),
        (SOLUTION[:-1], {"lectures": 1}),
        (changed(4, room="big", day=0, period=0), {"availability": 1, "conflicts": 1, "rooms": 1}),
        (changed(1, room="small", period=0), {"conflicts": 1}),
        (changed(0, period=3), {"unknown": 1}),
    ],
)
def test_the_competitions_checker_counts_what_may_not_be(lectures, found):
    assert violations(read(INSTANCE), lectures) == Counter(found)


@pytest.mark.parametrize(
    ("lectures", "cost"),
    [
        (SOLUTION, (0, 0, 0, 0)),
        (changed(0, room="small"), (5, 0, 0, 1)),
        (changed(0, day=1, period=2), (0, 5, 2, 0)),
        (changed(0, period=2), (0, 0, 0, 0)),
        (changed(1, period=2), (0, 0, 4, 0)),
    ],
)
def test_the_competitions_checker_counts_the_four_costs(lectures, cost):
    assert tuple(costs(read(INSTANCE), lectures).values()) == cost


def test_the_engine_plans_an_instance_at_the_cost_that_the_checker_counts():
    instance = read(INSTANCE)
    crowded = replace(instance, rooms={"big": 35, "small": 25}, days=1, unavailable=frozenset())
    for each, status in ((instance, Status.OPTIMAL), (crowded, Status.PARTIAL)):
        plan = solve(problem_of(each), Effort(20, workers=1))
        lectures = lectures_of(plan.meetings)
        assert plan.status is status
        assert sorted(read_solution(write(lectures))) == sorted(lectures)
        if status is Status.OPTIMAL:
            assert not violations(each, lectures)
            assert plan.cost == plan.bound == sum(costs(each, lectures).values()) == 0


def test_the_season_has_the_published_size_and_both_planners_keep_to_what_may_be():
    year = season()
    assert Counter(each.kind for each in year.cohorts) == {kind: count for kind, (count, *_) in KINDS.items()}
    for kind, (_, people, *_) in KINDS.items():
        assert sum(each.people for each in year.cohorts if each.kind == kind) == people
    assert (len(year.cohorts), sum(each.people for each in year.cohorts)) == (116, 6600)
    assert (len(year.trainers), len(year.venues)) == (30, 20)
    first = sorted(year.cohorts, key=lambda each: each.first)[:6]
    names = {each.name for each in first}
    part = replace(year, cohorts=[replace(each, shares=tuple(set(each.shares) & names)) for each in first])
    problem = season_problem(part)
    plan = solve(problem, Effort(20, workers=1, rounds=2, size=8, whole=0))
    for sessions in (peer_plan(part), sessions_of(part, problem, plan.meetings)):
        assert not check.clashes(part, sessions)
        assert set(check.faults(part, sessions)) <= {"hours lacking"}
    worth = check.worth(part, sessions, fair=8)
    of_kind = {kind.__name__: 0 for kind in map(type, problem.wishes)}
    for wish, units in zip(problem.wishes, plan.breaches, strict=True):
        of_kind[type(wish).__name__] += units
    assert (worth["journeys"], worth["days"]) == (of_kind["Journeys"], of_kind["Finish"])


def test_the_seasons_checker_counts_who_waits_as_the_engine_does():
    year = season()
    by_day, by_night = (next(each for each in year.cohorts if each.pattern == name) for name in ("脱产班", "夜间班"))
    part = replace(
        year, cohorts=[by_day, replace(by_night, shares=(by_day.name,), first=by_day.first, last=by_day.last)]
    )
    problem = season_problem(part)
    piece = {each.name.split("/")[0]: each for each in problem.pieces}
    day = piece[by_day.name].starts[0] // DAY
    (learners,) = (name for name in problem.resource if name.endswith("的学员"))
    morning, afternoon, evening = (
        Meeting(piece[name].name, start, ("教师1", name, learners))
        for name in (by_day.name, by_night.name)
        for start in piece[name].starts
        if start // DAY == day
    )
    for meetings, waited in (([morning, evening], 1), ([morning, afternoon, evening], 0)):
        worth = check.worth(part, sessions_of(part, problem, meetings), fair=8)
        assert (worth["learners wait"], worth["trainers wait"]) == (waited, waited)
        held = Held(problem, meetings)
        assert sum(held.breach(wish) for wish in problem.wishes if isinstance(wish, Idle)) == 2 * waited


def test_the_seasons_checker_sees_a_clash():
    year = season()
    sessions = peer_plan(replace(year, cohorts=year.cohorts[:1]))
    late = [replace(each, starts_at=each.starts_at + timedelta(hours=1)) for each in sessions[:1]]
    assert check.clashes(year, [*sessions[:1], *late]) == {"trainer": 1, "venue": 1, "learners": 1}
    elsewhere = next(each for each in year.cohorts if each.town != year.cohorts[0].town)
    ends = sessions[0].ends_at
    after = replace(sessions[0], cohort=elsewhere.name, venue="", starts_at=ends, ends_at=ends + timedelta(hours=3))
    assert check.clashes(year, [sessions[0], after]) == {"travel": 1}
