"""How brands, training items and menus come about and change."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select

from lbcert.brands import queries, rules
from lbcert.brands.models import Brand, BrandPlugin, MenuVersion, Module, ModuleKind, TrainingItem
from lbcert.brands.queries import brand_place, item_place, menu_place, module_place
from lbcert.core import clock
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region, SkillLevel, Trade, TradeKind, ancestry
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation
from lbcert.plugins import plugins

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)


def _region(region_code: str) -> Place:
    return Place(regions=(region_code,))


# Brands


@operation("brands.create_brand", allow=holds(Role.BUREAU_OFFICER, at=_region))
def create_brand(
    actor: Any,
    number: int,
    name: str,
    region_code: str,
    *,
    owner_id: int | None = None,
    slogan: str = "",
    max_items: int | None = None,
) -> Brand:
    """Register a brand of a region under its ``number``, which certificates carry and which never changes.

    Refused for a number or name that another brand has, and without a name. ``max_items`` of None is no limit.
    """
    load(Region, region_code)
    refuse_on(_brand_findings(number, name, max_items), _owner(owner_id))
    brand = Brand(number=number, name=name.strip(), region_code=region_code, owner_id=owner_id, slogan=slogan.strip(), max_items=max_items)  # fmt: skip
    db.session.add(brand)
    return brand


@operation("brands.change_brand", allow=holds(Role.BUREAU_OFFICER, at=brand_place))
def change_brand(
    actor: Any,
    brand_id: int,
    name: str,
    *,
    owner_id: int | None = None,
    slogan: str = "",
    max_items: int | None = None,
    version: int | None = None,
) -> Brand:
    """Change what may change of a brand. Refused when it chose more items than the new limit lets it."""
    brand = load(Brand, brand_id, lock=True)
    refuse_on(
        stale(brand, version),
        _brand_findings(brand.number, name, max_items),
        rules.item_count(len(brand.items), max_items, name),
        _owner(owner_id),
    )
    brand.name, brand.slogan = name.strip(), slogan.strip()
    brand.owner_id, brand.max_items = owner_id, max_items
    return brand


def _brand_findings(number: int, name: str, max_items: int | None) -> list[Finding]:
    findings = []
    if number < 1:
        findings.append(refuse("brands.number", say("品牌编号应为正整数，现为 {number}", number=number)))
    if not name.strip():
        findings.append(refuse("brands.no_name", say("请填写品牌名称")))
    if max_items is not None and max_items < 1:
        findings.append(refuse("brands.max_items_positive", say("培训项目数上限应为正整数；不设上限请留空")))
    return findings


def _owner(owner_id: int | None) -> list[Finding]:
    if owner_id is not None:
        load(Organisation, owner_id)
    return []


@operation("brands.choose_items", allow=holds(*DESK, at=brand_place))
def choose_items(actor: Any, brand_id: int, item_ids: Collection[int]) -> Brand:
    """Set which training items a brand teaches (选取培训工种).

    Refused beyond the brand's limit, and for items of another region's catalogue.
    """
    brand = load(Brand, brand_id, lock=True)
    items = [load(TrainingItem, item_id) for item_id in sorted(set(item_ids))]
    near = ancestry(brand.region_code)
    strange = [
        refuse(
            "brands.item_elsewhere",
            say(
                "「{item}」在{region}的目录里，{brand}不能选用：请选本地或上级目录的项目",
                item=queries.label_of(item),
                region=item.region.name,
                brand=brand.name,
            ),
        )
        for item in items
        if item.region_code not in near
    ]
    refuse_on(rules.item_count(len(items), brand.max_items, brand.name), strange)
    brand.items = items
    return brand


@operation("brands.switch_plugins", allow=holds(Role.ADMIN) | holds(Role.BUREAU_OFFICER, at=brand_place))
def switch_plugins(actor: Any, brand_id: int, names: Collection[str]) -> Brand:
    """Set which plugins are on for a brand. Refused for one that is not installed."""
    brand = load(Brand, brand_id, lock=True)
    refuse_on(rules.unknown_plugins(names, plugins().names))
    kept = {row.plugin: row for row in brand.plugins}
    brand.plugins = [kept.get(name) or BrandPlugin(plugin=name) for name in sorted(set(names))]
    return brand


# Items and their trades


@operation("brands.add_trade", allow=holds(Role.ADMIN, Role.BUREAU_OFFICER))
def add_trade(
    actor: Any,
    kind: TradeKind,
    name: str,
    *,
    edition: int | None = None,
    code: str | None = None,
) -> Trade:
    """Put an occupation (with edition and code), 工种, 专项能力 or local item on file. Refused when it is there already."""
    refuse_on(rules.trade_shape(kind, name, edition, code), _trade_there(kind, name, edition, code))
    trade = Trade(kind=kind, name=name.strip(), edition=edition, code=code or None)
    db.session.add(trade)
    return trade


def _trade_there(kind: TradeKind, name: str, edition: int | None, code: str | None) -> list[Finding]:
    by_code = select(Trade).where(Trade.edition == edition, Trade.code == code)
    by_name = select(Trade).where(Trade.kind == kind, Trade.name == name.strip(), Trade.edition == edition)
    if edition is None:
        by_name = select(Trade).where(Trade.kind == kind, Trade.name == name.strip(), Trade.edition.is_(None))
    found = (db.session.scalar(by_code) if code else None) or db.session.scalar(by_name)
    return rules.trade_known(name.strip(), code, (found.name, found.code) if found else None)


@operation("brands.create_item", allow=holds(*DESK, at=_region))
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


@operation("brands.change_item", allow=holds(*DESK, at=item_place))
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


# Menus


@operation("brands.draft_menu", allow=holds(*DESK, at=item_place))
def draft_menu(actor: Any, item_id: int, reason: str = "") -> MenuVersion:
    """Begin the next version of an item's menu, as a copy of the published one.

    From the second version on it needs a ``reason``: a meeting's decision, a document. Refused beside another draft.
    """
    item = load(TrainingItem, item_id, lock=True)
    before = queries.current_menu(item_id)
    refuse_on(rules.menu_reason(before is not None, reason, queries.label_of(item)), _no_draft(item))
    draft = MenuVersion(item_id=item.id, version_number=_next_version(item), reason=reason.strip())
    copies = {
        module.id: Module(
            position=module.position, name=module.name, kind=module.kind, hours=module.hours, required=module.required,
            online_allowed=module.online_allowed, elective_group=module.elective_group,
        )
        for module in (before.modules if before else [])
    }  # fmt: skip
    draft.modules = list(copies.values())
    db.session.add(draft)
    db.session.flush()
    for module in before.modules if before else []:
        if module.prerequisite_id is not None:
            copies[module.id].prerequisite_id = copies[module.prerequisite_id].id
    return draft


def _next_version(item: TrainingItem) -> int:
    query = select(func.max(MenuVersion.version_number)).where(MenuVersion.item_id == item.id)
    return (db.session.scalar(query) or 0) + 1


def _no_draft(item: TrainingItem) -> list[Finding]:
    if all(menu.published_on for menu in item.menus):
        return []
    message = say("{item}已有一份菜单草稿，请先发布或继续修改它", item=queries.label_of(item))
    return [refuse("brands.menu_draft_exists", message)]


def _draft(menu_id: int) -> tuple[MenuVersion, list[Finding]]:
    """Lock a menu, and say so when it is no draft any more."""
    menu = load(MenuVersion, menu_id, lock=True)
    if menu.published_on is None:
        return menu, []
    message = say("{item}菜单第 {n} 版已发布，不能修改；请建立新的菜单版本", item=queries.label_of(menu.item), n=menu.version_number)  # fmt: skip
    return menu, [refuse("brands.menu_published", message)]


@operation("brands.add_module", allow=holds(*DESK, at=menu_place))
def add_module(
    actor: Any,
    menu_id: int,
    name: str,
    kind: ModuleKind,
    hours: int,
    *,
    required: bool,
    online_allowed: bool = False,
    elective_group: str = "",
    prerequisite_id: int | None = None,
) -> Module:
    """Add a module to a draft. Refused for practice online, a required one in a group, and a prerequisite elsewhere."""
    menu, frozen = _draft(menu_id)
    draft = rules.ModuleDraft(name.strip(), kind is ModuleKind.PRACTICE, hours, required, online_allowed, elective_group.strip())  # fmt: skip
    refuse_on(frozen, rules.module_shape(draft), _prerequisite(menu, prerequisite_id))
    last = max((module.position for module in menu.modules), default=0)
    module = Module(
        menu_id=menu.id, position=last + 1, name=draft.name, kind=kind, hours=hours, required=required,
        online_allowed=online_allowed, elective_group=draft.group, prerequisite_id=prerequisite_id,
    )  # fmt: skip
    db.session.add(module)
    return module


@operation("brands.change_module", allow=holds(*DESK, at=module_place))
def change_module(
    actor: Any,
    module_id: int,
    name: str,
    kind: ModuleKind,
    hours: int,
    *,
    required: bool,
    online_allowed: bool = False,
    elective_group: str = "",
    prerequisite_id: int | None = None,
) -> Module:
    """Change a draft's module, refused as in ``add_module``."""
    module = load(Module, module_id)
    menu, frozen = _draft(module.menu_id)
    draft = rules.ModuleDraft(name.strip(), kind is ModuleKind.PRACTICE, hours, required, online_allowed, elective_group.strip())  # fmt: skip
    refuse_on(frozen, rules.module_shape(draft), _prerequisite(menu, prerequisite_id, module.id))
    module.name, module.kind, module.hours, module.required = draft.name, kind, hours, required
    module.online_allowed, module.elective_group, module.prerequisite_id = online_allowed, draft.group, prerequisite_id
    return module


@operation("brands.remove_module", allow=holds(*DESK, at=module_place))
def remove_module(actor: Any, module_id: int) -> MenuVersion:
    """Take a module out of a draft. Refused while another one names it as its prerequisite."""
    module = load(Module, module_id)
    menu, frozen = _draft(module.menu_id)
    needing = [
        refuse(
            "brands.module_needed",
            say("「{module}」是「{other}」的先修模块，请先修改后者", module=module.name, other=other.name),
        )
        for other in menu.modules
        if other.prerequisite_id == module.id
    ]
    refuse_on(frozen, needing)
    db.session.delete(module)
    return menu


def _prerequisite(menu: MenuVersion, prerequisite_id: int | None, own_id: int | None = None) -> list[Finding]:
    if prerequisite_id is None or prerequisite_id in {module.id for module in menu.modules} - {own_id}:
        return []
    return [refuse("brands.prerequisite_elsewhere", say("先修模块须是同一份菜单里的另一个模块"))]


@operation("brands.publish_menu", allow=holds(Role.BUREAU_OFFICER, at=menu_place))
def publish_menu(actor: Any, menu_id: int) -> MenuVersion:
    """Publish a draft, after which the database lets nobody change it. Refused when no choice from it could be right."""
    menu, frozen = _draft(menu_id)
    refuse_on(frozen, rules.publishable(queries.menu_of(menu_id)))
    menu.published_on = clock.today()
    return menu


@operation("brands.discard_menu", allow=holds(*DESK, at=menu_place))
def discard_menu(actor: Any, menu_id: int) -> TrainingItem:
    """Throw a draft away. Refused once it is published."""
    menu, frozen = _draft(menu_id)
    refuse_on(frozen)
    item = menu.item
    for module in menu.modules:
        module.prerequisite_id = None
    db.session.flush()
    for module in list(menu.modules):
        db.session.delete(module)
    db.session.delete(menu)
    return item
