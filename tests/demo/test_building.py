"""How the demo is put into an installation, and when it is not."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from lbcert.cli import demo, main
from tests.demo.conftest import shell


@pytest.fixture
def home(tmp_path):
    """Name an installation that is not there yet."""
    return tmp_path / "home"


def run(home, *words, **environment):
    return CliRunner(env=shell(home) | environment).invoke(main, list(words))


def test_an_interrupted_build_leaves_nothing_half_made(home, monkeypatch):
    def interrupt(_tell):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "build", interrupt)
    assert run(home, "demo", "--if-empty").exit_code != 0
    assert not (home / "lbcert.db").exists()
    monkeypatch.setattr(demo, "build", lambda tell: tell("again"))
    again = run(home, "demo", "--if-empty")
    assert again.exit_code == 0
    assert "again" in again.output
    assert [path.name for path in home.glob("lbcert.db*")] == ["lbcert.db"]


def test_a_database_that_was_only_made_is_filled(home, monkeypatch):
    monkeypatch.setattr(demo, "build", lambda tell: tell("built"))
    assert run(home, "db", "upgrade").exit_code == 0
    assert "built" in run(home, "demo", "--if-empty").output


def test_a_real_installation_is_refused(home):
    refused = run(home, "demo", LBCERT_DEMO="0", LBCERT_SECOND_FACTOR="1")
    assert refused.exit_code == 1
    assert "LBCERT_DEMO=1" in refused.output
    assert not (home / "lbcert.db").exists()
