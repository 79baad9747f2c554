"""The unified social credit code of organisations (统一社会信用代码, GB 32100-2015).

Characters 9 to 17 are the organisation code of GB 11714-1997, with a check character of its own. No first digits are
asked for: private schools begin with 52, villages and co-operatives with other numbers than the 91 of firms.
"""

from __future__ import annotations

from dataclasses import dataclass

from lbcert.core.findings import Finding, refuse
from lbcert.core.identity import tidying
from lbcert.core.words import Message, say

SOURCE = "GB 32100-2015"
INNER_SOURCE = "GB 11714-1997"

_LENGTH = 18
#: without I, O, S, V and Z, which are taken for 1, 0, 5, U and 2
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_INNER = slice(8, 16)
_INNER_CHECK = 16


@dataclass(frozen=True)
class CreditCode:
    """A code that passed every check."""

    text: str

    @property
    def organisation_code(self) -> str:
        """The nine characters of the older organisation code (组织机构代码)."""
        return self.text[8:17]


def tidy_credit_code(text: str) -> tidying.Tidied:
    """Take away blanks and Excel's text mark, and write full-width and lower-case characters as on the licence."""
    return tidying.tidied(
        text, (tidying.WITHOUT_BLANKS, tidying.HALF_WIDTH, tidying.WITHOUT_TEXT_MARK, tidying.UPPER_CASE)
    )


def parse_credit_code(text: str) -> CreditCode | Finding:
    """Read a tidied credit code, or say why it cannot be one.

    The finding's rule is ``credit_code.`` and one of *length, characters, check, inner_check*. A code is public and is
    shown as it was written, save when it is far too long.
    """
    if len(text) != _LENGTH:
        message = say(
            "统一社会信用代码「{code}」应为 18 位，现为 {length} 位。", code=text[: _LENGTH + 2], length=len(text)
        )
        return _refused("length", message)
    strange = "".join(dict.fromkeys(character for character in text if character not in _ALPHABET))
    if strange:
        message = say(
            "统一社会信用代码 {code} 含有不会出现的字符「{strange}」：代码只用数字和大写字母，不用 I、O、S、V、Z。",
            code=text,
            strange=strange,
        )
        return _refused("characters", message)
    right = _check_character(text)
    if text[-1] != right:
        message = say(
            "统一社会信用代码 {code} 的校验位不对：按前 17 位，末位应为 {right}，现为 {wrong}。请逐位核对证照。",
            code=text,
            right=right,
            wrong=text[-1],
        )
        return _refused("check", message)
    inner = _inner_check_character(text[_INNER])
    if text[_INNER_CHECK] != inner:
        message = say(
            "统一社会信用代码 {code} 的第 9 至 17 位（组织机构代码）校验不对：第 17 位应为 {right}，现为 {wrong}。",
            code=text,
            right=inner,
            wrong=text[_INNER_CHECK],
        )
        return _refused("inner_check", message, INNER_SOURCE)
    return CreditCode(text)


def completed(first: str) -> str:
    """Give a credit code's first 16 characters the two check characters that follow, as for a fictional one."""
    body = first + _inner_check_character(first[_INNER])
    return body + _check_character(body)


def _check_character(text: str) -> str:
    total = sum(weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, text, strict=False))
    return _ALPHABET[(31 - total % 31) % 31]


def _inner_check_character(body: str) -> str:
    total = sum(
        weight * _INNER_ALPHABET.index(character) for weight, character in zip(_INNER_WEIGHTS, body, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def _refused(reason: str, message: Message, source: str = SOURCE) -> Finding:
    return refuse(f"credit_code.{reason}", message, source)
