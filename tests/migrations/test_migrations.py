"""The shipped versions make just what the models say, on both databases, the core's line and each plugin's."""

import pytest
from sqlalchemy import create_engine, inspect

from lbcert import migrations
from lbcert.core.database import Base, db
from lbcert.testing.databases import PostgreSQLDatabases, SQLiteDatabases
from lbcert.testing.fixtures import running
from tests.migrations.catalogues import catalogue


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


@pytest.fixture
def from_models(database, request, tmp_path, tmp_path_factory):
    """Give the address of a database that the models made, of the same kind as ``database``."""

    def build(url):
        with running(url, tmp_path / "home"):
            Base.metadata.create_all(db.engine)

    if database.startswith("sqlite"):
        kinds = SQLiteDatabases(tmp_path_factory.mktemp("models"), build)
    else:
        kinds = PostgreSQLDatabases(request.getfixturevalue("postgresql_folder"), build)
    with kinds.fresh() as url:
        yield url
    kinds.close()


def test_version_by_version_a_database_becomes_what_the_models_would_make_at_once(database, from_models, app):
    found = []
    for url in (database, from_models):
        engine = create_engine(url)
        with engine.connect() as connection:
            found.append(catalogue(connection, without={line.version_table for line in migrations.lines()}))
        engine.dispose()
    assert found[0] == found[1]
