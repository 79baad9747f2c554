"""The audit log: append-only, chained, and broken visibly."""

import pytest
from sqlalchemy import select

from lbcert.core import audit
from lbcert.core.access import CONSOLE, Console
from lbcert.core.audit import AuditEntry, Break
from lbcert.core.database import db
from lbcert.core.findings import Refused
from lbcert.core.operation import OPERATIONS, operation
from lbcert.testing.factories import organisation


@pytest.fixture
def written(app):
    for _ in range(3):
        organisation()
    return db.session.scalar(select(AuditEntry.position).order_by(AuditEntry.position.desc()))


def tamper(statement):
    """Change the log as somebody with the database's own rights would, triggers set aside."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for happening in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER tr_core_audit_{happening}_{happening}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER ALL")
        connection.exec_driver_sql(statement)
        connection.commit()
    db.session.rollback()


def test_an_untouched_log_verifies(written):
    assert audit.verify() == (written, [])


@pytest.mark.parametrize("change", ["UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries"])
def test_the_database_refuses_to_change_it(written, change):
    with pytest.raises(Refused) as refused:
        _by_hand(change)
    assert "core.audit.update" in refused.value or "core.audit.delete" in refused.value


def _by_hand(statement):
    @operation("testing.by_hand", allow=CONSOLE)
    def by_hand(actor):
        db.session.connection().exec_driver_sql(statement)

    try:
        by_hand(Console())
    finally:
        OPERATIONS.pop("testing.by_hand")


def test_an_altered_row_is_found(written):
    tamper("UPDATE audit_entries SET actor = 'somebody else' WHERE position = 2")
    assert audit.verify() == (written, [Break(2, "altered")])


def test_a_removed_row_is_found(written):
    tamper("DELETE FROM audit_entries WHERE position = 2")
    assert audit.verify()[1] == [Break(2, "missing")]


def test_the_chain_goes_on_after_a_restart(written, app):
    db.session.remove()
    db.engine.dispose()
    organisation()
    assert audit.verify()[1] == []
