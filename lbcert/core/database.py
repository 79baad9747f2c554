"""The database: typed models, shared column types, and invariants that hold even when the code is wrong."""

from __future__ import annotations

import sqlite3
import time
from collections import deque, namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DDL, Connection, DateTime, Engine, Index, MetaData, Select, Table, event, text
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from lbcert.core import clock
from lbcert.core.findings import Finding, Missing, refuse
from lbcert.core.words import Message, say


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database. A naive one is refused, for nobody knows when it was."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC; SQLite keeps no zone, so it gets the UTC wall time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        """Give the moment back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(members: type[Enum], name: str | None = None) -> EnumColumn:
    """Make a column type that stores an enum's values as text under a CHECK, called ``name`` where a table has two of a kind."""
    return EnumColumn(
        members,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        name=name or members.__name__.lower(),
        values_callable=lambda cls: [member.value for member in cls],
    )


def unique_where(name: str, *columns: str, where: str) -> Index:
    """Make a partial unique index, on both databases: ``columns`` are unique among the rows for which ``where`` holds."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class Base(DeclarativeBase):
    """Every table's base."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UTCDateTime()},
    )


db = SQLAlchemy(model_class=Base)

Id = Annotated[int, mapped_column(primary_key=True)]
M = TypeVar("M", bound=Base)


class Stamped:
    """Rows that say when they were made."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now, sort_order=90)


class Versioned:
    """Rows that two people may edit: saving over somebody's change is refused (``StaleDataError``, rule core.stale)."""

    version: Mapped[int] = mapped_column(default=1, sort_order=91)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 (a class-level directive)
        return {"version_id_col": cls.version}


def load(model: type[M], key: int | str | None, *, lock: bool = False) -> M:
    """Give the row, locked until the operation ends when asked; raises ``Missing``."""
    row = None if key is None else db.session.get(model, key, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise Missing(f"{model.__name__} {key}")
    return row


STALE = say("这条记录刚刚被他人修改过，您的修改没有保存；请重新打开本页，核对最新内容后再填一次")


def stale(row: Versioned, version: int | None) -> list[Finding]:
    """Find that ``row`` is newer than the ``version`` that a form was filled from; None where no form was."""
    return [] if version is None or row.version == version else [refuse("core.stale", STALE)]


#: Places in a row whose values have to be turned from what the driver gives.
Turns = list[tuple[int, Callable[[Any], Any]]]


class Readers:
    """Connections for straight selects, as many as threads ever asked at once, each with a cursor of the driver's own.

    They stand apart from the pool, for to check one out of that takes as long as SQLite takes to answer, and outside every
    transaction. One that fails is closed, and the next reader opens another; disposing of the engine closes all.
    """

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        self._engine = engine
        self._idle: deque[tuple[PoolProxiedConnection, Any]] = deque()
        event.listen(engine, "engine_disposed", self._close)

    def fetch(self, sql: str, values: Mapping[str, Any] | Sequence[Any]) -> list[Sequence[Any]]:
        """Give the rows of a statement, with the values as the driver wants them."""
        try:
            connection, cursor = self._idle.pop()
        except IndexError:
            connection, cursor = self._open()
        try:
            rows: list[Sequence[Any]] = cursor.execute(sql, values).fetchall()
        except BaseException:
            connection.close()
            raise
        self._idle.append((connection, cursor))
        return rows

    def _open(self) -> tuple[PoolProxiedConnection, Any]:
        connection = self._engine.raw_connection()
        connection.detach()
        driver: Any = connection.dbapi_connection
        if self.dialect.name == "postgresql":
            driver.autocommit = True  # no BEGIN before a select and no ROLLBACK behind it
        return connection, driver.cursor()

    def _close(self, _engine: Engine) -> None:
        while self._idle:
            self._idle.pop()[0].close()


def keep_readers(app: Flask, engine: Engine) -> None:
    """Give an app its connections for straight selects."""
    app.extensions[_READERS] = Readers(engine)


_READERS = "lbcert.readers"


class StraightSelect:
    """A SELECT for a page that very many ask for: put into SQL once, and run by `Readers` with the driver's own cursor.

    It sees what is committed at that moment and costs one round trip (benchmarks/public_page.py). Its parameters have
    defaults; text is given as it is.
    """

    def __init__(self, statement: Any) -> None:
        self.statement: Select[Any] = statement
        self._row: Any = namedtuple("Row", list(statement.selected_columns.keys()))  # type: ignore[misc]
        self._compiled: dict[str, tuple[str, Sequence[str] | None, Turns]] = {}

    def all(self, **values: int | str) -> list[Any]:
        """Give the rows for these values of its parameters, with the names of its columns."""
        readers: Readers = current_app.extensions[_READERS]
        sql, order, turns = self._compiled.get(readers.dialect.name) or self._compile(readers.dialect)
        rows = readers.fetch(sql, values if order is None else [values[name] for name in order])
        return [self._typed(list(row), turns) for row in rows]

    def _typed(self, row: list[Any], turns: Turns) -> Any:
        for place, turn in turns:
            row[place] = turn(row[place])
        return self._row._make(row)

    def _compile(self, dialect: Dialect) -> tuple[str, Sequence[str] | None, Turns]:
        compiled = self.statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        turns: Turns = [
            (place, turn)
            for place, column in enumerate(self.statement.selected_columns)
            if (turn := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]
        self._compiled[dialect.name] = str(compiled), compiled.positiontup, turns
        return self._compiled[dialect.name]


def touch(row: Versioned) -> None:
    """Count a change of what hangs on ``row`` as one of its own, so that whoever saves an older page of it is told."""
    row.version += 1


# Invariants


@dataclass(frozen=True)
class Explained:
    """What a broken invariant of the database means to the person who broke it."""

    rule: str
    message: Message
    source: str


#: Text that both databases put into the error (a constraint's name, or SQLite's "table.column, …") → its meaning.
EXPLAINED: dict[str, Explained] = {}


def explain(table: str, columns: str, rule: str, message: Message, source: str = "") -> None:
    """Say what a duplicate in a unique constraint or index over ``columns`` ("a, b") of ``table`` means."""
    names = [column.strip() for column in columns.split(",")]
    meaning = Explained(rule, message, source)
    EXPLAINED[", ".join(f"{table}.{name}" for name in names)] = meaning
    for prefix in ("uq", "ix"):
        EXPLAINED[f"{prefix}_{table}_{'_'.join(names)}"] = meaning


def invariant(rule: str) -> Finding:
    """Give the refusal for which an invariant of `EXPLAINED` stands: also for an operation that finds it broken before the database does."""
    meaning = EXPLAINED[rule]
    return refuse(meaning.rule, meaning.message, meaning.source)


@dataclass(frozen=True)
class Trigger:
    """A condition under which the database itself refuses a row; ``rule`` is the text of its error."""

    table: str
    rule: str
    events: tuple[str, ...]
    condition: str
    #: What PostgreSQL locks before it judges, as a SELECT, so that no two transactions pass each other unseen.
    locking: str = ""

    @property
    def name(self) -> str:
        """The trigger's name on PostgreSQL; SQLite has one for each event, with the event behind it."""
        return "tr_" + self.rule.replace(".", "_")

    def statements(self, dialect: str) -> list[str]:
        """Give the statements that make it."""
        if dialect == "sqlite":
            return [
                f"CREATE TRIGGER {self.name}_{happening.split()[0].lower()} BEFORE {happening} ON {self.table} "
                f"WHEN {self.condition} BEGIN SELECT RAISE(ABORT, '{self.rule}'); END"
                for happening in self.events
            ]
        deletes = self.events == ("DELETE",)
        body = f"IF {self.condition} THEN {self._raise} END IF; RETURN {'OLD' if deletes else 'NEW'};"
        if self.locking:
            body = f"PERFORM {self.locking.removeprefix('SELECT ')}; {body}"
        made = self._function(self.name, body, f"{' OR '.join(self.events)} ON {self.table} FOR EACH ROW")
        if deletes:  # a TRUNCATE fires no trigger of a row
            made += self._function(f"{self.name}_truncate", self._raise, f"TRUNCATE ON {self.table} FOR EACH STATEMENT")
        return made

    @property
    def _raise(self) -> str:
        return f"RAISE EXCEPTION '{self.rule}' USING ERRCODE = 'check_violation';"

    @staticmethod
    def _function(name: str, body: str, event: str) -> list[str]:
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$",
            f"CREATE TRIGGER {name} BEFORE {event} EXECUTE FUNCTION {name}()",
        ]


TRIGGERS: list[Trigger] = []


def refuse_rows(
    table: Any, rule: str, *, on: tuple[str, ...], when: str, message: Message, source: str = "", locking: str = ""
) -> None:
    """Have both databases refuse INSERT, UPDATE or DELETE of a row of model ``table`` when the SQL ``when`` is true.

    ``when`` reads the row as NEW and OLD, in SQL that SQLite and PostgreSQL share; "UPDATE OF a, b" is an event too. A
    trigger ON DELETE stands alone. ``when`` may read rows that another transaction is changing: ``locking`` is the
    SELECT that makes PostgreSQL wait for that one first (SQLite has one writer at a time).
    """
    target: Table = table.__table__
    trigger = Trigger(target.name, rule, on, when, locking)
    TRIGGERS.append(trigger)
    EXPLAINED[rule] = Explained(rule, message, source)
    for dialect in ("sqlite", "postgresql"):
        for statement in trigger.statements(dialect):
            make = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(target.metadata, "after_create", make)


def append_only(table: Any, rule: str, message: Message, *, update_when: str = "1=1", source: str = "") -> None:
    """Refuse every DELETE from a table, and every UPDATE for which ``update_when`` is true."""
    refuse_rows(table, f"{rule}.update", on=("UPDATE",), when=update_when, message=message, source=source)
    refuse_rows(table, f"{rule}.delete", on=("DELETE",), when="1=1", message=message, source=source)


#: Seconds for which a writer of SQLite waits for another.
PATIENCE = 15


def prepare(engine: Engine, is_writing: Callable[[], bool]) -> None:
    """Set up each SQLite connection: WAL, foreign keys, and BEGIN IMMEDIATE for what will write.

    A SQLite transaction that reads first and writes later fails at once under WAL, whatever the timeout.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's events begin transactions, not the driver
        # recursive_triggers: without it INSERT OR REPLACE deletes a row and asks no trigger
        for pragma in (
            "foreign_keys=ON",
            "recursive_triggers=ON",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={PATIENCE * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if is_writing():
            _begin_writing(connection)
        else:
            connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: Connection) -> None:
    """Wait for the one writer that SQLite has, asking each 2 ms.

    SQLite's own waiting rests for up to 100 ms between two looks: of four writers of 8 ms each, one in a hundred then waited
    for 110 to 130 ms, and so waits for 34 to 38.
    """
    deadline = time.monotonic() + PATIENCE
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                is_held = getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
                if not is_held or time.monotonic() > deadline:
                    raise
                time.sleep(0.002)
            else:
                return
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={PATIENCE * 1000}")
