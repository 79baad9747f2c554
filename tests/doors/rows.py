"""The house's rows in PostgreSQL: copied there from SQLite, and written over, where no trigger judges them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from sqlalchemy import Connection, Engine, String, Table, Text, delete, func, insert, literal, select, text, update

from lbcert.core.database import db


def tables() -> list[Table]:
    """Give every table, the plugins' too, each behind those it refers to."""
    return [table for metadata in db.metadatas.values() for table in metadata.sorted_tables]


def copy(source: Engine, target: Engine) -> None:
    """Copy every row into the migrated PostgreSQL database, and let each table count on from its last id."""
    with source.connect() as reader, _unwatched(target) as writer:
        for table in tables():
            if rows := [dict(row) for row in reader.execute(select(table)).mappings()]:
                writer.execute(delete(table))
                writer.execute(insert(table), rows)
                if (counted := table.autoincrement_column) is not None:
                    series = func.pg_get_serial_sequence(table.name, counted.name)
                    writer.execute(select(func.setval(series, select(func.max(counted)).scalar_subquery())))


@contextmanager
def begun_with(marks: str, engine: Engine) -> Iterator[None]:
    """Let every Chinese text begin with one of ``marks`` for a while: what people write freely, and no code or state."""
    free = [column for table in tables() for column in table.columns if type(column.type) in {String, Text}]
    marked = list(zip(free, cycle(marks), strict=False))
    with _unwatched(engine) as writer:
        for column, mark in marked:
            is_chinese = column.regexp_match("^[一-龥]")
            writer.execute(update(column.table).where(is_chinese).values({column.name: literal(mark) + column}))
    yield
    with _unwatched(engine) as writer:
        for column, mark in marked:
            is_marked = column.startswith(mark) & column.regexp_match("^.[一-龥]")
            writer.execute(update(column.table).where(is_marked).values({column.name: func.substr(column, 2)}))


@contextmanager
def _unwatched(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
