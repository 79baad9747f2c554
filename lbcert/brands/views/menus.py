"""Menus: one version with its modules, and the sheets that bring many."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.brands import operations, queries, rules, sheets
from lbcert.brands.forms import ModuleForm, ReasonForm, RegionSheetForm
from lbcert.brands.models import MenuVersion, Module, ModuleKind
from lbcert.brands.operations.menus import DESK
from lbcert.brands.queries import menu_place, module_place, sheet_place
from lbcert.brands.views.room import room
from lbcert.core.access import SIGNED_IN, Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import form_page, in_words, send_workbook, version_sent
from lbcert.core.papers import Paper
from lbcert.core.sheets import marked_copy

CHANGES = holds(*DESK, at=menu_place)
CHANGES_MODULE = holds(*DESK, at=module_place)
PUBLISHES = holds(Role.BUREAU_OFFICER, at=menu_place)
IMPORTS = holds(*DESK, at=sheet_place)


@room.page("/menus/<int:menu_id>", see=SIGNED_IN)
def menu(menu_id: int) -> str:
    """Show one version of a menu; a draft with what it still lacks."""
    found = load(MenuVersion, menu_id)
    actor, where = acting(), {"menu_id": menu_id}
    is_draft = found.published_on is None
    return render_template(
        "pages/brands/menu.html",
        menu=found,
        label=in_words(queries.label_of(found.item)),
        most=queries.menu_of(menu_id).most_hours,
        lacking=rules.publishable(queries.menu_of(menu_id)) if is_draft else [],
        may_change=is_draft and CHANGES.admits(actor, where),
        may_publish=is_draft and PUBLISHES.admits(actor, where),
    )


@room.page("/menus/<int:menu_id>/modules/new", see=CHANGES, methods=("GET", "POST"))
def new_module(menu_id: int) -> ResponseReturnValue:
    """Add a module to a draft."""
    found = load(MenuVersion, menu_id)
    form, url = ModuleForm(menu=found), url_for("brands.menu", menu_id=menu_id)

    def save() -> str:
        operations.add_module(acting(), menu_id, **_values(form))
        return url

    return form_page(form, save, title=gettext("添加模块"), back=(in_words(queries.label_of(found.item)), url))


@room.page("/modules/<int:module_id>", see=CHANGES_MODULE, methods=("GET", "POST"))
def edit_module(module_id: int) -> ResponseReturnValue:
    """Change a draft's module."""
    found = load(Module, module_id)
    form = ModuleForm(obj=found, menu=found.menu, own_id=module_id)
    if request.method == "GET":
        form.kind.data, form.prerequisite_id.data = found.kind.value, found.prerequisite_id or 0
    url = url_for("brands.menu", menu_id=found.menu_id)

    def save() -> str:
        operations.change_module(acting(), module_id, **_values(form), version=version_sent())
        return url

    return form_page(form, save, title=gettext("修改模块"), back=(in_words(queries.label_of(found.menu.item)), url), version=found.menu.version)  # fmt: skip


def _values(form: ModuleForm) -> dict[str, Any]:
    return {
        "name": form.name.data or "",
        "kind": ModuleKind(form.kind.data),
        "hours": form.hours.data or 0,
        "required": form.required.data,
        "online_allowed": form.online_allowed.data,
        "elective_group": form.elective_group.data or "",
        "prerequisite_id": form.prerequisite_id.data or None,
        "equipment": form.equipment.data or "",
    }


@room.page("/modules/<int:module_id>/remove", see=CHANGES_MODULE, methods=("POST",))
def remove_module(module_id: int) -> ResponseReturnValue:
    """Take a module out of a draft."""
    menu = operations.remove_module(acting(), module_id)
    return redirect(url_for("brands.menu", menu_id=menu.id))


@room.page("/menus/<int:menu_id>/publish", see=PUBLISHES, methods=("POST",))
def publish_menu(menu_id: int) -> ResponseReturnValue:
    """Publish a draft."""
    operations.publish_menu(acting(), menu_id)
    flash(gettext("菜单已发布，此后不能修改；需要调整时请建立新版本。"), "ok")
    return redirect(url_for("brands.menu", menu_id=menu_id))


@room.page("/menus/<int:menu_id>/discard", see=CHANGES, methods=("POST",))
def discard_menu(menu_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    item = operations.discard_menu(acting(), menu_id)
    return redirect(url_for("brands.item", item_id=item.id))


# Sheets


@room.page("/menus/sheets/new", see=holds(*DESK), methods=("GET", "POST"))
def new_menu_sheet() -> ResponseReturnValue:
    """Hand in a menu sheet."""
    form = RegionSheetForm()

    def save() -> str:
        file = form.file.data
        paper = operations.submit_menus(acting(), form.region_code.data or "", file.read(), file.filename)
        return url_for("brands.menu_sheet", paper_id=paper.id)

    lead = gettext("列：培训项目、模块、类型、课时、可线上、必修；可加等级、选修组、先修模块。先检查，再导入。")
    back = gettext("培训项目"), url_for("brands.items")
    return form_page(form, save, title=gettext("导入菜单"), lead=lead, back=back, submit=gettext("上传并检查"))


@room.page("/menus/sheets/<int:paper_id>", see=IMPORTS, methods=("GET", "POST"))
def menu_sheet(paper_id: int) -> ResponseReturnValue:
    """Show what a menu sheet would do, row by row, and do it."""
    form = ReasonForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            drafts = operations.import_menus(acting(), paper_id, form.reason.data or "")
        except Refused as refused:
            findings = refused.findings
        else:
            if all(PUBLISHES.admits(acting(), {"menu_id": draft.id}) for draft in drafts):
                flash(gettext("已导入 %(count)s 个项目的菜单草稿，核对后请逐个发布。", count=len(drafts)), "ok")
            else:
                flash(gettext("已导入 %(count)s 个项目的菜单草稿，核对后由人社局发布。", count=len(drafts)), "ok")
            return redirect(url_for("brands.items"))
    shown = render_template(
        "pages/brands/menu_sheet.html",
        checked=_checked(paper_id),
        paper_id=paper_id,
        form=form,
        findings=findings,
        label=queries.label_of,
    )
    return shown, 422 if findings else 200


@room.page("/menus/sheets/<int:paper_id>/marked", see=IMPORTS)
def marked_menu_sheet(paper_id: int) -> Response:
    """Give the sheet back with its findings beside the rows."""
    checked = _checked(paper_id)
    return send_workbook(marked_copy(checked.sheet, checked.by_row, in_words), gettext("菜单检查结果"))


def _checked(paper_id: int) -> sheets.CheckedMenus:
    paper = load(Paper, paper_id)
    if paper.kind != "menu_sheet":
        raise Missing(f"menu sheet {paper_id}")
    return sheets.check_menus(paper.file.read(), paper.subject.partition(":")[2])
