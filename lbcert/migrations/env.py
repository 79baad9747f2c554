"""What alembic runs: it is handed the connection, the line of versions and what belongs to it."""

from __future__ import annotations

from alembic import context

attributes = context.config.attributes

context.configure(connection=attributes["connection"], transaction_per_migration=False, **attributes["options"])
with context.begin_transaction():
    context.run_migrations()
