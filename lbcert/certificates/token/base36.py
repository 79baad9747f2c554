"""Base 36 in blocks: 31 bytes become 48 characters of 0-9 A-Z, which a QR packs well and chat programs leave whole."""

from __future__ import annotations

from math import ceil, log2

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BLOCK_BYTES = 31
BLOCK_CHARACTERS = 48

#: How many characters a block of so many bytes takes: ceil(8 n / log2 36). No two sizes take the same.
_WIDTH = [ceil(8 * size / log2(36)) for size in range(BLOCK_BYTES + 1)]
_SIZE = {width: size for size, width in enumerate(_WIDTH)}


def encode(data: bytes) -> str:
    """Write bytes as upper-case letters and digits."""
    return "".join(_block(data[at : at + BLOCK_BYTES]) for at in range(0, len(data), BLOCK_BYTES))


def decode(text: str) -> bytes:
    """Read what `encode` wrote, in either case; raise ValueError for any other text.

    One text stands for one string of bytes and the other way round, but for the case of its letters.
    """
    if not text.isascii():
        raise ValueError("not base 36: characters outside ASCII")
    blocks = (text[at : at + BLOCK_CHARACTERS] for at in range(0, len(text), BLOCK_CHARACTERS))
    return b"".join(map(_unblock, blocks))


def _block(data: bytes) -> str:
    number = int.from_bytes(data)
    characters = []
    for _ in range(_WIDTH[len(data)]):
        number, digit = divmod(number, 36)
        characters.append(DIGITS[digit])
    return "".join(reversed(characters))


def _unblock(text: str) -> bytes:
    if not text.isalnum() or len(text) not in _SIZE:
        raise ValueError(f"not base 36: {text!r}")
    try:
        return int(text, 36).to_bytes(_SIZE[len(text)])
    except OverflowError:
        raise ValueError(f"not base 36: {text!r} is more than {_SIZE[len(text)]} bytes can hold") from None
