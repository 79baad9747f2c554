"""What the doctor finds: one part, how it is, and its cure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lbcert.core.words import say

#: The cure of a data key that is lost or another one's; nothing else reads what it encrypted.
PUT_BACK = say("把另存的那一把放回数据目录（或设回 LBCERT_DATA_KEY），或用 lbcert restore 从备份恢复；不要另做新的")


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
