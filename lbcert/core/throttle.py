"""Throttling whose counts hold across processes and machines: in Redis where it is set, else in the database."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage
from sqlalchemy import BigInteger, Index, String, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.database import Base, db

#: Run-out counts are removed once in so many counted requests.
_SWEEP_EVERY = 500

limiter = Limiter(get_remote_address, strategy="fixed-window", headers_enabled=True)


class ThrottleCount(Base):
    """How often something was tried in the window that ends at ``expires``, in seconds since 1970."""

    __tablename__ = "throttle_counts"
    __table_args__ = (Index("ix_throttle_counts_expires", "expires"),)
    #: A hash: names and addresses of those who try are nobody's business later.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    tries: Mapped[int]
    expires: Mapped[int] = mapped_column(BigInteger)


class DatabaseStorage(Storage):
    """Keeps the counts of ``limits`` in the app's database, each in a short transaction of its own.

    A count is one statement (insert, or add to what is there), so no two processes can read the same one. Throttling
    counts requests, not the trade: it is no operation and leaves no audit row.
    """

    STORAGE_SCHEME = ["lbcert-database"]  # noqa: RUF012 (the library's name for it)

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors that mean a broken store."""
        return DBAPIError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` tries more in a window of ``expiry`` seconds, and give how many it has now."""
        now = int(time.time())
        fresh = {"key": _hidden(key), "tries": amount, "expires": now + expiry}
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        is_over = ThrottleCount.expires <= now
        count = (
            insert(ThrottleCount)
            .values(fresh)
            .on_conflict_do_update(
                index_elements=["key"],
                set_={
                    "tries": case((is_over, amount), else_=ThrottleCount.tries + amount),
                    "expires": case((is_over, now + expiry), else_=ThrottleCount.expires),
                },
            )
            .returning(ThrottleCount.tries)
        )
        with db.engine.begin() as connection:
            tries: int = connection.execute(count).scalar_one()
            if secrets.randbelow(_SWEEP_EVERY) == 0:
                connection.execute(delete(ThrottleCount).where(ThrottleCount.expires <= now))
        return tries

    def get(self, key: str) -> int:
        """Give how often it was tried in the window that runs."""
        row = self._row(key)
        return row.tries if row else 0

    def get_expiry(self, key: str) -> float:
        """Give when its window ends; now, where none runs."""
        row = self._row(key)
        return row.expires if row else time.time()

    def check(self) -> bool:
        """Tell whether the store answers."""
        self._row("")
        return True

    def reset(self) -> int:
        """Forget every count."""
        with db.engine.begin() as connection:
            return connection.execute(delete(ThrottleCount)).rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        with db.engine.begin() as connection:
            connection.execute(delete(ThrottleCount).where(ThrottleCount.key == _hidden(key)))

    @staticmethod
    def _row(key: str) -> Any:
        running = select(ThrottleCount.tries, ThrottleCount.expires).where(
            ThrottleCount.key == _hidden(key), ThrottleCount.expires > int(time.time())
        )
        with db.engine.connect() as connection:
            return connection.execute(running).first()


def init_app(app: Flask) -> None:
    """Give the app its limiter."""
    redis_url = app.config["LBCERT"].redis_url
    app.config.setdefault("RATELIMIT_STORAGE_URI", redis_url or "lbcert-database://")
    # while Redis does not answer each process counts for itself: nobody is shut out, and nobody may try without end
    app.config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", bool(redis_url))
    limiter.init_app(app)


def by_field(name: str, tidy: Callable[[str], str]) -> str:
    """Give the key by which tries at one value of a form's field are counted, whoever sends them and however it is written."""
    return f"{name}:{_hidden(tidy(request.form.get(name, '')[:200]))}"


def _hidden(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
