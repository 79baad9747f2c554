"""The calendar under a timetable: a year that nobody knows yet is planned on weekdays, marked, and checked once it is known."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.calendar import enter_days
from lbcert.core.clock import SHANGHAI
from lbcert.core.findings import Refused
from lbcert.core.workdays import DayKind, kind_of
from lbcert.teaching.operations.sessions import add_session, cancel_session, keep_day, move_session
from lbcert.teaching.queries import sessions_of
from lbcert.testing.factories import account, cohort, store

NOTICE = "国务院办公厅关于2027年部分节假日安排的通知（演示）"
NEW_YEAR = "2027-01-01~2027-01-03 休 元旦\n2027-01-09 班 元旦调休"


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2025, 9, 26), DayKind.WORKDAY),
        (date(2025, 9, 27), DayKind.WEEKEND),
        (date(2025, 9, 28), DayKind.WORKED_WEEKEND),
        (date(2025, 10, 3), DayKind.HOLIDAY),
        (date(2025, 10, 4), DayKind.HOLIDAY),
        (date(2027, 1, 1), DayKind.WORKDAY),
        (date(2027, 1, 2), DayKind.WEEKEND),
    ],
)
def test_a_day_is_one_of_four_kinds(day, kind):
    assert kind_of(day) is kind


def test_a_plan_over_new_year_is_marked_and_checked_again_once_the_year_is_known(world, signed_in):
    group = cohort(world.school, name="跨年班", starts_on=date(2026, 12, 28), ends_on=date(2027, 1, 15))
    store(PlannedTrainer(cohort_id=group.id, person_id=world.teacher.id))
    page = f"/teaching/cohorts/{group.id}"

    def add(day):
        starts = datetime.combine(day, world.lesson.starts_at.timetz(), SHANGHAI)
        module = group.plan[2].module_id
        times = {"starts_at": starts, "ends_at": starts + timedelta(minutes=90), "hours": 2}
        return add_session(world.clerk, group.id, replace(world.lesson, module_id=module, **times))

    with clock.at(datetime(2026, 12, 1, 9, tzinfo=SHANGHAI)):
        days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 9), date(2027, 1, 3))
        for day in days:
            add(day)
        clerk = signed_in(world.clerk)
        unknown = clerk.get(page).text
        assert (unknown.count("放假安排未公布"), "日历有变化" in unknown) == (4, False)
        officer = account(Role.BUREAU_OFFICER, "650000")
        enter_days(officer, "650000", NEW_YEAR, NOTICE)
        assert "跨年班：3 节课的日期" in signed_in(officer).get("/calendar/").text
        assert "跨年班：3 节课的日期与现在的放假调休不符" in clerk.get("/teaching/").text
        known = clerk.get(page).text
        for told in ("2027-01-01 排课时是工作日，现在日历上是节假日", "2027-01-03 排课时是周末，现在日历上是节假日",
                     "2027-01-09 排课时是周末，现在日历上是调休上班日"):  # fmt: skip
            assert told in known
        assert "2027-01-04 排课时" not in known
        assert "放假安排未公布" not in known
        _, new_year, sunday, _, worked = sessions_of(group.id)
        cancel_session(world.clerk, sunday.id, "元旦放假")
        later = {"starts_at": new_year.starts_at + timedelta(days=4), "ends_at": new_year.ends_at + timedelta(days=4)}
        move_session(world.clerk, new_year.id, replace(world.lesson, module_id=new_year.module_id, hours=2, **later))
        assert clerk.post(f"/teaching/sessions/{worked.id}/keep-day").status_code == 302
        assert "不符" not in clerk.get("/teaching/").text
        assert "调休上班日" in clerk.get(page).text
        with pytest.raises(Refused, match="已取消"):
            keep_day(world.clerk, sunday.id)
