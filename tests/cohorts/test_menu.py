"""菜单教学: each learner's own modules."""

from datetime import date

import pytest

from lbcert.cohorts.models import CohortState
from lbcert.cohorts.operations import enrolment, life, menu, seats
from lbcert.cohorts.operations.menu import Chooser
from lbcert.cohorts.queries.plan import choosing_for, hours_of, modules_of
from lbcert.cohorts.queries.todo import todo
from lbcert.core.access import Role
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties.models import FilingKind
from lbcert.testing import factories as make
from lbcert.testing.fixtures import browser_of
from tests.cohorts.world import menu_item, on, reread, rules_of

CLOSES = date(2025, 7, 10)


@pytest.fixture
def kitchen(ordered):
    """Give a cohort of 养老护理员 with two learners who choose for themselves."""
    item = menu_item()
    make.filing(ordered.provider, item.trade, FilingKind.TEACH)
    brand = make.brand(items=[item])
    ordered.cohort = ordered.complete(
        people=2,
        brand_id=brand.id,
        item_id=item.id,
        menu_id=item.menus[-1].id,
        by_menu=True,
        choices_close_on=CLOSES,
    )
    ordered.modules = {module.name: module.id for module in item.menus[-1].modules}
    ordered.required = [module.id for module in item.menus[-1].modules if module.required]
    return ordered


def pick(world, *electives):
    return [*world.required, *(world.modules[name] for name in electives)]


def test_learners_choose_differently_and_the_plan_is_everything_chosen(kitchen):
    one, two = kitchen.cohort.enrolments
    assert kitchen.cohort.plan == []
    with on(CLOSES):
        menu.choose(kitchen.clerk, one.id, pick(kitchen, "康养理疗手法", "心理支持与沟通"))
        menu.choose(kitchen.clerk, two.id, pick(kitchen, "康复辅助", "康养理疗手法"), chosen_by=Chooser.PROVIDER)
        menu.freeze_menu(kitchen.clerk, kitchen.cohort.id)
    assert [row.module.name for row in reread(kitchen.cohort).plan] == list(kitchen.modules)
    assert {row.module.name for row in modules_of(one)} == {
        "职业道德与法律",
        "老年人生活照料",
        "基础护理与急救",
        "心理支持与沟通",
        "康养理疗手法",
    }
    assert (hours_of(one), hours_of(two)) == (60, 64)
    assert {choice.chosen_by for choice in two.choices} == {"provider"}


def test_a_choice_that_the_menu_does_not_allow_is_refused_whole(kitchen):
    one = kitchen.cohort.enrolments[0]
    with on(CLOSES), pytest.raises(Refused) as refused:
        menu.choose(kitchen.clerk, one.id, [kitchen.modules["职业道德与法律"], kitchen.modules["康复辅助"]])
    assert rules_of(refused) == {"brands.required_module", "brands.hours"}
    assert one.person.name in str(refused.value)
    assert reread(one).choices == []


def test_choosing_ends_with_the_closing_date(kitchen):
    one = kitchen.cohort.enrolments[0]
    with on(date(2025, 7, 11)), pytest.raises(Refused) as refused:
        menu.choose(kitchen.clerk, one.id, pick(kitchen, "康养理疗手法", "心理支持与沟通"))
    assert rules_of(refused) == {"cohorts.menu_closed"}


def test_it_is_filed_only_once_everybody_has_chosen_and_the_menu_is_frozen(kitchen):
    cohort = kitchen.cohort
    one, two = cohort.enrolments
    full = pick(kitchen, "康养理疗手法", "心理支持与沟通")
    with on(date(2025, 7, 1)):
        menu.choose(kitchen.clerk, one.id, full)
        with pytest.raises(Refused) as refused:
            menu.freeze_menu(kitchen.clerk, cohort.id)
        assert rules_of(refused) == {"cohorts.undecided"}
        assert two.person.name in str(refused.value)
        menu.choose_for_all(kitchen.clerk, cohort.id, full)
        with pytest.raises(Refused) as refused:
            life.file_cohort(kitchen.clerk, cohort.id, promises=True)
        assert rules_of(refused) == {"cohorts.menu_open", "cohorts.part_plan"}
        menu.freeze_menu(kitchen.clerk, cohort.id)
        with pytest.raises(Refused) as refused:
            menu.choose(kitchen.clerk, one.id, full)
        assert rules_of(refused) == {"cohorts.menu_frozen"}
        life.file_cohort(kitchen.clerk, cohort.id, promises=True)
        life.return_cohort(kitchen.officer, cohort.id, "课程请再征求学员意见")
        assert menu.choose(kitchen.clerk, one.id, full)
    assert reread(cohort).state is CohortState.RETURNED


def test_who_comes_late_chooses_from_the_frozen_plan(kitchen):
    cohort = kitchen.cohort
    with on(date(2025, 7, 1)):
        menu.choose_for_all(kitchen.clerk, cohort.id, pick(kitchen, "康养理疗手法", "心理支持与沟通"))
        menu.freeze_menu(kitchen.clerk, cohort.id)
        life.file_cohort(kitchen.clerk, cohort.id, promises=True)
        life.approve_cohort(kitchen.officer, cohort.id)
        late = enrolment.enrol(kitchen.clerk, cohort.id, make.person("补员").id, reason="补足人数")
        with pytest.raises(Refused) as refused:
            menu.choose(kitchen.clerk, late.id, pick(kitchen, "康养理疗手法", "康复辅助"))
        assert rules_of(refused) == {"cohorts.not_in_plan"}
        menu.choose(kitchen.clerk, late.id, pick(kitchen, "康养理疗手法", "心理支持与沟通"))
    assert hours_of(reread(late)) == 60


def test_the_employer_finds_for_whom_its_seat_is_and_chooses_for_nobody_else(app, ordered):
    cohort = ordered.complete(people=2, by_menu=True, choices_close_on=CLOSES)
    seated, other = cohort.enrolments
    seats.allot_seats(ordered.centre, ordered.open_line.id, cohort.id, 1)
    seats.seat_learner(ordered.clerk, seated.id, ordered.open_line.id)
    boss = make.account(Role.EMPLOYER, ordered.employer)
    whole = [module.id for module in cohort.menu.modules]
    with on(CLOSES):
        assert choosing_for(boss, cohort) == [seated]
        assert [each.arguments for each in todo(boss) if each.endpoint == "cohorts.cohort"] == [
            {"cohort_id": cohort.id}
        ]
        mine = browser_of(app, boss)
        assert f"/cohorts/learners/{seated.id}/modules" in mine.get(f"/cohorts/{cohort.id}").text
        menu.choose(boss, seated.id, whole)
        with pytest.raises(Forbidden):
            menu.choose(boss, other.id, whole)
        assert [each for each in todo(boss) if each.endpoint == "cohorts.cohort"] == []
    with on(date(2025, 7, 11)):
        assert choosing_for(boss, cohort) == []
    assert {choice.chosen_by for choice in reread(seated).choices} == {"employer"}


def test_without_the_menu_stage_the_plan_is_everybodys(world):
    cohort = world.complete(people=1)
    assert modules_of(cohort.enrolments[0]) == list(cohort.plan)
    with pytest.raises(Refused) as refused:
        menu.choose(world.clerk, cohort.enrolments[0].id, [row.module_id for row in cohort.plan])
    assert rules_of(refused) == {"cohorts.no_menu_stage"}
