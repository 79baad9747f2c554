"""A plan laid into its windows: 禄劝's two cohorts in 阜康, 24 July to 7 August 2025, looked at as a course table and taken over."""

from collections import Counter
from datetime import date

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.calendar import overlay_of
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.staging import findings_of
from lbcert.core.workdays import DayKind, kind_of, plain_kind
from lbcert.teaching.models import Mode
from lbcert.teaching.operations.course_table import import_course_table, propose_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.course_table import staged_tables
from lbcert.teaching.queries.patterns import departures
from lbcert.teaching.queries.planner import Wish
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, person, store

FIRST = date(2025, 7, 24)


def test_two_cohorts_are_laid_round_each_other_looked_at_and_taken_over(world, signed_in):
    xinjiang = account(Role.BUREAU_OFFICER, "650000")
    wish = Wish(FIRST, world.teacher.id, world.teacher.id, world.venue.id, world.venue.id, material="《电工》")
    with pytest.raises(Refused, match="先选班型"):
        propose_course_table(world.clerk, world.cohort.id, wish)
    for key, times in (("evening_window", "20:00-23:00"), ("day_window", "10:00-19:00")):
        set_policy(xinjiang, "650000", f"teaching.{key}", times, date(2025, 1, 1), "新疆设定")
    set_policy(xinjiang, "650000", "teaching.hours_a_day", 8, date(2025, 1, 1), "新疆设定")
    choose_pattern(world.clerk, world.cohort.id, ["night", "weekend"], in_order=True)
    page, client = f"/teaching/cohorts/{world.cohort.id}", signed_in(world.clerk)
    assert "自动排课" in client.get(page).text
    sent = {
        "first": "2025-07-24", "theory_trainer": world.teacher.id, "practice_trainer": world.teacher.id, "hours_at_once": 4,
        "venue_id": world.venue.id, "practice_venue_id": world.venue.id, "practice_mode": "on_site", "material": "《电工》",
    }  # fmt: skip
    with clock.at(world.lesson.starts_at):
        answer = client.post(f"{page}/proposal", data=sent)
    assert answer.status_code == 302
    assert sessions_of(world.cohort.id) == []
    (staged,) = staged_tables(world.cohort.id)
    assert "操作实训" in client.get(answer.location).text
    assert (staged.good, staged.total, [one.rule for one in findings_of(staged)]) == (18, 18, [])
    import_course_table(world.clerk, staged.id)

    planned = sessions_of(world.cohort.id)
    assert departures(world.cohort, planned, overlay_of(FUKANG)) == []
    assert Counter(one.module.name for one in planned for _ in range(one.hours)) == {
        "安全用电": 8, "电工基础": 12, "操作实训": 52,
    }  # fmt: skip
    by_day = Counter({clock.local(one.starts_at).date(): one.hours for one in planned})
    assert max(Counter(clock.local(one.starts_at).date() for one in planned for _ in range(one.hours)).values()) == 8
    assert all(kind_of(day) is plain_kind(day) for day in by_day)
    hours_by_kind = Counter(
        (kind_of(clock.local(one.starts_at).date()), clock.local(one.starts_at).hour >= 20) for one in planned
    )
    assert hours_by_kind[DayKind.WEEKEND, False] > 0
    assert hours_by_kind[DayKind.WORKDAY, False] == 0

    plants = cohort(world.school, name="农作物植保班")
    store(PlannedTrainer(cohort_id=plants.id, person_id=(other := person("马玉梅")).id))
    enrolment(plants, world.learners[0].person)
    choose_pattern(world.clerk, plants.id, ["night"], "周末 13:00-16:00")
    field = Wish(FIRST, other.id, other.id, world.venue.id, None, Mode.FIELD, hours_at_once=4)
    second = propose_course_table(world.clerk, plants.id, field)
    assert (second.good, second.total) == (second.total, second.total)
    (left,) = [one for one in findings_of(second) if one.rule == "teaching.unplaced"]
    import_course_table(world.clerk, second.id)
    around = sessions_of(plants.id)
    assert sum(one.hours for one in around) + int(str(left.message).split("还有 ")[1].split()[0]) == 72
    assert not any(a.starts_at < b.ends_at and b.starts_at < a.ends_at for a in around for b in planned)
    assert {one.mode for one in around if one.module.kind == "practice"} <= {Mode.FIELD}
