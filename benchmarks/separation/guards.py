"""Takes each guard of the separation away, one at a time, and lets the attacker look for what it held.

``python -m benchmarks.separation.guards [ATTACKS]`` gives him so many transactions (60) of twelve statements for each trigger
that the law of the separation asks for, on SQLite: beside an exam that is certified there is another, staffed, being marked,
marked, decided or published. A guard that is not missed has another behind it, or holds what operations alone would ask.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine

from benchmarks.published import installation
from benchmarks.separation.attacker import Attacker
from benchmarks.separation.invariant import Rows, violations
from benchmarks.separation.sequences import Sequences, keep, machine
from lbcert.core.database import EXPLAINED, TRIGGERS, prepare
from lbcert.exams.models import SEPARATION, BatchState

STATEMENTS = 12


def main() -> None:
    """Attack without each guard in turn, and print what came of it."""
    attacks = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(dir="/dev/shm") as home, installation(Path(home)):
        engines = [_attacked(copy) for copy in stages(Path(home) / "stage.sqlite")]
        guards = [trigger for trigger in TRIGGERS if EXPLAINED[trigger.rule].source == SEPARATION]
        missed = 0
        for trigger in guards:
            makes = trigger.statements("sqlite")
            _carry_out(engines, [f"DROP TRIGGER {statement.split()[2]}" for statement in makes])
            found = next(succeeding(engines, attacks), None)
            _carry_out(engines, makes)
            missed += found is not None
            print(f"{trigger.rule}: {found or f'not missed in {attacks} attacks'}", flush=True)
        succeeded = sum(1 for _ in succeeding(engines, attacks))
        print(f"{missed} of {len(guards)} guards missed; with all in place {succeeded} of {attacks} attacks succeed")


def succeeding(engines: list[Engine], attacks: int) -> Iterator[str]:
    """Attack in transactions that are rolled back; tell of each that joined what is separate."""
    for number in range(attacks):
        with engines[number % len(engines)].connect() as connection:
            attacker = Attacker(connection, number)
            for _ in range(STATEMENTS):
                attacker.strike()
            found = violations(Rows.of(connection), with_history=False)
            connection.rollback()
        if found:
            yield f"missed in attack {number + 1}: {found[0]}"


def stages(template: Path) -> list[Path]:
    """Give copies of a database in which one exam is certified, and another of the second cohort has come so far or so far."""
    kind = machine(template)
    player: Sequences = kind()
    player.now = kind.beginnings[-1][1]
    player.beginnings = []
    people = [2, 3, 4, 5, 0, 1, 6]
    player.plan(1, 2, 1)
    second = player.batches()[1].id
    player.staff(second, people)
    keep(player, template.with_name("second.sqlite"))
    for state in (BatchState.MARKING, BatchState.DECIDED, BatchState.PUBLISHED):
        if state is BatchState.DECIDED:
            player.mark_all(second, 90)
            keep(player, template.with_name("second.sqlite"))
        player.advance(1, 1, people, 90)
        assert [batch.state for batch in player.batches()] == [BatchState.PUBLISHED, state]
        keep(player, template.with_name("second.sqlite"))
    return [copy for copy, _moment in player.beginnings]


def _attacked(copy: Path) -> Engine:
    engine = create_engine(f"sqlite:///{copy}")
    prepare(engine, lambda: True)
    return engine


def _carry_out(engines: list[Engine], statements: list[str]) -> None:
    for engine in engines:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


if __name__ == "__main__":
    main()
