"""The shipped versions make just what the models say, on both databases, the core's line and each plugin's."""

from contextlib import contextmanager

import pytest
from sqlalchemy import column, create_engine, insert, inspect, table, text

from lbcert import migrations
from lbcert.core.database import Base, db
from lbcert.testing.databases import PostgreSQLDatabases, SQLiteDatabases
from lbcert.testing.fixtures import running
from tests.exams.scene import marking
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
def made(database, request, tmp_path, tmp_path_factory):
    """Make a database of the same kind as ``database``: called with what fills it, it gives a context with the address."""

    @contextmanager
    def make(fill):
        def build(url):
            with running(url, tmp_path / "home"):
                fill()

        if database.startswith("sqlite"):
            kinds = SQLiteDatabases(tmp_path_factory.mktemp("made"), build)
        else:
            kinds = PostgreSQLDatabases(request.getfixturevalue("postgresql_folder"), build)
        with kinds.fresh() as url:
            yield url
        kinds.close()

    return make


def test_version_by_version_a_database_becomes_what_the_models_would_make_at_once(database, made, app):
    found = []
    with made(lambda: Base.metadata.create_all(db.engine)) as from_models:
        for url in (database, from_models):
            with connected(url) as connection:
                found.append(catalogue(connection, without={line.version_table for line in migrations.lines()}))
    assert found[0] == found[1]


def test_rows_of_the_first_version_are_there_after_all_later_ones(made, app, tmp_path):
    marking()
    rows = {
        table.name: [dict(row) for row in db.session.execute(table.select()).mappings()]
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    with made(lambda: migrations.upgrade_line(migrations.CORE, "0001")) as url:
        with connected(url) as connection:
            kept = fill(connection, rows)
        with running(url, tmp_path / "later"):
            migrations.upgrade()
        with connected(url) as connection:
            for name, columns in kept.items():
                table = Base.metadata.tables[name]
                found = connection.execute(table.select().with_only_columns(*(table.c[column] for column in columns)))
                assert sorted(str(tuple(row)) for row in found) == sorted(
                    str(tuple(row[column] for column in columns)) for row in rows[name]
                )
    assert {"marks", "candidates", "batches", "batch_staff"} <= kept.keys()


@contextmanager
def connected(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def fill(connection, rows):
    """Put rows into a database of an earlier version past its triggers, as far as it has their columns; tell which it took."""
    known, kept = inspect(connection), {}
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
    else:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for name, found in rows.items():
        if found and known.has_table(name):
            columns = Base.metadata.tables[name].c
            kept[name] = [each["name"] for each in known.get_columns(name) if each["name"] in columns]
            then = table(name, *(column(each, columns[each].type) for each in kept[name]))
            connection.execute(insert(then).values([{each: row[each] for each in kept[name]} for row in found]))
    return kept
