"""What every app compiles for itself, compiled once a process and not once a test: addresses, templates and SQL."""

from __future__ import annotations

from typing import Any, ClassVar

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule


class KnownRule(Rule):
    """An address that is taken apart and compiled once, for every app that has the same.

    Some 400 of them took four fifths of the time in which a test's app is made.
    """

    _known: ClassVar[dict[tuple[Any, ...], KnownRule]] = {}

    def compile(self) -> None:
        """Compile the address, or take over what the first one of its kind holds."""
        assert self.map is not None
        kind = (self.rule, self.subdomain, self.host, self.merge_slashes, self.map.host_matching)
        defaults = sorted((self.defaults or {}).items())
        first = self._known.setdefault((*kind, *defaults, *self.map.converters.values()), self)
        if first is self:
            super().compile()
            return
        self._parts, self._trace, self._converters = first._parts, first._trace, first._converters
        self.arguments = first.arguments
        self._build = first._build.__func__.__get__(self)  # type: ignore[attr-defined]  # Werkzeug binds it, too
        self._build_unknown = first._build_unknown.__func__.__get__(self)  # type: ignore[attr-defined]


class KnownTemplates(BytecodeCache):
    """Templates compiled by one app, for the next one."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket, unless the template changed."""
        if known := self._known.get(bucket.key):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._known[bucket.key] = bucket.bytecode_to_string()


class KnownStatements:
    """SQL compiled by one engine, for the next one on the same kind of database.

    The keys of SQLAlchemy's cache hold the dialect, so both change hands; the first engine has been connected, which completes
    its dialect. Compiling took a third of the processor's time in the tests of rooms.
    """

    def __init__(self) -> None:
        self._known: dict[str, Engine] = {}

    def remember(self, engine: Engine) -> None:
        """Keep what a connected engine knows."""
        self._known[engine.dialect.name] = engine

    def recall(self, engine: Engine) -> None:
        """Let a new engine begin with it."""
        if known := self._known.get(engine.dialect.name):
            engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
