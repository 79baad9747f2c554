"""One cell of a sheet that somebody sent: its text, and what kind of thing stood there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

#: Excel keeps 15 significant digits; a whole number of 16 has lost its last ones, whatever the file shows
FIRST_INEXACT = 10**15

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s.*)?")
_PLAIN_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(?:.*\s)?(\d{1,2})\s*[:：时点]\s*(\d{1,2})(?::\d{2})?\s*分?")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d{2,3}")


class Kind(StrEnum):
    """What stood in a cell."""

    EMPTY = "empty"
    TEXT = "text"
    #: a number cell whose digits are all there
    NUMBER = "number"
    #: a number cell, or scientific form in text, whose last digits the sender's program has thrown away
    LOST_DIGITS = "lost_digits"
    DATE = "date"
    #: never computed; the text is the formula
    FORMULA = "formula"
    #: #N/A, #REF! and their like
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cell:
    """What the sender wrote, as text and untidied; a date as ``2025-07-24``, a time as ``08:30``, a number plain."""

    text: str
    kind: Kind

    @property
    def is_usable(self) -> bool:
        """Tell whether the text is what the sender meant: not empty, no formula, no error, no lost digits."""
        return self.kind in {Kind.TEXT, Kind.NUMBER, Kind.DATE}

    def as_date(self) -> date | None:
        """Read ``2025-07-24``, ``2025/7/24``, ``2025.7.24``, ``2025年7月24日``, ``20250724``; None for all else."""
        text = self.text.strip()
        found = _DATE.fullmatch(text) or _PLAIN_DATE.fullmatch(text)
        if not self.is_usable or not found:
            return None
        try:
            return date(*(int(part) for part in found.groups()))
        except ValueError:
            return None

    def as_time(self) -> time | None:
        """Read the time of day in ``08:30``, ``8：30``, ``8时30分`` or behind a date; None for anything else."""
        found = _TIME.fullmatch(self.text.strip())
        if not self.is_usable or not found:
            return None
        try:
            return time(int(found[1]), int(found[2]))
        except ValueError:
            return None

    def as_number(self) -> Decimal | None:
        """Read a number exactly; None for anything else, so that 缺考 is not 0."""
        text = self.text.strip()
        return Decimal(text) if self.is_usable and _NUMBER.fullmatch(text) else None


EMPTY = Cell("", Kind.EMPTY)


def text_cell(text: str) -> Cell:
    """Make a cell of ``text``: blanks alone are an empty cell, and whatever begins like a formula is taken for one."""
    meant = text.strip()
    if not meant:
        return EMPTY
    return Cell(text, Kind.FORMULA if meant.startswith("=") else Kind.TEXT)


def value_cell(value: object) -> Cell:
    """Make a cell of a value as a workbook reader gives it."""
    match value:
        case None:
            return EMPTY
        case bool():
            return Cell(str(value).upper(), Kind.TEXT)
        case int() | float():
            return _number_cell(value)
        case date() | time() | timedelta():
            return Cell(_calendar_text(value), Kind.DATE)
    return text_cell(str(value))


def lost_digits(cell: Cell) -> bool:
    """Tell whether an identifier has gone into scientific form: ``5.30724E+17``."""
    return cell.kind is Kind.LOST_DIGITS or bool(_SCIENTIFIC.fullmatch(cell.text.strip()))


def _number_cell(number: float) -> Cell:
    if abs(number) >= FIRST_INEXACT:
        return Cell(f"{number:.15g}", Kind.LOST_DIGITS)
    text = str(int(number)) if number == int(number) else f"{number:.15g}"
    return Cell(text, Kind.NUMBER)


def _calendar_text(value: date | time | timedelta) -> str:
    match value:
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        case time():
            return value.isoformat("minutes")
        case timedelta():
            hours, minutes = divmod(round(value.total_seconds() / 60), 60)
            return f"{hours:02}:{minutes:02}"
    return value.isoformat()
