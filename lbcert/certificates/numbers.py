"""Numbers of certificates: the state's for skill levels, and our own with a check character."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.reference import SkillLevel
from lbcert.core.words import Message, say

SOURCE = "人社部 职业技能等级证书编码规则（试行）"
#: Body kind 1, body code 4, province 2, serial of body or site 6: all given by the authorities.
PREFIX = 13
LENGTH = 22
LAST_SERIAL = 999_999

#: GB/T 2260, first two digits.
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(first, last + 1)
)

_CHECKED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OWN = re.compile(r"[0-9A-Z]+(-[0-9A-Z]+)*")


class Scheme(StrEnum):
    """Rules after which a certificate issued elsewhere may be numbered; only `SKILL_LEVEL` is ever issued here."""

    SKILL_LEVEL = "skill_level"
    #: 特级技师: a second letter in the place of the level
    CHIEF = "chief"
    #: the pilot's 20 characters: R, G S C or X, N or W, area 6, body 3, year 2, level 1, serial 5; unverified
    PILOT = "pilot"
    #: 职业资格证书 before 2019, 16 digits
    QUALIFICATION = "qualification"


_SCHEMES = {
    Scheme.SKILL_LEVEL: re.compile(r"[YS]\d{14}[1-5]\d{6}", re.ASCII),
    Scheme.CHIEF: re.compile(r"[YS]\d{14}[A-Z]\d{6}", re.ASCII),
    Scheme.PILOT: re.compile(r"R[GSCX][NW]\d{11}[1-5]\d{5}", re.ASCII),
    Scheme.QUALIFICATION: re.compile(r"\d{16}", re.ASCII),
}


@dataclass(frozen=True)
class SkillNumber:
    """A 职业技能等级证书编码 taken apart."""

    #: 13 characters, given by the authorities
    prefix: str
    #: last two digits of the year of issue
    year: int
    level: SkillLevel
    serial: int

    def __str__(self) -> str:
        return f"{self.prefix}{self.year:02}{self.level}{self.serial:06}"

    @property
    def is_employers(self) -> bool:
        """Whether an employer assessed its own staff (用人单位, Y), not a social evaluation body (S)."""
        return self.prefix.startswith("Y")

    @property
    def province(self) -> str:
        """First two digits of GB/T 2260."""
        return self.prefix[5:7]


def scheme(text: str) -> Scheme | None:
    """Tell after which rule a number of a certificate issued elsewhere is made, if after any."""
    return next((name for name, shape in _SCHEMES.items() if shape.fullmatch(text)), None)


def check_prefix(prefix: str) -> list[Finding]:
    """Check the 13 characters that the bureau enters for an assessment body."""
    if len(prefix) != PREFIX:
        return [
            _refuse(
                "prefix_length",
                say("机构前缀“{prefix}”应为 13 位，现为 {length} 位", prefix=prefix, length=len(prefix)),
            )
        ]
    findings = []
    if prefix[0] not in "YS":
        findings.append(_refuse("kind", say("“{number}”首位应为 Y（用人单位）或 S（社会培训评价组织）", number=prefix)))
    if not _is_digits(prefix[1:]):
        findings.append(_refuse("prefix_digits", say("“{number}”第 2 至 13 位应为数字", number=prefix)))
    elif prefix[5:7] not in PROVINCES:
        findings.append(
            _refuse("province", say("“{number}”第 6、7 位“{code}”不是省级代码", number=prefix, code=prefix[5:7]))
        )
    return findings


def check_skill_number(text: str) -> list[Finding]:
    """Check a skill-level number by itself. It has no check digit, so a slip of the pen may pass: see `check_issued`."""
    if len(text) != LENGTH:
        return [_refuse("length", say("证书编号“{number}”应为 22 位，现为 {length} 位", number=text, length=len(text)))]
    findings = check_prefix(text[:PREFIX])
    year, level, serial = text[13:15], text[15], text[16:]
    if not _is_digits(year):
        findings.append(_refuse("year", say("证书编号“{number}”第 14、15 位应为发证年份的末两位", number=text)))
    if level not in set(SkillLevel):
        findings.append(_refuse("level", say("证书编号“{number}”第 16 位应为 1 至 5（5 为五级/初级工）", number=text)))
    if not _is_digits(serial) or int(serial) == 0:
        findings.append(_refuse("serial", say("证书编号“{number}”末六位应为 000001 至 999999", number=text)))
    return findings


def parse_skill_number(text: str) -> SkillNumber:
    """Take a skill-level number apart. Raises `Refused` with everything wrong in it."""
    if findings := check_skill_number(text):
        raise Refused(findings)
    return SkillNumber(text[:PREFIX], int(text[13:15]), SkillLevel(text[15]), int(text[16:]))


def build_skill_number(prefix: str, issued: date, level: SkillLevel, serial: int) -> str:
    """Put a number together from the body's prefix, as the bureau entered it, and the next serial of the year and level.

    Raises `Refused` when the prefix is none, or the year's serials are used up.
    """
    findings = check_prefix(prefix)
    if not 1 <= serial <= LAST_SERIAL:
        findings.append(
            _refuse(
                "serial_used_up",
                say("证书序列码 {serial} 超出 000001 至 999999：请向人社部门申请新的前缀", serial=serial),
            )
        )
    if findings:
        raise Refused(findings)
    return str(SkillNumber(prefix, issued.year % 100, level, serial))


def check_issued(number: SkillNumber, prefixes: set[str], issued: date, level: SkillLevel) -> list[Finding]:
    """Hold a number against the register: the body's own prefixes, the date of issue, the level of the exam."""
    findings = []
    if number.prefix not in prefixes:
        findings.append(
            _refuse("foreign_prefix", say("证书编号“{number}”的前缀不是该评价机构备案的前缀", number=str(number)))
        )
    if number.year != issued.year % 100:
        findings.append(
            _refuse(
                "other_year", say("证书编号“{number}”的年份与发证日期 {issued} 不符", number=str(number), issued=issued)
            )
        )
    if number.level != level:
        findings.append(
            _refuse(
                "other_level",
                say("证书编号“{number}”的等级与认定等级（{level}）不符", number=str(number), level=level.label),
            )
        )
    return findings


def with_check(body: str) -> str:
    """Append the check character to a number of an own series: ``PX-530128-LQ01-2025-003-0017`` gains ``-`` and one more.

    The body is upper-case letters and digits in groups; ISO/IEC 7064 MOD 37,36 notices every wrong character and every two
    neighbours that changed places. Raises ValueError for another body.
    """
    if not _OWN.fullmatch(body):
        raise ValueError(f"own numbers are upper-case letters and digits in groups: {body!r}")
    return f"{body}-{_check_character(body)}"


def check_own_number(text: str) -> list[Finding]:
    """Check a number of an own series, as somebody typed it."""
    body, _, check = text.rpartition("-")
    if not _OWN.fullmatch(body) or _check_character(body) != check:
        return [refuse("number.own", say("证书编号“{number}”有误：请核对每一位，最后一位是校验位", number=text))]
    return []


def _check_character(body: str) -> str:
    """Compute ISO/IEC 7064 MOD 37,36 over the letters and digits."""
    remainder = 36
    for character in body.replace("-", ""):
        remainder = ((remainder + _CHECKED.index(character)) % 36 or 36) * 2 % 37
    return _CHECKED[(37 - remainder) % 36]


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _refuse(reason: str, message: Message) -> Finding:
    return refuse(f"number.{reason}", message, SOURCE)
