"""The pages of the audit log and of policy."""

from datetime import date

import pytest
from sqlalchemy import text

from lbcert.core import policy
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.operation import OPERATIONS
from lbcert.core.policy import KEYS, Follows
from lbcert.core.words import say
from lbcert.parties import operations
from lbcert.testing import factories
from lbcert.testing.factories import KUNMING, LUQUAN, NATION, NINGLANG
from lbcert.web.audit import title
from lbcert.web.policy import read_value


@pytest.fixture
def key(monkeypatch):
    made = policy.Key("testing.size", say("班额"), Follows.SITE, int, "人")
    monkeypatch.setitem(KEYS, made.name, made)
    return made


def test_the_log_shows_who_did_what_in_the_auditors_region_alone(app, signed_in):
    here, there = (factories.account(Role.BUREAU_OFFICER, region) for region in (LUQUAN, NINGLANG))
    for officer in (here, there):
        operations.choose_language(officer, "en")
        operations.choose_language(officer, "zh_Hans_CN")
    county = signed_in(factories.account(Role.AUDITOR, LUQUAN)).get("/audit/?operation=parties.choose_language").text
    assert county.count("<details>") == 2
    assert here.user_name in county
    assert there.user_name not in county
    nation = signed_in(factories.account(Role.AUDITOR, NATION))
    assert nation.get("/audit/?operation=parties.choose_language").text.count("<details>") == 4
    assert nation.get(f"/audit/?q=account:{there.id}").text.count("<details>") == 2
    assert nation.get("/audit/?operation=parties.choose_language&since=2999-01-01").text.count("<details>") == 0
    assert nation.get("/audit/?operation=parties.choose_language&since=nonsense").text.count("<details>") == 4
    assert "console" in nation.get("/audit/?operation=testing.store").text


def test_each_operation_goes_by_a_name_of_its_own_in_both_languages(app):
    names = [name for name in OPERATIONS if not name.startswith("testing.")]
    assert len(names) > 100
    for language in ("zh", "en"):
        with app.test_request_context(headers={"Accept-Language": language}):
            titles = [title(name) for name in names]
        assert [
            name for name, shown in zip(names, titles, strict=True) if name == shown or titles.count(shown) > 1
        ] == []


def test_the_log_is_read_searched_and_filtered_by_the_names_of_operations(app, signed_in):
    operations.choose_language(factories.account(Role.BUREAU_OFFICER, LUQUAN), "en")
    auditor = signed_in(factories.account(Role.AUDITOR))
    shown = auditor.get("/audit/?q=界面语言").text
    assert shown.count("<details>") == 1
    assert '<option value="parties.choose_language">选择界面语言</option>' in shown


def test_an_altered_row_is_found(app, signed_in):
    auditor = signed_in(factories.account(Role.AUDITOR))
    assert "完好" in auditor.get("/audit/chain").text
    assert "被改动" not in auditor.get("/audit/").text
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER tr_core_audit_update_update"))
        else:
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE audit_entries SET actor = 'nobody' WHERE position = 2"))
    shown = auditor.get("/audit/chain").text
    assert "有断裂" in shown
    assert "第 2 条：内容被改动" in shown
    assert "本页有被改动的记录：第 2 条" in auditor.get("/audit/").text


def test_a_value_is_put_on_file_with_its_document(app, signed_in, key):
    officer = signed_in(factories.account(Role.BUREAU_OFFICER, LUQUAN))
    form = {
        "area_code": f"{LUQUAN} 禄劝", "key": key.name, "value": "五十", "valid_from": "2025-01-01", "source": "本局设定",
    }  # fmt: skip
    refused = officer.post("/policy/new", data=form)
    assert refused.status_code == 422
    assert "这一参数的值应为：整数" in refused.text
    assert officer.post("/policy/new", data={**form, "value": "50"}).status_code == 302
    listed = officer.get("/policy/").text
    assert "50 人" in listed
    assert "本局设定" in listed
    ruling = policy.ruling(key, LUQUAN, date(2025, 7, 24))
    assert (ruling.value, ruling.source, ruling.area_code) == (50, "本局设定", LUQUAN)
    assert not policy.ruling(key, NINGLANG, date(2025, 7, 24)).is_on_file


def test_an_officer_sets_no_policy_beyond_the_own_county(app, signed_in, key):
    form = {"area_code": KUNMING, "key": key.name, "value": "50", "valid_from": "2025-01-01", "source": "本局设定"}
    assert signed_in(factories.account(Role.BUREAU_OFFICER, LUQUAN)).post("/policy/new", data=form).status_code == 403
    assert signed_in(factories.account(Role.ADMIN, LUQUAN)).post("/policy/new", data=form).status_code == 403
    assert signed_in(factories.account(Role.ADMIN)).post("/policy/new", data=form).status_code == 302


def test_each_kind_of_value_is_read_as_it_is_written():

    assert [read_value(int, "50"), read_value(int, "-1"), read_value(int, "五")] == [50, -1, None]
    assert [read_value(int, "-²"), read_value(int, "9" * 5000), read_value(dict, "[" * 2000)] == [None, None, None]
    assert [read_value(bool, "是"), read_value(bool, "no"), read_value(bool, "maybe")] == [True, False, None]
    assert [read_value(dict, '{"male": 60}'), read_value(dict, "[1]"), read_value(dict, "{")] == [
        {"male": 60},
        None,
        None,
    ]
