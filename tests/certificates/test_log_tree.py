"""The log's tree against a second one that is RFC 6962 read aloud, and its texts against what was written by hand."""

from __future__ import annotations

import random
from base64 import b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lbcert.certificates.log import note, tree
from lbcert.certificates.log.note import Checkpoint, Proof, Verifier

#: Around each power of two and each full tile; 66,000 fills one tile of the second level and begins the third.
SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 255, 256, 257, 300, 511, 512, 513, 700]


def dice_of(seed):
    """Give dice that fall the same each time."""
    return random.Random(seed)  # noqa: S311 (nothing is kept secret)


def mth(entries):
    """Give the Merkle Tree Hash of RFC 6962, 2.1."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m, entries):
    """Give PATH(m, D[n]) of RFC 6962, 2.1.1."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m, entries, b):
    """Give SUBPROOF(m, D[n], b) of RFC 6962, 2.1.2."""
    n = len(entries)
    if m == n:
        return [] if b else [mth(entries)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*subproof(m, entries[:k], b), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def stored(entries, seed=1):
    """Give the tiles of a log that grew in random batches."""
    tiles: dict[tuple[int, int], bytes] = {}
    dice, size = dice_of(seed), 0
    while size < len(entries):
        batch = entries[size : size + dice.choice([1, 1, 2, 3, 25, 200, 600])]
        leaves = [tree.leaf_hash(entry) for entry in batch]
        changed = tree.grown(lambda level, number: tiles.get((level, number), b""), size, leaves)
        for key, tile in changed.items():
            assert tile.startswith(tiles.get(key, b""))
            tiles[key] = tile
        size += len(batch)
    return lambda level, number: tiles[level, number]


@pytest.fixture(scope="module")
def entries():
    dice = dice_of(6962)
    return [dice.randbytes(32) for _ in range(max(SIZES))]


@pytest.fixture(scope="module")
def tiles(entries):
    return stored(entries)


def test_roots_and_every_inclusion_are_those_of_the_rfc(entries, tiles):
    for size in SIZES:
        some = range(size) if size < 40 else [*dice_of(size).sample(range(size), 12), 0, size - 1]
        root = tree.root(tiles, size)
        assert root == mth(entries[:size])
        for index in some:
            proof = tree.inclusion(tiles, index, size)
            assert proof == path(index, entries[:size])
            leaf = tree.leaf_hash(entries[index])
            assert tree.includes(leaf, index, size, proof, root)
            assert not tree.includes(leaf, index ^ 1, size, proof, root)
            assert not tree.includes(tree.leaf_hash(b"another"), index, size, proof, root)


def test_every_pair_of_sizes_is_consistent_as_the_rfc_says(entries, tiles):
    roots = {size: tree.root(tiles, size) for size in SIZES}
    for new in SIZES:
        for old in [size for size in SIZES if size <= new]:
            proof = tree.consistency(tiles, old, new)
            assert proof == subproof(old, entries[:new], True)
            assert tree.extends(old, roots[old], new, roots[new], proof)
            if old < new:
                assert not tree.extends(old, roots[new], new, roots[new], proof)
                assert not tree.extends(old, roots[old], new, roots[old], proof)
                assert not tree.extends(old, roots[old], new, roots[new], proof[:-1])


def test_a_log_of_three_levels_grows_in_one_go_as_it_does_in_batches():
    entries = [number.to_bytes(4) for number in range(66_000)]
    leaves = [tree.leaf_hash(entry) for entry in entries]
    changed = tree.grown(lambda *_: b"", 0, leaves)
    assert len(changed[0, 257]) == 32 * (66_000 - 257 * 256)
    assert (len(changed[1, 0]), len(changed[1, 1]), len(changed[2, 0])) == (8192, 32, 32)
    assert tree.root(lambda level, number: changed[level, number], 66_000) == mth(entries)


def test_nobody_proves_what_is_not_there(tiles):
    for wrong in (
        lambda: tree.inclusion(tiles, 5, 5),
        lambda: tree.consistency(tiles, 0, 5),
        lambda: tree.consistency(tiles, 6, 5),
    ):
        with pytest.raises(ValueError, match=r"not in a tree|no proof"):
            wrong()


KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = Verifier("example.com/log", KEY.public_key().public_bytes_raw())


def test_a_checkpoint_is_the_note_that_the_specification_shows():
    signed = note.sign(str(Checkpoint("example.com/log", 1, bytes(32))), VERIFIER, KEY)
    text, signature = signed.split("\n\n")
    assert text == "example.com/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    dash, name, encoded = signature.rstrip("\n").split(" ")
    assert (dash, name, len(b64decode(encoded))) == ("—", "example.com/log", 4 + 64)
    assert note.read_checkpoint(signed, VERIFIER) == Checkpoint("example.com/log", 1, bytes(32))
    for broken in (
        signed.replace("\n1\n", "\n2\n"), signed.replace("—", "-"), signed.split("\n\n")[0], "", signed.replace("example.com", "example.org"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"note|signed|checkpoint|base64|padding"):
            note.read_checkpoint(broken, VERIFIER)


def test_a_proof_is_read_as_it_was_written():
    signed = note.sign(str(Checkpoint("example.com/log", 3, bytes(32))), VERIFIER, KEY)
    for proof in (Proof(2, [bytes(32), b"\x01" * 32], signed, b"extra"), Proof(0, [], signed)):
        read = note.read_proof(str(proof))
        assert (read.index, list(read.hashes), read.checkpoint, read.extra) == (
            proof.index, list(proof.hashes), proof.checkpoint, proof.extra,
        )  # fmt: skip
    for broken in (
        "",
        "c2sp.org/tlog-proof@v1\n",
        str(proof).replace("index 0", "index x"),
        str(proof).replace("@v1", "@v2"),
    ):
        with pytest.raises(ValueError, match="tlog-proof"):
            note.read_proof(broken)
