"""The reader in JavaScript takes what the one in Python takes, and refuses the rest for the same reasons."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lbcert.certificates.token.keys import Algorithm
from lbcert.certificates.token.reader import read_token
from lbcert.certificates.token.reasons import Unreadable
from tests.browser.fixtures import serving
from tests.certificates.broken_tokens import CLAIMS, CORPUS, KEYS, SIGNERS, Forger, as_data

STORED = json.loads(CORPUS.read_text(encoding="utf-8"))
ALL = STORED["good"] + STORED["broken"]
SCANNER = Path(__file__).parents[2] / "lbcert/web/static/scan"
JUDGE = Path(__file__).with_name("read_tokens.mjs")
NODE = shutil.which("node") or "node"
#: The claims' names there.
NAMES = {"status_list": "statusList", "status_index": "statusIndex"}


@pytest.fixture
def database(sqlite_database):
    return sqlite_database


def expected(entry: dict[str, Any]) -> Any:
    if "browser" in entry:
        return entry["browser"]
    if "reason" in entry:
        return entry["reason"]
    return {NAMES.get(name, name): value for name, value in entry["claims"].items()}


def in_node(tokens: list[dict[str, Any]]) -> list[Any]:
    """Have Node read tokens, with its own WebCrypto."""
    done = subprocess.run(
        [NODE, JUDGE, SCANNER],
        input=json.dumps({"keys": STORED["keys"], "tokens": tokens}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def in_python(entry: dict[str, str]) -> Any:
    try:
        claims = read_token(bytes.fromhex(entry["token"]), KEYS).claims
    except Unreadable as refused:
        return refused.reason.value
    return expected({"claims": as_data(claims)})


def differences(tokens: list[dict[str, Any]], wanted: list[Any], said: list[Any]) -> list[Any]:
    return [each for each in zip(tokens, wanted, said, strict=True) if each[1] != each[2]]


def test_node_judges_the_corpus_as_python_does() -> None:
    assert differences(ALL, list(map(expected, ALL)), in_node(ALL)) == []


@pytest.mark.browser
def test_chromium_judges_the_corpus_as_python_does(app, page_at) -> None:
    page = page_at()
    with serving(app) as address:
        page.goto(address + "/verify")
        judge = JUDGE.read_text(encoding="utf-8").replace("export async", "async")
        said = page.evaluate(
            f"async (given) => {{ {judge.partition('if (globalThis.process')[0]}; return answers(given, '/static/scan'); }}",
            {"keys": STORED["keys"], "tokens": ALL},
        )
    assert differences(ALL, list(map(expected, ALL)), said) == []


def test_a_thousand_damaged_tokens_are_judged_alike() -> None:
    chance = random.Random(20250820)  # noqa: S311 - a fixed seed, no secret
    forger = Forger(SIGNERS[Algorithm.ES256], CLAIMS)
    tokens = [{"token": damaged(forger, chance).hex()} for _ in range(1000)]
    wanted = list(map(in_python, tokens))
    assert len({str(each) for each in wanted}) > 15
    assert differences(tokens, wanted, in_node(tokens)) == []


def damaged(forger: Forger, chance: random.Random) -> bytes:
    """Damage a token's bytes anywhere, or its payload before it is signed."""
    inside = chance.random() < 0.7
    good = forger.good
    payload = good[15:-66]
    data = bytearray(payload if inside else good)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        data[at : at + chance.choice([0, 1, 1, 2])] = chance.choice(
            [b"", b"\x00", b"\xff", b"\x1b", chance.randbytes(1)]
        )
    return forger.token(payload=bytes(data)) if inside else bytes(data)
