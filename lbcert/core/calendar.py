"""Holidays and worked weekends as a bureau enters them, over what the program brings: per region, and never rewritten.

The newest line about a day in an area counts, and of several areas the nearest. A year whose 1 January is on file is known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.access import Place, Role, holds
from lbcert.core.database import Base, Id, Stamped, append_only, db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.policy import Ruling
from lbcert.core.reference import Region, ancestry
from lbcert.core.words import Message, say
from lbcert.core.workdays import Overlay, add_working_days

#: Days that one line may name: the longest holiday is eight.
LONGEST = 31
_LINE = re.compile(
    r"(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?(?:\s*[~～至—]\s*(\d{4})[-年/.](\d{1,2})[-月/.](\d{1,2})日?)?\s+(\S+)\s*(.*)"
)
_WORKS = {
    "休": False, "放假": False, "off": False, "班": True, "上班": True, "work": True, "平常": None, "usual": None,
}  # fmt: skip


class CalendarDay(Base, Stamped):
    """One day in an area: worked, off, or (None) again as the program has it."""

    __tablename__ = "calendar_days"
    __table_args__ = (Index("ix_calendar_days_area_day", "area_code", "day"),)
    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    day: Mapped[date]
    works: Mapped[bool | None]
    note: Mapped[str] = mapped_column(String(60), default="")
    #: The document: 国办发明电〔2026〕7号; 本局设定 for a bureau's own.
    source: Mapped[str] = mapped_column(String(200))


append_only(CalendarDay, "core.calendar_day", say("放假调休登记后不能修改或删除；有变化请再登记一条"))


@dataclass(frozen=True)
class Entry:
    """One day as it was written."""

    day: date
    works: bool | None
    note: str


def read_days(text: str) -> tuple[list[Entry], list[Finding]]:
    """Read lines such as ``2027-02-05~2027-02-11 休 春节`` or ``2027年2月14日 班``; each that cannot be read has a finding with its number."""
    entries: list[Entry] = []
    findings: list[Finding] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        read = _read(line.strip())
        if isinstance(read, Message):
            findings.append(refuse("core.calendar_line", say("第 {row} 行：{why}", row=number, why=read)))
        else:
            entries += read
    return entries, findings


def _read(line: str) -> list[Entry] | Message:
    found = _LINE.fullmatch(line)
    if found is None or found[7] not in _WORKS:
        return say("应写成“日期 休/班/平常 说明”，例如“2027-01-01 休 元旦”")
    try:
        first = date(int(found[1]), int(found[2]), int(found[3]))
        last = date(int(found[4]), int(found[5]), int(found[6])) if found[4] else first
    except ValueError:
        return say("没有这一天，请核对日期")
    if not 0 <= (last - first).days < LONGEST:
        return say("起止日期颠倒，或超过 {most} 天", most=LONGEST)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [Entry(day, _WORKS[found[7]], found[8].strip()[:60]) for day in days]


def _area(area_code: str) -> Place:
    return Place(regions=(area_code,))


@operation("core.enter_days", say("登记放假调休"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER, at=_area))
def enter_days(actor: Any, area_code: str, text: str, source: str) -> Sequence[CalendarDay]:
    """Put the days of an arrangement on file for an area. Refused, with every line that cannot be read, and without a source."""
    load(Region, area_code)
    entries, findings = read_days(text)
    if not entries and not findings:
        findings.append(refuse("core.calendar_empty", say("请至少写一行日期")))
    if not source.strip():
        findings.append(refuse("core.policy_source", say("请写明依据的文件；本局自定的写“本局设定”")))
    if findings:
        raise Refused(findings)
    rows = [CalendarDay(area_code=area_code, source=source.strip(), **vars(entry)) for entry in entries]
    db.session.add_all(rows)
    return rows


def overlay_of(region: str) -> Overlay:
    """Give what is on file for a region."""
    areas = ancestry(region)
    rows = db.session.execute(
        select(CalendarDay.area_code, CalendarDay.day, CalendarDay.works)
        .where(CalendarDay.area_code.in_(areas))
        .order_by(CalendarDay.id)
    ).all()
    overlay: dict[date, bool] = {}
    for area in reversed(areas):
        newest = {day: works for code, day, works in rows if code == area}
        overlay |= {day: works for day, works in newest.items() if works is not None}
    return overlay


def due(start: date, days: Ruling, region: str) -> date | None:
    """Give the day on which a ruling's working days after ``start`` are over in a region; None where none are on file."""
    return add_working_days(start, days.value, overlay=overlay_of(region)).day if days.is_on_file else None
