"""The same bad files at the command line: an exit code and one clear message, no traceback, and nothing is changed."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from lbcert.cli import base, main
from lbcert.core.access import Role
from lbcert.core.database import db, load
from lbcert.exams.models import Batch
from lbcert.testing.fixtures import running
from tests.access.machinery import HERE, ROUTE_ROWS
from tests.doors.bad_files import BAD_FILES, BAD_PICTURES
from tests.doors.house import House

IMPORTS = {
    "roster": Role.PROVIDER_CLERK,
    "orders": Role.BUREAU_OFFICER,
    "menu": Role.BUREAU_OFFICER,
    "trades": Role.BUREAU_OFFICER,
    "marks": Role.ASSESSMENT_CLERK,
}


@pytest.fixture(scope="module")
def house(sqlite_databases, tmp_path_factory):
    with sqlite_databases.fresh() as url, running(url, tmp_path_factory.mktemp("home")) as app:
        yield House(app)


@pytest.fixture
def lbcert(house, monkeypatch):
    """Run the command on the one app; making it anew each time takes longer than the command."""
    monkeypatch.setattr(base, "create_app", lambda _settings: house.app)
    cleared = {name: None for name in os.environ if name.startswith("LBCERT_")}
    shell = CliRunner(env=cleared | {"LBCERT_HOME": str(house.app.config["LBCERT"].home)})
    return lambda *words: shell.invoke(main, [str(word) for word in words])


def says_one_thing(told):
    """Tell whether a command ended with a code of its own and one message."""
    is_ended = told.exit_code in {1, 2} and (told.exception is None or isinstance(told.exception, SystemExit))
    return is_ended and len(told.output.splitlines()) == 1 and "Traceback" not in told.output


@pytest.mark.parametrize("kind", BAD_FILES)
def test_no_import_takes_a_bad_file(house, lbcert, tmp_path, kind):
    name, content = BAD_FILES[kind]
    sheet = tmp_path / name
    sheet.write_bytes(content)
    exam = ROUTE_ROWS["POST /api/v1/batches/<int:batch_id>/transcriptions"].arguments(house.stage)
    about = {
        "roster": [house.stage.cohort.number],
        "orders": [HERE],
        "menu": [HERE],
        "trades": [],
        "marks": [load(Batch, exam["batch_id"]).number],
    }
    users = {what: house.stage.account(role).user_name for what, role in IMPORTS.items()}
    before, wrong = house.contents(), []
    for what in IMPORTS:
        told = lbcert("import", what, *about[what], sheet, "--as", users[what], "--commit")
        if not says_one_thing(told):
            wrong.append((what, told.exit_code, told.exception, told.output))
        db.session.rollback()
    assert wrong == []
    assert house.contents() == before


@pytest.mark.parametrize("kind", [*BAD_FILES, *BAD_PICTURES, "a PDF cut short"])
def test_no_bad_file_is_verified(lbcert, tmp_path, kind):
    name, content = {**BAD_FILES, **BAD_PICTURES, "a PDF cut short": ("断.pdf", b"%PDF-1.7\n1 0 obj <<")}[kind]
    file = tmp_path / name
    file.write_bytes(content)
    told = lbcert("verify", file)
    assert says_one_thing(told), (told.exit_code, told.exception, told.output)
