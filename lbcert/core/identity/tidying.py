"""What is put right without asking, because it says nothing: blanks, full-width characters, case."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lbcert.core.findings import Finding, Level
from lbcert.core.words import Message, say

#: One step of tidying: what to tell the sender when it changed something, and the change.
Step = tuple[Message, Callable[[str], str]]

_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}
#: white space of every script, and what Word and WeChat leave behind unseen: zero-width characters, byte order marks
_BLANKS = re.compile(r"[\s\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
#: people type Excel's text mark as a character of its own
_TEXT_MARKS = "'’‘`"


@dataclass(frozen=True)
class Tidied:
    """Text as it should have been written, and what was changed to get there."""

    text: str
    changes: tuple[Message, ...] = ()

    def findings(self, rule: str, subject: str = "") -> tuple[Finding, ...]:
        """Give each change as a note, for an import that tells what it put right."""
        return tuple(Finding(rule, Level.NOTE, change, subject=subject) for change in self.changes)


def tidied(text: str, steps: tuple[Step, ...]) -> Tidied:
    """Run ``steps`` in order and keep the messages of those that changed something."""
    changes = []
    for message, change in steps:
        changed = change(text)
        if changed != text:
            changes.append(message)
        text = changed
    return Tidied(text, tuple(changes))


def _half_width(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def _without_blanks(text: str) -> str:
    return _BLANKS.sub("", text)


def _without_text_mark(text: str) -> str:
    return text.lstrip(_TEXT_MARKS)


WITHOUT_BLANKS: Step = (say("已去掉空白"), _without_blanks)
HALF_WIDTH: Step = (say("已将全角字符改为半角"), _half_width)
WITHOUT_TEXT_MARK: Step = (say("已去掉开头的单引号"), _without_text_mark)
UPPER_CASE: Step = (say("已将小写字母改为大写"), str.upper)
