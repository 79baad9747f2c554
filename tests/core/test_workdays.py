from __future__ import annotations

from datetime import date, timedelta

import pytest

from lbcert.core.workdays import (
    PUBLISHED_YEARS,
    DayCount,
    DueDay,
    add_working_days,
    guess_finding,
    is_working_day,
    working_days_between,
)

UNPUBLISHED = max(PUBLISHED_YEARS) + 1


def whole_year(year: int, days_off: set[date]) -> dict[date, bool]:
    return dict.fromkeys(days_off, False) | {date(year, 1, 1): False}


@pytest.mark.parametrize(
    "day",
    ["2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
)
def test_a_moved_weekend_day_is_worked(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert is_working_day(date.fromisoformat(day))


def test_a_national_holiday_on_a_weekday_is_not_worked() -> None:
    assert not is_working_day(date(2026, 10, 1))


def test_the_luquan_class_ran_for_eleven_working_days() -> None:
    assert working_days_between(date(2025, 7, 24), date(2025, 8, 7)) == DayCount(11)


def test_a_public_notice_of_five_days_over_the_national_holiday_ends_on_a_worked_saturday() -> None:
    assert add_working_days(date(2026, 9, 28), 5) == DueDay(date(2026, 10, 10))


def test_the_start_day_counts_when_asked_and_when_it_is_worked() -> None:
    assert add_working_days(date(2026, 9, 28), 5, count_start_day=True).day == date(2026, 10, 9)
    sunday = date(2025, 7, 27)
    assert add_working_days(sunday, 1, count_start_day=True).day == date(2025, 7, 28)
    assert add_working_days(sunday, 1).day == date(2025, 7, 28)


def test_papers_due_working_days_before_a_start_are_counted_backwards() -> None:
    assert add_working_days(date(2025, 7, 24), -10).day == date(2025, 7, 10)
    assert add_working_days(date(2025, 10, 9), -1).day == date(2025, 9, 30)


def test_no_days_are_reached_at_once_even_on_a_holiday() -> None:
    assert add_working_days(date(2026, 10, 1), 0).day == date(2026, 10, 1)
    assert working_days_between(date(2025, 7, 2), date(2025, 7, 1)).days == 0


def test_adding_and_counting_agree_over_two_years() -> None:
    start = date(2025, 1, 1)
    for days in range(1, 450, 7):
        end = add_working_days(start, days).day
        assert working_days_between(start + timedelta(days=1), end).days == days


def test_an_unpublished_year_is_counted_on_weekdays_and_flagged() -> None:
    first = date(UNPUBLISHED, 10, 1)
    counted = working_days_between(first, first + timedelta(days=6))
    assert counted == DayCount(5, frozenset({UNPUBLISHED}))
    finding = guess_finding(counted)
    assert finding is not None
    assert not finding.stops
    assert str(UNPUBLISHED) in str(finding.message)


def test_a_deadline_that_runs_into_an_unpublished_year_is_flagged() -> None:
    due = add_working_days(date(UNPUBLISHED - 1, 12, 28), 10)
    assert due.guessed_years == {UNPUBLISHED}
    assert guess_finding(add_working_days(date(2026, 9, 28), 5)) is None


def test_entered_days_go_before_the_shipped_calendar() -> None:
    torch_festival = date(2025, 7, 24)
    assert not is_working_day(torch_festival, {torch_festival: False})
    assert is_working_day(date(2025, 7, 26), {date(2025, 7, 26): True})
    assert working_days_between(torch_festival, date(2025, 8, 7), {torch_festival: False}).days == 10


def test_a_year_entered_from_its_first_of_january_is_no_longer_flagged() -> None:
    first = date(UNPUBLISHED, 10, 1)
    week = {first + timedelta(days=n) for n in range(7)}
    assert working_days_between(first, max(week), whole_year(UNPUBLISHED, week)) == DayCount(0)


def test_a_single_local_holiday_does_not_make_an_unpublished_year_known() -> None:
    local_holiday = date(UNPUBLISHED, 7, 14)
    assert add_working_days(local_holiday, 1, overlay={local_holiday: False}).guessed_years == {UNPUBLISHED}
