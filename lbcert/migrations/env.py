"""What alembic runs: it is handed the connection, the line of versions and what belongs to it."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from sqlalchemy.types import DateTime, LargeBinary, TypeDecorator

from lbcert.migrations import missing_triggers

attributes = context.config.attributes


def render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain ones that they store, so that a version never changes its meaning."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    if isinstance(item.impl, DateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item.impl, LargeBinary):
        return "sa.LargeBinary()"
    autogen.imports.add("import sqlalchemy as sa")
    return repr(item.impl)


def add_triggers(_context: Any, _revision: Any, _scripts: list[MigrationScript]) -> None:
    """Hand the version's template the new triggers, each database's statements as text."""
    new = missing_triggers(attributes["connection"], attributes["line"])
    context.config.attributes["triggers"] = {
        dialect: [statement for trigger in new for statement in trigger.statements(dialect)]
        for dialect in ("sqlite", "postgresql")
    }


context.configure(
    connection=attributes["connection"],
    render_item=render,
    process_revision_directives=add_triggers,
    transaction_per_migration=False,
    **attributes["options"],
)
with context.begin_transaction():
    context.run_migrations()
