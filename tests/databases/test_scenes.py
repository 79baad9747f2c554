"""A scene is played once in a process, and each test that begins with it has it for itself."""

from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from lbcert.core import clock, files
from lbcert.core.access import CONSOLE, Console
from lbcert.core.database import db
from lbcert.core.operation import operation
from lbcert.parties.models import Person
from lbcert.testing import factories as make
from lbcert.testing import scenes
from lbcert.testing.fixtures import home_at, running
from lbcert.testing.scenes import Stage, played_once

PLAYED = []


@operation("testing.keep_paper", allow=CONSOLE)
def keep(actor, data):
    return files.keep(data, "花名册.pdf", "application/pdf")


@played_once
def met(name="张三"):
    PLAYED.append((name, clock.held()))
    return SimpleNamespace(people=[make.person(name)], paper=keep(Console(), b"%PDF"))


@pytest.fixture(params=["sqlite", "postgresql"])
def anew(request, tmp_path, monkeypatch):
    """Give a way to stand on an empty database, as each test does."""
    monkeypatch.setattr(scenes, "_kept", {})
    monkeypatch.setattr(scenes, "MOST", 2)
    PLAYED.clear()
    databases = request.getfixturevalue(f"{request.param}_databases")

    @contextmanager
    def begin(name):
        with databases.fresh() as url, running(url, home_at(tmp_path / name / "home")) as app:
            Stage(app)
            yield

    return begin


def names():
    return list(db.session.scalars(select(Person.name).order_by(Person.id)))


def test_it_is_played_once_and_what_a_test_does_to_it_is_that_tests_own(anew):
    for test in ("first", "second", "third"):
        with anew(test):
            scene = met()
            assert (scene.people[0].id_number[:6], scene.paper.read()) == (make.LUQUAN, b"%PDF")
            assert names() == ["张三"]
            make.person(test)
            assert names() == ["张三", test]
    assert PLAYED == [("张三", None)]


def test_with_another_argument_on_another_day_or_on_what_is_there_already_it_is_played_again(anew):
    day = datetime(2025, 8, 9, tzinfo=UTC)
    with anew("first"):
        met()
        met()
        assert names() == ["张三", "张三"]
    with anew("second"):
        met("李四")
    with anew("third"), clock.at(day):
        met("李四")
    assert [("张三", None), ("张三", None), ("李四", None), ("李四", day)] == PLAYED


def test_only_the_last_used_are_kept(anew):
    for test, name in enumerate(("张三", "李四", "张三", "王五", "张三", "李四")):
        with anew(str(test)):
            met(name)
    assert [name for name, _ in PLAYED] == ["张三", "李四", "王五", "李四"]
