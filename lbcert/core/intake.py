"""What is asked of every request before a page or call reads it: text that a database can keep, ids that it can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask import abort, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

from lbcert.core.findings import Refused, refuse
from lbcert.core.words import say

#: The largest id that an INTEGER column of PostgreSQL holds; it takes no larger one, not even to compare with.
LARGEST_ID = 2**31 - 1
_UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")


class Json(DefaultJSONProvider):
    """The usual JSON, where nesting deeper than Python reads is a fault of what was sent."""

    def loads(self, s: str | bytes, **options: Any) -> Any:
        """Read JSON; raises ``ValueError`` where it cannot be read."""
        try:
            return super().loads(s, **options)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def whole_number(text: str) -> int | None:
    """Read an id, a version or a count as a form sends it; None for what is none, or larger than a column holds."""
    is_one = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return int(text) if is_one and int(text) <= LARGEST_ID else None


def whole_numbers(texts: Iterable[str]) -> list[int]:
    """Read the ids that somebody ticked, passing over what is none."""
    return [number for number in map(whole_number, texts) if number is not None]


def check() -> None:
    """Refuse JSON that cannot be read, NUL and halves of surrogate pairs, which PostgreSQL or UTF-8 cannot keep, in whatever was sent.

    An id beyond every integer is a page that is not there. A file's content is left to whoever reads it.
    """
    if any(isinstance(value, int) and value > LARGEST_ID for value in (request.view_args or {}).values()):
        abort(404)
    if _is_broken_json():
        message = say("请求里的 JSON 读不懂：请核对括号、引号和 UTF-8 编码，嵌套不要过深")
        raise Refused([refuse("core.unreadable_json", message)])
    if any(map(_UNWRITABLE.search, _texts())):
        message = say("填写的内容里有无法保存的控制字符，多半是从别处复制来的；请删去后重新输入")
        raise Refused([refuse("core.unwritable_text", message)])


def _is_broken_json() -> bool:
    if not (request.is_json and request.get_data()):
        return False
    try:
        request.get_json()
    except BadRequest:
        return True
    return False


def _texts() -> Iterator[str]:
    for sent in (request.view_args or {}, request.args.to_dict(flat=False), request.form.to_dict(flat=False)):
        yield from _within(sent)
    for name, file in request.files.items(multi=True):
        yield from (name, file.filename or "")
    if request.is_json:
        yield from _within(request.get_json(silent=True))


def _within(sent: Any) -> Iterator[str]:
    """Give every text in plain JSON, names included; not by recursion, for it may be nested as deep as it is long."""
    waiting = [sent]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case dict() as named:
                waiting += [*named, *named.values()]
            case list() as several:
                waiting += several
