"""What is sent in the wrong shape is refused by name, and nothing of it reaches the database."""

import pytest

from lbcert.cohorts.models import CohortState
from lbcert.cohorts.operations.roster import receive_roster
from lbcert.core.access import Role
from lbcert.core.audit import AuditEntry
from lbcert.core.database import db
from lbcert.parties.models import OrganisationKind
from lbcert.parties.operations.tokens import create_token
from lbcert.testing.factories import FUKANG, LUQUAN, account, cohort, item, organisation
from lbcert.testing.rosters import people, workbook

SECRET = "a secret of thirty-two random bytes"
#: what is wrong for each type of the OpenAPI document; text is anything, save what is no text or longer than its column
WRONG = {
    "integer": ["二十", "20", 20.5, None, True, [[20]], {"a": 1}, 2**31, -(10**40), float("inf")],
    "boolean": ["也许", None, [[True]], 7, 10**400],
    "date": ["2026-02-30", "明天", None, 20260101, [["2026-01-01"]], "99999-01-01", True],
    "string": [7, None, ["四川"], {"a": "b"}, True, "长" * 10_000],
    "array": ["x", None, {}, 7, [None], [[]], ["x"], [7]],
    "nullable": ["x", {}, [[1]]],
}


@pytest.fixture
def database(postgresql_databases):
    """Give the stricter database: what SQLite would keep, it refuses."""
    with postgresql_databases.fresh() as url:
        yield url


@pytest.fixture
def calls(app, client):
    """Each call that takes JSON: who may send it, to which address, and what is in order."""
    school = organisation()
    clerk, officer = account(Role.PROVIDER_CLERK, school), account(Role.BUREAU_OFFICER, LUQUAN)
    roster = receive_roster(clerk, cohort(school, CohortState.DRAFT).id, workbook(people(1)), "花名册.xlsx")
    line = {
        "item_id": item().id, "headcount": 20, "wage_min_fen": 450000, "wage_max_fen": 600000, "travel_days": 1,
        "place_region_code": FUKANG, "arrival_on": "2099-01-01", "targeted": False, "post": "焊工",
    }  # fmt: skip
    order = {
        "kind": "employer", "party_id": organisation(OrganisationKind.EMPLOYER, FUKANG).id, "agreement_id": None,
        "home_region_code": LUQUAN, "signed_on": "2025-01-01", "lines": [line], "retention_terms": "",
    }  # fmt: skip
    enrol = {"in_service": False, "job_before": "", "promised_on": None, "reason": ""}

    def sender(who, url):
        secret = f"{SECRET} {who.id}"
        create_token(who, "程序", secret)
        return lambda sent: client.post(url, json=sent, headers={"Authorization": f"Bearer {secret}"})

    return {
        "OrderShape": (sender(officer, "/api/v1/orders"), order),
        "ImportShape": (sender(clerk, f"/api/v1/rosters/{roster.id}/import"), enrol),
    }


def kind_of(shape):
    types = shape.get("type", "string")
    if isinstance(types, list):
        return "nullable"
    return "date" if shape.get("format") == "date" else types


def wrong_in(shapes, shape, good):
    """Give every field in turn with each value that is wrong there, within lists too: (field, all that is sent)."""
    for name, about in shapes[shape]["properties"].items():
        for value in WRONG[kind_of(about)]:
            yield name, {**good, name: value}
        if "$ref" in about.get("items", {}):
            for inner, sent in wrong_in(shapes, about["items"]["$ref"].rpartition("/")[2], good[name][0]):
                yield inner, {**good, name: [sent]}
    yield "未知", {**good, "未知": 1}


def named(fields):
    """Give every name in what is said about the fields."""
    return {name for key, said in fields.items() for name in {key, *(named(said) if isinstance(said, dict) else ())}}


@pytest.mark.parametrize("shape", ["OrderShape", "ImportShape"])
def test_each_field_of_the_wrong_shape_is_named_and_nothing_is_written(client, calls, shape):
    send, good = calls[shape]
    shapes = client.get("/api/openapi.json").json["components"]["schemas"]
    assert set(good) == set(shapes[shape]["properties"])
    entries = db.select(db.func.count()).select_from(AuditEntry)
    before, wrong = db.session.scalar(entries), []
    for name, sent in wrong_in(shapes, shape, good):
        answer = send(sent)
        if answer.status_code != 422 or name not in named(answer.json["fields"].get("json", {})):
            wrong.append((name, str(sent.get(name))[:40], answer.status_code, str(answer.json)[:300]))
    assert wrong == []
    assert db.session.scalar(entries) == before
    assert [send(body).status_code for body in (7, "x", [], [good], [[good]])] == [422] * 5
    assert send(good).status_code in {200, 201}, "in order, save for what was changed"
