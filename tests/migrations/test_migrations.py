"""The shipped versions make just what the models say, on both databases, the core's line and each plugin's."""

from sqlalchemy import inspect

from lbcert import migrations
from lbcert.core.database import Base, db


def test_a_migrated_database_is_current_and_differs_in_nothing_from_the_models(app):
    assert migrations.is_current()
    assert {line.name: migrations.differences(line) for line in migrations.lines()} == {
        line.name: [] for line in migrations.lines()
    }


def test_every_table_is_there_and_each_line_keeps_its_own_version(app):
    there = set(inspect(db.engine).get_table_names())
    assert set(Base.metadata.tables) <= there
    assert {line.version_table for line in migrations.lines()} <= there


def test_a_trigger_that_is_gone_is_found(app):
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER tr_core_audit_update_update")
        else:
            connection.exec_driver_sql("DROP TRIGGER tr_core_audit_update ON audit_entries")
    assert migrations.differences() == [("add_trigger", "tr_core_audit_update")]


def test_upgrading_twice_changes_nothing(app):
    migrations.upgrade()
    assert migrations.is_current()
