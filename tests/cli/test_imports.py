"""Sheets on the command line: a dry run first, and with --commit the import."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lbcert.cohorts.models import CohortState, Enrolment
from lbcert.core.access import Role
from lbcert.core.database import db
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import StagedSheet
from lbcert.demand.sheets import COLUMNS as ORDERS
from lbcert.testing import factories, rosters


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: the operations have tests of their own."""
    return sqlite_database


@pytest.fixture
def cohort():
    return factories.cohort(state=CohortState.DRAFT)


@pytest.fixture
def clerk(cohort):
    return factories.account(Role.PROVIDER_CLERK, cohort.providers[0].organisation, user_name="jiaowu")


@pytest.fixture
def sheet(tmp_path):
    """Three people, the second of whom has an ID number that cannot be one."""
    people = rosters.people(3)
    people[1]["id_number"] = people[1]["id_number"][:-1] + "*"
    file = tmp_path / "roster.xlsx"
    file.write_bytes(rosters.workbook(people))
    return file


def enrolled():
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Enrolment))


def test_a_dry_run_says_what_is_wrong_in_which_row_and_writes_nothing(lbcert, cohort, clerk, sheet):
    tried = lbcert("import", "roster", cohort.number, sheet, "--as", "jiaowu")
    assert tried.exit_code == 1
    assert "✗ 第 3 行：" in tried.output
    assert "3 行，可导入 2 行" in tried.output
    assert "什么都没有写入" in tried.output
    assert enrolled() == 0
    assert db.session.scalar(select(func.count()).select_from(StagedSheet)) == 0


def test_with_commit_the_good_rows_are_imported(lbcert, cohort, clerk, sheet):
    done = lbcert("import", "roster", cohort.number, sheet, "--as", "jiaowu", "--commit", "--promised", "2025-07-20")
    assert done.exit_code == 0, done.output
    assert "已导入 2 人" in done.output
    assert enrolled() == 2


def test_somebody_elses_account_does_not_even_see_the_dry_run(lbcert, cohort, sheet):
    factories.account(Role.PROVIDER_CLERK, factories.organisation(), user_name="bieren")
    refused = lbcert("import", "roster", cohort.number, sheet, "--as", "bieren")
    assert refused.exit_code == 1
    assert "无权" in refused.output
    assert "可导入" not in refused.output


def test_an_import_on_nobodys_behalf_is_refused(lbcert, cohort, sheet):
    assert lbcert("import", "roster", cohort.number, sheet).exit_code == 2


def test_orders_are_imported_whole_or_the_good_rows_when_asked_for(lbcert, tmp_path):
    factories.account(Role.SERVICE_CENTRE, factories.LUQUAN, user_name="zhongxin")
    sheet = tmp_path / "orders.xlsx"
    row = {"employer": "某公司", "credit_code": factories.credit_code("310110"), "item": "没有的项目", "headcount": 3}
    sheet.write_bytes(write_workbook(Table("订单", ORDERS, [row])))
    refused = lbcert("import", "orders", factories.LUQUAN, sheet, "--as", "zhongxin", "--commit")
    assert refused.exit_code == 1
    assert "--good-only" in refused.output
    assert refused.output.count("没有的项目") == 1


def test_a_file_that_is_no_sheet_is_refused_in_words(lbcert, cohort, clerk, tmp_path):
    broken = tmp_path / "roster.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    refused = lbcert("import", "roster", cohort.number, broken, "--as", "jiaowu", "--commit")
    assert refused.exit_code == 1
    assert "[sheets." in refused.output
    assert enrolled() == 0


def test_an_unknown_cohort_is_named(lbcert, clerk, sheet):
    missing = lbcert("import", "roster", "P999999", sheet, "--as", "jiaowu")
    assert missing.exit_code == 1
    assert "P999999" in missing.output
