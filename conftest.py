"""Brings the fixtures to every test, the plugins' too; a plugin that is not installed has no tests."""

import os
from pathlib import Path

from lbcert.testing.plugins import is_installed

os.environ["LBCERT_LANGUAGE"] = "zh"  # whatever the shell speaks
pytest_plugins = ["lbcert.testing.fixtures", "tests.browser.fixtures"]
collect_ignore = [str(folder) for folder in (Path(__file__).parent / "plugins").glob("*/") if not is_installed(folder)]
