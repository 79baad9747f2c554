"""Plans an instance of the 2007 timetabling competition by the timetable's own engine, and checks it by a checker of its own.

``python -m benchmarks.timetable FILE --seconds N --out SOLUTION`` prints one line of JSON: feasible, cost, seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from benchmarks.itc2007.adapter import lectures_of, problem_of
from benchmarks.itc2007.check import costs, violations
from benchmarks.itc2007.instance import read, write
from lbcert.teaching.solver.solve import Effort, solve


def main() -> None:
    """Read, plan, check, write and print."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("file", type=Path)
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    begun = time.monotonic()
    instance = read(given.file.read_text(encoding="utf-8"))
    plan = solve(problem_of(instance), Effort(given.seconds, given.workers, given.seed))
    lectures = lectures_of(plan.meetings)
    if given.out:
        given.out.write_text(write(lectures), encoding="utf-8")
    cost = sum(costs(instance, lectures).values())
    is_feasible = not violations(instance, lectures)
    assert cost == plan.cost or not is_feasible, (cost, plan.cost)
    told = {"feasible": is_feasible, "cost": cost, "seconds": round(time.monotonic() - begun, 1)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
