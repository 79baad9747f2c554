"""The databases that tests run on: real, fresh and gone afterwards."""

import os
import select
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from lbcert.testing import postgres
from lbcert.testing.databases import PostgreSQLDatabases, SQLiteDatabases, put, set_aside


def run(url, statement):
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = result.all() if result.returns_rows else []
    engine.dispose()
    return rows


def one_table(url):
    run(url, "CREATE TABLE brand (name TEXT)")


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request, tmp_path):
    if request.param == "sqlite":
        made = SQLiteDatabases(tmp_path, one_table)
    else:
        made = PostgreSQLDatabases(request.getfixturevalue("postgresql_folder"), one_table)
    with closing(made):
        yield made


def test_a_copy_has_the_schema_and_nothing_of_another_copy(databases):
    with databases.fresh() as first, databases.fresh() as second:
        run(first, "INSERT INTO brand VALUES ('宁蒗康养师')")
        assert run(first, "SELECT name FROM brand") == [("宁蒗康养师",)]
        assert run(second, "SELECT name FROM brand") == []


def test_a_copy_is_gone_afterwards(databases, tmp_path):
    with databases.fresh() as url:
        run(url, "PRAGMA journal_mode=WAL" if "sqlite" in url else "SELECT 1")
    if "sqlite" in url:
        assert [path.name for path in tmp_path.iterdir()] == ["template.sqlite"]
    else:
        with pytest.raises(Exception, match="does not exist"):
            run(url, "SELECT 1")


@pytest.mark.parametrize("is_written_to", [False, True])
def test_a_copy_that_a_scene_takes_the_place_of_serves_another_test_unless_it_was_written_to(
    postgresql_folder, is_written_to
):
    with closing(PostgreSQLDatabases(postgresql_folder, one_table)) as databases:
        with databases.fresh() as scene, databases.fresh() as first:
            before = number_of(first)
            if is_written_to:
                run(first, "INSERT INTO brand VALUES ('宁蒗康养师')")
            set_aside(first)
            put(scene, first)
        with databases.fresh() as second:
            assert (number_of(second) == before) is not is_written_to
            assert run(second, "SELECT name FROM brand") == []


def number_of(url):
    return run(url, "SELECT oid FROM pg_database WHERE datname = current_database()")


def test_a_template_that_is_still_written_to_is_refused(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'template.sqlite'}")

    def leave_open(_url):
        connection = engine.connect()
        connection.execute(text("PRAGMA journal_mode=WAL"))
        connection.execute(text("CREATE TABLE brand (name TEXT)"))

    with pytest.raises(RuntimeError, match="still open"):
        SQLiteDatabases(tmp_path, leave_open)
    engine.dispose()


def test_the_server_is_no_root_and_takes_no_port(postgresql_folder):
    with postgres.connect(postgresql_folder) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert (postgresql_folder / "data").stat().st_uid != 0


def test_the_server_ends_with_the_process_that_started_it():
    program = "import os, lbcert.testing.postgres as p; print(p.Server().folder, flush=True); os.kill(os.getpid(), 9)"
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    folder = Path(killed.stdout.strip())
    try:
        server = os.pidfd_open(int((folder / "data/postmaster.pid").read_text().split()[0]))
        ended, _, _ = select.select([server], [], [], 10)
        os.close(server)
    except (FileNotFoundError, ProcessLookupError):
        ended = True
    shutil.rmtree(folder)
    assert ended
