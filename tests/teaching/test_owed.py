"""Make-ups that a school owes stand on its list of what is to do until they are laid, or nobody needs them."""

import re
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import event

from lbcert.cohorts.models import ModuleChoice, PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.policy import set_policy
from lbcert.teaching import makeups, rules
from lbcert.teaching.models import AttendanceMark
from lbcert.teaching.operations.attendance import Presence, correct_attendance, record_attendance
from lbcert.teaching.operations.sessions import add_session, cancel_session
from lbcert.teaching.queries import marks_of, owed
from lbcert.teaching.queries.lists import own_cohorts
from lbcert.teaching.queries.todo import todo
from lbcert.testing.factories import account, cohort, enrolment, organisation, person, store
from tests.teaching.conftest import at

PRESENT, ABSENT, LEAVE = (
    Presence(mark) for mark in (AttendanceMark.PRESENT, AttendanceMark.ABSENT, AttendanceMark.LEAVE)
)


@pytest.fixture(autouse=True)
def noon():
    """Stand at the day after the first lesson."""
    with clock.at(at(12, day=25)):
        yield


def listed(who):
    """Give what is said of make-ups to lay, without the cohort's name."""
    lines = (str(row.message) for row in todo(who) if row.endpoint == "teaching.make_up")
    return [re.sub(" · .*?，", "，", line) for line in lines]


def on(world, day, **values):
    return replace(world.lesson, starts_at=at(20, day=day), ends_at=at(23, day=day), **values)


def held(world, lesson, *marks):
    session = add_session(world.clerk, world.cohort.id, lesson)
    with clock.at(session.ends_at):
        record_attendance(world.clerk, session.id, dict(zip((one.id for one in world.learners), marks, strict=True)))
    return session


def set_rate(world, percent):
    set_policy(world.bureau, "530000", rules.ATTENDANCE_SHARE.name, percent, date(2025, 1, 1), "示例文件")


def test_who_missed_a_session_is_on_the_schools_list_until_a_make_up_expects_them(world, signed_in):
    lost = held(world, world.lesson, LEAVE, ABSENT)
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，2 人缺课"]
    assert listed(world.trainer) == listed(account(Role.PROVIDER_CLERK, organisation())) == []
    page = signed_in(world.clerk).get("/").text
    assert f'href="/teaching/sessions/{lost.id}/make-up"' in page
    again = add_session(world.clerk, world.cohort.id, on(world, 25, makes_up_id=lost.id))
    assert listed(world.clerk) == []
    with clock.at(again.ends_at):
        one, two = world.learners
        record_attendance(world.clerk, again.id, {one.id: PRESENT, two.id: ABSENT})
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，1 人缺课"], "one stayed away again"
    shorter = replace(on(world, 26, makes_up_id=lost.id, hours=3))
    add_session(world.clerk, world.cohort.id, shorter)
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，1 人缺课"], "an hour is still open"
    last = add_session(world.clerk, world.cohort.id, on(world, 27, makes_up_id=lost.id, hours=1))
    assert listed(world.clerk) == []
    cancel_session(world.clerk, last.id, "停电")
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，1 人缺课"]
    correct_attendance(world.clerk, marks_of([lost.id])[lost.id, two.id].id, PRESENT, "签到表有签名")
    assert listed(world.clerk) == [], "she was there after all"


def test_a_session_that_is_made_up_is_not_named_for_another(world):
    first, second = (held(world, on(world, day), ABSENT, PRESENT) for day in (24, 25))
    add_session(world.clerk, world.cohort.id, on(world, 26, makes_up_id=first.id))
    assert listed(world.clerk) == ["安排补课：07-25 安全用电，1 人缺课"]
    add_session(world.clerk, world.cohort.id, on(world, 27, makes_up_id=second.id))
    assert listed(world.clerk) == []


def test_a_rate_on_file_asks_for_those_alone_who_cannot_reach_it_otherwise(world):
    set_rate(world, 90)
    held(world, world.lesson, ABSENT, PRESENT)
    assert listed(world.clerk) == [], "68 of 72 hours are more than 90%"
    held(world, on(world, 25), ABSENT, ABSENT)
    assert listed(world.clerk) == [
        "安排补课：07-24 安全用电，1 人不补就到不了 90% 的出勤率",
        "安排补课：07-25 安全用电，1 人不补就到不了 90% 的出勤率",
    ]
    first = owed.todo(own_cohorts(world.clerk))[0].arguments["session_id"]
    add_session(world.clerk, world.cohort.id, on(world, 26, makes_up_id=first))
    assert listed(world.clerk) == [], "one of the two is enough"


def test_make_ups_that_do_not_count_toward_the_rate_are_asked_of_nobody_for_it(world):
    set_rate(world, 100)
    held(world, world.lesson, ABSENT, PRESENT)
    assert len(listed(world.clerk)) == 1
    set_policy(world.bureau, "530000", makeups.COUNTS.name, False, date(2025, 1, 1), "本局设定")
    assert listed(world.clerk) == []


def test_the_rate_is_of_a_learners_own_modules(world):
    set_rate(world, 90)
    group = cohort(world.school, item=world.cohort.item, by_menu=True)
    store(PlannedTrainer(cohort_id=group.id, person_id=world.teacher.id))
    both = [enrolment(group, person(name)) for name in ("普光明", "阿西·拉姆")]
    chosen = zip(both, (world.modules[:2], world.modules), strict=True)
    store(*(ModuleChoice(enrolment_id=one.id, module_id=own.id, chosen_by="learner") for one, all_ in chosen for own in all_))  # fmt: skip
    session = add_session(world.clerk, group.id, world.lesson)
    with clock.at(session.ends_at):
        record_attendance(world.clerk, session.id, {one.id: ABSENT for one in both})
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，1 人不补就到不了 90% 的出勤率"], "4 of 20, and of 72"


def test_a_cancelled_session_is_on_the_list_while_its_module_lacks_hours(world):
    lost = add_session(world.clerk, world.cohort.id, world.lesson)
    other = add_session(world.clerk, world.cohort.id, on(world, 25))
    assert listed(world.clerk) == [], "what nobody planned yet was not lost"
    cancel_session(world.clerk, lost.id, "停电")
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，停课的 4 课时"]
    add_session(world.clerk, world.cohort.id, on(world, 26, makes_up_id=lost.id, hours=3))
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，停课的 1 课时"]
    cancel_session(world.clerk, other.id, "停电")
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，停课的 1 课时"], "until its time it can be planned anew"
    with clock.at(at(20, day=25)):
        assert listed(world.clerk) == [
            "安排补课：07-24 安全用电，停课的 1 课时",
            "安排补课：07-25 安全用电，停课的 4 课时",
        ]
    add_session(world.clerk, world.cohort.id, on(world, 27))
    assert listed(world.clerk) == ["安排补课：07-24 安全用电，停课的 1 课时"], "planned anew, as no make-up"
    add_session(world.clerk, world.cohort.id, on(world, 28, hours=1))
    assert listed(world.clerk) == []


def test_nothing_is_asked_for_that_no_make_up_may_be_laid_for_any_more(world):
    held(world, world.lesson, ABSENT, PRESENT)
    set_policy(world.bureau, "530000", makeups.DAYS.name, 5, date(2025, 1, 1), "本局设定")
    with clock.at(at(12, day=29)):
        assert len(listed(world.clerk)) == 1
    with clock.at(at(12, day=30)):
        assert listed(world.clerk) == []
    set_policy(world.bureau, "530128", makeups.DAYS.name, 60, date(2025, 1, 1), "本局设定")
    with clock.at(at(12, day=30)):
        assert len(listed(world.clerk)) == 1, "the county's own"
    with clock.at(at(12, day=31).replace(month=8)):
        assert listed(world.clerk) == [], "the cohort is over"


def test_one_session_costs_as_many_statements_as_many_of_several_cohorts(world):
    def statements():
        asked = []
        db.session.expire_all()
        own = own_cohorts(world.clerk)
        event.listen(db.engine, "before_cursor_execute", note := lambda *about: asked.append(about[2]))
        lines = owed.todo(own)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(lines), len(asked)

    held(world, world.lesson, ABSENT, PRESENT)
    lines, one = statements()
    assert lines == 1
    for day in (25, 26):
        held(world, on(world, day, module_id=world.modules[1].id), ABSENT, ABSENT)
    beside = cohort(world.school, item=world.cohort.item)
    store(PlannedTrainer(cohort_id=beside.id, person_id=world.teacher.id))
    learner = enrolment(beside, person("普光明"))
    there = add_session(world.clerk, beside.id, on(world, 27))
    with clock.at(there.ends_at):
        record_attendance(world.clerk, there.id, {learner.id: ABSENT})
    assert statements() == (4, one)
