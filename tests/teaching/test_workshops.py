"""以工代训: who signs the hours that were held in an employer's workshop, and where it is to be read."""

import io
import re
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import openpyxl
import pytest

from lbcert.cohorts.models import CohortProvider, ProviderPart
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties.models import OrganisationKind
from lbcert.teaching.models import Mode, Session
from lbcert.teaching.operations.resources import add_trainer, sign_hours
from lbcert.teaching.operations.sessions import add_session, add_venue
from lbcert.teaching.queries.todo import todo
from lbcert.teaching.queries.workshops import signatures_in
from lbcert.testing.factories import FUKANG, account, organisation, person, store
from tests.teaching.test_pages import words_of


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule for finding in caught.value.findings if finding.stops}


@pytest.fixture
def shop(world, employer):
    """Give the employer's desk and two mentors, and three lessons of practice in its workshop: a mentor's, the other's, the school's trainer's."""
    desk, mentors = account(Role.EMPLOYER, employer), [person("冯师傅"), person("敖师傅")]
    workshop = add_venue(desk, employer.id, "一号车间", FUKANG)
    for mentor in mentors:
        add_trainer(desk, employer.id, mentor.id)
    at_work = replace(world.lesson, module_id=world.modules[2].id, mode=Mode.WORKPLACE, venue_id=workshop.id)
    lessons = [
        add_session(
            world.clerk,
            world.cohort.id,
            replace(at_work, trainer_id=who.id, starts_at=at(9, day=day), ends_at=at(12, day=day)),
        )
        for day, who in ((24, mentors[0]), (25, mentors[1]), (26, world.teacher))
    ]
    return SimpleNamespace(
        desk=desk, mentors=mentors, mentor=account(Role.TRAINER, employer, mentors[0]), lessons=lessons
    )


def test_who_held_a_lesson_as_mentor_signs_his_own_and_nobody_elses(world, employer, shop, signed_in):
    desk, mentors, mentor = shop.desk, shop.mentors, shop.mentor
    own, colleagues, schools = shop.lessons
    client, book = signed_in(mentor), f"/teaching/cohorts/{world.cohort.id}/attendance"
    with clock.at(at(11)):
        assert "签认 4 课时" not in client.get(f"/teaching/sessions/{own.id}").text
        assert refused(sign_hours, mentor, own.id, mentors[0].id) == {"teaching.not_held"}
    with clock.at(at(13, day=26)):
        assert [str(one.message) for one in todo(mentor) if "签认岗位课时" in str(one.message)] == [
            f"签认岗位课时：07-24 操作实训 · {world.cohort.name}"
        ]
        assert todo(account(Role.TRAINER, employer)) == []
        assert "签认 4 课时" in client.get(f"/teaching/sessions/{own.id}").text
        assert "签认 4 课时" not in client.get(f"/teaching/sessions/{colleagues.id}").text
        for session, whom in ((colleagues, mentors[0]), (colleagues, mentors[1]), (own, mentors[1])):
            with pytest.raises(Forbidden):
                sign_hours(mentor, session.id, whom.id)
        assert client.post(f"/teaching/sessions/{colleagues.id}/sign-own").status_code == 403
        # a school's trainer who teaches there is no mentor of the employer
        taught = signed_in(world.trainer)
        assert "签认 4 课时" not in taught.get(f"/teaching/sessions/{schools.id}").text
        assert taught.post(f"/teaching/sessions/{schools.id}/sign-own").status_code == 422
        assert signed_in(world.clerk).get(book).text.count("待用人单位签认") == 3
        assert client.post(f"/teaching/sessions/{own.id}/sign-own").status_code == 302
        assert "冯师傅 已签认 4 课时" in signed_in(world.clerk).get(book).text
        assert [one for one in todo(mentor) if "签认岗位课时" in str(one.message)] == []
        assert [(lesson.id, bool(one)) for lesson, one in signatures_in(world.cohort.id).items()] == [
            (own.id, True), (colleagues.id, False), (schools.id, False),
        ]  # fmt: skip
        assert signatures_in(world.cohort.id + 1) == {}
        # at the desk the one who held it is chosen already
        chosen = re.findall(r'<option selected value="(\d+)"', signed_in(desk).get("/teaching/workshops").text)
        assert chosen == [str(mentors[1].id)]


def test_what_a_schools_trainer_held_in_the_workshop_each_mentor_of_its_employer_may_sign(world, shop, signed_in):
    _own, colleagues, schools = shop.lessons
    client, page = signed_in(shop.mentor), "/teaching/workshops"
    with clock.at(at(11, day=26)):
        assert refused(sign_hours, shop.mentor, schools.id, shop.mentors[0].id) == {"teaching.not_held"}
    with clock.at(at(13, day=26)):
        assert "1 节岗位课的课时待签认" in [str(one.message) for one in todo(shop.mentor)]
        assert 'href="/teaching/workshops"' in client.get("/").text
        shown = client.get(page).text
        assert [f"/teaching/sessions/{one.id}/sign" in shown for one in shop.lessons] == [True, False, True]
        assert "冯师傅" in shown
        assert "敖师傅" not in shown
        for_another = {f"session-{schools.id}-mentor_id": shop.mentors[1].id}
        assert client.post(f"/teaching/sessions/{schools.id}/sign", data=for_another).status_code == 422
        with pytest.raises(Forbidden):
            sign_hours(shop.mentor, schools.id, shop.mentors[1].id)
        mine = {f"session-{schools.id}-mentor_id": shop.mentors[0].id}
        assert client.post(f"/teaching/sessions/{schools.id}/sign", data=mine).status_code == 302
        signed = signatures_in(world.cohort.id)
        assert [one and one.mentor.name for one in signed.values()] == [None, None, "冯师傅"]
        assert "1 节岗位课的课时待签认" not in [str(one.message) for one in todo(shop.mentor)]
        assert client.post(f"/teaching/sessions/{colleagues.id}/sign").status_code == 403


def test_a_mentor_of_another_employer_and_who_lost_the_account_there_sign_nothing(world, shop, signed_in):
    schools = shop.lessons[2]
    other = organisation(OrganisationKind.EMPLOYER, FUKANG)
    stranger, without = account(Role.TRAINER, other), account(Role.TRAINER, other, shop.mentors[1])
    add_trainer(account(Role.EMPLOYER, other), other.id, stranger.person_id)
    with clock.at(at(13, day=26)):
        for actor in (stranger, without, world.trainer):
            assert not [
                one for one in todo(actor) if "签认" in str(one.message) and one.endpoint == "teaching.workshops"
            ]
            with pytest.raises(Forbidden):
                sign_hours(actor, schools.id, actor.person_id if actor is not world.trainer else shop.mentors[0].id)
        # his account stands elsewhere, though the employer has him on file
        assert signed_in(without).get("/teaching/workshops").status_code == 403
        assert "没有待签认的课时" in signed_in(stranger).get("/teaching/workshops").text


@pytest.mark.parametrize("side", ["account", "lesson"])
def test_who_stands_on_the_schools_side_does_not_sign_for_the_employer(world, shop, signed_in, side):
    first, second = shop.mentors
    own, _, schools = shop.lessons
    if side == "account":
        account(Role.TRAINER, world.school, first)
    else:
        theory = Session(cohort_id=world.cohort.id, **vars(replace(world.lesson, trainer_id=first.id)))
        store(theory)
    with clock.at(at(23, day=26)):
        for actor, lesson in ((shop.mentor, own), (shop.mentor, schools), (shop.desk, schools)):
            assert refused(sign_hours, actor, lesson.id, first.id) == {"teaching.signs_for_both"}
        assert [one for one in todo(shop.mentor) if "签认" in str(one.message)] == []
        assert "没有待签认的课时" in signed_in(shop.mentor).get("/teaching/workshops").text
        choices = set(
            re.findall(r'<option (?:selected )?value="(\d+)"', signed_in(shop.desk).get("/teaching/workshops").text)
        )
        assert choices == {str(second.id)}
        assert sign_hours(shop.desk, schools.id, second.id).mentor_id == second.id


def test_an_employer_that_hosts_the_class_too_still_has_its_mentors_sign(world, employer, shop):
    store(CohortProvider(cohort_id=world.cohort.id, organisation_id=employer.id, part=ProviderPart.HOST))
    with clock.at(at(13, day=26)):
        assert sign_hours(shop.mentor, shop.lessons[2].id, shop.mentors[0].id).hours == 4


def test_the_book_says_in_excel_and_on_paper_who_signed_each_lesson_at_work_and_when(world, shop, signed_in):
    add_session(world.clerk, world.cohort.id, world.lesson)
    with clock.at(at(13, minute=5, day=26)):
        sign_hours(shop.mentor, shop.lessons[0].id, shop.mentors[0].id)
        client, here = signed_in(world.clerk), f"/teaching/cohorts/{world.cohort.id}/attendance"
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"{here}.xlsx").data))
        words = words_of(client.get(f"{here}.pdf").data)
    assert book.sheetnames == ["出勤簿", "岗位课时签认"]
    titles, *rows = book["岗位课时签认"].iter_rows(values_only=True)
    assert titles == ("上课时间", "上课内容", "课时", "用人单位", "培训教师", "签认的带教师傅", "签认时间")
    assert [tuple(map(str, row)) for row in rows] == [
        ("2025-07-24 09:00:00", "操作实训", "4", "准东能源", "冯师傅", "冯师傅", "2025-07-26 13:05:00"),
        ("2025-07-25 09:00:00", "操作实训", "4", "准东能源", "敖师傅", "待用人单位签认", "None"),
        ("2025-07-26 09:00:00", "操作实训", "4", "准东能源", "陈建国", "待用人单位签认", "None"),
    ]
    lines = [line for line in re.sub(r"[ \r\n]+", " ", words.split("岗位课时签认")[1]).split("2025-07-2") if line]
    assert "准东能源 冯师傅 冯师傅" in lines[1]
    assert lines[2].startswith("6 13:05")
    assert all(whom + " 待用人单位签认" in line for whom, line in zip(("敖师傅", "陈建国"), lines[3:], strict=True))


def test_a_book_without_lessons_at_work_says_nothing_of_signing(taught, signed_in):
    client, here = signed_in(taught.clerk), f"/teaching/cohorts/{taught.cohort.id}/attendance"
    assert openpyxl.load_workbook(io.BytesIO(client.get(f"{here}.xlsx").data)).sheetnames == ["出勤簿"]
    assert "签认" not in words_of(client.get(f"{here}.pdf").data)
