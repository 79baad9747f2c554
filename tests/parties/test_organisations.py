"""Organisations: their codes, who controls them, and what they filed for."""

from datetime import date

import pytest

from lbcert.core.access import Console, Role
from lbcert.core.findings import Forbidden, Refused
from lbcert.core.pages import Paging
from lbcert.core.reference import SkillLevel
from lbcert.parties import operations, rules
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.parties.queries.organisations import controllers, list_organisations
from lbcert.testing import factories
from lbcert.testing.factories import FUKANG, LUQUAN, NATION, NINGLANG, credit_code

GOOD = "91110000600037341L"


@pytest.fixture
def officer(app):
    return factories.account(Role.BUREAU_OFFICER, LUQUAN)


def register(actor, kind=OrganisationKind.PROVIDER, name="禄劝某职业培训学校", region=LUQUAN, **values):
    return operations.register_organisation(actor, kind, name, region, **{"credit_code": credit_code(), **values})


def test_an_organisation_controls_itself_from_the_start(officer):
    school = register(officer, credit_code=" 91110000600037341l ", founded=date(2020, 1, 1))
    assert school.credit_code == GOOD
    assert [control.controller for control in school.controls] == [GOOD]
    assert controllers([school.id], date(2025, 7, 24)) == {school.id: GOOD}
    assert controllers([school.id], date(2019, 7, 24)) == {school.id: GOOD}


@pytest.mark.parametrize(
    ("code", "rule"),
    [("91110000600037341M", "credit_code.check"), ("", "parties.credit_code_missing"), ("123", "credit_code.length")],
)
def test_a_wrong_or_missing_credit_code_is_refused(officer, code, rule):
    with pytest.raises(Refused) as refused:
        register(officer, credit_code=code)
    assert rule in refused.value


def test_a_village_station_may_have_no_credit_code(officer):
    station = register(officer, OrganisationKind.STATION_VILLAGE, "某村劳务服务工作点", credit_code=None)
    assert station.controls[0].controller == f"organisation:{station.id}"


def test_one_code_stands_once_for_each_kind(officer):
    register(officer, credit_code=GOOD)
    register(officer, OrganisationKind.EMPLOYER, credit_code=GOOD)
    with pytest.raises(Refused) as refused:
        register(officer, credit_code=GOOD)
    assert "parties.credit_code_taken" in refused.value


def test_a_controller_is_dated_and_follows_the_one_before(officer):
    school = register(officer, credit_code=GOOD, founded=date(2020, 1, 1))
    parent = credit_code()
    operations.set_controller(officer, school.id, date(2024, 3, 1), name="某集团", credit_code=parent)
    assert controllers([school.id], date(2024, 2, 29)) == {school.id: GOOD}
    assert controllers([school.id], date(2024, 3, 1)) == {school.id: parent}
    operations.set_controller(officer, school.id, date(2025, 1, 1))
    assert controllers([school.id], date(2025, 1, 1)) == {school.id: GOOD}
    with pytest.raises(Refused) as refused:
        operations.set_controller(officer, school.id, date(2024, 12, 1), name="某集团", credit_code=parent)
    assert "parties.control_dates" in refused.value


def test_two_bodies_of_one_person_have_one_controller_and_no_number_is_kept(officer):
    number = "530128197506150012"
    school, body = register(officer), register(officer, OrganisationKind.ASSESSMENT_BODY)
    for each in (school, body):
        operations.set_controller(officer, each.id, date(2099, 1, 1), name="王某", id_number=number)
    found = controllers([school.id, body.id], date(2099, 1, 1))
    assert found[school.id] == found[body.id]
    assert found[school.id].startswith("person:")
    assert number not in found[school.id]


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"name": "某集团", "credit_code": "91110000600037341M"}, "credit_code.check"),
        ({"name": "王某", "id_number": "530128197506150013"}, "id_number.check"),
        ({"name": "王某", "credit_code": GOOD, "id_number": "530128197506150012"}, "parties.controller"),
        ({"credit_code": GOOD}, "parties.controller_name"),
    ],
)
def test_a_controller_that_cannot_be_one_is_refused(officer, values, rule):
    school = register(officer)
    with pytest.raises(Refused) as refused:
        operations.set_controller(officer, school.id, date(2099, 1, 1), **values)
    assert rule in refused.value


def test_a_corrected_credit_code_corrects_the_own_control(officer):
    school = register(officer, founded=date(2020, 1, 1))
    operations.change_organisation(officer, school.id, "新名称", LUQUAN, credit_code=GOOD, version=school.version)
    assert controllers([school.id], date(2025, 1, 1)) == {school.id: GOOD}


def test_two_people_saving_the_same_form(officer):
    school = register(officer)
    seen = school.version
    operations.change_organisation(officer, school.id, "甲", LUQUAN, credit_code=GOOD, version=seen)
    with pytest.raises(Refused) as refused:
        operations.change_organisation(officer, school.id, "乙", LUQUAN, credit_code=GOOD, version=seen)
    assert "core.stale" in refused.value


def test_an_officer_keeps_the_register_of_the_own_county(officer):
    school = register(officer)
    with pytest.raises(Forbidden):
        register(officer, region=NINGLANG)
    with pytest.raises(Forbidden):
        operations.change_organisation(officer, school.id, "搬走", NINGLANG, credit_code=GOOD)


def test_the_list_keeps_to_the_county_and_filters(officer):
    register(officer, name="甲学校")
    register(officer, OrganisationKind.EMPLOYER, name="乙企业")
    factories.organisation(region=NINGLANG)
    seen = {row.name for row in list_organisations(officer, Paging()).rows}
    assert seen == {"甲学校", "乙企业"}
    assert [row.name for row in list_organisations(officer, Paging(filters={"kind": "employer"})).rows] == ["乙企业"]
    assert [row.name for row in list_organisations(officer, Paging(search="学校")).rows] == ["甲学校"]


def wanted(trade, level=SkillLevel.FIVE, site=FUKANG, first=date(2025, 7, 24), last=date(2025, 8, 7)):
    return rules.Wanted(trade.id, trade.name, level, site, first, last)


def test_a_filing_lets_teach_its_trade_level_place_and_time(officer):
    school, trade, other = register(officer), factories.trade(), factories.trade("农作物植保员", "5-05-02-01")
    operations.accept_filing(
        officer, school.id, FilingKind.TEACH, trade.id, SkillLevel.FIVE, LUQUAN, "禄人社〔2025〕1号", date(2025, 1, 1),
        date(2025, 12, 31),
    )  # fmt: skip
    filings = school.filings

    def said(**changes):
        findings = rules.may_teach(
            school.name, filings, wanted(changes.pop("trade", trade), **{"site": LUQUAN, **changes})
        )
        return str(findings[0].message) if findings else ""

    assert said() == ""
    assert "没有“农作物植保员”的培训备案" in said(trade=other)
    assert "不含四级/中级工" in said(level=SkillLevel.FOUR)
    assert f"不含该地点（{FUKANG}）" in said(site=FUKANG)
    assert "2025-01-01 至 2025-12-31，不含 2025-12-20 至 2026-01-10" in said(
        first=date(2025, 12, 20), last=date(2026, 1, 10)
    )
    assert rules.may_assess(school.name, filings, wanted(trade))[0].rule == "parties.may_assess"


def test_a_filing_that_ended_lets_nobody_teach(officer):
    school, trade = register(officer), factories.trade()
    filing = operations.accept_filing(
        officer, school.id, FilingKind.TEACH, trade.id, None, NATION, "文号", date(2025, 1, 1)
    )
    operations.end_filing(officer, filing.id, date(2025, 7, 31), "停业整顿")
    assert rules.may_teach(school.name, school.filings, wanted(trade))
    assert not rules.may_teach(school.name, school.filings, wanted(trade, last=date(2025, 7, 31)))


def test_only_an_assessment_body_files_for_assessing(officer):
    school, trade = register(officer), factories.trade()
    with pytest.raises(Refused) as refused:
        operations.accept_filing(
            officer, school.id, FilingKind.ASSESS, trade.id, None, NATION, "", date(2025, 1, 1), date(2024, 1, 1)
        )
    assert {finding.rule for finding in refused.value.findings} == {
        "parties.filing_kind", "parties.filing_dates", "parties.filing_document",
    }  # fmt: skip


def test_the_console_may_set_up_the_first_organisation(app):
    assert register(Console(), OrganisationKind.BUREAU, "禄劝县人社局").id
