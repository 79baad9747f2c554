from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from lbcert.core import clock


def test_now_is_aware_utc_and_runs_with_the_machine() -> None:
    before = datetime.now(UTC)
    moment = clock.now()
    assert moment.tzinfo is UTC
    assert before <= moment <= datetime.now(UTC)


def test_today_is_the_date_in_china_after_four_in_the_afternoon_utc() -> None:
    with clock.at(datetime(2025, 7, 24, 15, 59, tzinfo=UTC)):
        assert clock.today() == date(2025, 7, 24)
    with clock.at(datetime(2025, 7, 24, 16, 0, tzinfo=UTC)):
        assert clock.today() == date(2025, 7, 25)


def test_a_held_clock_gives_utc_whatever_zone_it_was_set_in() -> None:
    with clock.at(datetime(2025, 7, 24, 8, 0, tzinfo=clock.SHANGHAI)):
        assert clock.now() == datetime(2025, 7, 24, 0, 0, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


def test_blocks_nest_and_the_real_time_comes_back_even_after_an_error() -> None:
    outer, inner = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)
    with clock.at(outer):
        with clock.at(inner):
            assert clock.now() == inner
        assert clock.now() == outer
    with pytest.raises(ZeroDivisionError), clock.at(outer):
        1 / 0  # noqa: B018
    assert clock.now() - datetime.now(UTC) < timedelta(seconds=5)


def test_another_thread_keeps_the_real_time() -> None:
    seen: list[datetime] = []
    with clock.at(datetime(2000, 1, 1, tzinfo=UTC)):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0].year > 2000


def test_local_shows_beijing_time() -> None:
    assert clock.local(datetime(2025, 7, 24, 16, 30, tzinfo=UTC)).strftime("%Y-%m-%d %H:%M") == "2025-07-25 00:30"


def test_a_time_without_zone_is_refused() -> None:
    naive = datetime(2025, 7, 24)  # noqa: DTZ001
    with pytest.raises(ValueError, match="no time zone"):
        clock.local(naive)
    with pytest.raises(ValueError, match="no time zone"), clock.at(naive):
        pass
