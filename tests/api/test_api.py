"""The JSON API as a program meets it."""

from datetime import timedelta
from io import BytesIO

import pytest

from lbcert.cohorts.models import CohortState
from lbcert.core import clock
from lbcert.core.access import Role
from lbcert.core.database import db, load
from lbcert.parties.models import Account, ApiToken, OrganisationKind
from lbcert.parties.operations.tokens import create_token, withdraw_token
from lbcert.testing.factories import FUKANG, LUQUAN, account, cohort, item, organisation
from lbcert.testing.rosters import people, workbook

SECRET = "a secret of thirty-two random bytes"
BEARER = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def officer(app):
    made = account(Role.BUREAU_OFFICER, LUQUAN)
    create_token(made, "调度系统", SECRET)
    return made


def new_order(**changed):
    employer = organisation(OrganisationKind.EMPLOYER, FUKANG)
    line = {
        "item_id": item().id, "headcount": 20, "wage_min_fen": 450000, "wage_max_fen": 600000,
        "place_region_code": FUKANG, "arrival_on": (clock.today() + timedelta(90)).isoformat(),
    }  # fmt: skip
    order = {
        "kind": "employer", "party_id": employer.id, "home_region_code": LUQUAN, "signed_on": clock.today().isoformat(),
        "lines": [line],
    }  # fmt: skip
    return {**order, **changed}


def test_without_a_token_nothing_is_told(client, officer):
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {SECRET}"}):
        answer = client.get("/api/v1/orders", headers=headers)
        assert (answer.status_code, answer.json["code"]) == (401, 401)


def test_a_browser_that_is_signed_in_is_nobody_here(officer, signed_in):
    assert signed_in(officer).get("/api/v1/orders").status_code == 401


def test_an_order_is_registered_listed_and_read(client, officer):
    made = client.post("/api/v1/orders", json=new_order(), headers=BEARER)
    assert made.status_code == 201, made.json
    assert made.json["lines"][0]["headcount"] == 20
    listed = client.get("/api/v1/orders?per_page=1000000", headers=BEARER).json
    assert (listed["total"], [row["number"] for row in listed["rows"]]) == (1, [made.json["number"]])
    assert client.get(f"/api/v1/orders/{made.json['id']}", headers=BEARER).json == made.json


def test_a_refused_order_gives_all_findings_and_a_misshapen_one_its_fields(client, officer):
    late = (clock.today() + timedelta(1)).isoformat()
    refused = client.post("/api/v1/orders", json=new_order(signed_on=late), headers=BEARER)
    assert refused.status_code == 422
    assert {finding["level"] for finding in refused.json["findings"]} == {"refuse"}
    misshapen = client.post("/api/v1/orders", json={"kind": "gift"}, headers=BEARER)
    assert misshapen.status_code == 422
    assert {"kind", "party_id", "lines"} <= set(misshapen.json["fields"]["json"])


def test_a_roster_is_judged_and_imported(client, app):
    school = organisation()
    group, clerk = cohort(school, CohortState.DRAFT), account(Role.PROVIDER_CLERK, school)
    create_token(clerk, "报名系统", SECRET)
    sheet = {"file": (BytesIO(workbook(people(3))), "花名册.xlsx")}
    staged = client.post(f"/api/v1/cohorts/{group.id}/rosters", data=sheet, headers=BEARER)
    assert staged.status_code == 201, staged.json
    assert (staged.json["good"], staged.json["held_back"], staged.json["imported"]) == (3, 0, False)
    done = client.post(f"/api/v1/rosters/{staged.json['id']}/import", json={}, headers=BEARER)
    assert (done.status_code, done.json["imported"]) == (200, True)
    db.session.expire_all()
    assert len(group.enrolments) == 3
    broken = client.post(
        f"/api/v1/cohorts/{group.id}/rosters", data={"file": (BytesIO(b"PK\x03\x04 no"), "x.xlsx")}, headers=BEARER
    )
    assert (broken.status_code, broken.json["findings"][0]["rule"]) == (422, "sheets.broken")
    assert client.post(f"/api/v1/cohorts/{group.id}/rosters", headers=BEARER).json["findings"][0]["rule"] == (
        "api.file_missing"
    )


def test_a_withdrawn_token_and_a_closed_account_open_nothing(client, officer):
    token = db.session.scalar(db.select(ApiToken))
    assert SECRET not in token.digest
    assert client.get("/api/v1/orders", headers=BEARER).status_code == 200
    withdraw_token(officer, token.id)
    assert client.get("/api/v1/orders", headers=BEARER).status_code == 401
    assert load(Account, officer.id).active


def test_the_document_is_openapi_3_1_and_every_call_in_it_has_a_summary(client, app):
    document = client.get("/api/openapi.json").json
    assert document["openapi"] == "3.1.0"
    calls = [call for methods in document["paths"].values() for name, call in methods.items() if name != "parameters"]
    assert len(calls) >= 12
    assert all(call["summary"] for call in calls)
    page = client.get("/api/").get_data(as_text=True)
    assert all(path in page for path in document["paths"])


def test_a_verdict_needs_no_token(client, app):
    assert client.get("/api/v1/verify/code/ABC").json["outcome"] == "broken"
    assert client.get("/api/v1/verify/number/S000053000123255000001").json["outcome"] == "unknown"


def test_the_secret_is_shown_once_on_the_account_s_page(app, signed_in):
    browser = signed_in(account(Role.PROVIDER_CLERK, organisation()))
    page = browser.post("/parties/me/tokens", data={"name": "第二个"}).get_data(as_text=True)
    assert "请现在抄下" in page
    assert "请现在抄下" not in browser.get("/parties/me/tokens").get_data(as_text=True)
    assert browser.post("/parties/me/tokens", data={"name": " "}).status_code == 422
