"""The doctor names what is missing, and its cure."""

from __future__ import annotations

import ctypes
import json
from datetime import timedelta

import pytest

from lbcert.cli.doctor import machine, printing
from lbcert.core import clock, fonts
from lbcert.core.access import Console
from lbcert.core.jobs import Job, JobItem
from lbcert.core.shipped import load_reference
from lbcert.testing import factories
from tests.cli.conftest import Shell

SECRET = "geheim"


def parts(found):
    """Give what was found by name."""
    return {part["name"]: part for part in json.loads(found.output)}


def look(shell, **more):
    return parts(shell("doctor", "--json", **more))


@pytest.fixture
def empty(home):
    """Give an installation without a database."""
    return Shell(LBCERT_HOME=str(home), LBCERT_DEMO="1")


def test_an_installation_without_a_database_is_told_how_to_make_one(empty, home):
    found = empty("doctor")
    assert found.exit_code == 1
    assert "✗ 数据库" in found.output
    assert "lbcert db upgrade" in found.output
    assert not (home / "lbcert.db").exists()


def test_a_database_is_found_on_both_kinds(lbcert):
    found = look(lbcert)
    assert found["数据库结构"]["state"] == "ok"
    assert found["时钟"]["state"] == "ok"
    assert found["后台任务"]["state"] == "ok"


def test_a_database_that_nobody_answers_for_is_named_without_its_password(empty):
    found = look(empty, LBCERT_DATABASE_URL="postgresql+psycopg://lbcert:" + SECRET + "@127.0.0.1:1/lbcert")
    assert found["数据库"]["state"] == "missing"
    assert SECRET not in found["数据库"]["said"]
    assert "LBCERT_DATABASE_URL" in found["数据库"]["cure"]


@pytest.mark.parametrize(
    ("address", "state"),
    [
        ("https://zs.example.cn", "ok"),
        ("https://zsx.example.cn", "ok"),
        ("https://zhengshu.example.cn", "warn"),
        ("http://zs.example.cn", "missing"),
        ("https://zs.example.cn/lbcert", "missing"),
        ("http://localhost:8000", "ok"),
    ],
)
def test_the_public_address_is_judged_by_its_scheme_and_length(empty, address, state):
    assert look(empty, LBCERT_PUBLIC_URL=address)["公开地址"]["state"] == state


def test_localhost_will_not_do_outside_the_demo(empty):
    assert look(empty, LBCERT_DEMO="0")["公开地址"]["state"] == "missing"


def test_a_key_that_others_can_read_is_named(empty, home):
    look(empty)
    (home / "data.key").chmod(0o644)
    found = look(empty)["密钥 data.key"]
    assert found["state"] == "missing"
    assert found["cure"] == f"chmod 600 {home / 'data.key'}"


def test_a_missing_library_is_named_by_its_package(empty, monkeypatch):
    def load(name):
        if "subset" in name:
            raise OSError

    monkeypatch.setattr(ctypes, "CDLL", load)
    found = look(empty)["libharfbuzz-subset0"]
    assert (found["state"], found["cure"]) == ("missing", "apt-get install libharfbuzz-subset0")


def test_missing_fonts_are_named_by_their_package(empty, monkeypatch):
    monkeypatch.setattr(printing, "missing_faces", lambda: ["Noto Serif CJK SC:regular"])
    assert look(empty)["中文字体"]["cure"] == f"apt-get install {fonts.PACKAGE}"


def test_a_rare_character_that_no_font_has_is_named(empty, monkeypatch):
    monkeypatch.setattr(printing, "missing_glyphs", lambda text: [text[0]])
    assert "䮌" in look(empty)["生僻字"]["said"]


def test_a_data_key_that_is_lost_or_another_ones_is_named_and_never_made_anew(lbcert, tmp_path):
    factories.person()
    named = "密钥 data.key"
    other = look(lbcert, LBCERT_DATA_KEY="0" * 64)[named]
    assert (other["state"], "lbcert restore" in other["cure"]) == ("missing", True)
    home = tmp_path / "robbed"
    home.mkdir()
    (home / "lbcert.db").touch()
    lost = look(Shell(LBCERT_HOME=str(home)))[named]
    assert (lost["state"], "lbcert restore" in lost["cure"]) == ("missing", True)
    assert not (home / "data.key").exists()


def test_a_home_that_cannot_be_written_to_is_named(empty, monkeypatch):
    def refuse(**_options):
        raise PermissionError(13, "Permission denied")

    look(empty)
    monkeypatch.setattr(machine.tempfile, "NamedTemporaryFile", refuse)
    assert look(empty)["数据目录"]["state"] == "missing"


def test_a_clock_set_back_is_noticed(lbcert):
    with clock.at(clock.now() + timedelta(days=1)):
        load_reference(Console())
    found = look(lbcert)["时钟"]
    assert found["state"] == "missing"
    assert "对时" in found["cure"]


def test_jobs_for_which_no_worker_comes_are_noticed(lbcert):
    with clock.at(clock.now() - timedelta(minutes=11)):
        factories.store(Job(kind="none", title="任务", total=1, items=[JobItem(key="one", payload="null")]))
    found = look(lbcert)["后台任务"]
    assert found["state"] == "missing"
    assert "lbcert worker" in found["cure"]


def test_settings_that_cannot_be_used_are_said_and_the_rest_is_examined(empty):
    found = look(empty, LBCERT_UPLOAD_LIMIT_MB="many")
    assert "LBCERT_UPLOAD_LIMIT_MB" in found["设置"]["said"]
    assert "libpango-1.0-0" in found
