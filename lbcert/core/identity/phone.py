"""A worker's phone number: a mobile number as a rule, which is warned about and seldom refused.

New number ranges are opened every few years and some people leave a landline, so only what can be no phone is refused.
"""

from __future__ import annotations

import re

from lbcert.core.findings import Finding, Level
from lbcert.core.identity import tidying
from lbcert.core.identity.masks import mask_phone
from lbcert.core.words import Message, say

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CALLABLE = re.compile(r"\+?[0-9]{7,15}")
_CHINA = re.compile(r"^(\+|00)86(?=1[0-9]{10}$)|^86(?=1[0-9]{10}$)")
_SEPARATORS = re.compile(r"[-‐‑‒–—()./]")

_STEPS: tuple[tidying.Step, ...] = (
    tidying.WITHOUT_BLANKS,
    tidying.HALF_WIDTH,
    tidying.WITHOUT_TEXT_MARK,
    (say("已去掉电话号码中的分隔符"), lambda text: _SEPARATORS.sub("", text)),
    (say("已去掉电话号码前的 86"), lambda text: _CHINA.sub("", text)),
)


def tidy_phone(text: str) -> tidying.Tidied:
    """Take away blanks, dashes, brackets and the country's +86; a mobile number is kept as its 11 digits."""
    return tidying.tidied(text, _STEPS)


def check_phone(text: str) -> Finding | None:
    """Say what is unusual (a warning) or impossible (a refusal) about a tidied phone number, or nothing.

    The finding's rule is ``phone.`` and one of *empty, not_mobile* (warned), *not_a_number* (refused).
    """
    if _MOBILE.fullmatch(text):
        return None
    if not text:
        return _finding("empty", Level.WARN, say("缺少联系电话，联系不到本人。"))
    if _CALLABLE.fullmatch(text):
        message = say(
            "联系电话 {phone} 不是 11 位手机号码（1 开头，第二位 3 至 9），收不到短信，请核对。", phone=mask_phone(text)
        )
        return _finding("not_mobile", Level.WARN, message)
    message = say("联系电话 {phone} 不是电话号码，请填写 11 位手机号码。", phone=mask_phone(text))
    return _finding("not_a_number", Level.REFUSE, message)


def _finding(reason: str, level: Level, message: Message) -> Finding:
    return Finding(f"phone.{reason}", level, message)
