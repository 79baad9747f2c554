"""The one clock: every "now" and "today" of the program is asked here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone

#: Beijing time. A fixed offset and no zone file: China has had one since 1992, and a bare machine may carry no tzdata.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_set_to: ContextVar[datetime | None] = ContextVar("clock_set_to", default=None)


def now() -> datetime:
    """Tell the moment, aware and in UTC, as the database stores it."""
    return held() or datetime.now(UTC)


def today() -> date:
    """Tell the date on the wall in China, which is what clocks and periods of the authorities count."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """Turn an aware ``moment`` into Beijing time, for showing; a naive one is a mistake and raises ValueError."""
    return _aware(moment).astimezone(SHANGHAI)


def held() -> datetime | None:
    """Tell at which moment the clock is held in this context, if it is."""
    return _set_to.get()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Hold the clock at an aware ``moment``, for tests and the demo builder and nobody else.

    It holds for the current context alone: another thread keeps the real time. Blocks may be nested.
    """
    token = _set_to.set(_aware(moment).astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment
