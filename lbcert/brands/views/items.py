"""Training items: the catalogue, and one item with its menus."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands import operations, queries
from lbcert.brands.forms import ItemForm, NewItemForm, ReasonForm, trade_label
from lbcert.brands.models import TrainingItem
from lbcert.brands.operations.items import DESK
from lbcert.brands.queries import item_place
from lbcert.brands.views.room import room
from lbcert.core.access import SIGNED_IN, acting, holds
from lbcert.core.database import load
from lbcert.core.pages import Column, export_sheet, form_page, in_words, paging_from_request, version_sent, wants_export
from lbcert.core.reference import LEVEL_LABELS, SkillLevel

MAKES = holds(*DESK)
CHANGES = holds(*DESK, at=item_place)


def menu_status(item: TrainingItem) -> tuple[str, str]:
    """Say which menu a new cohort of an item would take."""
    published = [menu.version_number for menu in item.menus if menu.published_on]
    return (gettext("第 %(n)s 版", n=max(published)), "ok") if published else (gettext("尚未发布"), "wait")


COLUMNS = [
    Column("name", _l("培训项目"), url=lambda row: url_for("brands.item", item_id=row.id), sort="name"),
    Column("level", _l("等级"), value=lambda row: row.level.label if row.level else ""),
    Column("trade", _l("职业、工种或能力"), value=lambda row: trade_label(row.trade)),
    Column("hours", _l("课时"), "number", sort="hours"),
    Column("region", _l("目录"), value=lambda row: row.region.name, sort="region"),
    Column("menus", _l("菜单"), "status", menu_status),
]


@room.page("/items", see=SIGNED_IN, menu=(_l("培训项目"), "books"))
def items() -> ResponseReturnValue:
    """List the training items."""
    paging = paging_from_request(queries.ITEM_SORTS, "name", ("level", "region"))
    if wants_export():
        return export_sheet(COLUMNS, queries.items_all(paging), gettext("培训项目"))
    levels = [(level.value, in_words(LEVEL_LABELS[level])) for level in SkillLevel]
    return render_template(
        "pages/brands/items.html",
        columns=COLUMNS,
        page=queries.items_page(paging),
        filters=[{"name": "level", "label": gettext("等级"), "options": levels}],
        may_make=MAKES.admits(acting(), {}),
    )


@room.page("/items/new", see=MAKES, methods=("GET", "POST"))
def new_item() -> ResponseReturnValue:
    """Put an item into a catalogue."""
    form = NewItemForm()

    def save() -> str:
        made = operations.create_item(
            acting(),
            form.region_code.data or "",
            form.name.data or "",
            form.trade_id.data,
            SkillLevel(form.level.data) if form.level.data else None,
            form.hours.data or 0,
        )
        return url_for("brands.item", item_id=made.id)

    lead = gettext("职业和等级登记后不能更改，考核和证书都以它为准。")
    back = gettext("培训项目"), url_for("brands.items")
    return form_page(form, save, title=gettext("登记培训项目"), lead=lead, back=back)


@room.page("/items/<int:item_id>", see=SIGNED_IN)
def item(item_id: int) -> str:
    """Show an item with its menu in force and all versions."""
    found = load(TrainingItem, item_id)
    return render_template(
        "pages/brands/item.html",
        item=found,
        label=in_words(queries.label_of(found)),
        trade=trade_label(found.trade),
        current=queries.current_menu(item_id),
        draft=next((menu for menu in found.menus if menu.published_on is None), None),
        form=ReasonForm(formdata=None),
        may_change=CHANGES.admits(acting(), {"item_id": item_id}),
    )


@room.page("/items/<int:item_id>/edit", see=CHANGES, methods=("GET", "POST"))
def edit_item(item_id: int) -> ResponseReturnValue:
    """Rename an item or change its hours."""
    found = load(TrainingItem, item_id)
    form, url = ItemForm(obj=found), url_for("brands.item", item_id=item_id)

    def save() -> str:
        operations.change_item(acting(), item_id, form.name.data or "", form.hours.data or 0, version=version_sent())
        return url

    title = gettext("修改培训项目")
    return form_page(form, save, title=title, back=(found.name, url), version=found.version)


@room.page("/items/<int:item_id>/draft", see=CHANGES, methods=("POST",))
def draft_menu(item_id: int) -> ResponseReturnValue:
    """Begin a new version of the menu."""
    menu = operations.draft_menu(acting(), item_id, request.form.get("reason", ""))
    return redirect(url_for("brands.menu", menu_id=menu.id))
