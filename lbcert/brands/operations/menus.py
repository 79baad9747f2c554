"""Menus: drafted, published, and never changed after that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from lbcert.brands import queries, rules
from lbcert.brands.models import MenuVersion, Module, ModuleKind, TrainingItem
from lbcert.brands.queries import item_place, menu_place, module_place
from lbcert.core import clock
from lbcert.core.access import Role, holds
from lbcert.core.database import db, load, stale, touch
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)


@operation("brands.draft_menu", say("起草新版菜单"), allow=holds(*DESK, at=item_place))
def draft_menu(actor: Any, item_id: int, reason: str = "") -> MenuVersion:
    """Begin the next version of an item's menu, as a copy of the published one.

    From the second version on it needs a ``reason``: a meeting's decision, a document. Refused beside another draft.
    """
    before = queries.current_menu(item_id)
    draft = empty_draft(item_id, reason)
    copies = {
        module.id: Module(
            position=module.position, name=module.name, kind=module.kind, hours=module.hours, required=module.required,
            online_allowed=module.online_allowed, elective_group=module.elective_group, equipment=module.equipment,
        )
        for module in (before.modules if before else [])
    }  # fmt: skip
    draft.modules.extend(copies.values())
    db.session.flush()
    for module in before.modules if before else []:
        if module.prerequisite_id is not None:
            copies[module.id].prerequisite_id = copies[module.prerequisite_id].id
    return draft


def empty_draft(item_id: int, reason: str) -> MenuVersion:
    """Begin the next version of an item's menu with nothing in it; inside an operation of this room."""
    item = load(TrainingItem, item_id, lock=True)
    has_earlier = queries.current_menu(item_id) is not None
    refuse_on(rules.menu_reason(has_earlier, reason, queries.label_of(item)), _no_draft(item))
    draft = MenuVersion(item_id=item.id, version_number=_next_version(item), reason=reason.strip())
    db.session.add(draft)
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


@operation("brands.add_module", say("菜单增加模块"), allow=holds(*DESK, at=menu_place))
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
    equipment: str = "",
) -> Module:
    """Add a module to a draft. Refused for practice online, a required one in a group, and a prerequisite elsewhere.

    ``equipment`` is what its lessons need, a line each (焊机 1 台/2 人); refused where it cannot be read.
    """
    menu, frozen = _draft(menu_id)
    draft = rules.ModuleDraft(name.strip(), kind is ModuleKind.PRACTICE, hours, required, online_allowed, elective_group.strip(), equipment.strip())  # fmt: skip
    refuse_on(frozen, rules.module_shape(draft), _prerequisite(menu, prerequisite_id))
    last = max((module.position for module in menu.modules), default=0)
    module = Module(
        menu_id=menu.id, position=last + 1, name=draft.name, kind=kind, hours=hours, required=required,
        online_allowed=online_allowed, elective_group=draft.group, prerequisite_id=prerequisite_id,
        equipment=draft.equipment,
    )  # fmt: skip
    db.session.add(module)
    touch(menu)
    return module


@operation("brands.change_module", say("修改模块"), allow=holds(*DESK, at=module_place))
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
    equipment: str = "",
    version: int | None = None,
) -> Module:
    """Change a draft's module, refused as in ``add_module``; ``version`` is the menu's."""
    module = load(Module, module_id)
    menu, frozen = _draft(module.menu_id)
    draft = rules.ModuleDraft(name.strip(), kind is ModuleKind.PRACTICE, hours, required, online_allowed, elective_group.strip(), equipment.strip())  # fmt: skip
    refuse_on(stale(menu, version), frozen, rules.module_shape(draft), _prerequisite(menu, prerequisite_id, module.id))
    module.name, module.kind, module.hours, module.required = draft.name, kind, hours, required
    module.online_allowed, module.elective_group, module.prerequisite_id = online_allowed, draft.group, prerequisite_id
    module.equipment = draft.equipment
    touch(menu)
    return module


@operation("brands.remove_module", say("删去模块"), allow=holds(*DESK, at=module_place))
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
    touch(menu)
    return menu


def _prerequisite(menu: MenuVersion, prerequisite_id: int | None, own_id: int | None = None) -> list[Finding]:
    if prerequisite_id is None or prerequisite_id in {module.id for module in menu.modules} - {own_id}:
        return []
    return [refuse("brands.prerequisite_elsewhere", say("先修模块须是同一份菜单里的另一个模块"))]


@operation("brands.publish_menu", say("发布菜单"), allow=holds(Role.BUREAU_OFFICER, at=menu_place))
def publish_menu(actor: Any, menu_id: int) -> MenuVersion:
    """Publish a draft, after which the database lets nobody change it. Refused when no choice from it could be right."""
    menu, frozen = _draft(menu_id)
    refuse_on(frozen, rules.publishable(queries.menu_of(menu_id)))
    menu.published_on = clock.today()
    return menu


@operation("brands.discard_menu", say("丢弃菜单草稿"), allow=holds(*DESK, at=menu_place))
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
