"""The link in the QR: ``HTTPS://<HOST>/V/<BASE36>``, all upper case, so that it is one alphanumeric segment."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from lbcert.certificates.token import base36
from lbcert.certificates.token.cose import MAX_BYTES
from lbcert.certificates.token.reasons import Reason, Unreadable

#: A code longer than this holds more than `MAX_BYTES`.
MAX_CODE = len(base36.encode(bytes(MAX_BYTES)))
#: With hosts up to here a token of 153 bytes fits version 9; beyond, the QR is a version larger.
SHORT_HOST = 14

_LINK = re.compile(r"https?://([a-z0-9.-]+(?::[0-9]{1,5})?)/v/([^/?#]+)", re.IGNORECASE | re.ASCII)
_BLANKS = " \t\r\n"
_LOCAL = {"localhost", "127.0.0.1"}


class Link(NamedTuple):
    """A link taken apart; the host is lower case and says nothing about who signed."""

    host: str
    token: bytes


def write(address: str, token: bytes) -> str:
    """Write a token's link at a public address, ``https://`` but for this machine itself.

    >>> write("https://v.example.cn", b"token")
    'HTTPS://V.EXAMPLE.CN/V/0ROKQB32'
    """
    parts = urlsplit(address)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    link = f"{parts.scheme}://{parts.netloc}/V/{base36.encode(token)}".upper()
    if not secure or parts.path.strip("/") or parts.query or not _LINK.fullmatch(link):
        raise ValueError(f"not a public address for a QR: {address!r} (https, a host of letters and digits, no path)")
    return link


def read(text: str) -> Link:
    """Take a link apart, in either case and whatever its host."""
    found = _LINK.fullmatch(text.strip(_BLANKS))
    if not found:
        raise Unreadable(Reason.NOT_A_LINK)
    return Link(found[1].lower(), read_code(found[2]))


def read_code(code: str) -> bytes:
    """Read the token out of a link's last part."""
    if len(code) > MAX_CODE:
        raise Unreadable(Reason.TOO_LONG)
    try:
        return base36.decode(code)
    except ValueError:
        raise Unreadable(Reason.NOT_BASE36) from None
