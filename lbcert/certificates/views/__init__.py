"""Pages of the room."""

from __future__ import annotations

from flask import Flask

from lbcert.certificates.views import (
    certificates,
    designs,
    issuing,
    keys,
    log,
    own,
    own_results,
    public,
    published,
    reports,
    revocations,
    scanned,
    scanner,
)
from lbcert.certificates.views.room import room


def init_app(app: Flask) -> None:
    """Put in front of the app what is answered without session and sign-in, and free the scanner's form of tokens."""
    published.init_app(app)
    scanned.init_app(app)
    scanner.init_app(app)


__all__ = [
    "certificates",
    "designs",
    "init_app",
    "issuing",
    "keys",
    "log",
    "own",
    "own_results",
    "public",
    "reports",
    "revocations",
    "room",
    "scanner",
]
