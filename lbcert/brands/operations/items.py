"""Training items, and the trades that they teach."""

from __future__ import annotations

from typing import Any

from lbcert.brands import queries, rules
from lbcert.brands.models import TrainingItem
from lbcert.brands.queries import item_place
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region, SkillLevel, Trade, TradeKind
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)


def _region(region_code: str) -> Place:
    return Place(regions=(region_code,))


@operation("brands.add_trade", say("登记职业或工种"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER))
def add_trade(
    actor: Any,
    kind: TradeKind,
    name: str,
    *,
    edition: int | None = None,
    code: str | None = None,
) -> Trade:
    """Put an occupation (with edition and code), 工种, 专项能力 or local item on file. Refused when it is there already."""
    found = queries.trade_index().find(kind, name.strip(), edition, code)
    refuse_on(rules.trade_shape(kind, name, edition, code), rules.trade_known(name.strip(), code, found))
    trade = Trade(kind=kind, name=name.strip(), edition=edition, code=code or None)
    db.session.add(trade)
    return trade


@operation("brands.create_item", say("新增培训项目"), allow=holds(*DESK, at=_region))
def create_item(
    actor: Any,
    region_code: str,
    name: str,
    trade_id: int,
    level: SkillLevel | None,
    hours: int,
) -> TrainingItem:
    """Put a training item into a region's catalogue; its trade and level never change, since exams and certificates rest on them.

    ``hours`` are class hours of 45 minutes. Refused for a level on what is no occupation, and for one that is there.
    """
    load(Region, region_code)
    trade = load(Trade, trade_id)
    refuse_on(_item_findings(name, hours), rules.level_fits(trade.kind, level, name.strip()))
    item = TrainingItem(region_code=region_code, name=name.strip(), trade_id=trade.id, level=level, hours=hours)
    db.session.add(item)
    return item


@operation("brands.change_item", say("修改培训项目"), allow=holds(*DESK, at=item_place))
def change_item(actor: Any, item_id: int, name: str, hours: int, *, version: int | None = None) -> TrainingItem:
    """Rename an item or change its hours. Refused when its published menu could not reach the new hours."""
    item = load(TrainingItem, item_id, lock=True)
    menu = queries.current_menu(item_id)
    refuse_on(
        stale(item, version),
        _item_findings(name, hours),
        rules.publishable(queries.menu_of(menu.id, hours)) if menu and hours > 0 else [],
    )
    item.name, item.hours = name.strip(), hours
    return item


def _item_findings(name: str, hours: int) -> list[Finding]:
    findings = []
    if not name.strip():
        findings.append(refuse("brands.no_name", say("请填写培训项目名称")))
    if not 0 < hours <= rules.MOST_HOURS:
        message = say("课时应在 1 至 {most} 之间，现为 {hours}", most=rules.MOST_HOURS, hours=hours)
        findings.append(refuse("brands.item_hours", message))
    return findings
