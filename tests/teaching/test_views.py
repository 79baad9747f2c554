"""The calendar of a cohort, a venue and a person: the week, the month, the list by day, and who sees what of it."""

import re
from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import load
from lbcert.teaching.models import Mode, Session
from lbcert.teaching.operations.sessions import add_session, cancel_session
from lbcert.teaching.sheets import COURSE_TABLE
from lbcert.testing.factories import FUKANG, NINGLANG, account, cohort, enrolment, organisation, person, store
from lbcert.testing.scenes import played_once
from tests.teaching.conftest import at


@pytest.fixture
@played_once
def week(world):
    """Give the world with a week of three sessions, one of them cancelled, and another school's cohort that borrows its people."""
    add = lambda **values: add_session(world.clerk, world.cohort.id, replace(world.lesson, **values))  # noqa: E731
    world.first = add(title="触电急救")
    world.second = add(starts_at=at(8, 30, day=26), ends_at=at(11, 30, day=26))
    world.lost = cancel_session(world.clerk, add(module_id=world.modules[1].id, starts_at=at(20, day=25), ends_at=at(23, day=25)).id, "停电")  # fmt: skip
    world.other_school = organisation()
    world.other = cohort(world.other_school, item=world.cohort.item)
    world.other_clerk = account(Role.PROVIDER_CLERK, world.other_school)
    store(PlannedTrainer(cohort_id=world.other.id, person_id=world.teacher.id))
    world.elsewhere = add_session(
        world.other_clerk, world.other.id,
        replace(world.lesson, starts_at=at(13, day=27), ends_at=at(16, day=27), mode=Mode.FIELD, venue_id=None, title="外校"),
    )  # fmt: skip
    return world


def rows_of(page):
    """Read the week's table: time → the words in each of its seven cells."""
    body = re.search(r'<table class="week">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)[1]
    read = {}
    for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
        time = re.search(r'<th scope="row">(.*?)</th>', row)[1]
        read[time] = [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
    return read


def test_how_a_session_is_held_is_said_in_the_readers_language(week, signed_in):
    page = f"/teaching/sessions/{week.elsewhere.id}"
    assert "田间" in signed_in(week.other_clerk).get(page).text
    english = signed_in(week.other_clerk).get(page, headers={"Accept-Language": "en"}).text
    assert "In the field" in english
    assert "田间" not in english


def test_a_week_has_a_column_for_each_day_and_a_row_for_each_hour_of_beginning(week, signed_in):
    page = signed_in(week.clerk).get(f"/teaching/cohorts/{week.cohort.id}/calendar?day=2025-07-24").text
    rows = rows_of(page)
    assert list(rows) == ["08:30", "20:00"]
    assert [bool(cell) for cell in rows["08:30"]] == [False] * 5 + [True, False]
    assert [bool(cell) for cell in rows["20:00"]] == [False] * 3 + [True, True, False, False]
    assert "安全用电：触电急救 20:00–23:00 陈建国 阜康实训室" in rows["20:00"][3]
    assert "已取消" in rows["20:00"][4]
    assert "外校" not in page
    by_day = page[page.index('<div class="by-day">') :]
    assert [by_day.index(day) for day in ("2025年7月24日", "2025年7月25日", "2025年7月26日")] == sorted(
        by_day.index(day) for day in ("2025年7月24日", "2025年7月25日", "2025年7月26日")
    )


def test_a_month_has_its_weeks_from_monday(week, signed_in):
    page = signed_in(week.clerk).get(f"/teaching/cohorts/{week.cohort.id}/calendar?view=month&day=2025-07-24").text
    body = re.search(r'<table class="month">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)[1]
    weeks = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]
    assert [re.sub(r"<[^>]+>", "", cell).strip() for cell in weeks[0]] == ["", "1", "2", "3", "4", "5", "6"]
    assert len(weeks) == 5
    assert "20:00 安全用电" in weeks[3][3]


def test_a_day_that_cannot_be_is_the_week_of_the_cohort(week, signed_in):
    browser = signed_in(week.clerk)
    for asked in ("day=2025-02-31", "day=9999-12-31", "day=0001-01-01&view=month", "view=year", "day=x"):
        assert browser.get(f"/teaching/cohorts/{week.cohort.id}/calendar?{asked}").status_code == 200


def test_an_empty_week_leads_to_the_next_session(week, signed_in):
    page = signed_in(week.clerk).get(f"/teaching/cohorts/{week.cohort.id}/calendar?day=2025-07-01").text
    assert "这段时间没有课" in page
    assert "?view=week&amp;day=2025-07-24" in page


def test_a_person_s_calendar_shows_what_the_reader_may_see_of_it(week, signed_in):
    url = f"/teaching/people/{week.teacher.id}/calendar?day=2025-07-24"
    own, school, other, away = (
        signed_in(one).get(url)
        for one in (week.trainer, week.clerk, week.other_clerk, account(Role.BUREAU_OFFICER, NINGLANG))
    )
    assert "触电急救" in own.text
    assert "外校" in own.text
    assert "触电急救" in school.text
    assert "外校" not in school.text
    assert "触电急救" not in other.text
    assert "外校" in other.text
    assert away.status_code == 403


def test_a_learner_s_calendar_has_the_learner_s_own_modules_and_shows_a_clash(week, signed_in):
    learner = week.learners[0]
    url = f"/teaching/people/{learner.person_id}/calendar?day=2025-07-24"
    bureau = signed_in(week.bureau)
    page = bureau.get(url).text
    assert "触电急救" in page
    assert "外校" not in page
    assert "冲突" not in page
    second = person("马玉兰")
    store(PlannedTrainer(cohort_id=week.other.id, person_id=second.id))
    late = replace(
        week.lesson, starts_at=at(22), ends_at=at(23), hours=1, mode=Mode.FIELD, venue_id=None, trainer_id=second.id
    )
    add_session(week.other_clerk, week.other.id, late)
    enrolment(week.other, learner.person)
    assert bureau.get(url).text.count('class="slot slot-clash"') == 2


def test_a_venue_s_owner_sees_every_session_in_it(week, signed_in):
    borrowed = replace(week.lesson, starts_at=at(13, day=28), ends_at=at(16, day=28), title="借用")
    add_session(week.other_clerk, week.other.id, borrowed)
    url = f"/teaching/venues/{week.venue.id}/calendar?day=2025-07-28"
    assert "借用" in signed_in(week.clerk).get(url).text
    assert "借用" in signed_in(account(Role.AUDITOR, FUKANG)).get(url).text
    borrower = signed_in(week.other_clerk)
    assert "借用" in borrower.get(url).text
    assert "触电急救" not in borrower.get(url.replace("28", "24")).text
    assert signed_in(account(Role.PROVIDER_CLERK, organisation())).get(url).status_code == 403


def test_a_trainer_finds_the_own_calendar_from_the_room_s_first_page(week, signed_in):
    browser = signed_in(week.trainer)
    with clock.at(at(9) - timedelta(days=1)):
        assert f"/teaching/people/{week.teacher.id}/calendar" in browser.get("/teaching/").text
        assert "触电急救" in browser.get(f"/teaching/people/{week.teacher.id}/calendar").text


def characters_of(pdf):
    """Give the words of a PDF's pages and the smallest size in which one of its characters is set, in points."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage() for page in document]
    sizes = [
        pypdfium2.raw.FPDFText_GetFontSize(text.raw, place)
        for text in texts
        for place in range(text.count_chars())
        if text.get_text_range(place, 1).strip()
    ]
    return "\n".join(text.get_text_bounded() for text in texts), min(sizes)


def test_the_course_table_is_printed_in_nine_columns_with_masked_numbers(week, signed_in):
    words, _ = characters_of(signed_in(week.clerk).get(f"/teaching/cohorts/{week.cohort.id}/course-table.pdf").data)
    flat = "".join(words.split())
    for column in COURSE_TABLE:
        assert "".join(column.title.split()) in flat
    assert week.teacher.id_masked in flat
    assert week.teacher.id_number not in flat
    assert "安全用电：触电急救" in flat
    assert "停电" not in flat


def test_learners_get_a_sheet_of_18_points_and_more_without_numbers(week, signed_in):
    browser = signed_in(week.clerk)
    words, smallest = characters_of(browser.get(f"/teaching/cohorts/{week.cohort.id}/large-type.pdf").data)
    assert smallest >= 17.99
    assert "7月24日 周四" in words
    assert "触电急救" in words
    assert week.teacher.id_number[-4:] not in words
    with clock.at(at(9, day=25)):
        own, smallest = characters_of(browser.get(f"/teaching/people/{week.learners[0].person_id}/large-type.pdf").data)
    assert smallest >= 17.99
    assert "触电急救" not in own
    assert "7月26日 周六" in own


def test_what_comes_of_a_move_is_shown_before_it_is_made(week, signed_in):
    browser, url = signed_in(week.clerk), f"/teaching/sessions/{week.first.id}/shift"
    fits = browser.get(f"{url}?day=2025-07-28&starts=19:00").text
    assert "2025-07-28 19:00–22:00" in fits
    assert 'data-stops="no"' in fits
    clash = browser.get(f"{url}?day=2025-07-26&starts=09:00").text
    assert f"教师 陈建国 当时在上“{week.cohort.name} 安全用电 2025-07-26 08:30”" in clash
    assert 'data-stops="yes"' in clash
    assert "确定移动" not in clash
    assert "请填写日期和上课时间" in browser.get(f"{url}?day=x&starts=25:00").text
    typed = {"day": "2025-07-28", "starts": "19:00", "version": week.first.version}
    refused = browser.post(url, data=typed | {"day": "2025-07-26", "starts": "09:00"})
    assert refused.status_code == 422
    moved = browser.post(url, data=typed)
    assert moved.location == f"/teaching/cohorts/{week.cohort.id}/calendar?day=2025-07-28"
    assert load(Session, week.first.id).starts_at == at(19, day=28)
    assert "刚刚被他人修改过" in browser.post(url, data=typed | {"starts": "18:00"}).text
    assert "这节课已取消" in browser.get(f"/teaching/sessions/{week.lost.id}/shift?day=2025-07-28&starts=08:00").text
