"""Pages under bad input, and their exports."""

import re
from datetime import date
from io import BytesIO

import openpyxl
import pytest

from lbcert.cohorts.models import CohortState
from lbcert.cohorts.operations import drafting
from lbcert.core.access import Role
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from lbcert.testing.rosters import people, workbook
from tests.cohorts.world import reread


@pytest.fixture
def browser(app, world):
    return browser_of(app, world.clerk)


def form_of(world, **changes):
    menu = world.item.menus[-1].id
    return {
        "lead_id": world.provider.id,
        "name": "电工二班",
        "course": f"{world.brand.id}-{world.item.id}-{menu}",
        "home_region_code": make.LUQUAN,
        "site_region_code": f"{make.FUKANG} 阜康市",
        "starts_on": "2025-07-24",
        "ends_on": "2025-08-07",
        "min_size": "20",
        "scheme": "social",
        "fee": "0.10",
        **changes,
    }


def test_the_form_makes_a_cohort_and_counts_money_in_fen(world, browser):
    answer = browser.post("/cohorts/new", data=form_of(world))
    assert answer.status_code == 302
    cohort = reread(world.draft())  # the next number
    assert cohort.number.endswith("0002")
    page = browser.get(answer.location).text
    assert "电工二班" in page
    assert "¥0.10" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "长" * 10_000},
        {"course": "1-2"},
        {"course": "x"},
        {"starts_on": "2025-02-30"},
        {"fee": "-1"},
        {"min_size": "99999999999"},
        {"home_region_code": "火星"},
        {"lead_id": "999999"},
        {"scheme": "neither"},
        {"home_region_code": "999999"},
    ],
)
def test_a_form_that_cannot_be_meant_is_shown_again_with_what_was_typed(world, browser, changes):
    answer = browser.post("/cohorts/new", data=form_of(world, site="阜康基地", **changes))
    assert answer.status_code == 422
    assert "阜康基地" in answer.text


def test_two_people_saving_the_same_form_do_not_overwrite_each_other(world, browser):
    cohort = world.draft()
    browser.post(f"/cohorts/{cohort.id}/edit", data=form_of(world, name="先保存的", version="1"))
    answer = browser.post(f"/cohorts/{cohort.id}/edit", data=form_of(world, name="后保存的", version="1"))
    assert answer.status_code == 422
    assert "刚刚被他人修改过" in answer.text
    assert reread(cohort).name == "先保存的"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"not a sheet"])
def test_a_file_that_is_no_roster_gets_a_clear_answer(world, browser, data):
    cohort = world.draft()
    sent = {"file": (BytesIO(data), "花名册.xlsx")}
    answer = browser.post(f"/cohorts/{cohort.id}/roster", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "finding-refuse" in answer.text or "field-error" in answer.text


def test_a_roster_goes_in_by_the_pages_alone(world, browser):
    cohort = world.draft()
    sent = {"file": (BytesIO(workbook(people(30))), "花名册.xlsx")}
    answer = browser.post(f"/cohorts/{cohort.id}/roster", data=sent, content_type="multipart/form-data")
    staged = answer.location
    assert "第 1 至 20 条" in browser.get(staged).text
    for odd in ("?page=1000000", "?page=x&per_page=1000000", "?show=nonsense"):
        assert browser.get(staged + odd).status_code == 200
    copy = openpyxl.load_workbook(BytesIO(browser.get(f"{staged}/marked").data)).active
    assert copy.max_row == 31
    refused = browser.post(f"{staged}/import", data={"promised_on": "2025-02-30"})
    assert refused.status_code == 422
    assert "第 21 至 30 条" in browser.get(re.search(r'href="([^"]+page=2)"', refused.text)[1]).text
    assert browser.post(f"{staged}/import", data={"promised_on": "2025-07-20"}).status_code == 302
    assert len(reread(cohort).enrolments) == 30
    assert browser.post(f"{staged}/import", data={}).status_code == 422


def test_a_reader_of_english_gets_the_findings_in_english_and_can_send_the_copy_again(app, world):
    cohort = world.draft()
    clerk = browser_of(app, make.account(Role.PROVIDER_CLERK, world.provider, language="en"))
    sent = "公民身份号码,姓名\n110105194912310021,王小明\n".encode()
    page = f"/cohorts/{cohort.id}/roster"
    staged = clerk.post(page, data={"file": (BytesIO(sent), "roster.csv")}).location
    copy = clerk.get(f"{staged}/marked").data
    title, found = (cell.value for cell in openpyxl.load_workbook(BytesIO(copy)).active["C"])
    assert title.startswith("检查结果 (")
    assert "The check character of ID number 110105********0021 is wrong" in found
    assert "校验位" not in found
    again = clerk.post(page, data={"file": (BytesIO(copy), "roster.xlsx")}).location
    assert "not read" not in clerk.get(again).text


def test_lists_are_exported_whole_and_without_formulas(world, browser):
    cohort = world.complete(people=25)
    drafting.edit_cohort(world.clerk, cohort.id, world.details.__class__(**{**vars(world.details), "name": "=1+1"}))
    book = openpyxl.load_workbook(BytesIO(browser.get("/cohorts/?format=xlsx").data)).active
    row = [cell.value for cell in book[2]]
    assert row[0] == cohort.number
    assert book["B2"].data_type == "s"
    learners = openpyxl.load_workbook(BytesIO(browser.get(f"/cohorts/{cohort.id}/learners?format=xlsx").data)).active
    assert learners.max_row == 26
    assert "********" in learners["B2"].value


def test_the_roster_form_is_the_one_that_is_read(world, browser):
    empty = openpyxl.load_workbook(BytesIO(browser.get("/cohorts/roster-form").data)).active
    assert [cell.value for cell in empty[1]][:2] == ["公民身份号码", "姓名"]
    assert empty.max_column == 16


def test_a_station_applies_and_the_provider_sees_the_applicant(app, world):
    cohort = world.draft()
    station = browser_of(app, make.account(Role.STATION, make.organisation(OrganisationKind.STATION_AWAY, make.FUKANG)))
    number = make.id_number()
    sent = {"name": "张三", "id_number": f" {number}", "phone": "13812345678"}
    assert station.post(f"/cohorts/{cohort.id}/apply", data=sent).status_code == 302
    assert station.post(f"/cohorts/{cohort.id}/apply", data={**sent, "name": "李四"}).status_code == 422
    clerk = browser_of(app, world.clerk)
    page = clerk.get(f"/cohorts/{cohort.id}/learners").text
    assert "张三" in page
    assert "已报名" in page
    assert number not in page
    applied = reread(cohort).enrolments[0]
    assert clerk.post(f"/cohorts/learners/{applied.id}/admit").status_code == 302


def test_the_bureau_sees_what_is_due_first(app, world):
    world.policy("cohorts.reply_days", 5)
    world.brought_to(CohortState.FILED, name="后到期的班", starts_on=date(2025, 9, 1), ends_on=date(2025, 9, 9))
    world.brought_to(CohortState.FILED, name="先到期的班", item_id=world.item.id)
    page = browser_of(app, world.officer).get("/cohorts/awaiting").text
    assert page.index("先到期的班") < page.index("后到期的班")
    assert "已逾期" in page
    other = browser_of(app, make.account(Role.BUREAU_OFFICER, make.NINGLANG)).get("/cohorts/awaiting").text
    assert "先到期的班" not in other
