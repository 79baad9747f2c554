"""The house that every test of the doors is let into: made once, and upon both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from lbcert.core import throttle
from lbcert.testing.fixtures import Visitor, running
from tests.doors.house import House


@pytest.fixture(scope="package")
def scene(sqlite_databases, tmp_path_factory) -> Iterator[House]:
    """Make the house and find all its doors, which takes most of the time; nobody there tries too often."""
    with ExitStack() as stack:
        url = stack.enter_context(sqlite_databases.fresh())
        app = stack.enter_context(running(url, tmp_path_factory.mktemp("home")))
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(throttle.limiter, "enabled", False)
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        app.test_client_class = Visitor
        made = House(app)
        assert len(made.lists) > 50
        assert len(made.forms) > 50
        assert made.calls
        yield made


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def house(request, scene) -> Iterator[House]:
    """Set the house upon each database; nothing is saved in it, and nothing may be."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            postgresql_databases = request.getfixturevalue("postgresql_databases")
            stack.enter_context(scene.upon(stack.enter_context(postgresql_databases.fresh())))
        before = scene.contents()
        with scene.closed():
            yield scene
        assert scene.contents() == before
