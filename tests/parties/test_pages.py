"""The room's pages, as an officer walks them."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from lbcert.core.access import Console, Role
from lbcert.core.database import db
from lbcert.core.findings import Forbidden
from lbcert.parties import operations
from lbcert.parties.models import Account, Organisation, OrganisationKind, Person, Qualification
from lbcert.parties.operations import PersonData
from lbcert.testing import factories
from lbcert.testing.factories import LUQUAN, NINGLANG

GOOD = "91110000600037341L"


@pytest.fixture
def officer(app):
    return factories.account(Role.BUREAU_OFFICER, LUQUAN)


@pytest.fixture
def desk(officer, signed_in):
    return signed_in(officer)


@pytest.fixture
def wang(app):
    return operations.register_person(
        Console(), PersonData("王小明", "530128197506150012", phone="13800001234", household_region_code=LUQUAN)
    )


def test_an_organisation_is_registered_corrected_and_files(desk):
    form = {"kind": "provider", "name": "禄劝某学校", "region_code": f"{LUQUAN} 禄劝县", "phone": "0871-68912345"}
    refused = desk.post("/parties/organisations/new", data={**form, "credit_code": "91110000600037341M"})
    assert refused.status_code == 422
    assert "末位应为 L，现为 M" in refused.text.replace(",", "，")
    assert 'value="禄劝某学校"' in refused.text
    made = desk.post("/parties/organisations/new", data={**form, "credit_code": GOOD})
    assert made.status_code == 302
    page = desk.get(made.location).text
    assert "087*****2345" in page
    assert "087168912345" not in page
    school = db.session.query(Organisation).filter_by(credit_code=GOOD).one()
    assert "0871" not in desk.get(f"{made.location}/edit").text
    edited = {"name": "禄劝新校", "region_code": LUQUAN, "credit_code": GOOD, "version": school.version}
    assert desk.post(f"{made.location}/edit", data=edited).status_code == 302
    assert desk.post(f"{made.location}/edit", data=edited).status_code == 422
    trade = factories.trade()
    filed = desk.post(
        f"{made.location}/filings",
        data={
            "kind": "teach", "trade_id": trade.id, "level": "5", "site_region_code": LUQUAN,
            "document": "禄人社〔2025〕1号", "valid_from": "2025-01-01",
        },
    )  # fmt: skip
    assert filed.status_code == 302
    assert "禄人社〔2025〕1号" in desk.get(made.location).text
    desk.post(
        f"{made.location}/controller",
        data={"valid_from": "2099-01-01", "name": "某集团", "credit_code": "91350100M000100Y43"},
    )
    assert "某集团" in desk.get(made.location).text


def test_the_list_of_organisations_is_exported_as_it_is_filtered(desk):
    factories.organisation(name="禄劝甲校")
    factories.organisation(OrganisationKind.EMPLOYER, name="禄劝乙厂")
    factories.organisation(region=NINGLANG, name="宁蒗丙校")
    listed = desk.get("/parties/organisations?kind=provider").text
    assert "禄劝甲校" in listed
    assert "禄劝乙厂" not in listed
    exported = desk.get("/parties/organisations?format=csv").data.decode("utf-8-sig")
    assert "禄劝甲校" in exported
    assert "禄劝乙厂" in exported
    assert "宁蒗丙校" not in exported


def test_pickers_suggest_while_one_types(desk):
    school = factories.organisation(name="禄劝甲校")
    factories.organisation(OrganisationKind.EMPLOYER, name="禄劝乙厂")
    regions = desk.get("/parties/regions?of=region_code&region_code=禄劝").text
    assert f'<option value="{LUQUAN} 禄劝' in regions
    bodies = desk.get("/parties/organisations/suggestions?of=organisation_id&organisation_id=禄劝&kind=provider").text
    assert bodies.count("<option") == 1
    assert f'value="{school.id} 禄劝甲校"' in bodies


def test_a_picker_takes_a_name_that_only_one_bears_and_shows_it(desk):
    form = {"kind": "station_village", "name": "甲村工作点", "region_code": "禄劝"}
    made = desk.post("/parties/organisations/new", data=form)
    assert made.status_code == 302, made.text
    body = db.session.scalar(select(Organisation).where(Organisation.name == "甲村工作点"))
    assert body.region_code == LUQUAN
    edit = desk.get(f"/parties/organisations/{body.id}/edit").text
    assert f'value="{LUQUAN} 禄劝' in edit
    refused = desk.post("/parties/organisations/new", data={**form, "name": "乙村工作点", "region_code": "州"})
    assert refused.status_code == 422
    assert "请从列表中选择地区" in refused.text


def test_a_person_is_shown_masked_and_revealed_for_a_reason(desk, wang):
    page = desk.get(f"/parties/persons/{wang.id}").text
    assert "530128********0012" in page
    assert "138****1234" in page
    for whole in ("530128197506150012", "13800001234"):
        assert whole not in page
        assert whole not in desk.get("/parties/persons").text
        assert whole not in desk.get(f"/parties/persons/{wang.id}/edit").text
    assert desk.post(f"/parties/persons/{wang.id}/reveal/phone", data={"reason": ""}).status_code == 422
    revealed = desk.post(f"/parties/persons/{wang.id}/reveal/phone", data={"reason": "联系本人"}).text
    assert "13800001234" in revealed
    assert "530128197506150012" not in revealed
    assert desk.post(f"/parties/persons/{wang.id}/reveal/pinyin", data={"reason": "好奇"}).status_code == 422


def test_a_person_is_registered_found_and_corrected(desk):
    form = {
        "name": "曾小单",
        "id_kind": "resident",
        "id_number": "530128197506150013",
        "sex": "",
        "household_region_code": LUQUAN,
    }
    refused = desk.post("/parties/persons/new", data=form)
    assert refused.status_code == 422
    assert 'value="曾小单"' in refused.text
    made = desk.post("/parties/persons/new", data={**form, "id_number": "53012819750615001 2", "phone": "13800001234"})
    assert made.status_code == 302
    assert "曾小单" in desk.get("/parties/persons?q=zengxiao").text
    person = db.session.query(Person).filter_by(name="曾小单").one()
    edited = {"name": "曾小丹", "household_region_code": LUQUAN, "version": person.version}
    assert desk.post(f"{made.location}/edit", data=edited).status_code == 302
    db.session.expire_all()
    assert (person.name, person.phone) == ("曾小丹", "13800001234")


def test_a_photo_is_uploaded_and_shown(desk, wang):
    written = BytesIO()
    Image.new("RGB", (600, 840), "navy").save(written, "PNG")
    where = f"/parties/persons/{wang.id}/photo"
    assert desk.get(where).status_code == 404
    refused = desk.post(where, data={"photo": (BytesIO(b"<svg onload=alert(1)>"), "face.jpg")})
    assert refused.status_code == 422
    assert "不是照片" in refused.text
    assert desk.post(where, data={"photo": (BytesIO(written.getvalue()), "530128197506150012.png")}).status_code == 302
    with desk.get(where) as shown:
        assert shown.mimetype == "image/jpeg"
        assert shown.data[:2] == b"\xff\xd8"


def test_a_certificate_from_elsewhere_is_recorded_on_the_page(desk, wang):
    form = {
        "kind": "special_ability",
        "number": "S1",
        "issuer": "某机构",
        "issued_on": "2024-05-01",
        "trade_id": "0",
        "level": "5",
    }
    assert desk.post(f"/parties/persons/{wang.id}/qualifications", data=form).status_code == 302
    assert desk.post(f"/parties/persons/{wang.id}/qualifications", data=form).status_code == 422
    assert db.session.query(Qualification).count() == 1
    assert "外部证书" in desk.get(f"/parties/persons/{wang.id}").text


def test_an_officer_makes_an_account_whose_password_is_shown_once(desk, officer):
    school = factories.organisation(name="禄劝甲校")
    form = {"user_name": "li.na", "name": "李娜", "role": "provider_clerk", "organisation_id": f"{school.id} 禄劝甲校"}
    shown = desk.post("/parties/accounts/new", data=form)
    made = db.session.query(Account).filter_by(user_name="li.na").one()
    assert "一次性密码" in shown.text
    assert made.password_is_temporary
    assert "李娜" in desk.get("/parties/accounts?role=provider_clerk").text
    page = f"/parties/accounts/{made.id}"
    assert "禄劝甲校" in desk.get(page).text
    again = desk.post(f"{page}/roles", data={"role": "provider_clerk", "organisation_id": school.id})
    assert again.status_code == 422
    assert "已有同样范围" in again.text
    assert desk.post(f"{page}/roles", data={"role": "trainer", "organisation_id": school.id}).status_code == 302


def test_a_trainers_account_is_of_a_person_on_file(desk):
    school, teacher = factories.organisation(name="禄劝甲校"), factories.person("陈建国")
    form = {"user_name": "chen", "name": "陈建国", "role": "trainer", "organisation_id": school.id}
    assert "教师、考评员请填写身份证号" in desk.post("/parties/accounts/new", data=form).text
    for wrong in ({"id_number": factories.person("陈建军").id_number}, {"id_number": "53012819750615001X"}):
        refused = desk.post("/parties/accounts/new", data=form | wrong)
        assert "没有姓名和身份证号都相符的人员" in refused.text
    assert db.session.query(Account).filter_by(user_name="chen").count() == 0
    desk.post("/parties/accounts/new", data=form | {"id_number": f" {teacher.id_number} "})
    made = db.session.query(Account).filter_by(user_name="chen").one()
    assert made.person_id == teacher.id
    assert "使用人的身份证号" not in desk.get(f"/parties/accounts/{made.id}").text


def test_an_account_made_without_a_person_is_tied_to_one_once(desk):
    school, teacher = factories.organisation(name="禄劝甲校"), factories.person("陈建国")
    made = operations.create_account(Console(), "chen", "陈建国", Role.TRAINER, organisation_id=school.id)
    page = f"/parties/accounts/{made.id}"
    assert "未核对" in desk.get(page).text
    refused = desk.post(f"{page}/person", data={"id_number": factories.person("李娜").id_number})
    assert "没有姓名为“陈建国”、身份证号也相符的人员" in refused.text
    assert desk.post(f"{page}/person", data={"id_number": teacher.id_number}).status_code == 302
    assert made.person_id == teacher.id
    again = desk.post(f"{page}/person", data={"id_number": teacher.id_number})
    assert "已经核对，不能更改" in again.text


def test_an_officer_makes_no_officers_and_no_administrators(desk, officer):
    for role in ("admin", "bureau_officer", "auditor"):
        form = {"user_name": f"x{role}", "name": "某人", "role": role, "region_code": LUQUAN}
        assert desk.post("/parties/accounts/new", data=form).status_code == 422  # it is not offered
        with pytest.raises(Forbidden):
            operations.create_account(officer, f"x{role}", "某人", Role(role), region_code=LUQUAN)
    assert db.session.query(Account).filter(Account.user_name.startswith("x")).count() == 0


def test_an_officer_cannot_take_over_an_administrators_account(desk):
    admin = factories.account(Role.ADMIN, LUQUAN)
    for action in ("password", "second-factor", "close", "phone", "person"):
        assert desk.post(f"/parties/accounts/{admin.id}/{action}").status_code == 403


def test_a_role_stands_only_where_it_belongs(desk):
    school = factories.organisation(name="禄劝甲校")
    someone = factories.person("某人")
    wrong = {
        "user_name": "x.y",
        "name": "某人",
        "role": "examiner",
        "organisation_id": school.id,
        "id_number": someone.id_number,
    }
    refused = desk.post("/parties/accounts/new", data=wrong)
    assert refused.status_code == 422
    assert "“考评员”不能授予培训机构" in refused.text


def test_ten_thousand_characters_change_nothing(desk):
    answer = desk.post(
        "/parties/organisations/new", data={"kind": "provider", "name": "长" * 10_000, "region_code": LUQUAN}
    )
    assert answer.status_code == 422
    assert desk.get("/parties/persons?q=" + "长" * 10_000 + "&page=99999999999&per_page=1000000").status_code == 200
    assert db.session.query(Organisation).count() == 0
