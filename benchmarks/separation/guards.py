"""Takes each guard of the separation away, one at a time, and lets the attacker look for what it held.

``python -m benchmarks.separation.guards [ATTACKS]`` gives him so many transactions (60) of twelve statements for each trigger
that the law of the separation asks for, on SQLite: beside an exam that is certified there is another, staffed, being marked,
marked, decided or published. A guard that is not missed has another behind it, or holds what operations alone would ask.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from benchmarks.season import installation
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
            names = [statement.split()[2] for statement in trigger.statements("sqlite")]
            for number in range(attacks):
                if found := attack(engines[number % len(engines)], names, number):
                    missed += 1
                    print(f"{trigger.rule}: missed in attack {number + 1}: {found[0]}", flush=True)
                    break
            else:
                print(f"{trigger.rule}: not missed in {attacks} attacks", flush=True)
        found = [attack(engines[number % len(engines)], [], number) for number in range(attacks)]
        print(
            f"{missed} of {len(guards)} guards missed; with all of them in place {sum(map(bool, found))} of {attacks} attacks succeed"
        )


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
        player.advance(1, 1, people, 90)
        assert [batch.state for batch in player.batches()] == [BatchState.PUBLISHED, state]
        keep(player, template.with_name("second.sqlite"))
    return [copy for copy, _moment in player.beginnings]


def _attacked(copy: Path) -> Engine:
    engine = create_engine(f"sqlite:///{copy}")
    prepare(engine, lambda: True)
    return engine


def attack(engine: Engine, without: list[str], number: int) -> list[str]:
    """Write in a transaction that is rolled back, without some triggers; give what was found joined."""
    with engine.connect() as connection:
        for name in without:
            connection.execute(text(f"DROP TRIGGER {name}"))
        attacker = Attacker(connection, number)
        for _ in range(STATEMENTS):
            attacker.strike()
        found = violations(Rows.of(connection), with_history=False)
        connection.rollback()
    return found


if __name__ == "__main__":
    main()
