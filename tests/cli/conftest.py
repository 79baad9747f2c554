"""The command, as somebody with a shell runs it."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from lbcert.cli import main


class Shell:
    """Runs ``lbcert`` in one installation."""

    def __init__(self, **environment):
        self.environment = environment

    def __call__(self, *words, **more):
        """Run the command; what it prints is in ``output``, the errors too."""
        cleared = {name: None for name in os.environ if name.startswith("LBCERT_")}
        environment = cleared | {"LBCERT_LANGUAGE": "zh"} | self.environment | more
        return CliRunner(env=environment).invoke(main, [str(word) for word in words])


@pytest.fixture
def home(tmp_path):
    """Name the installation's own folder, not made yet."""
    return tmp_path / "home"


@pytest.fixture
def lbcert(app, database):
    """Give the command on the test's app."""
    return Shell(LBCERT_HOME=str(app.config["LBCERT"].home), LBCERT_DATABASE_URL=database)
