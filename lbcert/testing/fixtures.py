"""Pytest fixtures for rooms and plugins: a fresh database of each kind, and the app on it."""

from __future__ import annotations

import gc
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from functools import cache, cached_property, partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from lbcert import migrations, plugins
from lbcert.app import create_app
from lbcert.config import Settings
from lbcert.core.database import db
from lbcert.core.reference import Region, shipped_regions
from lbcert.parties.models import Account
from lbcert.testing.databases import Databases, PostgreSQLDatabases, SQLiteDatabases
from lbcert.testing.known import KnownRule, KnownStatements, KnownTemplates
from lbcert.testing.postgres import Server, place
from lbcert.testing.scenes import Stage


class Run:
    """What one test run has once, however many processes share its tests."""

    @cached_property
    def server(self) -> Server:
        """The PostgreSQL server, started when a test first wants it."""
        return Server()

    def stop(self) -> None:
        """End the server, if any test wanted it."""
        if "server" in vars(self):
            self.server.stop()


TEMPLATES = KnownTemplates()
STATEMENTS = KnownStatements()

#: One pair for all tests of a process, so that one can read what another has sealed.
SECRETS = {"secret.key": secrets.token_hex(32), "data.key": secrets.token_hex(32)}

RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run in its first process, and make apps quickly in each."""
    Flask.url_rule_class = KnownRule
    vars(plugins)["entry_points"] = cache(entry_points)  # nothing is installed meanwhile
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = Run()


def pytest_collection_finish() -> None:
    """Spare the garbage collector what is loaded, all of which stays: walking over it took a sixth of the run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a parallel process where the server is."""
    node.workerinput["postgresql"] = str(node.config.stash[RUN].server.folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, also when it was interrupted."""
    if run := config.stash.get(RUN, None):
        run.stop()


@pytest.fixture(scope="session")
def postgresql_folder(pytestconfig: pytest.Config) -> Path:
    """Give the socket folder of the run's PostgreSQL server."""
    if run := pytestconfig.stash.get(RUN, None):
        return run.server.folder
    return Path(pytestconfig.workerinput["postgresql"])  # type: ignore[attr-defined]  # set by xdist


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    """Give copies of a migrated SQLite file."""
    with tempfile.TemporaryDirectory(prefix="lbcert-sqlite-", dir=place(4 << 30)) as folder:
        databases = SQLiteDatabases(Path(folder), migrate)
        yield databases
        databases.close()


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_folder: Path) -> Iterator[Databases]:
    """Give copies of a migrated PostgreSQL database."""
    databases = PostgreSQLDatabases(postgresql_folder, migrate)
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a fresh, migrated, empty database; a test that asks for it runs once on each kind.

    Override it with ``sqlite_database`` where one kind is enough, as browser tests do.
    """
    databases: Databases = request.getfixturevalue(f"{request.param}_databases")
    with databases.fresh() as url:
        yield url


@pytest.fixture
def sqlite_database(sqlite_databases: Databases) -> Iterator[str]:
    """Give the address of a fresh, migrated, empty SQLite file."""
    with sqlite_databases.fresh() as url:
        yield url


@pytest.fixture
def app(database: str, tmp_path: Path) -> Iterator[Flask]:
    """Give the whole application on a fresh database, in a home of its own, with its context pushed.

    Forms need no CSRF token here; the browser tests send theirs.
    """
    with running(database, home_at(tmp_path / "home")) as app:
        Stage(app)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        app.test_client_class = Visitor
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser in which nobody has signed in."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[Account], FlaskClient]:
    """Give a browser in which an account has signed in: ``signed_in(account).get("/cohorts/")``."""
    return partial(browser_of, app)


def browser_of(app: Flask, account: Account) -> FlaskClient:
    """Make a browser with the session that signing in leaves, without the password and the code."""
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(_user_id=account.fs_uniquifier, _fresh=True, fs_cc="set", fs_paa=time.time())
    return client


class Visitor(FlaskClient):
    """A browser whose requests find nothing of the test's own context, neither its database session nor its ``g``."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request, after which the test sees what it wrote."""
        apart = copy_context()
        apart.run(_cv_app.set, None)  # type: ignore[arg-type]  # as before any app was pushed
        try:
            return apart.run(super().open, *args, **kwargs)
        finally:
            db.session.rollback()


def home_at(folder: Path) -> Path:
    """Make a home with the secrets of all tests, which whatever else runs on it finds there too; one that has its own keeps them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, secret in SECRETS.items():
        if not (folder / name).exists():
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(secret)
    return folder


@contextmanager
def running(database: str, home: Path, **environment: str) -> Iterator[Flask]:
    """Give the app on the database at that address, with more settings, and close its connections afterwards."""
    settings = {"LBCERT_HOME": str(home), "LBCERT_DATABASE_URL": database, **environment}
    app = create_app(Settings.from_environment(settings))
    app.jinja_env.bytecode_cache = TEMPLATES
    # argon2 all the same: the quarter of a second of its defaults is what a thief is to spend
    app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=2048)
    with app.app_context():
        STATEMENTS.recall(db.engine)
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def migrate(database: str) -> None:
    """Make all tables in the empty database at that address, and name the regions, which all need and none writes."""
    with tempfile.TemporaryDirectory() as home, running(database, Path(home)):
        migrations.upgrade()
        with db.engine.begin() as connection:
            named = [{"code": row["code"], "name": row["name"]} for row in shipped_regions()]
            connection.execute(insert(Region), named)
        STATEMENTS.remember(db.engine)
