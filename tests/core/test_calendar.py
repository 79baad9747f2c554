"""Holidays and worked weekends as a bureau enters them: read line by line, by area, the newest first."""

from __future__ import annotations

from datetime import date

import pytest

from lbcert.core.access import Role
from lbcert.core.calendar import CalendarDay, due, enter_days, overlay_of, read_days
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.policy import Follows, Key, Ruling
from lbcert.core.words import say
from lbcert.testing import factories as make

NOTICE = "国务院办公厅关于部分节假日安排的通知（演示）"
FIVE = Ruling(Key("tests.days", say("天数"), Follows.HOME, int), 5, "本局设定")
NEW_YEAR = """2027-01-01~2027-01-03 休 元旦
2027年2月5日至2027年2月11日 休 春节

2027/2/20 work 春节调休"""


@pytest.fixture
def officer(app):
    return make.account(Role.BUREAU_OFFICER, "530000")


def test_lines_are_read_as_notices_are_written():
    entries, findings = read_days(NEW_YEAR)
    assert findings == []
    assert [entry.works for entry in entries] == [False] * 10 + [True]
    assert (entries[3].day, entries[3].note, entries[-1].day) == (date(2027, 2, 5), "春节", date(2027, 2, 20))


@pytest.mark.parametrize(
    ("line", "why"),
    [("2027-02-30 休", "没有这一天"), ("2027-02-11~2027-02-05 休", "颠倒"), ("2027-01-01~2027-12-31 休", "31"), ("元旦放假三天", "应写成")],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_kept(officer, line, why):
    with pytest.raises(Refused) as refused:
        enter_days(officer, "530128", f"2027-01-01 休\n{line}", NOTICE)
    (finding,) = refused.value.findings
    assert str(finding.message).startswith("第 2 行")
    assert why in str(finding.message)
    assert overlay_of("530128") == {}


def test_the_nearest_area_counts_then_the_newest_line_and_a_year_is_known_once_its_first_day_is(officer):
    assert due(date(2026, 12, 31), FIVE, "530128") == date(2027, 1, 7)
    enter_days(officer, "530000", NEW_YEAR, NOTICE)
    assert due(date(2026, 12, 31), FIVE, "530128") == date(2027, 1, 8)
    enter_days(officer, "530128", "2027-01-01 班 本地上班", "本局设定")
    assert due(date(2026, 12, 31), FIVE, "530128") == date(2027, 1, 7)
    assert due(date(2026, 12, 31), FIVE, "530724") == date(2027, 1, 8)
    enter_days(officer, "530128", "2027-01-01 平常", "本局设定")
    assert due(date(2026, 12, 31), FIVE, "530128") == date(2027, 1, 8)


def test_an_officer_enters_his_own_area_alone_and_the_page_says_what_is_missing(officer, signed_in):
    with pytest.raises(Forbidden):
        enter_days(officer, "650000", "2027-01-01 休", NOTICE)
    browser = signed_in(officer)
    assert "2027 年的安排还没有" in browser.get("/calendar/").text
    sent = {"area_code": "530000 云南省", "days": NEW_YEAR, "source": NOTICE}
    assert browser.post("/calendar/new", data=sent | {"days": "胡写"}).status_code == 422
    page = browser.post("/calendar/new", data=sent, follow_redirects=True).text
    assert "春节调休" in page
    assert db.session.query(CalendarDay).count() == 11
