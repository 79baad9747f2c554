"""The demo, built once for all of its tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lbcert.app import create_app
from lbcert.cli import main
from lbcert.config import Settings
from lbcert.core.database import db
from lbcert.testing.fixtures import Visitor


def shell(home):
    """Give the environment in which ``make run`` runs."""
    return {"LBCERT_HOME": str(home), "LBCERT_DATABASE_URL": None, "LBCERT_DEMO": "1", "LBCERT_SECOND_FACTOR": "0"}


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """Build the demo as ``make run`` does."""
    home = tmp_path_factory.mktemp("demo") / "home"
    made = CliRunner(env=shell(home)).invoke(main, ["demo", "--if-empty"])
    assert made.exit_code == 0, made.output
    return home


@pytest.fixture
def home(built, tmp_path):
    """Give a copy of it, for a test that changes something or runs a command."""
    return Path(shutil.copytree(built, tmp_path / "home"))


@pytest.fixture
def lbcert(home):
    """Give the command in that copy."""
    return lambda *words: CliRunner(env=shell(home)).invoke(main, list(words))


@pytest.fixture(scope="module")
def demo(built):
    """Give the app on the demo, to be read only."""
    app = create_app(
        Settings.from_environment({"LBCERT_HOME": str(built), "LBCERT_DEMO": "1", "LBCERT_SECOND_FACTOR": "0"})
    )
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Visitor
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
