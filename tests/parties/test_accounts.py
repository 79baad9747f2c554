"""Who gives roles to whom, and what an account must be."""

import pytest

from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden, Refused
from lbcert.parties import operations
from lbcert.parties.models import Account, OrganisationKind
from lbcert.testing import factories
from lbcert.testing.factories import KUNMING, LUQUAN, NINGLANG

ON_OTHERS = [
    operations.close_account, operations.reopen_account, operations.reset_password, operations.reset_second_factor,
]  # fmt: skip


@pytest.fixture
def officer(app):
    return factories.account(Role.BUREAU_OFFICER, LUQUAN)


@pytest.fixture
def school(app):
    return factories.organisation()


def make(actor, role=Role.PROVIDER_CLERK, user_name="li.na", **values):
    return operations.create_account(actor, user_name, "李娜", role, **{"password": "long enough", **values})


@pytest.mark.parametrize("change", ON_OTHERS)
def test_nobody_administers_the_own_account(app, change):
    admin = factories.account(Role.ADMIN)
    with pytest.raises(Forbidden):
        change(admin, admin.id)
    with pytest.raises(Forbidden):
        operations.withdraw_role(admin, admin.grants[0].id)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.BUREAU_OFFICER, Role.AUDITOR])
@pytest.mark.parametrize("change", ON_OTHERS)
def test_an_officer_has_no_hand_in_who_is_above_or_watches(officer, role, change):
    with pytest.raises(Forbidden):
        change(officer, factories.account(role, LUQUAN).id)


def test_an_account_with_one_role_out_of_reach_is_out_of_reach(officer, school):
    clerk = make(officer, organisation_id=school.id)
    elsewhere = factories.organisation(region=NINGLANG)
    operations.grant_role(Console(), clerk.id, Role.PROVIDER_CLERK, organisation_id=elsewhere.id)
    with pytest.raises(Forbidden):
        operations.reset_password(officer, clerk.id)


def test_nobody_gives_a_role_over_more_than_he_has(officer):
    for region in (KUNMING, NINGLANG):
        with pytest.raises(Forbidden):
            make(officer, Role.SERVICE_CENTRE, region_code=region)
    assert make(officer, Role.SERVICE_CENTRE, region_code=LUQUAN).id


def test_a_schools_administrator_gives_roles_at_the_school_alone(school):
    head = factories.account(Role.ADMIN, school)
    assert make(head, organisation_id=school.id).id
    with pytest.raises(Forbidden):
        make(head, user_name="other", organisation_id=factories.organisation().id)
    with pytest.raises(Forbidden):
        make(head, Role.AUDITOR, user_name="other", region_code=LUQUAN)


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.EXAMINER, OrganisationKind.PROVIDER),
        (Role.PROVIDER_CLERK, OrganisationKind.ASSESSMENT_BODY),
        (Role.STATION, OrganisationKind.EMPLOYER),
        (Role.BUREAU_OFFICER, OrganisationKind.BUREAU),
    ],
)
def test_a_role_stands_where_it_belongs(app, role, kind):
    with pytest.raises(Refused) as refused:
        make(Console(), role, organisation_id=factories.organisation(kind).id)
    assert "parties.role_scope" in refused.value


def test_a_role_is_at_an_organisation_or_over_a_region(app, school):
    for scope in ({}, {"organisation_id": school.id, "region_code": LUQUAN}, {"region_code": LUQUAN}):
        with pytest.raises(Refused) as refused:
            make(Console(), **scope)
        assert "parties.role_scope" in refused.value


def test_a_role_is_given_once(officer, school):
    clerk = make(officer, organisation_id=school.id)
    with pytest.raises(Refused) as refused:
        operations.grant_role(officer, clerk.id, Role.PROVIDER_CLERK, organisation_id=school.id)
    assert "parties.role_granted" in refused.value
    operations.grant_role(officer, clerk.id, Role.SERVICE_CENTRE, region_code=LUQUAN)
    with pytest.raises(Refused):
        operations.grant_role(officer, clerk.id, Role.SERVICE_CENTRE, region_code=LUQUAN)


def test_a_withdrawn_role_is_gone_at_once(officer, school):
    clerk = make(officer, organisation_id=school.id)
    operations.withdraw_role(officer, clerk.grants[0].id)
    assert db.session.get(Account, clerk.id).grants == []


@pytest.mark.parametrize("name", ["13800001234", "9lives", "a", "two words", "x" * 41, "<b>", ""])
def test_a_user_name_cannot_be_taken_for_a_phone_number(app, school, name):
    with pytest.raises(Refused) as refused:
        make(Console(), user_name=name, organisation_id=school.id)
    assert "parties.user_name" in refused.value


def test_all_that_is_wrong_is_said_at_once(app, school):
    with pytest.raises(Refused) as refused:
        operations.create_account(
            Console(), "1", " ", Role.EXAMINER, organisation_id=school.id, phone="12", password="short"
        )
    assert {finding.rule for finding in refused.value.findings} == {
        "parties.user_name", "parties.account_name", "parties.role_scope", "parties.password_length",
        "phone.not_a_number",
    }  # fmt: skip


def test_a_name_and_a_phone_belong_to_one_account(app, school):
    make(Console(), organisation_id=school.id, phone="13800001234")
    for values, rule in (
        ({"user_name": "LI.NA"}, "parties.user_name_taken"),
        ({"user_name": "other", "phone": "138 0000 1234"}, "parties.phone_taken"),
    ):
        with pytest.raises(Refused) as refused:
            make(Console(), organisation_id=school.id, **values)
        assert rule in refused.value


def test_a_phone_is_bound_and_unbound(officer, school):
    clerk = make(officer, organisation_id=school.id)
    assert operations.set_account_phone(officer, clerk.id, "13800001234").phone_index
    assert operations.set_account_phone(officer, clerk.id, "").phone_index is None
