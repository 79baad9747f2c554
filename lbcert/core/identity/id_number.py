"""The resident ID number (居民身份证号码, GB 11643-1999), and the same form on residence permits (港澳台居民居住证).

The first six digits are the county *at the time the number was given*. Counties change, so they never refuse a number:
a common library that refuses on them turns away most adults of four of the five places this program was made for.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lbcert.core.findings import Finding, Level, refuse
from lbcert.core.identity import tidying
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.words import Message, say

SOURCE = "GB 11643-1999"

_LENGTH = 18
EARLIEST_BIRTH = date(1900, 1, 1)
_FORM = re.compile(r"[0-9]{17}[0-9X]")
_OLD_FORM = re.compile(r"[0-9]{15}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


class Sex(StrEnum):
    """What digit 17 of an ID number says."""

    MALE = "male"
    FEMALE = "female"

    @property
    def label(self) -> Message:
        """Its name on the pages."""
        return say("男") if self is Sex.MALE else say("女")


@dataclass(frozen=True)
class IdNumber:
    """A number that passed every check."""

    text: str
    birth_date: date
    sex: Sex

    @property
    def region(self) -> str:
        """The six-digit county code (GB/T 2260) as it was when the number was given."""
        return self.text[:6]

    @property
    def masked(self) -> str:
        """The number as pages and logs may show it."""
        return mask_id_number(self.text)

    def __repr__(self) -> str:
        return f"IdNumber({self.masked})"


def tidy_id_number(text: str) -> tidying.Tidied:
    """Take away blanks and Excel's text mark, and write full-width characters and ``x`` as on the card."""
    return tidying.tidied(
        text, (tidying.WITHOUT_BLANKS, tidying.HALF_WIDTH, tidying.WITHOUT_TEXT_MARK, tidying.UPPER_CASE)
    )


def parse_id_number(text: str, today: date) -> IdNumber | Finding:
    """Read a tidied ID number, or say why it cannot be one.

    The finding's rule is ``id_number.`` and one of *length, fifteen_digits, characters, date, future, too_old, check*.
    An impossible date is told before a wrong check digit, since it shows where the slip is.
    """
    wrong = _wrong_form(text)
    if wrong:
        return wrong
    masked = mask_id_number(text)
    try:
        birth_date = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        day = f"{text[6:10]}-{text[10:12]}-{text[12:14]}"
        message = say("身份证号 {number} 第 7 至 14 位的出生日期 {day} 不存在，请按证件更正。", number=masked, day=day)
        return _refused("date", message)
    if birth_date > today:
        message = say(
            "身份证号 {number} 的出生日期 {day} 晚于今天，请按证件更正。", number=masked, day=birth_date.isoformat()
        )
        return _refused("future", message)
    if birth_date < EARLIEST_BIRTH:
        message = say(
            "身份证号 {number} 的出生日期 {day} 早于 1900 年，请按证件更正。", number=masked, day=birth_date.isoformat()
        )
        return _refused("too_old", message)
    right = check_character(text)
    if text[-1] != right:
        message = say(
            "身份证号 {number} 的校验位不对：按前 17 位，末位应为 {right}，现为 {wrong}。请逐位核对证件。",
            number=masked,
            right=right,
            wrong=text[-1],
        )
        return _refused("check", message)
    return IdNumber(text, birth_date, Sex.MALE if int(text[16]) % 2 else Sex.FEMALE)


def check_character(digits: str) -> str:
    """Compute the check character of the first 17 ``digits``."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return _CHECK_CHARACTERS[total % 11]


def region_warning(number: IdNumber, known_regions: Container[str]) -> Finding | None:
    """Warn that the first six digits are in no table of counties, present or past; nobody is refused for it."""
    if number.region in known_regions:
        return None
    message = say(
        "身份证号 {number} 的前六位 {region} 不在区划表中，请核对；确为证件所载的可以保留。",
        number=number.masked,
        region=number.region,
    )
    return Finding("id_number.region", Level.WARN, message, "GB/T 2260")


def age_on(birth_date: date, day: date) -> int:
    """Count the full years (周岁) of somebody born on ``birth_date`` on ``day``, by the full date.

    Who was born on 29 February comes of age on 1 March of a common year. A day before birth raises ValueError.
    """
    if day < birth_date:
        raise ValueError(f"{day} lies before the birth on {birth_date}")
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (not had_birthday)


def _wrong_form(text: str) -> Finding | None:
    masked = mask_id_number(text)
    if _OLD_FORM.fullmatch(text):
        message = say("身份证号 {number} 是 15 位的旧号码，请按现在的证件填写 18 位号码。", number=masked)
        return _refused("fifteen_digits", message)
    if len(text) != _LENGTH:
        message = say("身份证号 {number} 应为 18 位，现为 {length} 位。", number=masked, length=len(text))
        return _refused("length", message)
    if not _FORM.fullmatch(text):
        message = say("身份证号 {number} 的前 17 位只能是数字，末位只能是数字或 X。", number=masked)
        return _refused("characters", message)
    return None


def _refused(reason: str, message: Message) -> Finding:
    return refuse(f"id_number.{reason}", message, SOURCE)
