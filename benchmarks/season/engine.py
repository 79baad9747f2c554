"""The season as a problem of the timetable's engine, and its plan as sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from itertools import combinations

from benchmarks.season.check import Session
from benchmarks.season.data import FIRST, HOURS_A_WEEK, HOURS_AT_ONCE, LAST, PATTERNS, TOWNS, Cohort, Season, kind, way
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem, Resource, cut
from lbcert.teaching.solver.times import minute, moment, starts, stretches
from lbcert.teaching.solver.wishes import Compact, Finish, Idle, Journeys, Limit, Order, Wish

#: Few journeys, few gaps, steady load, early finish: what one more costs of a journey, a lonely half day, a half day that learners
#: wait between lessons, one that a trainer waits, a class hour of a trainer's week beyond the fair share, and a day.
JOURNEY, HALF_DAY, GAP, TRAINERS_GAP, LOAD, FINISH = 200, 50, 50, 20, 2, 1


def problem_of(season: Season) -> Problem:
    """Give the engine's problem."""
    pieces: list[Piece] = []
    wishes: list[Wish] = []
    for cohort in sorted(season.cohorts, key=lambda each: each.first):
        parts = [_pieces(season, cohort, practice=practice) for practice in (False, True)]
        pieces += [piece for part in parts for piece in part]
        theory, practice = (tuple(piece.name for piece in part) for part in parts)
        wishes.append(Order(f"{cohort.name}先理论后实操", None, theory, practice))
        wishes.append(Compact(f"{cohort.name}不为半天来一趟", HALF_DAY, cohort.name, reach=150))
        wishes.append(Idle(f"{cohort.name}少空档", GAP, cohort.name, _windows(cohort.pattern)))
        wishes.append(Finish(f"{cohort.name}早日结课", FINISH, cohort.name, (cohort.first - FIRST).days))
    fair = fair_share(season)
    for trainer in season.trainers:
        wishes.append(Limit(f"{trainer.name}每周课时上限", None, trainer.name, HOURS_A_WEEK, days=7))
        wishes.append(Limit(f"{trainer.name}课时均衡", LOAD, trainer.name, fair, days=7))
        wishes.append(Idle(f"{trainer.name}少空档", TRAINERS_GAP, trainer.name, _windows(*PATTERNS)))
        wishes.append(Journeys(f"{trainer.name}少出门", JOURNEY, trainer.name))
    patterns = {cohort.name: cohort.pattern for cohort in season.cohorts}
    for pair, name in _shared(season).items():
        wishes.append(Idle(f"{name}少空档", GAP, name, _windows(*(patterns[each] for each in pair))))
    shared = [Resource(name, "learners") for name in _shared(season).values()]
    resources = [
        *(Resource(cohort.name, "learners", cohort.name) for cohort in season.cohorts),
        *(Resource(venue.name, "venue", venue.name) for venue in season.venues),
        *(
            Resource(
                trainer.name, "trainer", trainer.name, tuple(_day(day) for day in sorted(trainer.away)), trainer.home
            )
            for trainer in season.trainers
        ),
        *shared,
    ]
    travel = {pair: way(*pair) for pair in combinations(TOWNS, 2)}
    return Problem(tuple(pieces), tuple(resources), tuple(wishes), travel=travel)


def fair_share(season: Season) -> int:
    """Give a trainer's class hours in a week, were they spread evenly over the trainers and the weeks of the season."""
    weeks = (max(each.last for each in season.cohorts) - min(each.first for each in season.cohorts)).days / 7
    return round(sum(sum(each.hours) for each in season.cohorts) / len(season.trainers) / weeks)


def sessions_of(season: Season, problem: Problem, meetings: Iterable[Meeting]) -> list[Session]:
    """Give a plan as sessions."""
    venues = {venue.name for venue in season.venues}
    found = []
    for each in meetings:
        cohort, part, _ = each.piece.split("/")
        room = next((name for name in each.taken if name in venues), "")
        starts_at, ends_at = moment(each.start, FIRST), moment(problem.end(each), FIRST)
        found.append(Session(cohort, part == "实操", starts_at, ends_at, each.taken[0], room))
    return found


def _pieces(season: Season, cohort: Cohort, *, practice: bool) -> list[Piece]:
    part = "实操" if practice else "理论"
    timing = PATTERNS[cohort.pattern]
    venues = tuple(venue.name for venue in season.venues_of(cohort, practice=practice))
    needs = (
        tuple(trainer.name for trainer in season.trainers_of(cohort)),
        *((venues,) if venues else ()),
        (cohort.name,),
        *((name,) for pair, name in _shared(season).items() if cohort.name in pair),
    )
    return [
        Piece(
            f"{cohort.name}/{part}/{hours}", f"{cohort.name}{part}", count, hours * 45,
            starts(timing, cohort.days, kind, hours, FIRST), needs, hours, cohort.town,
        )
        for count, hours in cut(cohort.hours[practice], HOURS_AT_ONCE)
    ]  # fmt: skip


def _shared(season: Season) -> dict[tuple[str, str], str]:
    """Give the learners of two cohorts."""
    pairs: dict[tuple[str, str], str] = defaultdict(str)
    for cohort in season.cohorts:
        for other in cohort.shares:
            pairs[other, cohort.name] = f"{other}、{cohort.name}的学员"
    return pairs


@cache
def _windows(*patterns: str) -> tuple[tuple[int, int], ...]:
    """Give when there may be a meeting in one of some patterns: each window holds one."""
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    spans = {span for day in days for name in patterns for span in stretches(PATTERNS[name], day, kind(day))}
    return tuple((minute(begins, FIRST), minute(ends, FIRST)) for begins, ends in sorted(spans))


def _day(day: object) -> tuple[int, int]:
    number = (day - FIRST).days  # type: ignore[operator]
    return number * DAY, (number + 1) * DAY
