"""Learners of a cohort."""

from datetime import date

import pytest

from lbcert.cohorts.models import CohortState, EnrolmentState
from lbcert.cohorts.operations import enrolment
from lbcert.core.access import CONSOLE, Console, Role
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.operation import operation
from lbcert.core.waivers import grant_waiver
from lbcert.parties.models import OrganisationKind, Qualification, QualificationKind
from lbcert.testing import factories as make
from tests.cohorts.world import STARTS, on, other_provider, reread, rules_of


def certificate(who, world, level="5", **values):
    return make.store(
        Qualification(
            **{
                "person_id": who.id,
                "kind": QualificationKind.SKILL_LEVEL,
                "trade_id": world.item.trade_id,
                "level": level,
                "number": f"S00005300012325{level}00000{who.id:02d}",
                "issuer": "他处",
                "issued_on": date(2024, 7, 1),
                **values,
            }
        )
    )


def test_nobody_is_in_class_twice(world):
    cohort, who = world.draft(), make.person()
    enrolment.enrol(world.clerk, cohort.id, who.id, in_service=True, job_before="普工")
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, cohort.id, who.id)
    assert rules_of(refused) == {"cohorts.already_enrolled"}
    assert (cohort.enrolments[0].in_service, cohort.enrolments[0].job_before) == (True, "普工")


@pytest.mark.parametrize(
    ("born", "male", "fits"),
    [
        (date(2009, 7, 24), True, True),
        (date(2009, 7, 25), True, False),
        (date(1965, 7, 25), True, True),
        (date(1964, 7, 24), True, False),
        (date(1969, 7, 24), False, False),
        (date(1970, 7, 24), False, True),
    ],
)
def test_age_is_counted_to_the_day_of_the_start_and_differs_by_sex(world, born, male, fits):
    world.policy("cohorts.age", {"male": [16, 60], "female": [16, 55]}, "粤人社规〔2023〕13号")
    number = make.id_number(born=born, sequence=0, male=male)
    who = make.person("学员", id_number=number)
    if fits:
        enrolment.enrol(world.clerk, world.draft().id, who.id)
        return
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, world.draft().id, who.id)
    assert rules_of(refused) == {"cohorts.age"}
    assert refused.value.findings[0].source == "粤人社规〔2023〕13号"


@pytest.mark.parametrize(("held", "stands", "fits"), [("5", True, False), ("4", True, False), ("5", False, True)])
def test_the_same_item_at_the_same_or_a_higher_level_is_taught_once(world, held, stands, fits):
    who = make.person()
    certificate(who, world, held, stands=stands)
    if fits:
        assert enrolment.enrol(world.clerk, world.draft().id, who.id)
        return
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, world.draft().id, who.id)
    assert rules_of(refused) == {"cohorts.same_item_before"}


def test_a_lower_level_or_another_trade_stands_in_nobodys_way(world):
    who = make.person()
    certificate(who, world, "5", trade_id=make.trade("焊工", "6-18-02-04").id)
    assert enrolment.enrol(world.clerk, world.draft().id, who.id)


def test_who_learns_it_in_another_cohort_is_refused_until_that_one_is_left(world):
    who, first, second = make.person(), world.draft(), world.draft()
    there = enrolment.enrol(world.clerk, first.id, who.id)
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, second.id, who.id)
    assert rules_of(refused) == {"cohorts.same_item_before"}
    assert first.number in str(refused.value)
    with on(date(2025, 7, 1)):
        enrolment.leave(world.clerk, there.id, date(2025, 7, 1), "改上二班")
    assert enrolment.enrol(world.clerk, second.id, who.id)


def test_times_a_year_are_counted_by_the_start(world):
    world.policy("cohorts.times_a_year", 1)
    who = make.person()
    other = make.cohort(
        world.provider,
        starts_on=date(2025, 3, 1),
        ends_on=date(2025, 3, 9),
        item=make.item("焊工", trade=make.trade("焊工", "6-18-02-04")),
    )
    make.enrolment(other, who)
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, world.draft().id, who.id)
    assert rules_of(refused) == {"cohorts.times_a_year"}
    next_year = world.draft(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 13))
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, world.draft(starts_on=date(2025, 12, 31), ends_on=date(2026, 1, 9)).id, who.id)
    assert enrolment.enrol(world.clerk, next_year.id, who.id)


def test_a_station_puts_people_down_and_the_provider_admits(world):
    cohort, who = world.draft(), make.person()
    away = make.account(Role.STATION, make.organisation(OrganisationKind.STATION_AWAY, make.FUKANG))
    elsewhere = make.account(Role.STATION, make.organisation(OrganisationKind.STATION_AWAY, make.NINGLANG))
    applied = enrolment.apply(away, cohort.id, who.id)
    assert applied.state is EnrolmentState.APPLIED
    for stranger in (elsewhere, make.account(Role.PROVIDER_CLERK, other_provider())):
        with pytest.raises(Forbidden):
            enrolment.apply(stranger, cohort.id, make.person().id)
    with pytest.raises(Forbidden):
        enrolment.enrol(away, cohort.id, who.id)
    assert enrolment.enrol(world.clerk, cohort.id, who.id).id == applied.id
    assert reread(applied).state is EnrolmentState.ENROLLED


def test_leaving_has_a_day_and_a_reason_and_can_be_taken_back(world):
    cohort = world.brought_to(CohortState.RUNNING)
    one = cohort.enrolments[0]
    with on(date(2025, 7, 26)):
        with pytest.raises(Refused) as refused:
            enrolment.leave(world.clerk, one.id, date(2025, 7, 27), " ")
        assert rules_of(refused) == {"cohorts.leave_reason", "cohorts.leave_day"}
        enrolment.leave(world.clerk, one.id, date(2025, 7, 26), "家中有事")
    assert (one.state, one.left_on) == (EnrolmentState.LEFT, date(2025, 7, 26))
    assert (cohort.changes[-1].before, cohort.changes[-1].reason) == (one.person.name, "家中有事")
    enrolment.enrol(world.clerk, cohort.id, one.person_id, reason="误办退班")
    assert (reread(one).state, one.left_reason) == (EnrolmentState.ENROLLED, "")


def test_after_the_approval_a_learner_comes_with_a_reason_and_within_the_class_size(world):
    world.policy("cohorts.max_size", 3)
    cohort, late = world.brought_to(CohortState.APPROVED), make.person("迟到者")
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, cohort.id, late.id)
    assert rules_of(refused) == {"cohorts.change_reason", "cohorts.class_size"}
    grant_waiver(world.officer, "cohorts.class_size", f"cohort:{cohort.id}", make.LUQUAN, "座位足够")
    enrolment.enrol(world.clerk, cohort.id, late.id, reason="补录")
    assert reread(cohort).changes[-1].after == "迟到者"


def test_while_the_bureau_reads_nobody_comes_or_goes(world):
    cohort = world.brought_to(CohortState.FILED)
    with pytest.raises(Refused) as refused:
        enrolment.enrol(world.clerk, cohort.id, make.person().id, reason="补录")
    assert rules_of(refused) == {"cohorts.locked"}
    with on(STARTS), pytest.raises(Refused) as refused:
        enrolment.leave(world.clerk, cohort.enrolments[0].id, STARTS, "有事")
    assert rules_of(refused) == {"cohorts.locked"}


def test_promises_are_recorded_for_many_at_once(world):
    cohort = world.complete(people=3)
    ids = [row.id for row in cohort.enrolments[:2]]
    with on(date(2025, 7, 20)):
        enrolment.record_promises(world.clerk, cohort.id, ids, date(2025, 7, 19))
        with pytest.raises(Refused):
            enrolment.record_promises(world.clerk, cohort.id, ids, date(2025, 7, 21))
    assert [row.promised_on for row in reread(cohort).enrolments] == [date(2025, 7, 19)] * 2 + [None]


@operation("testing.settle", allow=CONSOLE)
def settle(actor, enrolment_id, completed):
    return enrolment.settle(actor, enrolment_id, completed=completed)


def test_only_another_operation_settles_how_a_training_ended(world):
    cohort = world.brought_to(CohortState.RUNNING)
    one = cohort.enrolments[0]
    with pytest.raises(Forbidden):
        enrolment.settle(world.clerk, one.id, completed=True)
    settle(Console(), one.id, completed=False)
    settle(Console(), one.id, completed=True)
    assert reread(one).state is EnrolmentState.COMPLETED
    with pytest.raises(Refused) as refused:
        enrolment.leave(world.clerk, one.id, STARTS, "有事")
    assert "cohorts.not_in_class" in rules_of(refused)
