"""A fresh database for each test, in milliseconds: the schema is made once, then copied."""

from __future__ import annotations

import itertools
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from psycopg.sql import SQL, Identifier
from sqlalchemy import URL, make_url

from lbcert.testing import postgres

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

    def __init__(self, folder: Path, build: Build) -> None:
        self._folder = folder
        self._template = f"test_{secrets.token_hex(4)}"
        self._numbers = itertools.count(1)
        self._server = postgres.connect(folder)
        self._do("CREATE DATABASE {}", self._template)
        build(postgres.url(folder, self._template))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Have the server copy the template's files."""
        name = f"{self._template}_{next(self._numbers)}"
        self._do("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, self._template)
        try:
            yield postgres.url(self._folder, name)
        finally:
            self._do("DROP DATABASE {}", name)

    def close(self) -> None:
        """Remove the template and leave the server."""
        self._do("DROP DATABASE {}", self._template)
        self._server.close()

    def _do(self, statement: str, *names: str) -> None:
        self._server.execute(SQL(statement).format(*map(Identifier, names)))


def put(source: str, target: str) -> None:
    """Put a copy of the database at one address in the place of what is at another; nobody is connected to either."""
    remove(target)
    one, other = make_url(source), make_url(target)
    if one.get_backend_name() == "sqlite":
        shutil.copyfile(str(one.database), str(other.database))
    else:
        _tell_server(one, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", other.database, one.database)


def remove(database: str) -> None:
    """Remove what is at an address, if anything is; nobody is connected to it."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        for path in Path(str(url.database)).parent.glob(f"{Path(str(url.database)).name}*"):  # with its write-ahead log
            path.unlink()
    else:
        _tell_server(url, "DROP DATABASE IF EXISTS {}", url.database)


def _tell_server(url: URL, statement: str, *names: str | None) -> None:
    with postgres.connect(Path(str(url.query["host"]))) as server:
        server.execute(SQL(statement).format(*(Identifier(str(name)) for name in names)))
