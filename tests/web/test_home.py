"""The first page says to each account what waits for it."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from lbcert.cohorts.models import CohortState
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: the rooms' own tests try their queries on both."""
    return sqlite_database


def tasks(page):
    return re.findall(r'<li><a href="([^"]+)">([^<]+)<', page.text)


def test_a_bureau_finds_the_filings_that_it_owes_an_answer_and_no_other_countys(signed_in):
    here = factories.cohort(state=CohortState.FILED, name="电工班", reply_due_on=date(2025, 7, 18))
    factories.cohort(factories.organisation(region=factories.NINGLANG), state=CohortState.FILED, name="别县的班")
    page = signed_in(factories.account(Role.BUREAU_OFFICER, factories.LUQUAN)).get("/")
    assert tasks(page) == [(f"/cohorts/{here.id}/review", "批复备案：电工班，07-18 前")]


def test_a_school_finds_its_cohort_to_open_from_the_day_of_its_start(signed_in):
    school = factories.organisation()
    due, later = (
        factories.cohort(school, state=CohortState.APPROVED, name=name, starts_on=day, ends_on=day + timedelta(days=9))
        for name, day in (("今天开班", clock.today()), ("明天开班", clock.today() + timedelta(days=1)))
    )
    page = signed_in(factories.account(Role.PROVIDER_CLERK, school)).get("/")
    assert (f"/cohorts/{due.id}", "开班：今天开班") in tasks(page)
    assert later.name not in page.text


def test_many_tasks_of_a_heading_are_folded_and_counted(signed_in):
    school = factories.organisation()
    for number in range(7):
        factories.cohort(school, state=CohortState.DRAFT, name=f"第 {number} 班")
    page = signed_in(factories.account(Role.PROVIDER_CLERK, school)).get("/").text
    assert "7 件待办" in page
    assert "还有 2 件" in page


def test_who_has_nothing_to_do_is_told_so(signed_in):
    employer = factories.organisation(OrganisationKind.EMPLOYER)
    page = signed_in(factories.account(Role.EMPLOYER, employer)).get("/").text
    assert "目前没有等您办理的事" in page


def test_a_visitor_is_told_of_no_task(client):
    assert "待办" not in client.get("/").text
