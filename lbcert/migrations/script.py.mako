"""${message}."""

import sqlalchemy as sa
from alembic import op

from lbcert.migrations.triggers import lifted

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None

# Triggers that this version takes away or gives another text.
RETIRED: list[str] = [
% for name in config.attributes["retired"]:
    ${repr(name)},
% endfor
]
# What each database is asked to do, frozen as it was when this version was written.
STEPS = {
% for dialect, statements in config.attributes["steps"].items():
    ${repr(dialect)}: [
% for statement in statements:
        ${repr(statement)},
% endfor
    ],
% endfor
}


def upgrade() -> None:
    connection = op.get_bind()
    with lifted(connection, RETIRED):
        for statement in STEPS[connection.dialect.name]:
            op.execute(sa.text(statement.replace(":", "\\:")))
