"""How every check answers: a rule of a room, of a plugin, or of an import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lbcert.core.words import Message, as_plain, from_plain


class Level(StrEnum):
    """What a finding does to the operation that asked."""

    #: stops
    REFUSE = "refuse"
    #: stops until somebody with the right grants an exception (特殊情况审批)
    EXCEPTION = "exception"
    #: shown
    WARN = "warn"
    #: shown, in small print
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that a check has to say.

    ``rule`` is its stable name (``"cohorts.class_size"``), ``message`` names the person or row, what is wrong and what
    would be right, ``source`` the document that says so, and ``subject`` what it is about, as ``"kind:id"``; several,
    parted by blanks, in the order in which the message lists them.
    """

    rule: str
    level: Level
    message: Message
    source: str = ""
    subject: str = ""

    @property
    def stops(self) -> bool:
        """Tell whether the operation may not go on with this finding standing."""
        return self.level in {Level.REFUSE, Level.EXCEPTION}


def refuse(rule: str, message: Message, source: str = "", subject: str = "") -> Finding:
    """Make a finding that stops."""
    return Finding(rule, Level.REFUSE, message, source, subject)


class Refused(Exception):
    """An operation that was not carried out, with *all* of its findings; nothing of it was stored."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        super().__init__("; ".join(str(finding.message) for finding in self.findings))

    def __contains__(self, rule: str) -> bool:
        """Tell whether one of the findings is of ``rule``."""
        return any(finding.rule == rule for finding in self.findings)


class Missing(Exception):
    """What was asked for by its id does not exist, or not for this account."""


class Forbidden(Exception):
    """The account may not do this, here."""


class OutOfReach(Forbidden):
    """The account may do this, and named a region beyond its own: a form says so, and keeps what was typed."""


def kept(finding: Finding) -> dict[str, Any]:
    """Give a finding as what JSON holds, to be shown again later in any language."""
    return {
        "rule": finding.rule,
        "level": finding.level.value,
        "message": as_plain(finding.message),
        "source": finding.source,
        "subject": finding.subject,
    }


def from_kept(plain: Mapping[str, Any]) -> Finding:
    """Read what :func:`kept` gave."""
    message = from_plain(plain["message"])
    return Finding(plain["rule"], Level(plain["level"]), message, plain["source"], plain["subject"])
