"""The command speaks the language of the shell: Chinese, or English where it is asked for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lbcert.cli import words
from lbcert.cli.doctor.printing import RARE
from lbcert.core.access import Role
from lbcert.testing import factories

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u3400-\u9fff]")
#: Not for the shell's reader: what a certificate is called on paper, the start of a message, the end of a name.
KEPT = {"a published batch: 职业技能等级证书", "a cohort: 培训合格证书", "第", "（演示）", RARE}


@pytest.fixture
def database(sqlite_database):
    """One kind is enough: words are words."""
    return sqlite_database


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "zh"), ({"LANG": "C.UTF-8"}, "zh"), ({"LANG": "en_GB.UTF-8"}, "en"), ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LBCERT_LANGUAGE": "zh", "LANG": "en_GB.UTF-8"}, "zh"), ({"LBCERT_LANGUAGE": "en", "LC_ALL": "zh_CN"}, "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_shells_unless_another_is_set(monkeypatch, environment, chosen):
    for name in ("LBCERT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert words.language() == chosen


def unsaid(source):
    """Give the Chinese text in a module that no ``say`` puts into the catalogue."""
    tree = ast.parse(source)
    said = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"
        for part in ast.walk(node)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in said and text not in KEPT and HAN.search(text):
                yield text


def test_whatever_a_command_says_is_in_the_catalogue():
    files = [*sorted((ROOT / "lbcert/cli").rglob("*.py")), ROOT / "lbcert/demo/show.py", ROOT / "lbcert/demo/build.py"]
    assert [(path.name, text) for path in files for text in unsaid(path.read_text())] == []
    assert list(unsaid("click.echo(f'没有 {x}')\necho(say('有'))")) == ["没有 "]


def test_in_an_english_shell_no_chinese_is_said_but_names(lbcert):
    factories.account(Role.BUREAU_OFFICER, factories.LUQUAN, user_name="luquan")
    answers = [
        lbcert(*command, LBCERT_LANGUAGE="en")
        for command in (
            ["doctor"], ["user", "reset", "nobody"], ["audit", "verify"], ["verify", "ABC"], ["db", "revise", "x", "--line", "y"],
            ["user", "create", "1", "Li", "trainer", "--region", "530128"], ["issue", "--batch", 1, "--as", "luquan"],
        )
    ]  # fmt: skip
    said = "\n".join(answer.output for answer in answers).replace(RARE, "")
    assert "Chinese fonts: serif and sans are there" in said
    assert "There is no open account nobody" in said
    assert "0 breaks" in said
    assert HAN.findall(said) == []
