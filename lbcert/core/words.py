"""Words shown to people: written in Chinese where they arise, translated where they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

CHINESE = "zh_Hans_CN"
ENGLISH = "en"

#: The languages that pages can be read in, each under its own name.
LANGUAGES = {CHINESE: "简体中文", ENGLISH: "English"}


@dataclass(frozen=True)
class Message:
    """A sentence with named gaps; ``str()`` gives it in Chinese, the pages give it in the reader's language.

    Rules make messages without knowing Flask or a language; only the page, sheet or API that shows one translates
    ``msgid`` and fills in ``values`` again.
    """

    msgid: str
    values: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.filled(self.msgid)

    def filled(self, template: str) -> str:
        """Fill the gaps of ``template`` (the msgid or a translation of it) with this message's values."""
        return template.format_map(dict(self.values)) if self.values else template


def say(msgid: str, **values: Any) -> Message:
    """Make a message: ``say("{name} 未满 {age} 周岁", name=…, age=…)``. The msgid is also what Babel extracts."""
    return Message(msgid, tuple(sorted(values.items())))
