"""Schema changes: the core's in one line of versions, each plugin's in a line and a version table of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from lbcert.core.database import Base, db
from lbcert.core.registrations import Line
from lbcert.migrations import triggers, writing
from lbcert.plugins import plugins

_HERE = Path(__file__).parent


CORE = Line("core", _HERE / "versions")


def lines() -> tuple[Line, ...]:
    """Give the core's line and those of the app's plugins, in the order in which they migrate."""
    return (CORE, *plugins().registered["lbcert_migrations"].values())


def belongs(table: str, line: Line) -> bool:
    """Tell whether a table is of this line."""
    if line.prefix:
        return table.startswith(line.prefix)
    return not any(other.prefix and table.startswith(other.prefix) for other in lines())


def upgrade() -> None:
    """Bring the app's database to the newest version of every line, each in one transaction."""
    for line in lines():
        upgrade_line(line)


def upgrade_line(line: Line, version: str = "head") -> None:
    """Bring one line to a version, by default its newest."""
    with _connected() as connection:
        command.upgrade(_config(line, connection), version)


def is_current() -> bool:
    """Tell whether the database has the newest version of every line."""
    with db.engine.connect() as connection:
        for line in lines():
            context = MigrationContext.configure(connection, opts={"version_table": line.version_table})
            script = ScriptDirectory.from_config(_config(line, connection))
            if set(context.get_current_heads()) != set(script.get_heads()):
                return False
    return True


def revise(message: str, line: Line = CORE) -> Path:
    """Write the next version of a line from what models say and the app's (current, SQLite) database lacks."""
    with _connected() as connection:
        config = _config(line, connection)
        is_ours = partial(belongs, line=line)
        tables = [table for table in Base.metadata.sorted_tables if is_ours(table.name)]
        new = triggers.outdated(connection, is_ours)
        config.attributes["steps"] = writing.steps(connection, tables, new, _options(line))
        config.attributes["retired"] = triggers.retired(connection, is_ours)
        number = len(list(line.versions.glob("[0-9]*.py"))) + 1
        script = command.revision(config, message, rev_id=f"{number:04d}")
    return Path(str(getattr(script, "path", line.versions)))


def differences(line: Line = CORE) -> list[Any]:
    """List what the migrated database has other than the models say; empty when they agree."""
    with db.engine.connect() as connection:
        options = _options(line)
        found: list[Any] = list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))
        stale = triggers.outdated(connection, partial(belongs, line=line))
        return found + [("add_trigger", trigger.name) for trigger in stale]


@contextmanager
def _connected() -> Iterator[Connection]:
    """Connect for changing tables: SQLite, which makes a table anew, checks foreign keys once, at the end."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            with connection.begin():
                yield connection
            return
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")  # asked outside a transaction, or SQLite passes over it
        try:
            with connection.begin():
                yield connection
                if broken := connection.execute(text("PRAGMA foreign_key_check")).all():
                    raise RuntimeError(f"Rows refer to what is not there (table, row, parent): {broken[:10]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _options(line: Line) -> dict[str, Any]:
    def include(name: str | None, kind: str, _parents: Any) -> bool:
        if kind != "table":
            return True
        versions = {other.version_table for other in lines()}
        return name is not None and name not in versions and belongs(name, line)

    def include_model(model: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or (include(name, kind, None) and model.name == name)

    return {
        "version_table": line.version_table,
        "target_metadata": Base.metadata,
        "include_name": include,
        "include_object": include_model,
        "compare_type": False,  # the databases name the same types differently
    }


def _config(line: Line, connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("version_locations", str(line.versions))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, line=line, options=_options(line))
    return config
