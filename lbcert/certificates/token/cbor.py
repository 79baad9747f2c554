"""Strict CBOR: reads the one deterministic encoding (RFC 8949, 4.2.1) of the few types a token uses, and no other."""

from __future__ import annotations

from dataclasses import dataclass

from lbcert.certificates.token.reasons import Reason, Unreadable

#: A token nests four deep; more is an attack on the stack.
MAX_DEPTH = 8

#: Major type of floats, booleans and null.
_SIMPLE = 7
#: Arguments below this stand in the first byte itself.
_DIRECT = 24
#: How many bytes follow for the additional information 24 to 27, and the least value that may need them.
_LONG = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}
_INDEFINITE = 31


@dataclass(frozen=True)
class Tagged:
    """A tagged data item. It is no sequence, so that it passes for no array."""

    tag: int
    value: Value


Value = int | bytes | str | list["Value"] | dict["int | str | bytes", "Value"] | Tagged


def decode(data: bytes) -> Value:
    """Read the one data item that ``data`` is.

    Raises `Unreadable` for an encoding that is not deterministic, for duplicate keys, for bytes after the item, and for
    types that no token has (floats, booleans, null).
    """
    reader = _Reader(data)
    value = reader.item(0)
    if reader.at != len(data):
        raise Unreadable(Reason.TRAILING_BYTES)
    return value


class _Reader:
    """A place in the bytes, moving forward only."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        taken = self.data[self.at : self.at + count]
        if len(taken) != count:
            raise Unreadable(Reason.TRUNCATED)
        self.at += count
        return taken

    def head(self) -> tuple[int, int]:
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == _SIMPLE:
            raise Unreadable(Reason.FORBIDDEN_TYPE)
        if info < _DIRECT:
            return major, info
        if info == _INDEFINITE:
            raise Unreadable(Reason.INDEFINITE_LENGTH)
        if info not in _LONG:
            raise Unreadable(Reason.FORBIDDEN_TYPE)
        size, least = _LONG[info]
        argument = int.from_bytes(self.take(size))
        if argument < least:
            raise Unreadable(Reason.NOT_SHORTEST)
        return major, argument

    def item(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise Unreadable(Reason.TOO_DEEP)
        major, argument = self.head()
        value: Value
        match major:
            case 0:
                value = argument
            case 1:
                value = -1 - argument
            case 2:
                value = self.take(argument)
            case 3:
                value = self.text(argument)
            case 4:
                value = [self.item(depth + 1) for _ in range(argument)]
            case 5:
                value = self.map(argument, depth)
            case _:
                value = Tagged(argument, self.item(depth + 1))
        return value

    def text(self, length: int) -> str:
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise Unreadable(Reason.NOT_UTF8) from None

    def map(self, length: int, depth: int) -> dict[int | str | bytes, Value]:
        entries: dict[int | str | bytes, Value] = {}
        last = b""
        for _ in range(length):
            start = self.at
            key = self.item(depth + 1)
            encoded = self.data[start : self.at]
            if not isinstance(key, (int, str, bytes)):
                raise Unreadable(Reason.FORBIDDEN_TYPE)
            if key in entries:
                raise Unreadable(Reason.DUPLICATE_KEY)
            if encoded < last:
                raise Unreadable(Reason.KEYS_UNSORTED)
            last = encoded
            entries[key] = self.item(depth + 1)
        return entries
