"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None

# What each database is asked to hold by itself, frozen as it was when this version was written.
TRIGGERS = {
% for dialect, statements in config.attributes["triggers"].items():
    ${repr(dialect)}: [
% for statement in statements:
        ${repr(statement)},
% endfor
    ],
% endfor
}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))
