"""Words shown to people: written in Chinese where they arise, translated where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

CHINESE = "zh_Hans_CN"
ENGLISH = "en"

#: The languages that pages can be read in, each under its own name.
LANGUAGES = {CHINESE: "简体中文", ENGLISH: "English"}


@dataclass(frozen=True)
class Message:
    """A sentence with named gaps; ``str()`` gives it in Chinese, the pages give it in the reader's language.

    What fills a gap may itself be a message, or a tuple: a list of things, put together as the language does.

    Rules make messages without knowing Flask or a language; only the page, sheet or API that shows one translates
    ``msgid`` and fills in ``values`` again.
    """

    msgid: str
    values: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.filled(self.msgid)

    def filled(self, template: str) -> str:
        """Fill the gaps of ``template`` (the msgid or a translation of it) with this message's values."""
        if not self.values:
            return template
        values = {name: "、".join(map(str, v)) if isinstance(v, tuple) else v for name, v in self.values}
        return template.format_map(values)


def say(msgid: str, **values: Any) -> Message:
    """Make a message: ``say("{name} 未满 {age} 周岁", name=…, age=…)``. The msgid is also what Babel extracts."""
    return Message(msgid, tuple(sorted(values.items()))) if values else _without_gaps(msgid)


#: A sentence without gaps is made once a process; there are as many as the code has.
_without_gaps = cache(Message)


def told(message: Any, translate: Callable[[str], str]) -> str:
    """Give a message, or a list of them, as ``translate`` puts its msgid; None is nothing, other things stay as they are."""
    if message is None:
        return ""
    if isinstance(message, tuple):
        return translate("、").join(told(thing, translate) for thing in message)
    if not isinstance(message, Message):
        return str(message)
    values = {name: told(v, translate) if isinstance(v, Message | tuple) else v for name, v in message.values}
    return Message(message.msgid, tuple(values.items())).filled(translate(message.msgid))


def some(things: Iterable[Any], most: int = 10) -> Any:
    """Fill a gap with a list of things: all of them, or the first ``most`` and how many there are."""
    every = tuple(things)
    return every if len(every) <= most else say("{things} 等（共 {count}）", things=every[:most], count=len(every))


def as_plain(message: Message) -> list[Any]:
    """Give a message as what JSON holds, to be said again later in any language."""
    return [message.msgid, {name: _as_plain(value) for name, value in message.values}]


def from_plain(plain: Sequence[Any]) -> Message:
    """Read what :func:`as_plain` gave."""
    return Message(plain[0], tuple(sorted((name, _from_plain(value)) for name, value in plain[1].items())))


def _as_plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return {"each": [_as_plain(thing) for thing in value]}
    return as_plain(value) if isinstance(value, Message) else value


def _from_plain(plain: Any) -> Any:
    if isinstance(plain, dict):
        return tuple(_from_plain(thing) for thing in plain["each"])
    return from_plain(plain) if isinstance(plain, list) else plain
