"""What the next version of a line has to say: each database's own statements, from the models and a current SQLite database.

SQLite changes a table by making it anew, PostgreSQL by ALTER TABLE. Both are written out as plain SQL, so that a version
never changes its meaning when the models do.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import ModifyTableOps
from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from lbcert.core.database import Base, Trigger

_POSTGRESQL: Dialect = postgresql.dialect()
_CHECK = re.compile(r"CONSTRAINT (\w+) (CHECK .*)")
#: Alembic gives the CHECK of a new column a name of its own.
_ADDS_CHECK = re.compile(r"ALTER TABLE \w+ ADD (CONSTRAINT \w+ )?CHECK ")
_COLUMN = re.compile(r"(\w+) (\w+(?:\(\d+\))?)")


def steps(
    connection: Connection, tables: Iterable[Table], triggers: Iterable[Trigger], options: dict[str, Any]
) -> dict[str, list[str]]:
    """Give the statements, by database, that bring a current database to ``tables`` (sorted by what they refer to) and ``triggers``.

    ``connection`` is to SQLite, which keeps the text of its tables.
    """
    if connection.dialect.name != "sqlite":
        raise ValueError("A version is written on SQLite")
    rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')"))
    there: dict[str, str] = dict(rows.tuples().all())
    tables, triggers = list(tables), list(triggers)
    return {
        "sqlite": [*_sqlite(connection, tables, there), *_made("sqlite", triggers)],
        "postgresql": [*_postgresql(connection, tables, there, options), *_made("postgresql", triggers)],
    }


def _made(dialect: str, triggers: Iterable[Trigger]) -> Iterator[str]:
    for trigger in triggers:
        yield from trigger.statements(dialect)


def _sqlite(connection: Connection, tables: list[Table], there: dict[str, str]) -> Iterator[str]:
    dialect = connection.dialect
    for table in tables:
        wanted = _text(table, dialect)
        indexes = _indexes(table, dialect)
        if table.name not in there:
            yield wanted
            yield from indexes
        elif _lines(there[table.name]) != _lines(wanted):
            yield from _made_anew(connection, table, wanted)
            yield from indexes
        else:
            yield from _changed_indexes(connection, table, indexes)


def _made_anew(connection: Connection, table: Table, wanted: str) -> Iterator[str]:
    old = connection.execute(text("SELECT name FROM pragma_table_info(:table)"), {"table": table.name}).scalars().all()
    kept = ", ".join(name for name in old if name in table.columns)
    yield wanted.replace(f"CREATE TABLE {table.name} (", f"CREATE TABLE new_{table.name} (", 1)
    yield f"INSERT INTO new_{table.name} ({kept}) SELECT {kept} FROM {table.name}"  # noqa: S608 (names of our own models)
    yield f"DROP TABLE {table.name}"
    yield f"ALTER TABLE new_{table.name} RENAME TO {table.name}"


def _changed_indexes(connection: Connection, table: Table, wanted: list[str]) -> Iterator[str]:
    query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL")
    standing = {" ".join(sql.split()): name for name, sql in connection.execute(query, {"table": table.name})}
    yield from (f"DROP INDEX {name}" for sql, name in standing.items() if sql not in wanted)
    yield from (sql for sql in wanted if sql not in standing)


def _postgresql(
    connection: Connection, tables: list[Table], there: dict[str, str], options: dict[str, Any]
) -> Iterator[str]:
    """Alter tables, columns, keys and indexes as alembic compares them, and by text what it does not: CHECKs, types, partial indexes."""
    for table in tables:
        if table.name not in there:
            yield _text(table, _POSTGRESQL)
            yield from _indexes(table, _POSTGRESQL)
    standing = [table for table in tables if table.name in there]
    renewed = [(table, _checks(there[table.name]), _checks(_text(table, connection.dialect))) for table in standing]
    for table, old, new in renewed:
        yield from (f"ALTER TABLE {table.name} DROP CONSTRAINT {name}" for name in old if old[name] != new.get(name))
    # alembic writes the index of a new column twice
    yield from (compared := list(dict.fromkeys(_compared(connection, there, options))))
    for table in standing:
        yield from _retyped(connection, table, there[table.name])
        yield from (step for step in _reindexed(connection, table, there) if step not in compared)
    for table, old, new in renewed:
        own = _checks(_text(table, _POSTGRESQL))
        yield from (
            f"ALTER TABLE {table.name} ADD CONSTRAINT {name} {own[name]}" for name in new if old.get(name) != new[name]
        )


def _compared(connection: Connection, there: Collection[str], options: dict[str, Any]) -> Iterator[str]:
    found = produce_migrations(MigrationContext.configure(connection, opts=options), Base.metadata).upgrade_ops
    script = io.StringIO()
    offline = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": script})
    operations = Operations(offline)
    for step in found.ops if found else ():
        if isinstance(step, ModifyTableOps) and step.table_name in there:
            for change in step.ops:
                operations.invoke(change)
    written = (" ".join(statement.split()) for statement in script.getvalue().split(";\n"))
    yield from (statement for statement in written if statement and not _ADDS_CHECK.match(statement))


def _retyped(connection: Connection, table: Table, old: str) -> Iterator[str]:
    was, becomes = _types(old), _types(_text(table, connection.dialect))
    for name in sorted(was.keys() & becomes.keys()):
        if was[name] != becomes[name]:
            own = table.columns[name].type.compile(dialect=_POSTGRESQL)
            yield f"ALTER TABLE {table.name} ALTER COLUMN {name} TYPE {own}"


def _reindexed(connection: Connection, table: Table, there: dict[str, str]) -> Iterator[str]:
    """Make an index anew that kept its name and columns and got another condition."""
    for index in sorted(table.indexes, key=_name):
        old = there.get(_name(index))
        new = _one_line(CreateIndex(index).compile(dialect=connection.dialect))
        if old is not None and " WHERE " in old + new and " ".join(old.split()) != new:
            yield f"DROP INDEX {index.name}"
            yield _one_line(CreateIndex(index).compile(dialect=_POSTGRESQL))


def _text(table: Table, dialect: Dialect) -> str:
    return str(CreateTable(table).compile(dialect=dialect)).strip()


def _indexes(table: Table, dialect: Dialect) -> list[str]:
    return [_one_line(CreateIndex(index).compile(dialect=dialect)) for index in sorted(table.indexes, key=_name)]


def _one_line(compiled: Any) -> str:
    return " ".join(str(compiled).split())


def _name(index: Any) -> str:
    return str(index.name)


def _lines(sql: str) -> set[str]:
    """Give the columns and constraints of a CREATE TABLE, whose order says nothing."""
    return {line.strip().rstrip(",") for line in sql.splitlines()[1:] if line.strip(" ,\t")}


def _checks(sql: str) -> dict[str, str]:
    return {found[1]: found[2] for line in sorted(_lines(sql)) if (found := _CHECK.fullmatch(line))}


def _types(sql: str) -> dict[str, str]:
    found = (
        _COLUMN.match(line)
        for line in _lines(sql)
        if not line.startswith(("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK"))
    )
    return {match[1]: match[2] for match in found if match}
