"""The timetable's engine: no clash whatever is asked, the cheapest plan, the fewest changes, the smallest conflict."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from lbcert.core.words import say
from lbcert.teaching.solver.annealing import Annealing
from lbcert.teaching.solver.greedy import lay
from lbcert.teaching.solver.measure import BROKEN, MISSING, Held, missing, of_options
from lbcert.teaching.solver.model import Model, Outcome
from lbcert.teaching.solver.neighbourhoods import holding
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem, Resource, cut
from lbcert.teaching.solver.reasons import explain, unplaced
from lbcert.teaching.solver.repair import repair
from lbcert.teaching.solver.solve import Effort, Status, _Search, solve
from lbcert.teaching.solver.wishes import Bar, Compact, Few, Finish, Idle, Journeys, Limit, Nights, Order, Share, Spread

QUICK = Effort(seconds=20, workers=1)
MORNING, AFTERNOON, NIGHT = 9 * 60, 14 * 60, 19 * 60
TRAINERS = Resource("zhang", "trainer", "张伟", home="乌峰"), Resource("li", "trainer", "李娜", home="泼机")
ROOMS = Resource("r1", "venue", "一号教室"), Resource("r2", "venue", "二号教室")


HALF_HOURS = tuple((at, at + 30) for day in range(2) for at in range(day * DAY + 8 * 60, day * DAY + 18 * 60, 30))


def starts(*days, at=(MORNING, AFTERNOON)):
    return tuple(day * DAY + minute for day in days for minute in at)


def piece(name, count, when, trainers=("zhang", "li"), rooms=("r1", "r2"), cohort=None, **more):
    return Piece(name, name, count, 180, when, (trainers, rooms, (cohort or name,)), hours=4, **more)


def problem(*pieces, wishes=(), pinned=(), resources=(*TRAINERS, *ROOMS), **more):
    cohorts = dict.fromkeys(need[0] for each in pieces for need in each.needs[2:])
    learners = [Resource(name, "learners", f"{name}班") for name in cohorts]
    return Problem(tuple(pieces), (*resources, *learners), tuple(wishes), tuple(pinned), **more)


def clashes(asked, meetings):
    """Count, knowing nothing of the engine, pairs in which somebody or something is twice, or too late in the next place."""
    length = {each.name: each.minutes for each in asked.pieces}
    place = {each.name: each.place for each in asked.pieces}

    def way(one, other):
        return asked.travel.get((one, other), asked.travel.get((other, one), 0)) if one != other else 0

    return sum(
        one.start < other.start + length[other.piece] + way(place[one.piece], place[other.piece])
        and other.start < one.start + length[one.piece] + way(place[one.piece], place[other.piece])
        for one, other in combinations(meetings, 2)
        if set(one.taken) & set(other.taken)
    )


def test_everything_is_placed_without_a_clash_and_proved_the_cheapest():
    asked = problem(piece("a", 3, starts(0, 1)), piece("b", 3, starts(0, 1)), wishes=[Finish("a", 1, "a")])
    plan = solve(asked, QUICK)
    assert (plan.status, plan.cost, plan.bound, plan.missing) == (Status.OPTIMAL, 1, 1, {})
    assert len(plan.meetings) == 6
    assert clashes(asked, plan.meetings) == 0


def test_what_has_no_place_is_left_out_and_said_with_what_stands_in_its_way():
    busy = replace(TRAINERS[0], busy=((0, DAY),))
    asked = problem(
        piece("a", 1, starts(1), trainers=("zhang",)),
        piece("b", 4, starts(0, 1, 2), trainers=("zhang",)),
        resources=(busy, *ROOMS),
        pinned=[Meeting("a", DAY + MORNING, ("zhang", "r1", "a"))],
    )
    plan = solve(asked, QUICK)
    assert (plan.status, plan.missing) == (Status.PARTIAL, {"b": 1})
    (said,) = unplaced(asked, plan.meetings)
    assert "张伟没有空（2 个时段）" in str(said.message)
    assert "张伟已有安排（4 个时段）" in str(said.message)


def test_a_pinned_meeting_stays_and_others_go_round_it():
    pinned = Meeting("a", MORNING, ("zhang", "r1", "a"))
    asked = problem(piece("a", 2, starts(0)), piece("b", 2, starts(0), trainers=("zhang",)), pinned=[pinned])
    plan = solve(asked, QUICK)
    assert pinned in plan.meetings
    assert plan.missing == {"b": 1}
    assert clashes(asked, plan.meetings) == 0


def test_one_meeting_may_begin_as_another_ends_in_the_same_place_alone():
    at = starts(0, at=(MORNING, MORNING + 180))
    one, other = (piece(name, 1, at, trainers=("zhang",), rooms=("r1",), place="泼机") for name in "ab")
    assert solve(problem(one, other), QUICK).missing == {}
    assert explain(problem(one, other), workers=1) is None
    assert solve(
        problem(one).with_busy("zhang", [(0, MORNING)]).with_busy("zhang", [(MORNING + 180, DAY)]), QUICK
    ).meetings
    asked = problem(one, replace(other, place="芒部"), travel={("泼机", "芒部"): 30})
    assert sum(solve(asked, QUICK).missing.values()) == 1


def test_a_trainer_is_not_sent_where_he_cannot_be_in_time():
    near, far = piece("a", 1, starts(0)), piece("b", 1, starts(0), place="芒部")
    asked = problem(replace(near, place="泼机"), far, resources=(TRAINERS[0], *ROOMS), travel={("泼机", "芒部"): 150})
    asked = replace(asked, pieces=tuple(replace(each, needs=(("zhang",), *each.needs[1:])) for each in asked.pieces))
    assert sum(solve(asked, QUICK).missing.values()) == 1
    assert solve(replace(asked, travel={("芒部", "泼机"): 120}), QUICK).missing == {}


@pytest.mark.parametrize(
    ("wish", "least"),
    [
        (Bar("w", 3, ("a",), ("zhang",)), 0),
        (Bar("w", 3, (), ("zhang", "li"), ((0, DAY),)), 3),
        (Limit("w", 3, "a", hours=4), 3 * 4),
        (Limit("w", 3, "a", hours=10, days=7), 3 * 2),
        (Order("w", 3, ("b",), ("a",)), 0),
        (Spread("w", 3, ("a",), 3), 3),
        (Few("w", 3, ("a", "b"), "venue"), 0),
        (Share("w", 3, ("a", "b"), frozenset({"zhang"}), 4), 0),
        (Share("w", 3, ("a",), frozenset({"zhang", "li"}), 5), 3 * 7),
        (Compact("w", 3, "a", reach=120), 3),
        (Idle("w", 3, "a", HALF_HOURS), 3 * 4),
        (Idle("w", 3, "a", tuple(each for each in HALF_HOURS if not 720 <= each[0] % DAY < 840)), 0),
        (Journeys("w", 3, "zhang"), 0),
        (Finish("w", 3, "a"), 3),
        (Nights("w", 3, "zhang", 0, (("泼机", 400),), 600), 0),
        (Nights("w", 3, "a", 0, (("泼机", 400),), 600), 3),
        (Nights("w", 3, "a", 0, (("芒部", 400),), 600), 0),
    ],
)
def test_each_kind_of_wish_costs_what_its_breach_comes_to(wish, least):
    asked = problem(piece("a", 3, starts(0, 1), place="泼机"), piece("b", 1, starts(0, 1), place="泼机"), wishes=[wish])
    plan = solve(asked, QUICK)
    assert (plan.status, plan.cost, plan.bound) == (Status.OPTIMAL, least, least)
    bound = solve(replace(asked, wishes=(replace(wish, weight=None),)), QUICK)
    assert (bound.status is Status.OPTIMAL) == (least == 0)
    assert not any(bound.breaches)


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, 60), min_size=2, max_size=9), st.sets(st.integers(0, 60), max_size=5))
def test_learners_who_wait_are_counted_alike_by_the_search_and_by_the_plan(hours, more):
    every = tuple((start, start + 30) for start in range(0, 3 * DAY, 60))
    one, other = (
        replace(piece(name, count, tuple(sorted(hour * 60 for hour in when)), cohort="甲"), minutes=30)
        for name, when, count in (("a", hours, len(hours)), ("b", more | hours, 1))
    )
    plan = solve(problem(one, other, wishes=[Idle("少空档", 1, "甲", every)]), QUICK)
    taught = sorted(each.start // 60 for each in plan.meetings)
    waited = sum(b - a - 1 for a, b in pairwise(taught) if a // 24 == b // 24)
    assert plan.status is (Status.OPTIMAL if more - hours else Status.PARTIAL)
    assert plan.cost == waited == (plan.bound if more - hours else waited)


def test_a_class_does_not_wait_from_morning_to_evening_where_another_day_serves():
    windows = tuple(
        (day * DAY + start, day * DAY + start + 180) for day in range(3) for start in (MORNING, AFTERNOON, NIGHT)
    )
    first = Meeting("a", MORNING, ("zhang", "r1", "甲"))
    late = piece("b", 1, (NIGHT, DAY + MORNING), cohort="甲")
    asked = problem(piece("a", 1, starts(0), cohort="甲"), late, pinned=[first])
    for weight, start in ((3, DAY + MORNING), (1, NIGHT)):
        wishes = [Idle("少空档", weight, "甲", windows), Finish("早结课", 2, "甲")]
        plan = solve(replace(asked, wishes=tuple(wishes)), QUICK)
        assert (plan.status, plan.meetings[-1].start) == (Status.OPTIMAL, start)
    between = problem(*asked.pieces, piece("c", 1, starts(0), cohort="甲"), pinned=[first], wishes=wishes)
    assert solve(between, QUICK).cost == 0
    held = [Meeting("d", 2 * DAY + start, ("li", "r1", "甲")) for start in (MORNING, NIGHT)]
    standing = piece("d", 2, tuple(each.start for each in held), cohort="甲")
    plan = solve(problem(*asked.pieces, standing, pinned=[first, *held], wishes=wishes[:1]), QUICK)
    assert (plan.cost, plan.bound) == (1, 1)


def test_days_in_one_place_are_one_journey():
    whole, parted = starts(0, 1, 2), starts(0, 2, 3)
    away = Journeys("w", 5, "zhang")
    for when, cost in ((whole, 5), (parted, 10)):
        asked = problem(piece("a", 6, when, trainers=("zhang",), place="芒部"), wishes=[away])
        plan = solve(asked, QUICK)
        assert (plan.cost, plan.bound) == (cost, cost)


def test_nights_away_in_a_row_end_where_there_is_time_to_sleep_at_home():
    for when, way, nights in ((starts(0, 1, 2), 400, 2), (starts(0, 1, 2), 30, 0), (starts(0, 1, 3), 540, 1)):
        at_nine = tuple(start for start in when if start % DAY == MORNING)
        asked = problem(piece("a", 3, at_nine, trainers=("zhang",), place="芒部"))
        for most in range(3):
            wish = Nights("w", 5, "zhang", most, (("芒部", way),), 600)
            plan = solve(replace(asked, wishes=(wish,)), QUICK)
            assert (plan.cost, plan.bound) == (5 * max(0, nights - most), 5 * max(0, nights - most))
    twice = piece("a", 4, starts(0, 1, 4, 5, at=(MORNING,)), trainers=("zhang",), place="芒部")
    assert solve(problem(twice, wishes=[Nights("w", 5, "zhang", 1, (("芒部", 400),), 600)]), QUICK).cost == 0


def test_the_same_rounds_give_the_same_plan():
    pieces = [piece(f"c{n}", 3, starts(*range(4)), place="泼机" if n % 2 else "芒部") for n in range(4)]
    wishes = [Compact("w", 2, each.name, reach=120) for each in pieces] + [Journeys("w", 9, "li")]
    effort = Effort(seconds=60, workers=1, rounds=3, size=4, whole=0)
    one, other = (solve(problem(*pieces, wishes=wishes), effort) for _ in range(2))
    assert (one.meetings, one.cost) == (other.meetings, other.cost)


def test_a_plan_is_told_as_it_gets_better_and_is_stopped_with_the_best_so_far():
    asked = problem(*(piece(f"c{n}", 2, starts(0, 1, 2)) for n in range(3)), wishes=[Finish("w", 1, "c2")])
    told = []
    plan = solve(asked, replace(QUICK, size=2, whole=0), on_better=told.append, stop=lambda: True)
    assert len(told) == 1
    assert plan.meetings == told[0].meetings
    assert not plan.missing
    better = solve(asked, QUICK, start=plan.meetings, on_better=told.append)
    assert [each.cost for each in told] == sorted((each.cost for each in told), reverse=True)
    assert better.status is Status.OPTIMAL


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_no_clash_ever(data):
    places = ("", "泼机", "芒部")
    pieces = [
        replace(
            piece(
                f"p{n}",
                data.draw(st.integers(1, 3)),
                tuple(
                    sorted(
                        data.draw(
                            st.sets(st.integers(0, 11), min_size=1, max_size=6).map(lambda x: {h * 240 for h in x})
                        )
                    )
                ),
                data.draw(st.sampled_from([("zhang",), ("li",), ("zhang", "li")])),
                cohort=data.draw(st.sampled_from(["甲", "乙"])),
                place=data.draw(st.sampled_from(places)),
            ),
            minutes=data.draw(st.sampled_from([180, 300])),
        )
        for n in range(data.draw(st.integers(1, 5)))
    ]
    wishes = [Journeys("w", 9, "zhang"), Limit("w", None, "li", 8), Few("w", 2, (pieces[0].name,), "venue")]
    asked = problem(*pieces, wishes=wishes, travel={("泼机", "芒部"): 240})
    plan = solve(asked, replace(QUICK, rounds=2, size=3, whole=0))
    assert clashes(asked, plan.meetings) == 0
    ill = asked.with_busy("zhang", [(0, DAY)])
    mended = repair(ill, plan.meetings, workers=1)
    assert clashes(asked, mended.meetings) == 0
    assert not any(each.start < DAY and "zhang" in each.taken for each in mended.meetings)


@settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.data())
def test_annealing_leaves_no_clash_breaks_nothing_that_binds_and_knows_what_its_plan_costs(data):
    places = ("", "乌峰", "泼机", "芒部")
    hours = st.sampled_from([n * 150 for n in range(40)])
    pieces = [
        replace(
            piece(
                f"p{n}",
                data.draw(st.integers(1, 3)),
                tuple(sorted(data.draw(st.sets(hours, min_size=1, max_size=10)))),
                data.draw(st.sampled_from([("zhang",), ("li",), ("zhang", "li")])),
                cohort=data.draw(st.sampled_from(["甲", "乙"])),
                place=data.draw(st.sampled_from(places)),
                costs={"r1": 4},
            ),
            minutes=data.draw(st.sampled_from([75, 180])),
        )
        for n in range(data.draw(st.integers(2, 6)))
    ]
    names = tuple(each.name for each in pieces)
    every = tuple((start, start + 75) for start in range(0, 5 * DAY, 75))
    wishes = [
        Bar("w", 3, names, ("r2",), ((0, DAY // 2),)), Limit("w", None, "li", 8), Limit("w", 2, "甲", 4, 7),
        Order("w", 30, names[:1], names[1:]), Order("w", None, names[1:2], names[2:3]), Spread("w", 5, names, 3),
        Spread("w", 5, names[:1], 2), Few("w", 2, names, "venue"), Few("w", 7, names[:1], "trainer"),
        *(Compact("w", 2, who, reach=30) for who in "甲乙" if who in {each.needs[2][0] for each in pieces}),
        *(Idle("w", 3, who, every) for who in ("甲", "zhang")), Idle("w", None, "li", every[::2]),
        Share("w", 2, names, frozenset({"zhang"}), 5), Share("w", None, names[:2], frozenset({"li"}), 4),
        Journeys("w", 9, "zhang"), Journeys("w", None, "r1"), Finish("w", 1, "li"),
        Nights("w", 4, "zhang", 0, (("泼机", 200), ("芒部", 300)), 600), Nights("w", None, "li", 1, (("泼机", 800),), 600),
    ]  # fmt: skip
    wishes.append(Bar("w", None, (), ("r1",), ((DAY, 2 * DAY),)))
    away = replace(TRAINERS[1], busy=((0, DAY // 2), (2 * DAY, 3 * DAY)))
    travel = {("泼机", "芒部"): 240, ("乌峰", "泼机"): 100}
    asked = problem(*pieces, wishes=wishes, resources=(TRAINERS[0], away, *ROOMS), travel=travel)
    options = {each.name: asked.options(each) for each in pieces}
    plan = lay(asked, [], options, missing(asked, []))
    asked = replace(asked, pinned=tuple(plan[:1]))
    annealing = Annealing(asked, plan, options, data.draw(st.integers(0, 9)))
    binding = [wish for wish in wishes if wish.weight is None]
    broken = sum(Held(asked, plan).breach(wish) for wish in binding)
    for heat in (30, 3, 0.3):
        annealing.moves(60, heat)
        made = annealing.meetings()
        assert clashes(asked, made) == 0
        assert set(asked.pinned) <= set(made)
        for each in made:
            assert all(
                name in open_ones for name, open_ones in zip(each.taken, options[each.piece][each.start], strict=True)
            )
        held = Held(asked, made)
        assert sum(held.breach(wish) for wish in binding) <= broken
        assert annealing.cost == (
            MISSING * sum(missing(asked, made).values())
            + of_options(asked, made)
            + sum(held.breach(wish) * (BROKEN if wish.weight is None else wish.weight) for wish in wishes)
        )


def test_annealing_leaves_what_is_pinned_where_another_would_change_sides_with_it():
    pinned, other = Meeting("a", MORNING, ("zhang", "r1", "甲")), Meeting("b", AFTERNOON, ("zhang", "r1", "甲"))
    asked = problem(*(piece(name, 1, starts(0), cohort="甲") for name in "ab"), pinned=[pinned])
    annealing = Annealing(asked, [other], {each.name: asked.options(each) for each in asked.pieces}, 0)
    annealing.moves(200, 50)
    assert pinned in annealing.meetings()


def test_meetings_change_sides_only_with_trainers_who_can_come():
    pieces = [piece(name, 1, starts(0), cohort="甲") for name in "ab"]
    asked = problem(*pieces, resources=(replace(TRAINERS[0], busy=((AFTERNOON, DAY),)), TRAINERS[1], *ROOMS))
    plan = [Meeting("a", MORNING, ("zhang", "r1", "甲")), Meeting("b", AFTERNOON, ("li", "r1", "甲"))]
    annealing = Annealing(asked, plan, {each.name: asked.options(each) for each in pieces}, 0)
    found = set()
    for _ in range(100):
        annealing.moves(5, 50)
        found.update((each.piece, each.start, each.taken[0]) for each in annealing.meetings())
    assert {("a", AFTERNOON, "li"), ("b", MORNING, "zhang")} <= found
    assert not any(start == AFTERNOON and who == "zhang" for _, start, who in found)


def test_meetings_of_two_lengths_do_not_change_sides_where_the_longer_would_run_into_the_other():
    at = starts(0, at=(MORNING, MORNING + 120))
    short, long = replace(piece("a", 1, at, cohort="甲"), minutes=75), piece("b", 1, at, cohort="甲")
    asked = problem(short, long)
    plan = [Meeting("a", at[0], ("zhang", "r1", "甲")), Meeting("b", at[1], ("zhang", "r1", "甲"))]
    annealing = Annealing(asked, plan, {each.name: asked.options(each) for each in asked.pieces}, 0)
    for _ in range(50):
        annealing.moves(5, 50)
        assert clashes(asked, annealing.meetings()) == 0


def test_a_trainer_hands_over_all_of_a_piece_where_a_part_of_it_would_be_dearer():
    asked = problem(piece("a", 4, starts(0, 1), costs={"zhang": 3}), wishes=[Few("一位教师", 100, ("a",), "trainer")])
    plan = [Meeting("a", start, ("zhang", "r1", "a")) for start in starts(0, 1)]
    annealing = Annealing(asked, plan, {"a": asked.options(asked.pieces[0])}, 0)
    annealing.moves(1000, 1)
    assert {each.taken[0] for each in annealing.meetings()} == {"li"}
    assert annealing.cost == 0


def test_a_meeting_without_a_place_is_squeezed_in_where_another_can_go_elsewhere():
    asked = problem(piece("a", 1, starts(0, 1), trainers=("zhang",)), piece("b", 1, starts(0), trainers=("zhang",)))
    asked = replace(asked, resources=(replace(TRAINERS[0], busy=((AFTERNOON, DAY),)), *asked.resources[1:]))
    options = {each.name: asked.options(each) for each in asked.pieces}
    annealing = Annealing(asked, [Meeting("a", MORNING, ("zhang", "r1", "a"))], options, 0)
    annealing.moves(100, 1)
    when = {each.piece: each.start for each in annealing.meetings()}
    assert when["b"] == MORNING
    assert when["a"] >= DAY


def test_the_fewest_meetings_move_when_a_trainer_falls_ill_and_none_that_is_past_or_pinned():
    asked = problem(*(piece(name, 2, starts(0, 1, 2)) for name in "ab"))
    plan = [
        *(Meeting("a", day * DAY + MORNING, ("zhang", "r1", "a")) for day in (0, 1)),
        *(Meeting("b", day * DAY + MORNING, ("li", "r2", "b")) for day in (0, 1)),
    ]
    ill = asked.with_busy("zhang", [(0, 2 * DAY)])
    mended = repair(ill, plan, now=DAY, workers=1)
    assert mended.is_smallest
    assert [change.before for change in mended.changes] == [plan[1]]
    assert mended.stuck == (plan[0],)
    pinned = repair(replace(ill, pinned=(plan[1],)), plan, workers=1)
    assert pinned.stuck == (plan[1],)
    assert [change.before for change in pinned.changes] == [plan[0]]


def test_a_repair_whose_time_is_up_before_it_begins_still_tries_what_was_hit():
    at = starts(*range(8))
    asked = problem(*(piece(f"c{n}", 1, at) for n in range(8)))
    plan = [Meeting(f"c{n}", at[n], ("zhang", "r1", f"c{n}")) for n in range(8)]
    found = repair(asked.with_busy("zhang", [(0, 8 * DAY)]), plan, seconds=0, workers=1)
    assert [each.before for each in found.changes] == plan
    assert all(each.after is not None and each.after.taken[0] == "li" for each in found.changes)


def test_where_the_search_finds_nothing_in_its_time_those_hit_are_laid_one_after_another(monkeypatch):
    monkeypatch.setattr(Model, "solve", lambda *_given: Outcome(None, False, 0, 0, bool))
    at = starts(*range(6))
    free, gone = Meeting("a", at[0], ("li", "r1", "a")), [Meeting("b", at[n], ("zhang", "r1", "b")) for n in (2, 3)]
    asked = problem(piece("a", 3, at), piece("b", 2, at[2:]), piece("c", 1, at[4:5], trainers=("zhang",)))
    plan = [free, *gone, Meeting("c", at[4], ("zhang", "r2", "c"))]
    found = repair(asked.with_busy("zhang", [(DAY, 6 * DAY)]), plan, workers=1)
    assert free in found.meetings
    assert clashes(asked, found.meetings) == 0
    after = {each.before: each.after for each in found.changes}
    assert [after[each].taken[0] for each in gone] == ["li", "li"]
    assert after[plan[-1]] is None
    assert len(found.meetings) == 3, "what the plan lacked before is not laid"
    assert not found.is_smallest


def test_nothing_is_moved_into_the_past():
    asked = problem(
        piece("a", 1, starts(0, 1, at=(MORNING,))), piece("b", 1, starts(1, at=(MORNING,)), trainers=("li",))
    )
    plan = [
        Meeting("a", DAY + MORNING, ("zhang", "r1", "a")),
        Meeting("b", DAY + MORNING, ("li", "r2", "b")),
    ]
    mended = repair(asked.with_busy("zhang", [(0, 2 * DAY)]), plan, now=DAY, workers=1)
    assert [(each.before, each.after) for each in mended.changes] == [(plan[0], None)]


def test_a_meeting_in_the_way_moves_only_where_nothing_else_helps_and_that_is_proved():
    asked = problem(
        piece("a", 1, starts(0, at=(MORNING,)), trainers=("zhang", "li")),
        piece("b", 1, starts(0), trainers=("li",)),
        piece("c", 1, starts(0), trainers=("li",), rooms=("r2",)),
    )
    plan = [
        Meeting("a", MORNING, ("zhang", "r1", "a")),
        Meeting("b", MORNING, ("li", "r2", "b")),
    ]
    lone = replace(asked, pieces=asked.pieces[:2])
    mended = repair(lone.with_busy("zhang", [(0, DAY)]), plan, workers=1)
    assert (len(mended.changes), mended.is_smallest) == (2, True)
    assert clashes(lone, mended.meetings) == 0
    full = [*plan, Meeting("c", AFTERNOON, ("li", "r2", "c"))]
    mended = repair(asked.with_busy("zhang", [(0, DAY)]), full, workers=1)
    assert mended.is_smallest
    assert [(each.before, each.after) for each in mended.changes] == [(plan[0], None)]


def test_two_changes_behind_each_other_are_found_where_three_beside_each_other_would_do():
    wang, zhao = Resource("wang", "trainer"), Resource("zhao", "trainer")
    li = replace(TRAINERS[1], busy=((0, DAY),))
    ways = {
        "a": (starts(0, 1, 2, at=(MORNING,)), ("zhang", "li"), ("r1",), "a"),
        "b1": (starts(1, 5, at=(MORNING,)), ("li",), ("r2",), "b1"),
        "b2": (starts(1, 5, at=(MORNING,)), ("wang",), ("r1",), "b2"),
        "b3": (starts(1, 6, at=(MORNING,)), ("zhao",), ("r3",), "a"),
        "d": (starts(2, 3, at=(MORNING,)), ("li",), ("r2",), "d"),
        "c": (starts(3, 7, at=(MORNING,)), ("li",), ("r2",), "c"),
    }
    rooms = (*ROOMS, Resource("r3", "venue"))
    pieces = [piece(name, 1, when, who, where, cohort) for name, (when, who, where, cohort) in ways.items()]
    asked = problem(*pieces, resources=(TRAINERS[0], li, wang, zhao, *rooms))
    plan = [Meeting(each.name, each.starts[0], tuple(need[0] for need in each.needs)) for each in pieces]
    mended = repair(asked.with_busy("zhang", [(0, 9 * DAY)]), plan, workers=1)
    assert {each.before.piece for each in mended.changes} == {"a", "d", "c"}
    assert mended.is_smallest
    assert clashes(asked, mended.meetings) == 0


def test_a_meeting_in_the_way_by_the_hours_of_a_trainer_alone_moves():
    asked = problem(
        piece("a", 1, starts(0, at=(MORNING,))),
        piece("b", 1, starts(0, 1, at=(AFTERNOON,)), trainers=("li",)),
        wishes=[Limit("w", None, "li", 4, days=1)],
    )
    plan = [Meeting("a", MORNING, ("zhang", "r1", "a")), Meeting("b", AFTERNOON, ("li", "r2", "b"))]
    mended = repair(asked.with_busy("zhang", [(0, DAY)]), plan, workers=1)
    assert [each.after.start for each in mended.changes] == [MORNING, DAY + AFTERNOON]
    assert mended.is_smallest


def test_a_closed_room_keeps_times_and_trainers():
    asked = problem(piece("a", 2, starts(0, 1)), wishes=[Few("w", 2, ("a",), "trainer")])
    plan = [Meeting("a", day * DAY + MORNING, ("zhang", "r1", "a")) for day in (0, 1)]
    mended = repair(asked.with_busy("r1", [(DAY, 2 * DAY)]), plan, workers=1)
    assert [(each.before, each.after) for each in mended.changes] == [
        (plan[1], Meeting("a", DAY + MORNING, ("zhang", "r2", "a")))
    ]


def test_the_smallest_set_of_wishes_that_cannot_stand_together_is_said_with_the_nearest_way_out():
    ill = Bar(say("张伟 3 月 10 日不上课"), None, (), ("zhang",), ((0, DAY),))
    alone = Bar("a 班由张伟上课", None, ("a",), ("li",))
    early = Bar("a 班 3 月 10 日上完", None, ("a",), (), ((DAY, 9 * DAY),))
    idle = [Limit("每天 8 课时", None, "a", 8), Few("一间教室", None, ("a",), "venue")]
    asked = problem(
        piece("a", 2, starts(0, 1)), piece("b", 2, starts(0, 1)), wishes=[idle[0], ill, alone, idle[1], early]
    )
    found = explain(asked, workers=1)
    assert found.is_smallest
    assert found.demands == (ill, alone, early, asked.pieces[0])
    assert solve(replace(asked, wishes=()), QUICK).status is Status.OPTIMAL
    for wish in (ill, alone, early):
        kept = tuple(each for each in asked.wishes if each is not wish)
        assert explain(replace(asked, wishes=kept), workers=1) is None
        assert (wish,) in found.ways_out
    told, *ways_out = found.findings()
    assert "张伟 3 月 10 日不上课" in str(told.message)
    assert str(ways_out[0].message).startswith("放弃以下要求即可排课：")


def test_two_wishes_are_rather_given_up_than_a_lesson():
    ill = Bar("张伟不上课", None, (), ("zhang",), ((0, DAY),))
    late = Bar("上午不上课", None, ("a",), (), ((0, AFTERNOON),))
    asked = problem(piece("a", 1, starts(0, at=(MORNING,)), trainers=("zhang",)), wishes=[ill, late])
    found = explain(asked, workers=1)
    assert len(found.demands) == 2
    assert found.ways_out == ((ill, late), (asked.pieces[0],))


def test_who_holds_all_that_a_lesson_could_take_is_in_its_way_and_nobody_else():
    asked = problem(
        piece("a", 1, starts(0, at=(MORNING,))),
        piece("b", 1, starts(0, at=(MORNING,)), cohort="b"),
        piece("c", 1, starts(0, at=(MORNING,)), cohort="c"),
        piece("d", 1, starts(0, at=(MORNING + 120, NIGHT)), trainers=("li",), cohort="d"),
        piece("e", 1, starts(0, at=(MORNING + 180,)), cohort="e"),
        resources=(*TRAINERS, *ROOMS, Resource("r3", "venue")),
    )
    by_zhang, by_li = Meeting("b", MORNING, ("zhang", "r3", "b")), Meeting("c", MORNING, ("li", "r3", "c"))
    assert holding(asked, [by_zhang], ["a"]) == []
    assert holding(asked, [by_zhang, by_li], ["a"]) == ["b", "c"]
    assert holding(asked, [by_zhang, by_li], ["a", "b"]) == []
    after = Meeting("e", MORNING + 180, ("li", "r3", "e"))
    assert holding(asked, [by_li, after], ["d", "e"]) == ["c"]


def test_what_two_searches_found_at_once_is_put_together_only_where_it_fits():
    asked = problem(*(piece(name, 1, starts(0, 1), trainers=("zhang",), rooms=("r1",)) for name in "ab"))
    plan = [Meeting(name, start, ("zhang", "r1", name)) for name, start in zip("ab", starts(0), strict=True)]
    search = _Search(asked, QUICK, plan)
    rounds = {each.piece: search._round({each}, {}) for each in plan}
    there = {name: Meeting(name, DAY + MORNING, ("zhang", "r1", name)) for name in "ab"}
    search._keep(rounds["a"], [there["a"]], [])
    assert set(search.meetings) == {there["a"], plan[1]}
    search._keep(rounds["b"], [there["b"]], [])
    search._keep(rounds["a"], [replace(there["a"], start=DAY + AFTERNOON)], [])
    assert set(search.meetings) == {there["a"], plan[1]}
    search._keep(rounds["b"], [replace(there["b"], start=DAY + AFTERNOON)], [])
    assert set(search.meetings) == {there["a"], replace(there["b"], start=DAY + AFTERNOON)}


def test_hours_are_cut_into_meetings():
    assert cut(10, 4) == [(2, 4), (1, 2)]
    assert cut(8, 4) == [(2, 4)]
    assert cut(3, 4) == [(1, 3)]
