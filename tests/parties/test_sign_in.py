"""Signing in as people do: in a browser, with a password, and with a code where a role needs one."""

import json
import re
from datetime import timedelta

import pytest
from flask_security.proxies import _security
from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.audit import AuditEntry, verify
from lbcert.core.database import db
from lbcert.parties import operations
from lbcert.parties.models import Account
from lbcert.testing import factories

PASSWORD = "一句好记的话 is long"


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: hashing takes most of the time."""
    return sqlite_database


@pytest.fixture
def clerk(app):
    school = factories.organisation()
    return operations.create_account(
        Console(), "Li.Na", "李娜", Role.PROVIDER_CLERK, organisation_id=school.id, phone="138 0000 1234",
        password=PASSWORD, password_is_temporary=False,
    )  # fmt: skip


@pytest.fixture
def officer(app):
    return operations.create_account(
        Console(), "officer", "王经办", Role.BUREAU_OFFICER, region_code=factories.LUQUAN, password=PASSWORD,
        password_is_temporary=False,
    )  # fmt: skip


def sign_in(client, name, password=PASSWORD, **more):
    return client.post("/sign-in", data={"name": name, "password": password, **more})


def events():
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.operation == "parties.sign_in"))
    return [event for row in rows for event in json.loads(row.arguments)["events"]]


def is_signed_in(client):
    return client.get("/parties/me").status_code == 200


@pytest.mark.parametrize("name", ["li.na", "LI.NA ", "13800001234", "+86 138-0000-1234"])
def test_an_account_signs_in_by_user_name_or_phone(client, clerk, name):
    assert sign_in(client, name).status_code == 302
    assert is_signed_in(client)
    assert events() == ["signed_in"]
    assert db.session.get(Account, clerk.id).login_count == 1


@pytest.mark.parametrize(("name", "password"), [("li.na", "wrong"), ("nobody", PASSWORD), ("13900001234", PASSWORD)])
def test_what_was_wrong_is_not_said(client, clerk, name, password):
    answer = sign_in(client, name, password)
    assert answer.status_code == 200
    assert "用户名、手机号或密码不对，或者账号已停用" in answer.text
    assert not is_signed_in(client)


def test_a_closed_account_is_turned_away_and_its_open_sessions_end(client, clerk, app):
    sign_in(client, "li.na")
    operations.close_account(Console(), clerk.id)
    assert not is_signed_in(client)
    assert "账号已停用" in sign_in(app.test_client(), "li.na").text


def test_a_failed_attempt_is_audited_without_the_password(client, clerk):
    sign_in(client, "li.na", "not my password")
    assert events() == ["failed"]
    log = [row.arguments + row.changes for row in db.session.scalars(select(AuditEntry))]
    assert not any(secret in row for row in log for secret in ("not my password", PASSWORD, "argon2", "138"))
    assert verify()[1] == []


def test_passwords_are_kept_as_argon2(clerk):
    assert clerk.password.startswith("$argon2id$")


def test_guessing_is_throttled_whoever_guesses_and_however_the_phone_is_written(app, clerk):
    phones = ("13800001234", "+86 138-0000-1234")
    answers = [sign_in(app.test_client(), phones[n % 2], f"guess {n}").status_code for n in range(21)]
    assert answers == [200] * 20 + [429]
    assert sign_in(app.test_client(), "138 0000 1234").status_code == 429
    assert sign_in(app.test_client(), "somebody else").status_code == 200


def test_a_given_password_must_be_changed_first(client, app):
    school = factories.organisation()
    made = operations.create_account(Console(), "newcomer", "新人", Role.PROVIDER_CLERK, organisation_id=school.id)
    given = made.one_time_password
    assert len(given) == 12
    sign_in(client, "newcomer", given)
    assert client.get("/parties/me").location == "/password"
    assert "临时密码" in client.get("/password").text
    changed = client.post(
        "/password", data={"password": given, "new_password": PASSWORD, "new_password_confirm": PASSWORD}
    )
    assert changed.status_code == 302
    assert is_signed_in(client)
    assert events() == ["signed_in", "password_changed"]
    assert sign_in(app.test_client(), "newcomer", given).status_code == 200
    assert sign_in(app.test_client(), "newcomer").status_code == 302


def test_a_changed_password_ends_the_other_sessions(client, app, clerk):
    elsewhere = app.test_client()
    sign_in(elsewhere, "li.na")
    sign_in(client, "li.na")
    client.post(
        "/password", data={"password": PASSWORD, "new_password": PASSWORD * 2, "new_password_confirm": PASSWORD * 2}
    )
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


def code_of(secret):
    return _security.totp_factory.generate_totp_password(secret)


def set_up_second_factor(client):
    page = client.post("/second-factor", data={"setup": "authenticator"})
    assert "data:image/svg+xml;base64," in page.text
    with client.session_transaction() as session:
        return session["tf_totp_secret"]


def test_an_officer_sets_up_a_second_factor_before_anything_else(client, officer):
    assert sign_in(client, "officer").location.endswith("/second-factor")
    assert not is_signed_in(client)
    secret = set_up_second_factor(client)
    assert "用验证器扫码" not in client.post("/second-factor/code", data={"code": "000000"}).text
    assert not is_signed_in(client)
    assert client.post("/second-factor/code", data={"code": code_of(secret)}).status_code == 302
    assert is_signed_in(client)
    assert events() == ["code_failed", "second_factor_set_up", "signed_in"]
    kept = db.session.get(Account, officer.id)
    assert kept.tf_totp_secret
    assert secret not in "".join(row.changes for row in db.session.scalars(select(AuditEntry)))


def test_a_password_kept_with_less_work_than_now_is_hashed_anew_and_the_code_is_asked_for(client, app):
    passwords = app.extensions["security"].pwd_context
    today = passwords.to_dict()
    passwords.update(argon2__time_cost=1, argon2__memory_cost=1024)
    officer = operations.create_account(
        Console(), "officer", "王经办", Role.BUREAU_OFFICER, region_code=factories.LUQUAN, password=PASSWORD,
        password_is_temporary=False,
    )  # fmt: skip
    passwords.load(today)
    light = officer.password
    assert sign_in(client, "officer").location.endswith("/second-factor")
    client.post("/second-factor/code", data={"code": code_of(set_up_second_factor(client))})
    assert is_signed_in(client)
    assert db.session.get(Account, officer.id).password != light


def test_an_officer_is_asked_for_the_code_and_no_code_counts_twice(client, app, officer):
    sign_in(client, "officer")
    secret = set_up_second_factor(client)
    first = code_of(secret)
    client.post("/second-factor/code", data={"code": first})

    again = app.test_client()
    assert "/second-factor/code" in sign_in(again, "officer").location
    again.post("/second-factor/code", data={"code": first})
    assert not is_signed_in(again)
    with clock.at(clock.now() + timedelta(seconds=60)):
        again.post("/second-factor/code", data={"code": code_of(secret)})
        assert is_signed_in(again)


def test_a_role_given_later_asks_an_open_session_for_a_second_factor(client, clerk):
    sign_in(client, "li.na")
    assert is_signed_in(client)
    operations.grant_role(Console(), clerk.id, Role.BUREAU_OFFICER, region_code=factories.LUQUAN)
    assert client.get("/parties/me").location == "/second-factor"


def test_a_second_factor_may_be_chosen_and_put_away_by_who_needs_none(client, clerk):
    sign_in(client, "li.na")
    page = client.post("/second-factor", data={"setup": "authenticator"}).text
    with client.session_transaction() as session:
        secret = session["tf_totp_secret"]
    target = re.search(r'action="(/second-factor/[^"]+)"', page)[1]
    client.post(target, data={"code": code_of(secret)})
    assert db.session.get(Account, clerk.id).tf_totp_secret
    client.post("/second-factor", data={"setup": "disable"})
    assert db.session.get(Account, clerk.id).tf_totp_secret is None
    assert events() == ["signed_in", "second_factor_set_up", "second_factor_removed"]


def test_a_lost_second_factor_is_reset_by_an_administrator(client, officer):
    sign_in(client, "officer")
    client.post("/second-factor/code", data={"code": code_of(set_up_second_factor(client))})
    operations.reset_second_factor(Console(), officer.id)
    assert not is_signed_in(client)
    assert sign_in(client, "officer").location.endswith("/second-factor")


def test_a_stranger_is_sent_to_sign_in_and_then_back(client, clerk):
    sent = client.get("/parties/me")
    assert sent.status_code == 302
    assert sent.location == "/sign-in?next=/parties/me"
    assert sign_in(client, "li.na", next="/parties/me").location == "/parties/me"
    assert sign_in(client, "li.na", next="https://example.org/").location != "https://example.org/"


def test_the_language_is_kept_with_the_account(client, clerk):
    sign_in(client, "li.na")
    client.post("/parties/me/language", data={"language": "en"})
    assert db.session.get(Account, clerk.id).language == "en"
    assert client.post("/parties/me/language", data={"language": "xx"}).status_code == 422
