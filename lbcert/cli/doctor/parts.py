"""What the doctor finds: one part, how it is, and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True)
class Part:
    """One part of an installation: what was found, and what to do about it."""

    name: str
    state: State
    said: str
    cure: str = ""


def ok(name: str, said: str) -> Part:
    """Find a part well."""
    return Part(name, State.OK, said)


def missing(name: str, said: str, cure: str) -> Part:
    """Find a part missing or broken."""
    return Part(name, State.MISSING, said, cure)


def warn(name: str, said: str, cure: str) -> Part:
    """Find a part that works and ought to be looked at."""
    return Part(name, State.WARN, said, cure)
