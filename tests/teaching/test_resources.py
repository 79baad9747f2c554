"""What trainers and venues allow: each limit binds a lesson by hand, a course table and the planner, and binds nobody where nothing is on file."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.staging import findings_of
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.course_table import import_course_table, receive_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.resources import (
    Terms,
    add_trainer,
    book_trainer,
    book_venue,
    describe_trainer,
    drop_trainer,
    set_travel,
    unbook,
)
from lbcert.teaching.operations.sessions import Room, add_session, describe_venue
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.course_table import course_rows
from lbcert.teaching.queries.solving import Asked
from lbcert.testing.factories import FUKANG, KUNMING, LUQUAN, account, cohort, organisation, store


def at(hour, minute=0, day=24):
    return datetime(2025, 7, day, hour, minute, tzinfo=SHANGHAI)


def refused(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return {finding.rule: str(finding.message) for finding in caught.value.findings if finding.stops}


def table(world, *rows):
    head = "上课日期,上课内容,课时,开始时间,结束时间,上课地点,培训教师\n"
    return receive_course_table(world.clerk, world.cohort.id, (head + "\n".join(rows)).encode(), "课程表.csv")


def said(staged):
    return {rule for row in staged.rows for finding in row.said if finding.stops for rule in [finding.rule]}


def test_terms_and_bookings_bind_a_lesson_and_are_named_with_their_cure(world):
    profile = add_trainer(
        world.clerk, world.school.id, world.teacher.id, Terms(subjects="电工基础\n操作实训", windows="周一 08:00-12:00")
    )
    describe_venue(world.clerk, world.venue.id, "阜康实训室", 40, Room(windows="工作日 08:00-18:00"))
    leave = book_trainer(world.clerk, profile.id, at(0), at(0, day=25), "请假")
    book_venue(world.clerk, world.venue.id, at(22), at(23), "检修")
    found = refused(add_session, world.clerk, world.cohort.id, world.lesson)
    assert set(found) == {
        "teaching.trainer_subject", "teaching.trainer_hours", "teaching.trainer_booked", "teaching.venue_hours",
        "teaching.venue_booked",
    }  # fmt: skip
    assert "没有“安全用电”；请换教师" in found["teaching.trainer_subject"]
    assert "陈建国 2025-07-24（工作日）不可用" in found["teaching.trainer_hours"]
    assert "07-24 00:00 至 07-25 00:00 另有安排（请假）" in found["teaching.trainer_booked"]
    assert said(table(world, "2025-07-24,安全用电,4,20:00,23:00,阜康实训室,陈建国")) == set(found)

    unbook(world.clerk, leave.id)
    describe_trainer(world.clerk, profile.id, Terms())
    describe_venue(world.clerk, world.venue.id, "阜康实训室", 40)
    assert set(refused(add_session, world.clerk, world.cohort.id, world.lesson)) == {"teaching.venue_booked"}
    assert add_session(world.clerk, world.cohort.id, replace(world.lesson, starts_at=at(19), ends_at=at(22))).hours == 4
    with clock.at(at(8)):
        assert set(refused(drop_trainer, world.clerk, profile.id)) == {"teaching.trainer_is_to_teach"}
    assert drop_trainer(world.clerk, profile.id).name == "陈建国"


def test_weeks_ways_and_nights_count_the_sessions_of_all_cohorts(world):
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id, Terms(LUQUAN, hours_a_week=6))
    add_session(world.clerk, world.cohort.id, world.lesson)
    second = replace(world.lesson, starts_at=at(20, day=25), ends_at=at(23, day=25))
    found = refused(add_session, world.clerk, world.cohort.id, second)
    assert found == {"teaching.trainer_week": "陈建国 在 2025-07-21 这一周共 8 课时，最多 6 课时；请换教师或换一周"}
    assert said(table(world, *(f"2025-07-28,电工基础,{n},{a},{b},阜康实训室,陈建国" for n, a, b in ((4, "08:00", "11:00"), (4, "13:00", "16:00"))))) == {"teaching.trainer_week"}  # fmt: skip

    describe_trainer(world.clerk, profile.id, Terms(LUQUAN, nights_away=2))
    set_travel(world.clerk, world.school.id, FUKANG, "530000", 12)
    home = cohort(world.school, name="本地班", site_region_code=LUQUAN)
    store(PlannedTrainer(cohort_id=home.id, person_id=world.teacher.id))
    nearby = replace(world.lesson, module_id=home.plan[0].module_id, venue_id=None, mode=Mode.FIELD, hours=1)
    soon = replace(nearby, starts_at=at(9, day=25), ends_at=at(10, day=25))
    found = refused(add_session, world.clerk, home.id, soon)
    assert "两地路途 12 小时，来不及" in found["teaching.travel_time"]
    online = replace(nearby, mode=Mode.ONLINE, starts_at=soon.starts_at, ends_at=soon.ends_at)
    assert add_session(world.clerk, home.id, online).hours == 1

    add_session(world.clerk, world.cohort.id, replace(second, hours=1, ends_at=at(21, day=25)))
    add_session(
        world.clerk, world.cohort.id, replace(second, hours=1, starts_at=at(20, day=26), ends_at=at(21, day=26))
    )
    third = replace(second, hours=1, starts_at=at(20, day=27), ends_at=at(21, day=27))
    found = refused(add_session, world.clerk, world.cohort.id, third)
    assert found == {"teaching.nights_away": "陈建国 这样要连续 3 晚在外地，最多 2 晚；请换教师，或留出回家的日子"}
    after_home = replace(
        third, starts_at=third.starts_at + timedelta(days=2), ends_at=third.ends_at + timedelta(days=2)
    )
    assert add_session(world.clerk, world.cohort.id, after_home).hours == 1
    set_travel(world.clerk, world.school.id, "530000", FUKANG, 0)
    assert set(refused(set_travel, world.clerk, world.school.id, KUNMING, KUNMING, 3)) == {"teaching.same_region"}


def test_the_engine_keeps_the_nights_away_and_the_ways_that_bind_by_hand(world, solved):
    choose_pattern(world.clerk, world.cohort.id, [], "每天 20:00-23:00")
    add_trainer(world.clerk, world.school.id, world.teacher.id, Terms(KUNMING, nights_away=2))
    set_travel(world.clerk, world.school.id, "530000", FUKANG, 6)
    staged = solved(Asked(date(2025, 7, 24), venues=(world.venue.id,))).staged
    assert (staged.good, said(staged)) == (staged.total, set())
    assert staged.total >= 9
    reasons = [str(one.message) for one in findings_of(staged) if one.rule == "teaching.unplaced"]
    assert any("陈建国 最多连续 2 晚在外地" in one for one in reasons)


def test_the_planner_goes_round_bookings_and_closed_hours_and_says_what_is_in_its_way(world, solved):
    set_policy(world.bureau, "530000", "teaching.evening_window", "20:00-23:00", date(2025, 1, 1), "示例文件")
    choose_pattern(world.clerk, world.cohort.id, [], "每天 18:00-23:00", 4)
    profile = add_trainer(world.clerk, world.school.id, world.teacher.id, Terms(hours_a_week=12))
    describe_venue(world.clerk, world.venue.id, "阜康实训室", 40, Room(windows="每天 19:00-23:00"))
    book_trainer(world.clerk, profile.id, at(0, day=26), at(0, day=27), "请假")
    staged = solved(Asked(date(2025, 7, 24), venues=(world.venue.id,))).staged
    assert (staged.good, said(staged)) == (staged.total, set())
    import_course_table(world.clerk, staged.id)
    planned = [(clock.local(one.starts_at), clock.local(one.ends_at)) for one in sessions_of(world.cohort.id)]
    assert all(starts.hour >= 19 and starts.day != 26 for starts, _ in planned)
    weeks = Counter(
        clock.local(one.starts_at).isocalendar().week for one in sessions_of(world.cohort.id) for _ in range(one.hours)
    )
    assert max(weeks.values()) == 12
    left = [str(one.message) for one in findings_of(staged) if one.rule == "teaching.unplaced"]
    assert any("每周最多 12 课时" in one for one in left)


def test_an_online_lesson_carries_its_link_through_page_and_course_table(world, signed_in):
    link = "https://meeting.example.cn/j/86421"
    online = replace(world.lesson, mode=Mode.ONLINE, venue_id=None, meeting_link=link)
    for bad in ("http://meeting.example.cn/1", f"https://{'who:secret'}@example.cn", "javascript:alert(1)"):
        assert set(refused(add_session, world.clerk, world.cohort.id, replace(online, meeting_link=bad))) == {
            "teaching.meeting_link"
        }
    session = add_session(world.clerk, world.cohort.id, online)
    assert f'href="{link}"' in signed_in(world.clerk).get(f"/teaching/sessions/{session.id}").text
    (row,) = course_rows(world.cohort.id)
    assert row["place"] == f"线上：{link}"
    other = replace(online, starts_at=at(22), ends_at=at(23), hours=1)
    assert "teaching.link_taken" in refused(add_session, world.clerk, world.cohort.id, other)
    staged = table(world, f"2025-07-26,安全用电,1,20:00,20:45,{row['place']},陈建国")
    assert staged.good == 1


def test_a_clerk_keeps_trainers_venues_and_ways_on_pages(world, signed_in):
    client = signed_in(world.clerk)
    sent = {
        "name": "马玉梅",
        "id_number": world.teacher.id_number,
        "organisation_id": world.school.id,
        "subjects": "焊接",
    }
    answer = client.post("/teaching/trainers/new", data=sent)
    assert answer.status_code == 422
    sent |= {"name": "陈建国", "subjects": "操作实训", "home_region_code": LUQUAN, "hours_a_week": "20"}
    answer = client.post("/teaching/trainers/new", data=sent)
    assert answer.status_code == 302
    page = answer.location
    assert "陈建国" in client.get("/teaching/trainers").text
    assert client.post(page, data={"windows": "星期八"}).status_code == 422
    with clock.at(at(8)):
        add_session(world.clerk, world.cohort.id, replace(world.lesson, module_id=world.modules[2].id))
        taken = {"first": "2025-07-24", "last": "2025-07-25", "reason": "请假"}
        assert client.post(f"{page}/bookings", data={**taken, "last": "2025-07-20"}).status_code == 422
        assert client.post(f"{page}/bookings", data=taken).status_code == 302
        shown = client.get(page).text
        assert "占用期间还有排好的课" in shown
        assert client.post(f"{page}/drop").status_code == 422
        assert (
            client.post(
                f"/teaching/venues/{world.venue.id}/bookings", data=taken | {"begins": "08:00", "ends": "12:00"}
            ).status_code
            == 302
        )
    way = {"organisation_id": world.school.id, "one_code": LUQUAN, "other_code": FUKANG, "hours": "20"}
    assert client.post("/teaching/travel", data=way).status_code == 302
    assert "20 小时" in client.get("/teaching/travel").text
    stranger = signed_in(account(Role.PROVIDER_CLERK, organisation()))
    assert "陈建国" not in stranger.get("/teaching/trainers").text
