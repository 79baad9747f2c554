"""Pytest fixtures for rooms and plugins: a fresh database of each kind, and the app on it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from lbcert.testing.postgres import Server


class Run:
    """What one test run has once, however many processes share its tests."""

    @cached_property
    def server(self) -> Server:
        """The PostgreSQL server, started when a test first wants it."""
        return Server()

    def stop(self) -> None:
        """End the server, if any test wanted it."""
        if "server" in vars(self):
            self.server.stop()


RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run, in its first process alone."""
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = Run()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a parallel process where the server is."""
    node.workerinput["postgresql"] = str(node.config.stash[RUN].server.folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, also when it was interrupted."""
    if run := config.stash.get(RUN, None):
        run.stop()


@pytest.fixture(scope="session")
def postgresql_folder(pytestconfig: pytest.Config) -> Path:
    """Give the socket folder of the run's PostgreSQL server."""
    if run := pytestconfig.stash.get(RUN, None):
        return run.server.folder
    return Path(pytestconfig.workerinput["postgresql"])  # type: ignore[attr-defined]  # set by xdist
