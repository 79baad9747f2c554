"""The Merkle tree of RFC 6962, kept in tiles of 256 hashes (c2sp.org/tlog-tiles), and its two kinds of proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH = 32
#: Hashes in a full tile, which stands for eight levels of the tree.
WIDTH = 256
_HEIGHT = 8

#: Gives the hashes of tile (level, number), as many as there are.
Tiles = Callable[[int, int], bytes]

EMPTY = sha256().digest()


def leaf_hash(entry: bytes) -> bytes:
    """Give the hash of an entry (RFC 6962, 2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash over two subtrees (RFC 6962, 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def grown(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
    """Give the tiles that change when ``leaves`` (hashes) are appended to a tree of ``size``, each as it is then."""
    changed: dict[tuple[int, int], bytes] = {}
    level, hashes, at = 0, list(leaves), size
    while hashes:
        full = []
        while hashes:
            number, width = divmod(at, WIDTH)
            before = tiles(level, number)[: width * HASH] if width else b""
            taken, hashes = hashes[: WIDTH - width], hashes[WIDTH - width :]
            changed[level, number] = tile = before + b"".join(taken)
            at += len(taken)
            if len(tile) == WIDTH * HASH:
                full.append(_combined(tile))
        level, hashes, at = level + 1, full, size >> _HEIGHT * (level + 1)
    return changed


def root(tiles: Tiles, size: int) -> bytes:
    """Give the root of the tree over the first ``size`` leaves."""
    return _range(tiles, 0, size) if size else EMPTY


def inclusion(tiles: Tiles, index: int, size: int) -> list[bytes]:
    """Prove that leaf ``index`` is in the tree of ``size``: hashes from the leaf's sibling upwards (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    return _path(tiles, index, 0, size)


def consistency(tiles: Tiles, old: int, new: int) -> list[bytes]:
    """Prove that the tree of ``old`` leaves is the beginning of that of ``new`` (RFC 6962, 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"no proof from {old} to {new}")
    return [] if old == new else _subproof(tiles, old, 0, new, whole=True)


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Tell whether a proof leads from a leaf's hash to the ``expected`` root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, hashed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hashed = node_hash(sibling, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and hashed == expected


def extends(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether a proof shows that the tree of ``old`` leaves begins that of ``new`` (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _split(count: int) -> int:
    """Give the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1


def _combined(hashes: bytes) -> bytes:
    """Give the root over a power of two of hashes."""
    row = [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def _perfect(tiles: Tiles, height: int, place: int) -> bytes:
    """Give the hash of the ``place``-th subtree of 2^``height`` leaves, from the tile that holds it or what is under it."""
    level, inner = divmod(height, _HEIGHT)
    number, offset = divmod(place << inner, WIDTH)
    return _combined(tiles(level, number)[offset * HASH : (offset + (1 << inner)) * HASH])


def _range(tiles: Tiles, start: int, end: int) -> bytes:
    """Give the hash over leaves ``start`` to ``end``, where RFC 6962 cuts the tree."""
    count = end - start
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return _perfect(tiles, height, start >> height)
    middle = start + _split(count)
    return node_hash(_range(tiles, start, middle), _range(tiles, middle, end))


def _path(tiles: Tiles, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(tiles, index, start, middle), _range(tiles, middle, end)]
    return [*_path(tiles, index, middle, end), _range(tiles, start, middle)]


def _subproof(tiles: Tiles, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [_range(tiles, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(tiles, old, start, middle, whole=whole), _range(tiles, middle, end)]
    return [*_subproof(tiles, old, middle, end, whole=False), _range(tiles, start, middle)]
