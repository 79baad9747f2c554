"""Plans 镇雄's season of 116 cohorts, beside a plain greedy planner in the same run, then repairs the plan.

``python -m benchmarks.season [--seconds 60] [--workers 2]``. Clashes, faults and worth are counted by a checker that knows neither
planner; figures of worth are journeys of trainers, half days for which a cohort comes, half days that learners and trainers wait
between sessions of a day, class hours of trainers beyond the fair share of a week, and days until the cohorts are through. Each
repair prints what it changed, and whether fewer was proved impossible.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date

from benchmarks.season import peer
from benchmarks.season.check import Session, clashes, faults, worth
from benchmarks.season.data import FIRST, Season, season
from benchmarks.season.engine import fair_share, problem_of, sessions_of
from lbcert.teaching.solver.measure import missing
from lbcert.teaching.solver.problem import DAY, Meeting, Problem
from lbcert.teaching.solver.repair import repair
from lbcert.teaching.solver.solve import Effort, solve


def main() -> None:
    """Plan, compare, repair, print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    year = season()
    people = sum(each.people for each in year.cohorts)
    print(f"{len(year.cohorts)} cohorts, {people} people, {len(year.trainers)} trainers, {len(year.venues)} venues")
    begun = time.monotonic()
    by_peer = peer.plan(year)
    _tell("greedy", year, by_peer, time.monotonic() - begun)
    begun = time.monotonic()
    problem = problem_of(year)
    built = time.monotonic() - begun
    plan = solve(problem, Effort(given.seconds - built, given.workers))
    _tell("engine", year, sessions_of(year, problem, plan.meetings), time.monotonic() - begun)
    for day in (date(2019, 3, 25), date(2019, 5, 13)):
        _repair(year, problem, plan.meetings, day, given.workers)


def _tell(who: str, year: Season, sessions: Sequence[Session], seconds: float) -> None:
    print(
        f"{who}: {len(sessions)} sessions, {sum(each.hours for each in sessions)} class hours in {seconds:.1f} s; "
        f"clashes {dict(clashes(year, sessions)) or 0}, faults {dict(faults(year, sessions)) or 0}; "
        f"{worth(year, sessions, fair_share(year))}",
        flush=True,
    )


def _repair(year: Season, problem: Problem, plan: Sequence[Meeting], day: date, workers: int) -> None:
    """Let the busiest trainer fall ill for two weeks, and close the busiest room for one."""
    now = (day - FIRST).days * DAY
    for kind, days in (("trainer", 14), ("venue", 7)):
        until = now + days * DAY
        used = Counter(
            name
            for each in plan
            if now <= each.start < until
            for name in each.taken
            if problem.resource[name].kind == kind
        )
        name, hit = used.most_common(1)[0]
        changed = problem.with_busy(name, [(now, until)])
        mended = repair(changed, plan, now=now, seconds=5, workers=workers)
        sessions = sessions_of(year, problem, mended.meetings)
        moved = sum(
            each.after is None or each.before is None or each.before.start != each.after.start
            for each in mended.changes
        )
        print(
            f"{day}: {name} is gone for {days} days, {hit} sessions hit: {len(mended.changes)} changed, {moved} of them in time, "
            f"{sum(missing(changed, mended.meetings).values())} left out, "
            f"{'proved the fewest' if mended.is_smallest else 'NOT proved the fewest'}, {mended.seconds:.1f} s; "
            f"clashes {dict(clashes(year, sessions)) or 0}, faults {dict(faults(year, sessions)) or 0}",
            flush=True,
        )


if __name__ == "__main__":
    main()
