"""Scenes that take many operations: played once in a process, and copied for every later test that begins with them."""

from __future__ import annotations

import io
import itertools
import pickle
import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

from flask import Flask, current_app
from sqlalchemy import event, inspect, make_url
from sqlalchemy.orm import DeclarativeBase

from lbcert.core import clock
from lbcert.core.database import db
from lbcert.testing.databases import put, remove, set_aside

Arguments = ParamSpec("Arguments")
Scene = TypeVar("Scene")


class _Kept(NamedTuple):
    database: str
    home: Path
    scene: bytes


#: The last used is the last.
_kept: dict[tuple[object, ...], _Kept] = {}
#: as many are kept at once; on PostgreSQL each takes some 10 MB
MOST = 24
_numbers = itertools.count(1)


class Stage:
    """An app's database and home, and whether anything was played on them yet."""

    def __init__(self, app: Flask) -> None:
        self.untouched = True
        self._database: str = app.config["LBCERT"].database_url
        self._home: Path = app.config["LBCERT"].home
        app.extensions["stage"] = self
        event.listen(db.engine, "before_cursor_execute", self._watch)

    def keep(self, scene: object) -> _Kept:
        """Copy the rows and files that a scene left behind."""
        database, name = make_url(self._database), f"kept-{next(_numbers)}"
        place = Path(database.database or "").with_name(f"{name}-{Path(database.database or '').name}")
        copy = database.set(database=str(place)).render_as_string()
        kept = _Kept(copy, self._home.with_name(f"{name}-home"), written(scene))
        self._let_go()
        put(self._database, copy)
        shutil.copytree(self._home, kept.home)
        return kept

    def restore(self, kept: _Kept) -> None:
        """Put a scene's rows and files in the place of the empty ones."""
        self.untouched = False
        self._let_go()
        set_aside(self._database)
        put(kept.database, self._database)
        shutil.copytree(kept.home, self._home, dirs_exist_ok=True)

    def _watch(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA")):
            self.untouched = False

    def _let_go(self) -> None:
        db.session.remove()
        db.engine.dispose()


def played_once(play: Callable[Arguments, Scene]) -> Callable[Arguments, Scene]:
    """Play a scene on an empty database once for each of its arguments; later, copy its rows and files.

    On a database that is in use it is played as it stands. What the scene gives back is pickled, its rows as their keys.
    """

    @wraps(play)
    def begin(*arguments: Arguments.args, **values: Arguments.kwargs) -> Scene:
        stage: Stage | None = current_app.extensions.get("stage")
        if stage is None or not stage.untouched:
            return play(*arguments, **values)
        key = (db.engine.name, play.__module__, play.__qualname__, clock.held(), written((arguments, values)))
        if key in _kept:
            stage.restore(kept := _kept.pop(key))
        else:
            kept = stage.keep(play(*arguments, **values))
        _kept[key] = kept
        if len(_kept) > MOST:
            _forget(next(iter(_kept)))
        return read(kept.scene)  # type: ignore[no-any-return]  # as it was written

    return begin


def _forget(key: tuple[object, ...]) -> None:
    kept = _kept.pop(key)
    remove(kept.database)
    shutil.rmtree(kept.home)


class _Writer(pickle.Pickler):
    def persistent_id(self, value: Any) -> Any:
        if isinstance(value, DeclarativeBase):
            return type(value), inspect(value).identity
        return "app" if isinstance(value, Flask) else None


class _Reader(pickle.Unpickler):
    def persistent_load(self, kept: Any) -> Any:
        if kept == "app":
            return current_app._get_current_object()  # type: ignore[attr-defined]  # as Werkzeug's documentation has it
        return db.session.get_one(*kept)


def written(scene: object) -> bytes:
    """Pickle a scene, its rows as their keys."""
    file = io.BytesIO()
    _Writer(file).dump(scene)
    return file.getvalue()


def read(scene: bytes) -> Any:
    """Give a scene that was pickled, with the rows that stand under the same keys now."""
    found = _Reader(io.BytesIO(scene)).load()
    db.session.rollback()  # as after an operation, no transaction is left open
    return found
