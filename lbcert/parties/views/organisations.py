"""Organisations: the register, its entries, controllers and filings."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock
from lbcert.core.access import SIGNED_IN, acting, holds
from lbcert.core.identity.masks import mask_phone
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, version_sent, wants_export
from lbcert.core.reference import SkillLevel
from lbcert.parties import operations
from lbcert.parties.forms import ControllerForm, FilingForm, NewOrganisationForm, OrganisationForm
from lbcert.parties.models import FilingKind, OrganisationKind
from lbcert.parties.operations.organisations import FILES, KEEPERS, filing_place, organisation_place
from lbcert.parties.queries import organisations as queries
from lbcert.parties.views.room import room, sent

KEEPS = holds(*KEEPERS, at=organisation_place)
ACCEPTS = holds(*FILES, at=organisation_place)

COLUMNS = [
    Column("name", _l("名称"), url=lambda row: url_for("parties.organisation", organisation_id=row.id), sort="name"),
    Column("kind", _l("类别"), value=lambda row: in_words(row.kind.label), sort="kind"),
    Column("credit_code", _l("统一社会信用代码"), "code"),
    Column("region", _l("所在地区"), value=lambda row: row.region.name, sort="region"),
    Column("contact", _l("联系人")),
]


@room.page("/organisations", see=SIGNED_IN, menu=(_l("机构"), "building"))
def organisations() -> ResponseReturnValue:
    """List the organisations of the actor's regions, and its own."""
    actor, paging = acting(), paging_from_request(queries.SORTS, "name", ("kind", "region"))
    if wants_export():
        return export_sheet(COLUMNS, queries.all_organisations(actor, paging), gettext("机构"))
    kinds = [(kind.value, in_words(kind.label)) for kind in OrganisationKind]
    return render_template(
        "pages/parties/organisations.html",
        columns=COLUMNS,
        page=queries.list_organisations(actor, paging),
        filters=[
            {"name": "kind", "label": gettext("类别"), "options": kinds},
            {"name": "region", "label": gettext("地区"), "options": queries.regions_seen(actor)},
        ],
        may_register=holds(*KEEPERS).admits(actor, {}),
    )


@room.page("/organisations/new", see=holds(*KEEPERS), methods=("GET", "POST"))
def new_organisation() -> ResponseReturnValue:
    """Enter an organisation in the register."""
    form = NewOrganisationForm()
    answer = sent(
        form,
        lambda: operations.register_organisation(
            acting(), OrganisationKind(form.kind.data), founded=form.founded.data, phone=form.phone.data or "",
            **_said(form),
        ),
    )  # fmt: skip
    if answer.made:
        return redirect(url_for("parties.organisation", organisation_id=answer.made.id))
    return render_template(
        "pages/parties/organisation_form.html", form=form, findings=answer.findings, body=None
    ), answer.status


def _said(form: OrganisationForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in ("name", "region_code", "credit_code", "address", "contact")}


@room.page("/organisations/<int:organisation_id>", see=SIGNED_IN)
def organisation(organisation_id: int) -> str:
    """Show an organisation, who controls it, and what it filed for."""
    actor = acting()
    body = queries.find_organisation(actor, organisation_id)
    arguments = {"organisation_id": organisation_id}
    return render_template(
        "pages/parties/organisation.html",
        body=body,
        phone=mask_phone(body.phone) if body.phone else "",
        today=clock.today(),
        region_names=queries.region_names({filing.site_region_code for filing in body.filings}),
        may_change=KEEPS.admits(actor, arguments),
        may_file=ACCEPTS.admits(actor, arguments),
    )


@room.page("/organisations/<int:organisation_id>/edit", see=KEEPS, methods=("GET", "POST"))
def edit_organisation(organisation_id: int) -> ResponseReturnValue:
    """Correct what the register says; an empty phone leaves the one on file."""
    body = queries.find_organisation(acting(), organisation_id)
    form = OrganisationForm(obj=body)
    answer = sent(
        form,
        lambda: operations.change_organisation(
            acting(), organisation_id, phone=form.phone.data or None, version=version_sent(),
            **_said(form),
        ),
    )  # fmt: skip
    if answer.made:
        return redirect(url_for("parties.organisation", organisation_id=organisation_id))
    return render_template(
        "pages/parties/organisation_form.html", form=form, findings=answer.findings, body=body
    ), answer.status


@room.page("/organisations/<int:organisation_id>/controller", see=ACCEPTS, methods=("GET", "POST"))
def set_controller(organisation_id: int) -> ResponseReturnValue:
    """Say who controls an organisation from a day on."""
    body, form = queries.find_organisation(acting(), organisation_id), ControllerForm()
    answer = sent(
        form,
        lambda: operations.set_controller(
            acting(), organisation_id, form.valid_from.data, name=form.name.data or "",
            credit_code=form.credit_code.data or "", id_number=form.id_number.data or "",
        ),
    )  # fmt: skip
    if answer.made:
        return redirect(url_for("parties.organisation", organisation_id=organisation_id))
    return render_template(
        "pages/parties/controller_form.html", form=form, findings=answer.findings, body=body
    ), answer.status


@room.page("/organisations/<int:organisation_id>/filings", see=ACCEPTS, methods=("GET", "POST"))
def accept_filing(organisation_id: int) -> ResponseReturnValue:
    """Put on file what an organisation may teach or assess."""
    body, form = queries.find_organisation(acting(), organisation_id), FilingForm(queries.trades())
    answer = sent(
        form,
        lambda: operations.accept_filing(
            acting(), organisation_id, FilingKind(form.kind.data), int(form.trade_id.data),
            SkillLevel(form.level.data) if form.level.data else None, form.site_region_code.data or "", form.document.data,
            form.valid_from.data, form.valid_to.data,
        ),
    )  # fmt: skip
    if answer.made:
        return redirect(url_for("parties.organisation", organisation_id=organisation_id))
    return render_template(
        "pages/parties/filing_form.html", form=form, findings=answer.findings, body=body
    ), answer.status


@room.page("/filings/<int:filing_id>/end", see=holds(*FILES, at=filing_place), methods=("POST",))
def end_filing(filing_id: int) -> ResponseReturnValue:
    """Let a filing end today."""
    filing = operations.end_filing(acting(), filing_id, clock.today(), request.form.get("reason", ""))
    return redirect(url_for("parties.organisation", organisation_id=filing.organisation_id))
