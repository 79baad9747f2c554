"""What is left to plan and to publish stands on the school's list, one thing a cohort, until it is done."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.calendar import enter_days
from lbcert.core.database import db
from lbcert.core.policy import set_policy
from lbcert.teaching import makeups
from lbcert.teaching.operations.sessions import cancel_session, move_session
from lbcert.teaching.operations.versions import publish_timetable
from lbcert.teaching.queries import plans
from lbcert.teaching.queries.lists import own_cohorts
from lbcert.teaching.queries.todo import todo
from lbcert.teaching.queries.versions import versions_of
from lbcert.testing.factories import account, cohort, organisation
from tests.teaching.conftest import at

ENDPOINTS = {"teaching.timetable", "teaching.versions"}


def listed(who):
    return [(str(row.message), row.endpoint) for row in todo(who) if row.endpoint in ENDPOINTS]


@pytest.fixture
def planned(taught):
    """Give the world at the first morning, with the whole plan on the timetable."""
    with clock.at(at(0, day=23)):
        yield taught


def test_what_is_left_to_plan_and_to_publish_is_listed_until_it_is_done(planned):
    name, clerk = planned.cohort.name, planned.clerk
    publish = (f"公布课程表：{name}", "teaching.versions")
    assert listed(clerk) == [publish]
    publish_timetable(clerk, planned.cohort.id)
    assert listed(clerk) == []
    last = planned.sessions[-1]
    later = {"starts_at": last.starts_at + timedelta(hours=3), "ends_at": last.ends_at + timedelta(hours=3)}
    move_session(clerk, last.id, replace(planned.lesson, module_id=last.module_id, hours=last.hours, **later))
    assert listed(clerk) == [publish]
    cancel_session(clerk, last.id, "停电")
    left = f"排课：{name}，2025-07-24 开班，还有 {last.hours} 课时没有排"
    assert listed(clerk) == [(left, "teaching.timetable")]
    others = account(Role.PROVIDER_CLERK, organisation()), planned.trainer, planned.bureau
    assert [listed(who) for who in others] == [[], [], []]
    with clock.at(at(0, day=24) + timedelta(days=20)):
        assert listed(clerk) == []


def test_hours_that_are_to_be_made_up_are_not_asked_for_twice(planned):
    publish_timetable(planned.clerk, planned.cohort.id)
    first, *_, last = planned.sessions
    cancel_session(planned.clerk, first.id, "停电")
    name = planned.cohort.name
    assert [message for message, _ in listed(planned.clerk)] == [
        f"排课：{name}，2025-07-24 开班，还有 {first.hours} 课时没有排"
    ]
    make_up = f"安排补课：07-24 安全用电 · {name}，停课的 {first.hours} 课时"

    def said():
        lines = (str(row.message) for row in todo(planned.clerk))
        return [line for line in lines if line.startswith(("排课", "公布", "安排补课"))]

    with clock.at(first.ends_at):
        assert said() == [make_up]
        cancel_session(planned.clerk, last.id, "停电")
        assert said() == [f"排课：{name}，2025-07-24 开班，还有 {last.hours} 课时没有排", make_up]
        set_policy(planned.bureau, "530000", makeups.DAYS.name, 5, date(2025, 1, 1), "本局设定")
    with clock.at(at(12, day=30)):
        assert said() == [
            f"排课：{name}，2025-07-24 开班，还有 {first.hours} 课时没有排",
            f"安排补课：07-28 操作实训 · {name}，停课的 {last.hours} 课时",
        ], "it is too late to make up the first, not to plan its hours"


def test_a_day_that_turned_out_otherwise_is_checked_before_anything_is_published(planned):
    enter_days(account(Role.BUREAU_OFFICER, "650000"), "650000", "2025-07-24 休 抢险", "示例文件")
    said = f"{planned.cohort.name}：1 节课的日期与现在的放假调休不符，请核对"
    assert listed(planned.clerk) == [(said, "teaching.timetable")]


def test_more_cohorts_ask_no_more_of_the_database(planned):
    publish_timetable(planned.clerk, planned.cohort.id)
    assert len(versions_of(planned.cohort.id)) == 1

    def asked():
        statements = []
        db.session.expire_all()
        own = own_cohorts(planned.clerk)
        event.listen(db.engine, "before_cursor_execute", note := lambda *about: statements.append(about[2]))
        lines = plans.todo(own)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(lines), len(statements)

    none, few = asked()
    for _ in range(3):
        cohort(planned.school, item=planned.cohort.item)
    assert (none, asked()) == (0, (3, few))
