"""Go's own sumdb/note and sumdb/tlog, which Debian's golang-go carries, accept a log that was written here."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from base64 import b64encode
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lbcert.certificates.log import note, tree
from lbcert.certificates.log.note import Checkpoint, Verifier
from lbcert.certificates.queries.log import path_of

JUDGE = Path(__file__).parents[1] / "foreign/log_judge.go"
#: Where Go keeps the library for its own command; its folder bears the version.
VENDORED = "*/src/cmd/vendor/golang.org/x"
#: Module → what of it is wanted.
PARTS = {"mod": ("sumdb/note", "sumdb/tlog"), "crypto": ("ed25519",)}


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """Build the judge without a network."""
    go = shutil.which("go")
    found = [path for root in ("/usr/share", "/usr/lib") for path in sorted(Path(root).glob(f"go-{VENDORED}"))]
    if go is None or not found:
        pytest.skip("no Go here: apt-get install golang-go (Debian) brings the judge of the log")
    house = tmp_path_factory.mktemp("judge")
    lines = ["module judge", "go 1.17"]
    for module, parts in PARTS.items():
        for part in parts:
            shutil.copytree(found[-1] / module / part, house / module / part)
        (house / module / "go.mod").write_text(f"module golang.org/x/{module}\n\ngo 1.17\n")
        lines += [f"require golang.org/x/{module} v0.0.0", f"replace golang.org/x/{module} => ./{module}"]
    (house / "go.mod").write_text("\n".join(lines) + "\n")
    shutil.copy(JUDGE, house / "main.go")
    alone = {
        "HOME": str(house),
        "PATH": "/usr/bin:/bin",
        "GOFLAGS": "-mod=mod",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
    built = subprocess.run([go, "build", "-o", "judge", "."], cwd=house, env=alone, capture_output=True, text=True, check=False)  # fmt: skip
    assert built.returncode == 0, built.stderr
    return house / "judge"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a log of 700 leaves in random batches: its mirror, key, and what the judge is asked."""
    dice = random.Random(7)  # noqa: S311 (nothing is kept secret)
    private = Ed25519PrivateKey.generate()
    verifier = Verifier("lbcert.example/log", private.public_key().public_bytes_raw())
    entries = [dice.randbytes(32) for _ in range(700)]
    tiles: dict[tuple[int, int], bytes] = {}

    def read(level, number):
        return tiles.get((level, number), b"")

    sizes = sorted({1, 256, 257, 700, *dice.sample(range(2, 700), 20)})
    for start, end in pairwise([0, *sizes]):
        tiles |= tree.grown(read, start, [tree.leaf_hash(entry) for entry in entries[start:end]])
    notes = [
        note.sign(str(Checkpoint(verifier.name, size, tree.root(read, size))), verifier, private) for size in sizes
    ]
    folder = tmp_path_factory.mktemp("mirror")
    for (level, number), hashes in tiles.items():
        place = folder / path_of(level, number, len(hashes) // tree.HASH)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(hashes)
    inclusions = [
        {
            "entry": entries[index].hex(),
            "index": index,
            "size": size,
            "hashes": texts(tree.inclusion(read, index, size)),
        }
        for size in sizes
        for index in {0, size // 2, size - 1}
    ]
    consistences = [
        {"old": old, "new": new, "hashes": texts(tree.consistency(read, old, new))}
        for new in sizes
        for old in sizes
        if old <= new
    ]
    return folder, str(verifier), {"checkpoints": notes, "inclusions": inclusions, "consistences": consistences}


def texts(hashes):
    return [b64encode(each).decode() for each in hashes]


def ask(judge, folder, vkey, asked):
    file = folder / "asked.json"
    file.write_text(json.dumps(asked), "utf-8")
    return subprocess.run([judge, folder, vkey, file], capture_output=True, text=True, check=False)


def test_go_accepts_roots_checkpoints_inclusions_and_consistences(judge, written):
    folder, vkey, asked = written
    answer = ask(judge, folder, vkey, asked)
    assert (answer.returncode, answer.stderr) == (0, "")
    counts = len(asked["checkpoints"]), len(asked["inclusions"]), len(asked["consistences"])
    assert answer.stdout == "{} checkpoints, {} inclusions, {} consistences\n".format(*counts)


def test_go_refuses_a_forged_one(judge, written):
    folder, vkey, asked = written
    forged = [asked["checkpoints"][0].replace("\n1\n", "\n2\n"), *asked["checkpoints"][1:]]
    moved = [{**asked["inclusions"][0], "entry": "00" * 32}]
    rewritten = [{**asked["consistences"][-2], "hashes": asked["consistences"][-2]["hashes"][::-1]}]
    for wrong in ({"checkpoints": forged}, {"inclusions": moved}, {"consistences": rewritten}):
        assert ask(judge, folder, vkey, asked | wrong).returncode == 1
