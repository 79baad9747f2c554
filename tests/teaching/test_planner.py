"""Plans laid into their windows: 禄劝's two cohorts in 阜康, 24 July to 7 August 2025, together, looked at and taken over."""

from collections import Counter
from datetime import date

import pytest

from lbcert.cohorts.models import PlannedTrainer
from lbcert.core import clock, jobs
from lbcert.core.access import Role
from lbcert.core.calendar import overlay_of
from lbcert.core.database import load
from lbcert.core.findings import Refused
from lbcert.core.policy import set_policy
from lbcert.core.staging import findings_of
from lbcert.core.workdays import DayKind, kind_of, plain_kind
from lbcert.teaching.models import Mode, SolveRun
from lbcert.teaching.operations.course_table import import_course_table
from lbcert.teaching.operations.patterns import choose_pattern
from lbcert.teaching.operations.solving import start_solving
from lbcert.teaching.queries import sessions_of
from lbcert.teaching.queries.course_table import staged_tables
from lbcert.teaching.queries.patterns import departures
from lbcert.teaching.queries.solving import Asked
from lbcert.testing.factories import FUKANG, account, cohort, enrolment, organisation, person, store

FIRST = date(2025, 7, 24)


def test_two_cohorts_are_planned_together_round_each_other_looked_at_and_taken_over(world, signed_in):
    xinjiang = account(Role.BUREAU_OFFICER, "650000")
    with pytest.raises(Refused, match="先选班型"):
        start_solving(world.clerk, world.cohort.id, Asked(FIRST), 5)
    for key, times in (("evening_window", "20:00-23:00"), ("day_window", "10:00-19:00")):
        set_policy(xinjiang, "650000", f"teaching.{key}", times, date(2025, 1, 1), "新疆设定")
    set_policy(xinjiang, "650000", "teaching.hours_a_day", 12, date(2025, 1, 1), "新疆设定")
    choose_pattern(world.clerk, world.cohort.id, ["night", "weekend"], in_order=True)
    plants = cohort(world.school, name="农作物植保班")
    store(PlannedTrainer(cohort_id=plants.id, person_id=(other := person("马玉梅")).id))
    store(PlannedTrainer(cohort_id=world.cohort.id, person_id=other.id))
    enrolment(plants, world.learners[0].person)
    with pytest.raises(Refused, match="“农作物植保班”没有写明"):
        start_solving(world.clerk, world.cohort.id, Asked(FIRST), 5, [plants.id])
    choose_pattern(world.clerk, plants.id, ["night"], "每天 08:00-14:00")
    stranger = cohort(organisation(), name="别人的班")
    with pytest.raises(Refused, match="“别人的班”不是本机构的培训班"):
        start_solving(world.clerk, world.cohort.id, Asked(FIRST), 5, [stranger.id])
    page, client = f"/teaching/cohorts/{world.cohort.id}", signed_in(world.clerk)
    sent = {
        "first": "2025-07-24", "beside": [plants.id], "trainers": [world.teacher.id], "hours_at_once": 4, "seconds": 2,
        "venues": [world.venue.id], "practice_mode": "on_site", "material": "《电工》",
    }  # fmt: skip
    with clock.at(world.lesson.starts_at):
        shown = client.get(f"{page}/solving").text
        assert "农作物植保班" in shown
        assert "别人的班" not in shown
        answer = client.post(f"{page}/solving", data=sent)
    assert answer.status_code == 302
    run = load(SolveRun, int(answer.location.rpartition("/")[2]))
    jobs.run(run.job_id)
    assert sessions_of(world.cohort.id) == []
    shown = client.get(answer.location).text
    (first,), (second,) = (staged_tables(each.id) for each in (world.cohort, plants))
    assert all(f'/teaching/course-tables/{each.id}"' in shown for each in (first, second))
    assert (first.good, second.good) == (first.total, second.total)
    assert first.good + second.good == run.placed
    assert [one.rule for staged in (first, second) for one in findings_of(staged)] == []
    for staged in (first, second):
        import_course_table(world.clerk, staged.id)

    planned, around = sessions_of(world.cohort.id), sessions_of(plants.id)
    assert departures(world.cohort, planned, overlay_of(FUKANG)) == []
    assert {one.trainer_id for one in planned} == {world.teacher.id}
    assert {one.trainer_id for one in around} == {other.id}
    assert not any(a.starts_at < b.ends_at and b.starts_at < a.ends_at for a in around for b in planned)
    for sessions in (planned, around):
        assert sum(one.hours for one in sessions) == 72
        hours = Counter(clock.local(one.starts_at).date() for one in sessions for _ in range(one.hours))
        assert max(hours.values()) <= 12
        assert all(kind_of(day) is plain_kind(day) for day in hours)
    by_day = {(kind_of(clock.local(one.starts_at).date()), clock.local(one.starts_at).hour >= 20) for one in planned}
    assert (DayKind.WEEKEND, False) in by_day
    assert (DayKind.WORKDAY, False) not in by_day


def test_a_cohort_that_fits_its_windows_is_planned_whole_and_theory_before_practice_in_the_field(world, solved):
    xinjiang = account(Role.BUREAU_OFFICER, "650000")
    for key, value in (("evening_window", "20:00-22:15"), ("hours_a_day", 12)):
        set_policy(xinjiang, "650000", f"teaching.{key}", value, date(2025, 1, 1), "新疆设定")
    choose_pattern(world.clerk, world.cohort.id, ["night"], "周末 08:00-19:00", 12, in_order=True)
    staged = solved(Asked(FIRST, practice_mode=Mode.FIELD, venues=(world.venue.id,))).staged
    assert (staged.good, staged.total, [one.rule for one in findings_of(staged)]) == (staged.total, 25, [])
    import_course_table(world.clerk, staged.id)
    planned = sessions_of(world.cohort.id)
    assert Counter(one.module.name for one in planned for _ in range(one.hours)) == {
        "安全用电": 8, "电工基础": 12, "操作实训": 52,
    }  # fmt: skip
    assert {(one.mode, one.venue_id) for one in planned if one.module.kind == "practice"} == {(Mode.FIELD, None)}
    assert departures(world.cohort, planned, overlay_of(FUKANG)) == []
