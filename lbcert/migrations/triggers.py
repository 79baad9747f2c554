"""The triggers that stand in a database: which differ from the models', and how tables are changed beneath them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from lbcert.core.database import TRIGGERS, Trigger

#: What every trigger's name begins with.
_PREFIX = "tr_"
_STANDING = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT t.tgname, c.relname, 'CREATE FUNCTION ' || p.proname || '() RETURNS trigger LANGUAGE plpgsql AS $$' || p.prosrc || '$$' "
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
    ),
}


def outdated(connection: Connection, is_ours: Callable[[str], bool]) -> list[Trigger]:
    """List the models' triggers on tables that ``is_ours`` names which the database lacks, or has with another text."""
    there = {sql for _, _, sql in _standing(connection)}
    dialect = connection.dialect.name
    return [
        trigger
        for trigger in TRIGGERS
        if is_ours(trigger.table)
        and not {sql for sql in trigger.statements(dialect) if _is_compared(sql, dialect)} <= there
    ]


def retired(connection: Connection, is_ours: Callable[[str], bool]) -> list[str]:
    """Name the triggers of a SQLite database that the models no longer have, or have with another text or other events."""
    wanted = {sql for trigger in TRIGGERS for sql in trigger.statements("sqlite")}
    changed = {trigger.name for trigger in outdated(connection, is_ours)}
    standing = [(_rule(name), sql) for name, table, sql in _standing(connection) if is_ours(table)]
    return sorted({rule for rule, sql in standing if rule in changed or sql not in wanted})


@contextmanager
def lifted(connection: Connection, without: Collection[str]) -> Iterator[None]:
    """Change tables while no trigger of SQLite stands in the way; afterwards all stand again but those of ``without``.

    SQLite drops the triggers of a table that is made anew, and refuses to rename one that others read. PostgreSQL's stay,
    and only those of ``without`` are dropped.
    """
    if connection.dialect.name == "postgresql":
        for name in without:
            connection.execute(text(f"DROP FUNCTION {name}() CASCADE"))
            connection.execute(text(f"DROP FUNCTION IF EXISTS {name}_truncate() CASCADE"))
        yield
        return
    standing = _standing(connection)
    for name, _, _ in standing:
        connection.execute(text(f"DROP TRIGGER {name}"))
    yield
    for name, _, sql in standing:
        if _rule(name) not in without:
            connection.exec_driver_sql(sql)


def _standing(connection: Connection) -> list[tuple[str, str, str]]:
    rows = connection.execute(text(_STANDING[connection.dialect.name]))
    return [(name, table, sql) for name, table, sql in rows if name.startswith(_PREFIX)]


def _rule(name: str) -> str:
    """Give the name that SQLite's trigger for one event has on PostgreSQL."""
    return name.rpartition("_")[0]


def _is_compared(sql: str, dialect: str) -> bool:
    """Pass over PostgreSQL's CREATE TRIGGER, which it keeps in words of its own: the function's text says what it does."""
    return dialect == "sqlite" or sql.startswith("CREATE FUNCTION")
