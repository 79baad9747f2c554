"""The frame around the whole application."""

from __future__ import annotations

import pytest

from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.testing import factories


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: the frame asks the database for nothing but the account."""
    return sqlite_database


def test_a_visitor_sees_the_open_doors_and_no_menu(client):
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/sign-in"' in page.text
    assert "主菜单" not in page.text
    assert "Set-Cookie" not in page.headers


def test_an_account_sees_its_role_and_the_menu_of_what_it_may_open(signed_in):
    page = signed_in(factories.account(Role.ADMIN, name="李娜")).get("/").text
    assert "李娜，您好" in page
    assert "系统管理员" in page
    assert 'href="/parties/accounts"' in page
    assert 'href="/parties/accounts"' not in signed_in(factories.account(Role.EXAMINER)).get("/").text


def test_what_is_shown_to_an_account_is_not_kept_by_the_browser(client, signed_in):
    assert signed_in(factories.account(Role.ADMIN)).get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/").headers["Cache-Control"] == "no-cache"


def test_the_language_kept_with_the_account_is_spoken(signed_in):
    browser = signed_in(factories.account(Role.ADMIN, language="en"))
    assert '<html lang="en">' in browser.get("/").text


def test_a_page_that_does_not_exist_says_so_in_the_frame(client):
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "没有找到这个页面" in page.text


def test_a_stranger_is_sent_to_sign_in_and_an_account_without_the_role_is_told(client, signed_in):
    assert client.get("/parties/accounts").headers["Location"].startswith("/sign-in")
    refused = signed_in(factories.account(Role.EXAMINER)).get("/parties/accounts")
    assert refused.status_code == 403
    assert "您没有权限做这件事" in refused.text


def test_a_form_without_its_token_changes_nothing(app, signed_in):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = signed_in(factories.account(Role.ADMIN)).post("/parties/me/language", data={"language": "en"})
    assert answer.status_code == 400
    assert "页面打开得太久" in answer.text


def test_an_upload_beyond_the_limit_is_refused_in_words(app, signed_in):
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = signed_in(factories.account(Role.ADMIN)).post("/parties/me/language", data={"language": "x" * 5000})
    assert answer.status_code == 413
    assert "文件太大" in answer.text


def test_a_database_that_fails_still_leaves_a_page_with_a_way_out(app, signed_in):
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    browser = signed_in(factories.account(Role.ADMIN))
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE accounts RENAME TO gone")
    page = browser.get("/parties/accounts")
    assert page.status_code == 500
    assert "系统出了问题" in page.text
    assert "gone" not in page.text
