"""Agreements: the list, one with its parties' duties, a new one."""

from __future__ import annotations

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock
from lbcert.core.access import acting, holds
from lbcert.core.database import load
from lbcert.core.pages import Column, export_sheet, form_page, in_words, paging_from_request, version_sent, wants_export
from lbcert.core.papers import papers_of
from lbcert.demand import operations, queries
from lbcert.demand.forms import AgreementForm, DutyForm, PaperForm
from lbcert.demand.models import Agreement, AgreementParty, Duty, DutyState
from lbcert.demand.operations.agreements import DESK
from lbcert.demand.queries import READERS, agreement_place, duty_place
from lbcert.demand.views.room import room, send_paper

READS = holds(*READERS, at=agreement_place)
CHANGES = holds(*DESK, at=agreement_place)
JUDGES = holds(*DESK, at=duty_place)
DUTY_SIGNS = {DutyState.PLEDGED: "wait", DutyState.KEPT: "ok", DutyState.BROKEN: "stop"}

COLUMNS = [
    Column(
        "number", _l("协议号"), "code", url=lambda row: url_for("demand.agreement", agreement_id=row.id), sort="number"
    ),
    Column("name", _l("协议")),
    Column("parties", _l("各方"), value=lambda row: in_words(tuple(party.organisation.name for party in row.parties))),
    Column("headcount", _l("约定人数"), "number"),
    Column("valid_to", _l("到期日期"), "date", sort="valid"),
]


@room.page("/agreements", see=holds(*READERS), menu=(_l("协作协议"), "signature"))
def agreements() -> ResponseReturnValue:
    """List the agreements of the actor's region or organisation."""
    actor, paging = acting(), paging_from_request(queries.AGREEMENT_SORTS, "-signed")
    if wants_export():
        return export_sheet(COLUMNS, queries.agreements_all(actor, paging), gettext("协作协议"))
    page = queries.agreements_page(actor, paging)
    may = holds(*DESK).admits(actor, {})
    return render_template("pages/demand/agreements.html", columns=COLUMNS, page=page, may_make=may)


@room.page("/agreements/new", see=holds(*DESK), methods=("GET", "POST"))
def new_agreement() -> ResponseReturnValue:
    """Put an agreement on file."""
    form = AgreementForm()

    def save() -> str:
        parties = [
            (party.organisation_id.data, Duty(party.duty.data)) for party in form.parties if party.organisation_id.data
        ]
        made = operations.create_agreement(
            acting(),
            form.home_region_code.data or "",
            form.name.data or "",
            form.signed_on.data,
            form.valid_from.data,
            form.valid_to.data,
            parties,
            headcount=form.headcount.data,
        )
        return url_for("demand.agreement", agreement_id=made.id)

    lead = gettext("一方可以是企业，也可以是政府；每一方承担一项职责。只有承诺保障就业的一方才能支撑定向名额。")
    back = gettext("协作协议"), url_for("demand.agreements")
    return form_page(form, save, title=gettext("登记协作协议"), lead=lead, back=back)


@room.page("/agreements/<int:agreement_id>", see=READS)
def agreement(agreement_id: int) -> str:
    """Show an agreement, its parties and its papers."""
    found, actor = load(Agreement, agreement_id), acting()
    in_force = found.valid_from <= clock.today() <= found.valid_to
    return render_template(
        "pages/demand/agreement.html",
        agreement=found,
        in_force=in_force,
        signs=DUTY_SIGNS,
        papers=papers_of(f"agreement:{agreement_id}"),
        may_change=CHANGES.admits(actor, {"agreement_id": agreement_id}),
    )


@room.page("/duties/<int:duty_id>", see=JUDGES, methods=("GET", "POST"))
def report_duty(duty_id: int) -> ResponseReturnValue:
    """Say how a duty stands."""
    party = load(AgreementParty, duty_id)
    form = DutyForm(state=party.state.value, note=party.note)
    url = url_for("demand.agreement", agreement_id=party.agreement_id)

    def save() -> str:
        operations.report_duty(
            acting(), duty_id, DutyState(form.state.data), form.note.data or "", version=version_sent()
        )
        return url

    title = gettext("登记履行情况")
    lead = f"{party.organisation.name} · {party.duty.label}"
    return form_page(form, save, title=title, lead=lead, back=(party.agreement.number, url), version=party.version)  # fmt: skip


@room.page("/agreements/<int:agreement_id>/papers", see=CHANGES, methods=("GET", "POST"))
def attach_agreement_paper(agreement_id: int) -> ResponseReturnValue:
    """Attach the signed agreement."""
    form, url = PaperForm(), url_for("demand.agreement", agreement_id=agreement_id)

    def save() -> str:
        operations.attach_agreement_paper(acting(), agreement_id, form.file.data.read(), form.file.data.filename)
        return url

    number = load(Agreement, agreement_id).number
    return form_page(form, save, title=gettext("上传签字盖章的协议"), back=(number, url), submit=gettext("上传"))


@room.page("/agreements/<int:agreement_id>/papers/<int:paper_id>", see=READS)
def agreement_paper(agreement_id: int, paper_id: int) -> Response:
    """Download a paper of an agreement."""
    return send_paper(paper_id, f"agreement:{agreement_id}")
