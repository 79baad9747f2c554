"""What the doctor finds: one part, how it is, and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a part is."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True)
class Part:
    """One part of an installation: what was found, and what to do about it."""

    #: Text, or a message.
    name: Any
    state: State
    said: Any
    cure: Any = ""


def ok(name: Any, said: Any) -> Part:
    """Find a part well."""
    return Part(name, State.OK, said)


def missing(name: Any, said: Any, cure: Any) -> Part:
    """Find a part missing or broken."""
    return Part(name, State.MISSING, said, cure)


def warn(name: Any, said: Any, cure: Any) -> Part:
    """Find a part that works and ought to be looked at."""
    return Part(name, State.WARN, said, cure)
