"""Policy as data: nearest area, date, fund, and nothing where nothing is on file."""

from datetime import date

import pytest

from lbcert.core import policy
from lbcert.core.access import Role
from lbcert.core.findings import Forbidden, Level, Refused
from lbcert.core.policy import Follows, ruling, rulings, set_policy
from lbcert.core.words import say
from lbcert.testing.factories import KUNMING, LUQUAN, NINGLANG, account

SIZE = policy.key("testing.size", say("测试人数"), Follows.HOME, int, "人")
DAY = date(2025, 7, 24)


@pytest.fixture
def officer(app):
    return account(Role.BUREAU_OFFICER, "530000")


def test_nothing_on_file_is_no_limit_and_a_note(officer):
    found = ruling(SIZE, LUQUAN, DAY)
    assert (found.value, found.is_on_file) == (None, False)
    assert [(note.level, note.rule) for note in found.note()] == [(Level.NOTE, "policy.testing.size")]


def test_the_nearest_area_decides_and_another_county_never_does(officer):
    set_policy(officer, "530000", SIZE.name, 60, date(2025, 1, 1), "省文件")
    set_policy(officer, KUNMING, SIZE.name, 55, date(2025, 1, 1), "市文件")
    set_policy(officer, NINGLANG, SIZE.name, 40, date(2025, 1, 1), "宁蒗文件")
    assert (ruling(SIZE, LUQUAN, DAY).value, ruling(SIZE, LUQUAN, DAY).source) == (55, "市文件")
    assert ruling(SIZE, "530627", DAY).value == 60
    assert ruling(SIZE, "652302", DAY).value is None


def test_the_day_and_the_fund_decide(officer):
    set_policy(officer, LUQUAN, SIZE.name, 50, date(2023, 1, 1), "旧", valid_to=date(2025, 6, 30))
    set_policy(officer, LUQUAN, SIZE.name, 45, date(2025, 7, 1), "新")
    set_policy(officer, LUQUAN, SIZE.name, 70, date(2025, 7, 1), "沪滇", fund="沪滇资金")
    assert ruling(SIZE, LUQUAN, date(2025, 6, 30)).value == 50
    assert ruling(SIZE, LUQUAN, DAY).value == 45
    assert ruling(SIZE, LUQUAN, DAY, "沪滇资金").value == 70
    assert ruling(SIZE, LUQUAN, date(2022, 1, 1)).value is None


def test_many_at_once_are_found_as_each_alone(officer):
    set_policy(officer, "530000", SIZE.name, 60, date(2025, 1, 1), "省文件")
    set_policy(officer, NINGLANG, SIZE.name, 40, date(2025, 1, 1), "宁蒗文件")
    set_policy(officer, LUQUAN, SIZE.name, 50, date(2023, 1, 1), "旧", valid_to=date(2025, 6, 30))
    set_policy(officer, LUQUAN, SIZE.name, 45, date(2025, 7, 1), "新")
    set_policy(officer, LUQUAN, SIZE.name, 70, date(2025, 7, 1), "沪滇", fund="沪滇资金")
    asked = {
        (region, day, fund)
        for region in (LUQUAN, NINGLANG, KUNMING, "652302")
        for day in (date(2022, 1, 1), date(2025, 6, 30), DAY)
        for fund in ("", "沪滇资金")
    }
    assert rulings(SIZE, asked) == {each: ruling(SIZE, *each) for each in asked}


def test_a_bad_entry_is_refused_with_everything_that_is_wrong(officer):
    with pytest.raises(Refused) as refused:
        set_policy(officer, LUQUAN, SIZE.name, "五十", DAY, " ", valid_to=date(2020, 1, 1))
    assert {finding.rule for finding in refused.value.findings} == {
        "core.policy_value",
        "core.policy_dates",
        "core.policy_source",
    }


def test_an_officer_sets_no_policy_for_another_region(app):
    with pytest.raises(Forbidden):
        set_policy(account(Role.BUREAU_OFFICER, LUQUAN), NINGLANG, SIZE.name, 50, DAY, "文件")
