"""Sheets handed in, and what is made of their good rows."""

from __future__ import annotations

from typing import Any

from lbcert.brands import sheets
from lbcert.brands.models import MenuVersion, Module, ModuleKind
from lbcert.brands.operations.menus import empty_draft
from lbcert.brands.queries import sheet_place
from lbcert.core import papers
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import refuse
from lbcert.core.operation import operation
from lbcert.core.papers import Paper
from lbcert.core.reference import Trade
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say

DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)
SHEET_TYPE = "application/octet-stream"


def _region(region_code: str) -> Place:
    return Place(regions=(region_code,))


@operation("brands.submit_menus", say("上传菜单表"), allow=holds(*DESK, at=_region))
def submit_menus(actor: Any, region_code: str, data: bytes, file_name: str) -> Paper:
    """Hand in a menu sheet for a region's catalogue, to be looked at before it is imported. Refused when unreadable."""
    sheets.check_menus(data, region_code)
    return papers.attach(f"region:{region_code}", "menu_sheet", data, file_name, SHEET_TYPE, actor.id)


@operation("brands.import_menus", say("导入菜单表"), allow=holds(*DESK, at=sheet_place))
def import_menus(actor: Any, paper_id: int, reason: str = "") -> list[MenuVersion]:
    """Make a draft of each item of a menu sheet all of whose rows are good; the others are left alone.

    Refused when no item is, and, where a published menu is followed up without a ``reason``.
    """
    paper = load(Paper, paper_id)
    checked = sheets.check_menus(paper.file.read(), paper.subject.partition(":")[2])
    if not checked.good:
        refuse_on([refuse("brands.nothing_to_import", say("表中没有可以导入的培训项目，请按提示改正后重新上传"))])
    return [_draft(menu, reason) for menu in checked.good]


def _draft(menu: sheets.ItemMenu, reason: str) -> MenuVersion:
    draft = empty_draft(menu.item.id, reason)
    made: dict[str, Module] = {}
    for position, row in enumerate(menu.rows, start=1):
        module = row.module
        assert module is not None  # noqa: S101 (a good row)
        made[module.name] = Module(
            position=position,
            name=module.name,
            kind=ModuleKind.PRACTICE if module.practice else ModuleKind.THEORY,
            hours=module.hours,
            required=module.required,
            online_allowed=module.online_allowed,
            elective_group=module.group,
            equipment=module.equipment,
        )
    draft.modules.extend(made.values())
    db.session.flush()
    for row in menu.rows:
        if row.before and row.module:
            made[row.module.name].prerequisite_id = made[row.before].id
    return draft


@operation("brands.submit_trades", say("上传职业目录"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER))
def submit_trades(actor: Any, data: bytes, file_name: str) -> Paper:
    """Hand in a bureau's list of occupations, to be looked at before it is imported. Refused when unreadable."""
    sheets.check_trades(data)
    return papers.attach("reference:trades", "trade_sheet", data, file_name, SHEET_TYPE, actor.id)


@operation("brands.import_trades", say("导入职业目录"), allow=holds(Role.ADMIN, Role.BUREAU_OFFICER))
def import_trades(actor: Any, paper_id: int) -> Paper:
    """Put the good rows of a list of occupations on file, those that are there already left out. Refused when none is."""
    paper = load(Paper, paper_id)
    good = sheets.check_trades(paper.file.read()).good if paper.kind == "trade_sheet" else ()
    if not good:
        refuse_on([refuse("brands.nothing_to_import", say("表中没有可以导入的职业，请按提示改正后重新上传"))])
    db.session.add_all(Trade(kind=row.kind, name=row.name, edition=row.edition, code=row.code) for row in good)
    return paper
