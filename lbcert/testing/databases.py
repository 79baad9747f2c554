"""A fresh database for each test, in milliseconds: the schema is made once, then copied."""

from __future__ import annotations

import itertools
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Protocol

from psycopg.sql import SQL, Identifier
from sqlalchemy import URL, make_url

from lbcert.testing import postgres

#: seconds that a closed connection may take to end, on a busy machine
PATIENCE = 5
#: Fills the empty database at the address it is given, and leaves no connection open.
Build = Callable[[str], None]


class Databases(Protocol):
    """One kind of database, with a schema of which copies can be had."""

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the address of a copy that nobody has used; it is gone afterwards."""

    def close(self) -> None:
        """Remove what the copies were made from."""


class SQLiteDatabases:
    """SQLite files in ``folder``."""

    def __init__(self, folder: Path, build: Build) -> None:
        self._template = folder / "template.sqlite"
        self._numbers = itertools.count(1)
        build(self._url(self._template))
        left = [path.name for path in folder.iterdir() if path != self._template]
        if left:
            raise RuntimeError(f"A connection to the template is still open: {left}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Copy the file."""
        copy = self._template.with_name(f"{next(self._numbers)}.sqlite")
        shutil.copyfile(self._template, copy)
        try:
            yield self._url(copy)
        finally:
            for path in copy.parent.glob(f"{copy.name}*"):  # with its write-ahead log
                path.unlink()

    def close(self) -> None:
        """Remove the template."""
        self._template.unlink()

    @staticmethod
    def _url(path: Path) -> str:
        return f"sqlite:///{path}"


class PostgreSQLDatabases:
    """Databases on the server in ``folder``, which parallel test processes share."""

    #: Those of this process that are not closed.
    _open: ClassVar[list[PostgreSQLDatabases]] = []

    def __init__(self, folder: Path, build: Build) -> None:
        self._folder = folder
        self._template = f"test_{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)
        #: Copies that nobody wrote to.
        self._unused: list[str] = []
        self._server = postgres.connect(folder)
        self._open.append(self)
        self.do("CREATE DATABASE {}", self._template)
        build(postgres.url(folder, self._template))

    @classmethod
    def of(cls, url: URL) -> PostgreSQLDatabases:
        """Give those whose copy, or a copy of whose copy, is at an address."""
        return next(one for one in cls._open if one._template in str(url.database))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Take a copy that is unused, or have the server copy the template's files."""
        name = f"{self._template}_{next(self._numbers)}"
        if self._unused:
            self.do("ALTER DATABASE {} RENAME TO {}", self._unused.pop(), name)
        else:
            self.do("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, self._template)
        try:
            yield postgres.url(self._folder, name)
        finally:
            self.do("DROP DATABASE {}", name)

    def set_aside(self, name: str) -> None:
        """Keep a copy for the next test, unless anything was written to it: to drop and make one takes 40 ms."""
        self._wait_for_the_last_to_leave(name)
        written = "SELECT tup_inserted + tup_updated + tup_deleted FROM pg_stat_database WHERE datname = %s"
        if self._server.execute(written, [name]).fetchone() == (0,):
            self._unused.append(f"{name}_unused")
            self.do("ALTER DATABASE {} RENAME TO {}", name, self._unused[-1])

    def close(self) -> None:
        """Remove the template and leave the server."""
        for name in (*self._unused, self._template):
            self.do("DROP DATABASE {}", name)
        self._open.remove(self)
        self._server.close()

    def do(self, statement: str, *names: str | None) -> None:
        """Tell the server to do something with databases to which nobody is connected."""
        for name in names:
            self._wait_for_the_last_to_leave(str(name))
        self._server.execute(SQL(statement).format(*(Identifier(str(name)) for name in names)))

    def _wait_for_the_last_to_leave(self, name: str) -> None:
        """Wait the some milliseconds after which a closed connection has ended: PostgreSQL itself looks again after 100."""
        deadline = time.monotonic() + PATIENCE
        connected = "SELECT 1 FROM pg_stat_activity WHERE datname = %s"
        while self._server.execute(connected, [name]).fetchone() and time.monotonic() < deadline:
            time.sleep(0.001)


def put(source: str, target: str) -> None:
    """Put a copy of the database at one address in the place of what is at another; nobody is connected to either."""
    remove(target)
    one, other = make_url(source), make_url(target)
    if one.get_backend_name() == "sqlite":
        shutil.copyfile(str(one.database), str(other.database))
    else:
        copy = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
        PostgreSQLDatabases.of(one).do(copy, other.database, one.database)


def remove(database: str) -> None:
    """Remove what is at an address, if anything is; nobody is connected to it."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        for path in Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"):  # with its write-ahead log
            path.unlink()
    else:
        PostgreSQLDatabases.of(url).do("DROP DATABASE IF EXISTS {}", url.database)


def set_aside(database: str) -> None:
    """Take a database that is still empty out of the way, for another test to use; nobody is connected to it."""
    url = make_url(database)
    if url.get_backend_name() == "postgresql":
        PostgreSQLDatabases.of(url).set_aside(str(url.database))
