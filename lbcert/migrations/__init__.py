"""Schema changes: the core's in one line of versions, each plugin's in a line and a version table of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from lbcert.core.database import TRIGGERS, Base, Trigger, db

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Line:
    """A line of versions: the core's, or that of a plugin, whose tables all bear ``prefix``."""

    name: str
    versions: Path
    prefix: str = ""

    @property
    def version_table(self) -> str:
        """Where the database keeps how far this line got."""
        return f"{self.prefix}version" if self.prefix else "lbcert_version"


CORE = Line("core", _HERE / "versions")


def lines(plugins: tuple[Line, ...] = ()) -> tuple[Line, ...]:
    """Give the core's line and those of the plugins, in the order in which they migrate."""
    return (CORE, *plugins)


def belongs(table: str, line: Line, everyone: tuple[Line, ...]) -> bool:
    """Tell whether a table is of this line."""
    if line.prefix:
        return table.startswith(line.prefix)
    return not any(other.prefix and table.startswith(other.prefix) for other in everyone)


def upgrade(everyone: tuple[Line, ...] = (CORE,)) -> None:
    """Bring the app's database to the newest version of every line, each in one transaction."""
    for line in everyone:
        with _connected() as connection:
            command.upgrade(_config(line, connection, everyone), "head")


def bring_up_to_date(everyone: tuple[Line, ...] = (CORE,)) -> None:
    """Make or upgrade the app's tables; while no version is written yet, straight from the models."""
    if any(CORE.versions.glob("[0-9]*.py")):
        upgrade(everyone)
        return
    with db.engine.connect() as connection:
        there = tables_of(connection)
    if there.isdisjoint(Base.metadata.tables):
        db.create_all()


def is_newest(everyone: tuple[Line, ...] = (CORE,)) -> bool:
    """Tell whether the database has what the program expects; while no version is written yet, every table."""
    if any(CORE.versions.glob("[0-9]*.py")):
        return is_current(everyone)
    with db.engine.connect() as connection:
        return set(Base.metadata.tables) <= tables_of(connection)


def is_current(everyone: tuple[Line, ...] = (CORE,)) -> bool:
    """Tell whether the database has the newest version of every line."""
    with db.engine.connect() as connection:
        for line in everyone:
            context = MigrationContext.configure(connection, opts={"version_table": line.version_table})
            script = ScriptDirectory.from_config(_config(line, connection, everyone))
            if set(context.get_current_heads()) != set(script.get_heads()):
                return False
    return True


def revise(message: str, line: Line = CORE, everyone: tuple[Line, ...] = (CORE,)) -> Path:
    """Write the next version of a line from what models say and the app's (current) database lacks."""
    with _connected() as connection:
        number = len(list(line.versions.glob("[0-9]*.py"))) + 1
        script = command.revision(
            _config(line, connection, everyone), message, autogenerate=True, rev_id=f"{number:04d}"
        )
    return Path(str(getattr(script, "path", line.versions)))


def differences(line: Line = CORE, everyone: tuple[Line, ...] = (CORE,)) -> list[Any]:
    """List what the migrated database has other than the models say; empty when they agree."""
    with db.engine.connect() as connection:
        options = _options(line, everyone)
        found: list[Any] = list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))
        return found + [("add_trigger", trigger.name) for trigger in missing_triggers(connection, line, everyone)]


def missing_triggers(connection: Connection, line: Line, everyone: tuple[Line, ...]) -> list[Trigger]:
    """List the triggers of a line's tables that the database does not have."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    there = set(connection.scalars(text(query)))
    suffixes = ("",) if connection.dialect.name == "postgresql" else ("_insert", "_update", "_delete")
    return [
        trigger
        for trigger in TRIGGERS
        if belongs(trigger.table, line, everyone) and not any(trigger.name + suffix in there for suffix in suffixes)
    ]


@contextmanager
def _connected() -> Iterator[Connection]:
    with db.engine.begin() as connection:
        yield connection


def _options(line: Line, everyone: tuple[Line, ...]) -> dict[str, Any]:
    def include(name: str | None, kind: str, _parents: Any) -> bool:
        if kind != "table":
            return True
        versions = {other.version_table for other in everyone}
        return name is not None and name not in versions and belongs(name, line, everyone)

    def include_model(model: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or (include(name, kind, None) and model.name == name)

    return {
        "version_table": line.version_table,
        "target_metadata": Base.metadata,
        "include_name": include,
        "include_object": include_model,
        "compare_type": False,  # the databases name the same types differently
    }


def _config(line: Line, connection: Connection, everyone: tuple[Line, ...]) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(line.versions))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, line=line, everyone=everyone, options=_options(line, everyone))
    return config


def tables_of(connection: Connection) -> set[str]:
    """Name the tables that are there."""
    return set(inspect(connection).get_table_names())
