"""Takes each guard of the separation away, one at a time, and lets an attacker look for what it held.

``python -m benchmarks.separation.guards [ATTACKS]`` does so in two ways, on SQLite. Each guard's own plot (`plots`) is carried
out without it: what goes through leaves an exam that was not separate, and what is refused tells which other guard stands
behind, until that is taken away too. Before, the plot is tried with those others gone and the guard in place: it must be the
guard that refuses. Then so many transactions (60) of twelve random statements are tried without each guard: beside an exam that is
certified there is another, staffed, being marked, marked, decided or published.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from benchmarks.published import installation
from benchmarks.separation.attacker import Attacker
from benchmarks.separation.invariant import Rows, violations
from benchmarks.separation.plots import PLOTS, Plot, Stage
from benchmarks.separation.sequences import Sequences, keep, machine
from lbcert.core.database import EXPLAINED, TRIGGERS, prepare
from lbcert.exams.models import SEPARATION, BatchState

STATEMENTS = 12


def main() -> None:
    """Attack without each guard in turn, and print what came of it."""
    attacks = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory(dir="/dev/shm") as home, installation(Path(home)):
        kind = machine(Path(home) / "stage.sqlite")
        missed = 0
        for rule, behind in plotted(kind):
            missed += not behind
            print(
                f"{rule}: " + (f"behind it {' and '.join(behind)}" if behind else "alone before its plot"), flush=True
            )
        print(f"{missed} of {len(GUARDS)} guards stand alone before their plots; behind the others stands another")
        engines = [_attacked(copy) for copy in stages(kind, Path(home) / "stage.sqlite")]
        missed = 0
        for trigger in GUARDS:
            makes = trigger.statements("sqlite")
            _carry_out(engines, [f"DROP TRIGGER {statement.split()[2]}" for statement in makes])
            found = next(succeeding(engines, attacks), None)
            _carry_out(engines, makes)
            missed += found is not None
            print(f"{trigger.rule}: {found or f'not missed in {attacks} attacks'}", flush=True)
        succeeded = sum(1 for _ in succeeding(engines, attacks))
        print(f"{missed} of {len(GUARDS)} guards missed; with all in place {succeeded} of {attacks} attacks succeed")


GUARDS = [trigger for trigger in TRIGGERS if EXPLAINED[trigger.rule].source == SEPARATION]


def plotted(kind: type[Sequences]) -> Iterator[tuple[str, list[str]]]:
    """Carry out each guard's plot without it; give the guard, and those behind it that had to be taken away too.

    Raises AssertionError where a plot is stopped by anything but guards, ends in nothing that is wrong, or is let through by
    the guard whose it is.
    """
    open_, certified = (_attacked(kind.beginnings[place][0]) for place in (0, 5))
    for guard in GUARDS:
        plot = PLOTS[guard.rule]
        engine, gone = certified if plot.certified else open_, [guard.rule]
        while (stopped_by := carried_out(engine, kind, plot, gone)) is not None:
            assert stopped_by in _EVERY, f"{guard.rule}: {stopped_by}"
            gone.append(stopped_by)
        assert carried_out(engine, kind, plot, gone[1:]) == guard.rule, guard.rule
        yield guard.rule, gone[1:]


_EVERY = {trigger.rule: trigger for trigger in TRIGGERS}


def carried_out(engine: Engine, kind: type[Sequences], plot: Plot, without: Collection[str]) -> str | None:
    """Carry out a plot without some guards, and take it back; give what stopped it, None where it went through."""
    with engine.connect() as connection:
        for statement in (each for rule in without for each in _EVERY[rule].statements("sqlite")):
            connection.exec_driver_sql(f"DROP TRIGGER {statement.split()[2]}")
        try:
            for statement in plot.statements(Stage(connection, kind.world)):
                connection.execute(text(statement))
        except DatabaseError as error:
            return str(error.orig)
        else:
            found = violations(Rows.of(connection), with_history=False)
            assert found, f"went through, and nothing is wrong: {without}"
            return None
        finally:
            connection.rollback()


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


def stages(kind: type[Sequences], template: Path) -> list[Path]:
    """Give copies of a database in which one exam is certified, and another of the second cohort has come so far or so far."""
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
