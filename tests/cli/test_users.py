"""Accounts on the command line."""

from __future__ import annotations

import re

import pytest
from flask_security.utils import verify_password
from sqlalchemy import select

from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.parties.models import Account, OrganisationKind
from lbcert.testing import factories
from tests.cli.conftest import Shell


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: the operations have tests of their own."""
    return sqlite_database


def named(user_name):
    db.session.rollback()
    return db.session.scalar(select(Account).where(Account.user_name == user_name))


def test_the_console_makes_an_account_with_a_password_for_its_first_sign_in(lbcert):
    made = lbcert("user", "create", "luquan", "李秀兰", "bureau_officer", "--region", "530128")
    assert made.exit_code == 0, made.output
    password = re.search(r"首次登录密码：(\S+)", made.output)[1]
    account = named("luquan")
    assert account.password_is_temporary
    assert verify_password(password, account.password)
    assert "luquan\t李秀兰\t人社局经办（禄劝彝族苗族自治县）" in lbcert("user", "list").output


def test_a_new_installation_has_its_regions_and_makes_its_administrator(home):
    shell = Shell(LBCERT_HOME=str(home))
    assert shell("db", "upgrade").exit_code == 0
    made = shell("user", "create", "chief", "王芳", "admin", "--region", "000000")
    assert made.exit_code == 0, made.output
    assert "chief\t王芳\t系统管理员（全国）" in shell("user", "list").output


def test_a_new_password_takes_the_old_ones_place(lbcert):
    first = (
        lbcert("user", "create", "luquan", "李秀兰", "service_centre", "--region", "530128")
        .output.split("：")[1]
        .strip()
    )
    second = lbcert("user", "reset", "luquan").output.split("：")[1].strip()
    account = named("luquan")
    assert not verify_password(first, account.password)
    assert verify_password(second, account.password)


def test_who_acts_may_do_no_more_than_its_account_may(lbcert):
    officer = factories.account(Role.BUREAU_OFFICER, factories.LUQUAN, user_name="luquan")
    made = lbcert("user", "create", "second", "王芳", "bureau_officer", "--region", "530128", "--as", officer.user_name)
    assert made.exit_code == 1
    assert "无权" in made.output
    assert named("second") is None


def test_a_role_that_does_not_belong_there_is_refused_in_words(lbcert):
    centre = factories.organisation(OrganisationKind.SERVICE_CENTRE)
    factories.account(Role.SERVICE_CENTRE, factories.LUQUAN, user_name="luquan")
    refused = lbcert("user", "grant", "luquan", "trainer", "--organisation", centre.id)
    assert refused.exit_code == 1
    assert "“培训教师”不能授予就业服务中心 [parties.role_scope]" in refused.output


def test_an_account_that_does_not_exist_is_named(lbcert):
    missing = lbcert("user", "reset", "nobody")
    assert missing.exit_code == 1
    assert "没有可用的账号 nobody" in missing.output
