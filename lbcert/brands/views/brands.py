"""Brands: the list, one brand, and what may be changed of it."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.brands import operations, queries
from lbcert.brands.forms import BrandForm, NewBrandForm
from lbcert.brands.models import Brand
from lbcert.brands.operations.brands import DESK
from lbcert.brands.queries import brand_place
from lbcert.brands.views.room import room
from lbcert.core.access import SIGNED_IN, Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, export_sheet, form_page, paging_from_request, version_sent, wants_export
from lbcert.plugins import plugins

MAKES = holds(Role.BUREAU_OFFICER)
CHANGES = holds(Role.BUREAU_OFFICER, at=brand_place)
CHOOSES = holds(*DESK, at=brand_place)
SWITCHES = holds(Role.ADMIN) | CHANGES

COLUMNS = [
    Column("number", _l("编号"), "number", sort="number"),
    Column("name", _l("品牌"), url=lambda row: url_for("brands.brand", brand_id=row.id), sort="name"),
    Column("region", _l("所属地区"), value=lambda row: row.region.name, sort="region"),
    Column("items", _l("培训项目"), "number", lambda row: len(row.items)),
    Column("slogan", _l("口号")),
]


@room.page("/", see=SIGNED_IN, menu=(_l("劳务品牌"), "star"))
def index() -> ResponseReturnValue:
    """List the brands."""
    paging = paging_from_request(queries.BRAND_SORTS, "number", ("region",))
    if wants_export():
        return export_sheet(COLUMNS, queries.brands_all(paging), gettext("劳务品牌"))
    may = MAKES.admits(acting(), {})
    return render_template("pages/brands/brands.html", columns=COLUMNS, page=queries.brands_page(paging), may_make=may)


@room.page("/new", see=MAKES, methods=("GET", "POST"))
def new_brand() -> ResponseReturnValue:
    """Register a brand."""
    form = NewBrandForm(number=queries.next_brand_number())

    def save() -> str:
        made = operations.create_brand(
            acting(),
            form.number.data or 0,
            form.name.data or "",
            form.region_code.data or "",
            owner_id=form.owner_id.data,
            slogan=form.slogan.data or "",
            max_items=form.max_items.data,
            signs_pdfs=form.signs_pdfs.data,
        )
        return url_for("brands.brand", brand_id=made.id)

    return form_page(form, save, title=gettext("登记劳务品牌"), back=_back_to_list())


@room.page("/<int:brand_id>", see=SIGNED_IN)
def brand(brand_id: int) -> ResponseReturnValue:
    """Show a brand with its items and plugins."""
    return _brand_page(load(Brand, brand_id))


@room.page("/<int:brand_id>/edit", see=CHANGES, methods=("GET", "POST"))
def edit_brand(brand_id: int) -> ResponseReturnValue:
    """Change a brand."""
    found = load(Brand, brand_id)
    form = BrandForm(obj=found)
    url = url_for("brands.brand", brand_id=brand_id)

    def save() -> str:
        operations.change_brand(
            acting(),
            brand_id,
            form.name.data or "",
            owner_id=form.owner_id.data,
            slogan=form.slogan.data or "",
            max_items=form.max_items.data,
            signs_pdfs=form.signs_pdfs.data,
            version=version_sent(),
        )
        return url

    return form_page(form, save, title=gettext("修改品牌"), back=(found.name, url), version=found.version)


@room.page("/<int:brand_id>/items", see=CHOOSES, methods=("GET", "POST"))
def choose_items(brand_id: int) -> ResponseReturnValue:
    """Choose the training items of a brand."""
    found = load(Brand, brand_id)
    findings: tuple[Finding, ...] = ()
    chosen = {item.id for item in found.items}
    if request.method == "POST":
        chosen = set(request.form.getlist("item", type=int))
        try:
            operations.choose_items(acting(), brand_id, sorted(chosen), version=version_sent())
            return redirect(url_for("brands.brand", brand_id=brand_id))
        except Refused as refused:
            findings = refused.findings
    offered = queries.catalogue(found.region_code).items
    shown = render_template(
        "pages/brands/choose_items.html", brand=found, offered=offered, chosen=chosen, findings=findings, label=queries.label_of,
    )  # fmt: skip
    return shown, 422 if findings else 200


@room.page("/<int:brand_id>/plugins", see=SWITCHES, methods=("POST",))
def switch_plugins(brand_id: int) -> ResponseReturnValue:
    """Set which plugins are on."""
    operations.switch_plugins(acting(), brand_id, request.form.getlist("plugin"), version=version_sent())
    return redirect(url_for("brands.brand", brand_id=brand_id))


def _brand_page(found: Brand) -> str:
    actor, where = acting(), {"brand_id": found.id}
    return render_template(
        "pages/brands/brand.html",
        brand=found,
        label=queries.label_of,
        installed={name: plugins().label(name) for name in plugins().names},
        active=queries.plugins_of(found.id),
        may_change=CHANGES.admits(actor, where),
        may_choose=CHOOSES.admits(actor, where),
        may_switch=SWITCHES.admits(actor, where),
    )


def _back_to_list() -> tuple[str, str]:
    return gettext("劳务品牌"), url_for("brands.index")
