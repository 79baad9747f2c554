"""The first page says to each account what waits for it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.parties.models import OrganisationKind
from lbcert.parties.operations import create_account, reveal
from lbcert.placement.models import Channel
from lbcert.placement.operations import JobDetails, record_employment
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
    assert f"/cohorts/{later.id}" not in [url for url, _ in tasks(page)]


def test_a_cohort_that_was_taught_leads_to_its_outcomes_before_it_is_closed(signed_in):
    school = factories.organisation()
    group = factories.cohort(school, state=CohortState.TAUGHT)
    learner = factories.enrolment(group, factories.person("沙马拉毕"), state=EnrolmentState.COMPLETED)
    clerk = signed_in(factories.account(Role.PROVIDER_CLERK, school))

    def big_button(page):
        return re.search(r'next-step" (?:href|method="post" action)="([^"]+)"', clerk.get(page).text)[1]

    assert big_button(f"/cohorts/{group.id}") == f"/placement/cohorts/{group.id}"
    assert "还有 1 名结业学员没有登记就业去向：沙马拉毕" in clerk.get(f"/cohorts/{group.id}").text
    job = JobDetails(
        factories.organisation(OrganisationKind.EMPLOYER).id, factories.FUKANG, "电工", clock.today(), 550_000, True, Channel.OWN
    )  # fmt: skip
    record_employment(factories.account(Role.SERVICE_CENTRE, factories.LUQUAN), learner.id, job)
    assert big_button(f"/cohorts/{group.id}") == f"/cohorts/{group.id}/close"
    station = factories.organisation(OrganisationKind.STATION_TOWNSHIP, factories.LUQUAN)
    seen = tasks(signed_in(factories.account(Role.STATION, station)).get("/"))
    assert seen == [(f"/placement/cohorts/{group.id}", f"回访核实在岗：{group.name}，还有 1 人没有回访过")]


def test_an_auditor_is_led_to_what_was_opened_or_granted_this_week_in_the_own_county(signed_in):
    for county, times in ((factories.LUQUAN, 2), (factories.NINGLANG, 1)):
        officer, who = (
            factories.account(Role.BUREAU_OFFICER, county),
            factories.person(region=county, phone="13800001234"),
        )
        for _each in range(times):
            reveal(officer, who.id, "phone", "联系本人")
    auditor = signed_in(factories.account(Role.AUDITOR, factories.LUQUAN))
    ((link, words),) = tasks(auditor.get("/"))
    assert words == "查看近 7 天的“查看隐藏信息”：2 次"
    assert auditor.get(unescape(link)).text.count("<details>") == 2
    with clock.at(clock.now() + timedelta(days=8)):
        assert tasks(signed_in(factories.account(Role.AUDITOR, factories.LUQUAN)).get("/")) == []


def test_an_administrator_finds_temporary_passwords_and_what_the_keys_wait_for(signed_in):
    admin = factories.account(Role.ADMIN)
    late = create_account(Console(), "late", "普光明", Role.AUDITOR, region_code=factories.LUQUAN)
    found = tasks(signed_in(admin).get("/"))
    assert (f"/parties/accounts/{late.id}", "催办首次登录：普光明（late），仍是临时密码") in found
    assert ("/certificates/keys", "准备签发密钥：还没有，不能发证") in found
    assert tasks(signed_in(factories.account(Role.ADMIN, factories.NINGLANG)).get("/")) == []


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
