"""What holds for all code of the house, whatever its room."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: lines; a longer file hides the rooms inside it
LONGEST = 600
#: without the versions of the tables, which are generated once and then frozen
CODE = [
    path
    for folder in ("lbcert", "plugins")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not path.name.startswith("0")
]
TESTS = sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["ruff", "check"], id="ruff finds nothing"),
        pytest.param(["ruff", "format", "--check"], id="ruff would format nothing"),
        pytest.param(["mypy"], id="the types fit"),
        pytest.param(["lint-imports", "--no-logo"], id="no room imports a later one"),
    ],
)
def test_the_tools_are_content(command):
    tool = Path(sys.executable).with_name(command[0])
    here = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'plugins'}"}
    result = subprocess.run([tool, *command[1:]], cwd=ROOT, env=here, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.fail(result.stdout + result.stderr, pytrace=False)


def test_no_file_is_longer_than_it_may_be():
    lengths = {path.relative_to(ROOT): path.read_text().count("\n") for path in CODE + TESTS}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def commits(source):
    """Give the lines of ``source`` that commit a session."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="commit", value=ast.Name(id="session") | ast.Attribute(attr="session")):
                yield node.lineno


def test_only_the_operation_commits():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in CODE
        if path != ROOT / "lbcert/core/operation.py" and "tests" not in path.parts
        for line in commits(path.read_text())
    ]
    assert found == []


def test_a_commit_is_seen_however_the_session_is_reached():
    assert sorted(commits("db.session.commit()\nsession.commit()\nself.db.session.commit\nlog.commit()")) == [1, 2, 3]
