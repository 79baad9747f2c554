"""Policy as data: dated, bound to an area, each value with the document that says so.

No row on file means no limit and a note that says so, never another province's value.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from lbcert.core.access import Place, Role, holds
from lbcert.core.database import Base, Id, Stamped, db, load
from lbcert.core.findings import Finding, Level, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import NATION, Region, ancestry
from lbcert.core.words import Message, say


class Follows(StrEnum):
    """Whose region a key follows when home, site and assessment body lie apart."""

    #: money, age, times a year
    HOME = "home"
    #: hours, calendar, evening window
    SITE = "site"
    #: pass marks, numbers
    BODY = "body"


@dataclass(frozen=True)
class Form:
    """How a value is to be written beyond its kind: an example, and a test."""

    example: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True)
class Key:
    """A limit or rate that a bureau may set."""

    name: str
    label: Message
    follows: Follows
    #: int, bool, str or dict: what JSON holds
    kind: type
    unit: Message | None = None
    form: Form | None = None


KEYS: dict[str, Key] = {}


def key(
    name: str,
    label: Message,
    follows: Follows,
    kind: type = int,
    unit: Message | None = None,
    form: Form | None = None,
) -> Key:
    """Register a key; each room names its own at the top of its rules."""
    if name in KEYS:
        raise ValueError(f"policy key {name} registered twice")
    KEYS[name] = made = Key(name, label, follows, kind, unit, form)
    return made


class PolicyEntry(Base, Stamped):
    """One value of one key, for an area and a time. ``fund`` is empty where it holds for every fund."""

    __tablename__ = "policy_entries"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        Index("ix_policy_entries_key_area", "key", "area_code"),
    )
    id: Mapped[Id]
    area_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    fund: Mapped[str] = mapped_column(String(40), default="")
    key: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    #: The document, as an officer would cite it: 云人社发〔2023〕12号 第五条; 本局设定 for a bureau's own setting.
    source: Mapped[str] = mapped_column(String(200))


@dataclass(frozen=True)
class Ruling:
    """The value in force and who says so; ``value`` is None when nothing is on file."""

    key: Key
    value: Any
    source: str
    area_code: str = ""

    @property
    def is_on_file(self) -> bool:
        """Tell whether a document sets it."""
        return self.value is not None

    def note(self) -> list[Finding]:
        """Say that no limit is on file, where none is."""
        if self.is_on_file:
            return []
        message = say("“{key}”没有登记在册的规定，按不设限处理", key=self.key.label)
        return [Finding(f"policy.{self.key.name}", Level.NOTE, message)]


#: Put together once: every operation asks several times, and to build it takes longer than to run it.
_IN_FORCE = select(PolicyEntry).where(
    PolicyEntry.key == bindparam("key"),
    PolicyEntry.area_code.in_(bindparam("areas", expanding=True)),
    PolicyEntry.fund.in_((bindparam("fund"), "")),
    PolicyEntry.valid_from <= bindparam("day"),
    PolicyEntry.valid_to.is_(None) | (PolicyEntry.valid_to >= bindparam("day")),
)


def ruling(wanted: Key, region: str, on: date, fund: str = "") -> Ruling:
    """Find the value of a key for a region on a day: the nearest area first, the fund's own before the general one."""
    given = {"key": wanted.name, "areas": ancestry(region), "fund": fund, "day": on}
    return _nearest(wanted, db.session.scalars(_IN_FORCE, given).all(), region, fund)


def rulings(wanted: Key, asked: Collection[tuple[str, date, str]]) -> dict[tuple[str, date, str], Ruling]:
    """Find the value of a key for many regions, days and funds at once, in one statement."""
    areas = {area for region, _on, _fund in asked for area in ancestry(region)}
    query = select(PolicyEntry).where(PolicyEntry.key == wanted.name, PolicyEntry.area_code.in_(areas))
    entries = db.session.scalars(query).all() if asked else []
    return {
        (region, on, fund): _nearest(wanted, [row for row in entries if _holds(row, region, on, fund)], region, fund)
        for region, on, fund in asked
    }


def _holds(entry: PolicyEntry, region: str, on: date, fund: str) -> bool:
    is_then = entry.valid_from <= on and (entry.valid_to is None or entry.valid_to >= on)
    return is_then and entry.area_code in ancestry(region) and entry.fund in {fund, ""}


def _nearest(wanted: Key, entries: Sequence[PolicyEntry], region: str, fund: str) -> Ruling:
    if not entries:
        return Ruling(wanted, None, "")
    areas = ancestry(region)
    best = min(
        entries, key=lambda entry: (areas.index(entry.area_code), entry.fund != fund, -entry.valid_from.toordinal())
    )
    return Ruling(wanted, json.loads(best.value), best.source, best.area_code)


def _area(area_code: str) -> Place:
    return Place(regions=(area_code,))


@operation("core.set_policy", say("设定政策参数"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER, at=_area))
def set_policy(
    actor: Any,
    area_code: str,
    key: str,
    value: Any,
    valid_from: date,
    source: str,
    *,
    valid_to: date | None = None,
    fund: str = "",
) -> PolicyEntry:
    """Put a value on file for an area from a day on.

    Refused for an unknown key or a value of the wrong kind, for dates out of order, and without a source.
    """
    load(Region, area_code)
    known = KEYS.get(key)
    findings = []
    if known is None:
        findings.append(refuse("core.policy_key", say("没有名为 {key} 的政策参数", key=key)))
    elif not isinstance(value, known.kind) or (known.kind is int and isinstance(value, bool)):
        message = say(
            "“{label}”的值应为 {kind}，不是 {value}",
            label=known.label,
            kind=known.kind.__name__,
            value=repr(value),
        )
        findings.append(refuse("core.policy_value", message))
    elif known.form is not None and not known.form.holds(value):
        message = say("“{label}”应写成 {example}", label=known.label, example=known.form.example)
        findings.append(refuse("core.policy_value", message))
    if valid_to is not None and valid_to < valid_from:
        findings.append(refuse("core.policy_dates", say("失效日期早于生效日期")))
    if not source.strip():
        findings.append(refuse("core.policy_source", say("请写明依据的文件；本局自定的写“本局设定”")))
    if findings:
        raise Refused(findings)
    entry = PolicyEntry(
        area_code=area_code or NATION, key=key, value=json.dumps(value, ensure_ascii=False), valid_from=valid_from,
        valid_to=valid_to, source=source.strip(), fund=fund,
    )  # fmt: skip
    db.session.add(entry)
    return entry
