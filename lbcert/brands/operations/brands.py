"""Brands: registered, given their items and plugins."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lbcert.brands import queries, rules
from lbcert.brands.models import Brand, BrandPlugin, TrainingItem
from lbcert.brands.queries import brand_place
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load, stale, touch
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import Region, ancestry
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation
from lbcert.plugins import plugins

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)


def _region(region_code: str) -> Place:
    return Place(regions=(region_code,))


@operation("brands.create_brand", say("登记品牌"), allow=holds(Role.BUREAU_OFFICER, at=_region))
def create_brand(
    actor: Any,
    number: int,
    name: str,
    region_code: str,
    *,
    owner_id: int | None = None,
    slogan: str = "",
    max_items: int | None = None,
    signs_pdfs: bool = False,
) -> Brand:
    """Register a brand of a region under its ``number``, which certificates carry and which never changes.

    Refused for a number or name that another brand has, and without a name. ``max_items`` of None is no limit;
    ``signs_pdfs`` has its certificates' PDFs signed (`lbcert.certificates.pades`).
    """
    load(Region, region_code)
    refuse_on(_brand_findings(number, name, max_items), _owner(owner_id))
    brand = Brand(number=number, name=name.strip(), region_code=region_code, owner_id=owner_id, slogan=slogan.strip(), max_items=max_items, signs_pdfs=signs_pdfs)  # fmt: skip
    db.session.add(brand)
    return brand


@operation("brands.change_brand", say("修改品牌"), allow=holds(Role.BUREAU_OFFICER, at=brand_place))
def change_brand(
    actor: Any,
    brand_id: int,
    name: str,
    *,
    owner_id: int | None = None,
    slogan: str = "",
    max_items: int | None = None,
    signs_pdfs: bool = False,
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
    brand.owner_id, brand.max_items, brand.signs_pdfs = owner_id, max_items, signs_pdfs
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


@operation("brands.choose_items", say("选取品牌的培训项目"), allow=holds(*DESK, at=brand_place))
def choose_items(actor: Any, brand_id: int, item_ids: Collection[int], *, version: int | None = None) -> Brand:
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
    refuse_on(stale(brand, version), rules.item_count(len(items), brand.max_items, brand.name), strange)
    brand.items = items
    touch(brand)
    return brand


@operation(
    "brands.switch_plugins", say("开关品牌的插件"), allow=holds(Role.ADMIN) | holds(Role.BUREAU_OFFICER, at=brand_place)
)
def switch_plugins(actor: Any, brand_id: int, names: Collection[str], *, version: int | None = None) -> Brand:
    """Set which plugins are on for a brand. Refused for one that is not installed."""
    brand = load(Brand, brand_id, lock=True)
    refuse_on(stale(brand, version), rules.unknown_plugins(names, plugins().names))
    kept = {row.plugin: row for row in brand.plugins}
    brand.plugins = [kept.get(name) or BrandPlugin(plugin=name) for name in sorted(set(names))]
    touch(brand)
    return brand
