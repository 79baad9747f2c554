"""Putting on file what ships with the program."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from lbcert.core.access import Role, holds
from lbcert.core.database import db
from lbcert.core.operation import operation
from lbcert.core.reference import Region, ancestry, shipped_regions
from lbcert.core.words import say


@operation("core.load_reference", say("载入基础数据"), allow=holds(Role.ADMIN))
def load_reference(actor: Any) -> list[Region]:
    """Put the shipped regions on file, new ones added and known ones brought up to date; none is ever removed."""
    rows = {row["code"]: row for row in shipped_regions()}
    there = {region.code: region for region in db.session.scalars(select(Region))}
    regions = []
    for code, row in sorted(rows.items()):
        region = there.get(code) or Region(code=code)
        db.session.add(region)
        region.name = row["name"]
        region.parent_code = next((around for around in ancestry(code)[1:] if around in rows), None)
        region.valid_from, region.valid_to = _day(row["valid_from"]), _day(row["valid_to"])
        region.successor_code = row["successor"] or None
        regions.append(region)
    return regions


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
