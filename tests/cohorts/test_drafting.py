"""Writing a cohort's plan."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import update

from lbcert.cohorts.models import Cohort, CohortState, PlannedModule, ProviderPart
from lbcert.cohorts.operations import drafting
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties.models import OrganisationKind
from lbcert.testing import factories as make
from tests.cohorts.world import menu_item, on, other_provider, reread, rules_of


def test_a_draft_gets_the_next_number_of_its_county_and_year_and_the_whole_menu_as_its_plan(world):
    first, second = world.draft(), world.draft()
    assert [first.number, second.number] == ["530128-2025-0001", "530128-2025-0002"]
    assert first.state is CohortState.DRAFT
    assert [(row.module.name, row.hours) for row in first.plan] == [
        ("安全用电", 8),
        ("电工基础", 12),
        ("操作实训", 52),
    ]
    assert first.off_site
    assert first.cross_province


def test_everything_wrong_with_the_form_is_said_at_once(world):
    stranger = make.item("焊工", trade=make.trade("焊工", "6-18-02-04"))
    with pytest.raises(Refused) as refused:
        world.draft(
            name=" ",
            item_id=stranger.id,
            starts_on=date(2025, 8, 8),
            min_size=0,
            three_stage=True,
            fee_fen=10_000,
        )
    assert rules_of(refused) == {
        "cohorts.no_name",
        "cohorts.item_of_brand",
        "cohorts.menu_of_item",
        "cohorts.dates",
        "cohorts.min_size_positive",
        "cohorts.free_of_charge",
    }


def test_three_stage_brings_all_three_stages(world):
    cohort = world.draft(three_stage=True)
    assert (cohort.by_order, cohort.by_menu, cohort.by_target) == (True, True, True)


def test_another_providers_clerk_may_not_touch_it(world):
    cohort = world.draft()
    stranger = make.account(Role.PROVIDER_CLERK, other_provider())
    with pytest.raises(Forbidden):
        drafting.edit_cohort(stranger, cohort.id, replace(world.details, name="他人改名"))
    with pytest.raises(Forbidden):
        drafting.create_cohort(stranger, world.provider.id, world.details)


def test_a_form_filled_from_an_older_version_is_refused(world):
    cohort = world.draft()
    drafting.edit_cohort(world.clerk, cohort.id, replace(world.details, name="改一次"), version=1)
    with pytest.raises(Refused) as refused:
        drafting.edit_cohort(world.clerk, cohort.id, replace(world.details, name="再改"), version=1)
    assert rules_of(refused) == {"core.stale"}


def test_joint_providers_and_hosts_are_rows_and_one_leads(world):
    cohort, joint, firm = world.draft(), other_provider(), make.organisation(OrganisationKind.EMPLOYER)
    drafting.add_provider(world.clerk, cohort.id, joint.id, ProviderPart.JOINT, hours=20)
    drafting.add_provider(world.clerk, cohort.id, firm.id, ProviderPart.HOST)
    assert [row.part.value for row in reread(cohort).providers] == ["lead", "joint", "host"]
    for again, part, rule in (
        (joint, ProviderPart.JOINT, "cohorts.provider_twice"),
        (other_provider("三号学校"), ProviderPart.LEAD, "cohorts.one_lead"),
        (make.organisation(OrganisationKind.EMPLOYER), ProviderPart.JOINT, "cohorts.not_a_provider"),
    ):
        with pytest.raises(Refused) as refused:
            drafting.add_provider(world.clerk, cohort.id, again.id, part)
        assert rules_of(refused) == {rule}
    drafting.remove_provider(world.clerk, cohort.id, joint.id)
    assert len(reread(cohort).providers) == 2
    with pytest.raises(Refused):
        drafting.remove_provider(world.clerk, cohort.id, world.provider.id)


def test_the_plan_is_chosen_from_the_menu_and_from_no_other(world):
    cohort = world.draft()
    own = [row.module_id for row in cohort.plan]
    other = menu_item().menus[-1].modules[0].id
    drafting.plan_modules(world.clerk, cohort.id, own[:2])
    assert [row.hours for row in reread(cohort).plan] == [8, 12]
    with pytest.raises(Refused) as refused:
        drafting.plan_modules(world.clerk, cohort.id, [*own, other])
    assert rules_of(refused) == {"cohorts.module_of_other_menu"}


def test_what_was_approved_changes_with_a_reason_that_is_kept(world):
    cohort = world.brought_to(CohortState.APPROVED)
    with pytest.raises(Refused) as refused:
        drafting.edit_cohort(world.clerk, cohort.id, world.details)
    assert rules_of(refused) == {"cohorts.locked"}
    with pytest.raises(Refused) as refused:
        drafting.change_cohort(world.clerk, cohort.id, " ", {"fund": "另一笔资金"})
    assert rules_of(refused) == {"cohorts.reason", "cohorts.fixed_field"}
    with on(date(2025, 7, 10)):
        drafting.change_cohort(world.clerk, cohort.id, "阜康场地停电", {"site": "二号基地"})
    change = reread(cohort).changes[-1]
    assert (change.field, change.before, change.after) == ("site", "阜康市实训基地", "二号基地")
    with pytest.raises(Refused) as refused:
        drafting.remove_trainer(world.clerk, cohort.id, world.trainer.id)
    assert rules_of(refused) == {"cohorts.change_reason"}
    drafting.name_trainer(world.clerk, cohort.id, make.person("王老师").id, reason="原教师出差")
    assert reread(cohort).changes[-1].after == "王老师"


def test_the_database_keeps_a_filed_plan_and_refuses_a_jump(world):
    cohort = world.brought_to(CohortState.FILED)
    for statement, rule in (
        (
            update(PlannedModule).where(PlannedModule.cohort_id == cohort.id).values(hours=1),
            "cohorts.filed_plan_change",
        ),
        (update(Cohort).where(Cohort.id == cohort.id).values(state=CohortState.RUNNING), "cohorts.jump"),
    ):
        with pytest.raises(Exception, match=rule), db.engine.begin() as connection:
            connection.execute(statement)
