"""What the state numbers: regions (GB/T 2260), and trades (职业, 工种, 专项能力, and items that are none of them)."""

from __future__ import annotations

import csv
from datetime import date
from enum import StrEnum
from importlib import resources

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.database import Base, Id, choice
from lbcert.core.words import Message, say

#: The whole country: above every region.
NATION = "000000"


class Region(Base):
    """A place in the tree of provinces, prefectures, counties, townships (9 digits) and villages (12 digits).

    Codes change; a row stands for the time in which its code was in force and names its successor.
    """

    __tablename__ = "regions"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_code: Mapped[str | None] = mapped_column(String(12))


def prefix(code: str) -> str:
    """Give the digits that every place within region ``code`` begins with: 530000 → 53, 530100 → 5301, 000000 → ''."""
    if len(code) != 6:  # noqa: PLR2004 (townships and villages are not padded)
        return code
    for padding in ("000000", "0000", "00"):
        if code.endswith(padding):
            return code.removesuffix(padding)
    return code


def lies_within(code: str, region: str) -> bool:
    """Tell whether the place ``code`` is ``region`` or lies within it."""
    return code.startswith(prefix(region))


def ancestry(code: str) -> list[str]:
    """Give the region and those around it, nearest first: 530128 → [530128, 530100, 530000, 000000]."""
    county = code[:6]
    chain = [code] if len(code) > len(county) else []
    if len(code) == 12:  # noqa: PLR2004 (a village lies in a township)
        chain.append(code[:9])
    chain += [county, county[:4] + "00", county[:2] + "0000", NATION]
    return list(dict.fromkeys(chain))


class TradeKind(StrEnum):
    """What a trade is in the state's books."""

    OCCUPATION = "occupation"
    WORK_TYPE = "work_type"
    SPECIAL_ABILITY = "special_ability"
    #: Taught and paid for, in no catalogue of occupations: 光伏保洁, 农村职业经理人.
    LOCAL = "local"


class Trade(Base):
    """Something that can be learnt, taught and assessed. Occupations are keyed by edition and code, since three editions live side by side."""

    __tablename__ = "trades"
    __table_args__ = (
        CheckConstraint(
            "(kind = 'occupation') = (edition IS NOT NULL AND code IS NOT NULL)", name="occupation_has_code"
        ),
        Index("ix_trades_edition_code", "edition", "code", unique=True),
        Index("ix_trades_kind_name", "kind", "name", "edition", unique=True),
    )
    id: Mapped[Id]
    kind: Mapped[TradeKind] = mapped_column(choice(TradeKind))
    name: Mapped[str] = mapped_column(String(60))
    #: Year of the national classification: 1999, 2015 or 2022.
    edition: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(String(12))


class SkillLevel(StrEnum):
    """The five levels that an assessment may award; the value is the digit in a certificate's number, 5 the lowest."""

    FIVE = "5"
    FOUR = "4"
    THREE = "3"
    TWO = "2"
    ONE = "1"

    @property
    def label(self) -> Message:
        """The level's printed name."""
        return LEVEL_LABELS[self]


LEVEL_LABELS = {
    SkillLevel.FIVE: say("五级/初级工"),
    SkillLevel.FOUR: say("四级/中级工"),
    SkillLevel.THREE: say("三级/高级工"),
    SkillLevel.TWO: say("二级/技师"),
    SkillLevel.ONE: say("一级/高级技师"),
}


def shipped_regions() -> list[dict[str, str]]:
    """Read the regions shipped with the program: code, name, valid_from, valid_to, successor.

    They are the provinces, prefectures and counties in force (GB/T 2260, as python-stdnum 2.2 lists them), the earlier codes of
    the places that we know, and two townships. 市辖区 that stands for all districts of a city is left out.
    """
    text = resources.files("lbcert.core").joinpath("data/regions.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
