"""Whether everything on a certificate can be printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lbcert.core.findings import Finding, refuse
from lbcert.core.fonts import missing_glyphs
from lbcert.core.words import say


def check_glyphs(claims: Mapping[str, Any]) -> list[Finding]:
    """Check that everything on a certificate can be printed; each finding names the person and the character."""
    text = "".join(_texts(claims))
    return [
        refuse(
            "certificates.missing_glyph",
            say(
                "{name} 的证书上有字库里没有的字“{character}”（U+{code}）：请核对该字，或安装含有该字的字体后再发证",
                name=claims.get("name", ""),
                character=character,
                code=f"{ord(character):04X}",
            ),
        )
        for character in missing_glyphs(text)
    ]


def _texts(value: Any) -> Iterator[str]:
    """Give every text in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(value.values())
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)
