"""Plays random sequences of operations by random actors, and looks for a result whose exam was not separate from training.

``python -m benchmarks.separation [SEQUENCES] [SEED] [--without TRIGGER]`` plays 1,000 of 15 steps, each on a SQLite database of
its own: on the empty stage, or from one of five states of an exam that the same operations brought so far once for all. It
prints how many sequences and operations were played, what was carried out, by which rules the others were refused, and the
first violation found. ``--without tr_exams_control_joins_sides_insert`` takes one trigger away first, to see that it is missed.

What is looked for is written a second time, in Python over plain rows, from design.md 4 and not from the program's SQL.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import text

from benchmarks.published import installation
from benchmarks.separation.sequences import PLAYED, Sequences, machine, sequences
from lbcert.core.database import db

#: Sequences between two lines of progress.
BLOCK = 100
#: Steps of a sequence; some of them are several operations, and some find nothing to do.
STEPS = 15


def main() -> None:
    """Play, and print what came of it."""
    arguments = sys.argv[1:]
    without = arguments[arguments.index("--without") + 1] if "--without" in arguments else ""
    numbers = [int(each) for each in arguments if each.isdigit()]
    count, number = [*numbers, *(1000, 1)[len(numbers) :]][:2]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as home, installation(Path(home)):
        if without:
            with db.engine.begin() as connection:
                connection.execute(text(f"DROP TRIGGER {without}"))
        kind = machine(Path(home) / "stage.sqlite")
        failure = ""
        gc.collect()
        gc.freeze()  # what is loaded by now is never garbage, and it takes 0.2 s to go over it
        try:
            for done in range(0, count, BLOCK):
                sequences(kind, min(BLOCK, count - done), STEPS, number + done)
                print(
                    f"{kind.sequences} sequences, {sum(PLAYED.values())} operations, {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
        except AssertionError as error:
            failure = str(error)
    report(kind, time.monotonic() - begun, failure)


def report(kind: type[Sequences], seconds: float, failure: str) -> None:
    """Print the figures."""
    done = Counter({name: n for (name, refused_by), n in PLAYED.items() if not refused_by})
    stopped = Counter()
    for (_, refused_by), n in PLAYED.items():
        if refused_by:
            stopped[refused_by] += n
    print(f"{kind.sequences} sequences, {sum(PLAYED.values())} operations in {seconds:.0f} s")
    print("carried out: " + ", ".join(f"{name} {n}" for name, n in done.most_common()))
    print("refused by: " + ", ".join(f"{rule_name} {n}" for rule_name, n in stopped.most_common()))
    print(f"VIOLATION: {failure}" if failure else "violations: 0")
    sys.exit(1 if failure else 0)


if __name__ == "__main__":
    main()
