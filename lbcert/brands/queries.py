"""What pages, imports and later rooms read of brands, items and menus."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from lbcert.brands import rules
from lbcert.brands.models import Brand, BrandPlugin, MenuVersion, Module, ModuleKind, TrainingItem, brand_items
from lbcert.core.access import Actor, Place, Role, roles_of, visible
from lbcert.core.database import db, load
from lbcert.core.intake import whole_number
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.papers import Paper
from lbcert.core.reference import SkillLevel, Trade, TradeKind, ancestry, prefix
from lbcert.core.todo import Todo
from lbcert.core.words import Message, say

# Where things stand, for gates


def brand_place(brand_id: int) -> Place:
    """Give the region of a brand."""
    return Place(regions=(load(Brand, brand_id).region_code,))


def item_place(item_id: int) -> Place:
    """Give the region whose catalogue holds an item."""
    return Place(regions=(load(TrainingItem, item_id).region_code,))


def menu_place(menu_id: int) -> Place:
    """Give the region of a menu's item."""
    return Place(regions=(load(MenuVersion, menu_id).item.region_code,))


def module_place(module_id: int) -> Place:
    """Give the region of a module's item."""
    return Place(regions=(load(Module, module_id).menu.item.region_code,))


def sheet_place(paper_id: int) -> Place:
    """Give the region for which a sheet was handed in: its paper's subject is "region:530724"."""
    kind, _, code = load(Paper, paper_id).subject.partition(":")
    return Place(regions=(code,)) if kind == "region" else Place()


# Brands

BRAND_SORTS = {"name": Brand.name, "number": Brand.number, "region": Brand.region_code}


def brands_page(paging: Paging) -> Page[Brand]:
    """List the brands; they are public. Filter: region."""
    return paginate(db.session(), _brands(paging), paging, BRAND_SORTS, Brand.id)


def brands_all(paging: Paging) -> Iterable[Brand]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_brands(paging), paging, BRAND_SORTS, Brand.id))


def _brands(paging: Paging) -> Select[Any]:
    found = select(Brand).options(selectinload(Brand.region), selectinload(Brand.items))
    if paging.search:
        found = found.where(Brand.name.contains(paging.search, autoescape=True))
    if region := paging.filters.get("region"):
        found = found.where(Brand.region_code.startswith(prefix(region), autoescape=True))
    return found


def plugins_of(brand_id: int) -> list[str]:
    """Name the plugins that are on for a brand, as ``plugins().for_brand`` takes them."""
    query = select(BrandPlugin.plugin).where(BrandPlugin.brand_id == brand_id).order_by(BrandPlugin.plugin)
    return list(db.session.scalars(query))


def plugins_of_items(item_ids: Collection[int]) -> list[str]:
    """Name the plugins that are on for any brand that chose one of these items."""
    query = (
        select(BrandPlugin.plugin)
        .join(brand_items, brand_items.c.brand_id == BrandPlugin.brand_id)
        .where(brand_items.c.item_id.in_(item_ids))
    )
    return list(db.session.scalars(query.distinct().order_by(BrandPlugin.plugin)))


# Items

ITEM_SORTS = {"name": TrainingItem.name, "hours": TrainingItem.hours, "region": TrainingItem.region_code}


def items_page(paging: Paging) -> Page[TrainingItem]:
    """List the training items; catalogues are public. Filters: region, level."""
    return paginate(db.session(), _items(paging), paging, ITEM_SORTS, TrainingItem.id)


def items_all(paging: Paging) -> Iterable[TrainingItem]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_items(paging), paging, ITEM_SORTS, TrainingItem.id))


def _items(paging: Paging) -> Select[Any]:
    found = (
        select(TrainingItem).join(Trade).options(selectinload(TrainingItem.region), selectinload(TrainingItem.menus))
    )
    if paging.search:
        found = found.where(
            or_(
                TrainingItem.name.contains(paging.search, autoescape=True),
                Trade.name.contains(paging.search, autoescape=True),
                Trade.code.startswith(paging.search, autoescape=True),
            )
        )
    if region := paging.filters.get("region"):
        found = found.where(TrainingItem.region_code.in_(ancestry(region)))
    if (level := paging.filters.get("level")) in set(SkillLevel):
        found = found.where(TrainingItem.level == level)
    return found


@dataclass(frozen=True)
class Catalogue:
    """The items that a region may use: its own catalogue's and those of the regions around it, the nearest first."""

    items: tuple[TrainingItem, ...]

    def named(self, name: str) -> list[TrainingItem]:
        """List the items of a name; of one level, the nearest catalogue's alone."""
        nearest: dict[SkillLevel | None, TrainingItem] = {}
        for item in self.items:
            if item.name == name:
                nearest.setdefault(item.level, item)
        return list(nearest.values())

    def like(self, name: str) -> list[str]:
        """Give up to three names of items that a sheet may have meant."""
        return get_close_matches(name, {item.name for item in self.items}, n=3, cutoff=0.5)


def catalogue(region_code: str) -> Catalogue:
    """Read the items that a region may use."""
    near = ancestry(region_code)
    query = select(TrainingItem).where(TrainingItem.region_code.in_(near)).options(selectinload(TrainingItem.menus))
    items = db.session.scalars(query.order_by(TrainingItem.name, TrainingItem.level.desc()))
    return Catalogue(tuple(sorted(items, key=lambda item: near.index(item.region_code))))


def label_of(item: TrainingItem) -> str | Message:
    """Name an item with its level: 电工（五级/初级工）."""
    return item.name if item.level is None else say("{name}（{what}）", name=item.name, what=item.level.label)


# Menus


def current_menu(item_id: int) -> MenuVersion | None:
    """Give the published menu that a new cohort takes: the newest."""
    query = select(MenuVersion).where(MenuVersion.item_id == item_id, MenuVersion.published_on.is_not(None))
    return db.session.scalar(query.order_by(MenuVersion.version_number.desc()).limit(1))


def menu_of(menu_id: int, hours: int | None = None) -> rules.Menu:
    """Give a menu as the rules judge it; ``hours`` asks what would hold if the item had so many."""
    version = load(MenuVersion, menu_id)
    menu = rules.Menu(
        item=label_of(version.item),
        version=version.version_number,
        hours=version.item.hours,
        offers=tuple(
            rules.Offer(
                id=module.id,
                name=module.name,
                hours=module.hours,
                required=module.required,
                practice=module.kind is ModuleKind.PRACTICE,
                online_allowed=module.online_allowed,
                group=module.elective_group,
                prerequisite=module.prerequisite_id,
            )
            for module in version.modules
        ),
    )
    return menu if hours is None else replace(menu, hours=hours)


def todo(actor: Actor) -> list[Todo]:
    """Give the drafts of menus that the bureau may publish: with nothing missing, and not the published one over again."""
    if Role.BUREAU_OFFICER not in roles_of(actor):
        return []
    query = (
        select(MenuVersion)
        .join(MenuVersion.item)
        .where(
            MenuVersion.published_on.is_(None), visible(actor, Role.BUREAU_OFFICER, region=[TrainingItem.region_code])
        )
        .options(contains_eager(MenuVersion.item).selectinload(TrainingItem.menus).selectinload(MenuVersion.modules))
        .order_by(MenuVersion.id)
    )
    return [
        Todo(
            say("核对并发布菜单：{item}第 {n} 版", item=label_of(draft.item), n=draft.version_number),
            "brands.menu",
            {"menu_id": draft.id},
        )
        for draft in db.session.scalars(query)
        if not rules.publishable(menu_of(draft.id)) and _is_new(draft)
    ]


def _is_new(draft: MenuVersion) -> bool:
    """Tell whether a draft differs from the menu that it would replace."""
    published = [menu for menu in draft.item.menus if menu.published_on]
    last = max(published, key=lambda menu: menu.version_number, default=None)
    return last is None or _written(last) != _written(draft)


def _written(menu: MenuVersion) -> list[tuple[Any, ...]]:
    names = {module.id: module.name for module in menu.modules}
    return [
        (
            module.name, module.kind, module.hours, module.required, module.online_allowed, module.elective_group,
            module.equipment, names.get(module.prerequisite_id or 0),
        )
        for module in menu.modules
    ]  # fmt: skip


# Trades

TRADE_SORTS = {"name": Trade.name, "code": Trade.code, "edition": Trade.edition}


def trades_page(paging: Paging) -> Page[Trade]:
    """List the trades. Filters: kind, edition."""
    found = select(Trade)
    if paging.search:
        found = found.where(
            or_(
                Trade.name.contains(paging.search, autoescape=True),
                Trade.code.startswith(paging.search, autoescape=True),
            )
        )
    if (kind := paging.filters.get("kind")) in set(TradeKind):
        found = found.where(Trade.kind == kind)
    if (edition := whole_number(paging.filters.get("edition", ""))) is not None:
        found = found.where(Trade.edition == edition)
    return paginate(db.session(), found, paging, TRADE_SORTS, Trade.id)


class TradeIndex:
    """The trades on file, by code and by name, so that a list of ten thousand asks the database once."""

    def __init__(self) -> None:
        self._by_code: dict[tuple[int | None, str], tuple[str, str | None]] = {}
        self._by_name: dict[tuple[TradeKind, str, int | None], tuple[str, str | None]] = {}

    def add(self, kind: TradeKind, name: str, edition: int | None, code: str | None) -> None:
        """Enter a trade."""
        self._by_name[kind, name, edition] = name, code
        if code:
            self._by_code[edition, code] = name, code

    def find(self, kind: TradeKind, name: str, edition: int | None, code: str | None) -> tuple[str, str | None] | None:
        """Give name and code of the trade that has this edition and code, or this kind, name and edition."""
        by_code = self._by_code.get((edition, code)) if code else None
        return by_code or self._by_name.get((kind, name, edition))


def trade_index() -> TradeIndex:
    """Read all trades on file."""
    index = TradeIndex()
    for trade in db.session.scalars(select(Trade)):
        index.add(trade.kind, trade.name, trade.edition, trade.code)
    return index


def all_trades() -> Sequence[Trade]:
    """List the trades, for a field to choose from."""
    return db.session.scalars(select(Trade).order_by(Trade.kind, Trade.name, Trade.edition.desc())).all()


def next_brand_number() -> int:
    """Propose a brand number that is free."""
    return (db.session.scalar(select(func.max(Brand.number))) or 0) + 1
