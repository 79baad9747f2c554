"""Plugins in tests: which are installed, and how a module passes for one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

from lbcert.plugins import GROUP


def is_installed(folder: Path) -> bool:
    """Tell whether the plugin whose package lies in ``folder`` is installed; one that is not has no tests."""
    return any(point.module == folder.name for point in entry_points(group=GROUP))


@contextmanager
def also_installed(name: str, module: ModuleType) -> Iterator[None]:
    """Have the apps that are made meanwhile load ``module`` as the plugin ``name``, beside those that are installed."""
    point = EntryPoint(name, module.__name__, GROUP)
    with (
        patch.dict(sys.modules, {module.__name__: module}),
        patch("lbcert.plugins.entry_points", lambda group: [*entry_points(group=group), point]),
    ):
        yield
