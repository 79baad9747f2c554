"""What an entry of the log is: a hash over an event, its subject and its time, and nothing of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

_FIRST = "lbcert-log-1"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Event:
    """Something that the log witnesses."""

    #: "issue", "status/<status>" or "key/<state>"
    kind: str
    #: SHA-256 of the token, or of the issuer's public key (SubjectPublicKeyInfo), in hex
    subject: str
    #: aware; only its whole seconds count
    at: datetime

    @property
    def text(self) -> bytes:
        """The four lines over which the entry is the SHA-256."""
        return f"{_FIRST}\n{self.kind}\n{self.subject}\n{self.at.astimezone(UTC).strftime(_TIME)}\n".encode()

    @property
    def entry(self) -> bytes:
        """The 32 bytes that the log holds."""
        return sha256(self.text).digest()


def read_event(text: bytes) -> Event:
    """Read the four lines. Raises ValueError."""
    first, kind, subject, time, rest = text.decode().split("\n")
    event = Event(kind, subject, datetime.strptime(time, _TIME).replace(tzinfo=UTC))
    if first != _FIRST or rest or event.text != text:
        raise ValueError("no event of the log")
    return event
