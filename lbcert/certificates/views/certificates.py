"""Pages of the register: the list, one certificate and what becomes of it, its files, and number prefixes."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates import operations, rules
from lbcert.certificates.forms import PrefixForm, StepForm
from lbcert.certificates.models import Certificate, Reason, Status
from lbcert.certificates.places import (
    DECIDES_STATUS,
    ISSUED_IT,
    LOOKERS,
    LOOKS,
    cohort_certificates_place,
    prefix_region,
)
from lbcert.certificates.queries import log, register, trust
from lbcert.certificates.queries.reports import reported
from lbcert.certificates.rendering.bundle import one_pdf, one_zip
from lbcert.certificates.rules import Step
from lbcert.certificates.token import base36
from lbcert.certificates.types import all_types, certificate_type
from lbcert.certificates.views.room import room
from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, choices, export_sheet, in_words, paging_from_request, wants_export
from lbcert.core.registrations import CertificateType


def _standing(row: Certificate) -> tuple[str, str]:
    if row.status is Status.VALID and row.expires_on is not None and row.expires_on < clock.today():
        return gettext("已过期"), "warn"
    return in_words(row.status.label), row.status.sign


def _level(row: Certificate) -> str:
    kind: CertificateType | None = all_types().get(row.type)
    return in_words(kind.level_label(row.level)) if kind else ""


def subject(row: Certificate) -> str:
    """Say in what a certificate is, and at which level."""
    return f"{row.trade.name} {_level(row)}".strip()


def _label(row: Certificate) -> str:
    kind = all_types().get(row.type)
    return in_words(kind.label) if kind else row.type


COLUMNS = [
    Column("number", _l("证书编号"), "code", url=lambda row: url_for("certificates.certificate", certificate_id=row.id), sort="number"),
    Column("name", _l("姓名"), value=lambda row: row.person.name, sort="name"),
    Column("type", _l("证书种类"), value=_label),
    Column("trade", _l("职业/项目"), value=lambda row: row.trade.name),
    Column("level", _l("等级"), value=_level),
    Column("organisation", _l("发证机构"), value=lambda row: row.organisation.name),
    Column("issued_on", _l("发证日期"), "date", sort="issued"),
    Column("status", _l("状态"), "status", _standing),
]  # fmt: skip
ENDING = [*COLUMNS[:6], Column("expires_on", _l("有效期至"), "date"), COLUMNS[7]]
_ISSUES = frozenset({Step.REPLACE, Step.RENEW})
#: On a page, trade and level stand together: eight columns are too many to read.
SHOWN = [*COLUMNS[:3], Column("trade", _l("职业/项目"), value=subject), *COLUMNS[5:]]


@room.page("/certificates/", see=holds(*LOOKERS), menu=(_l("证书"), "certificate"))
def certificates() -> ResponseReturnValue:
    """List the certificates of the actor's organisation or region."""
    paging = paging_from_request(register.SORTS, "-issued", ("type", "status", "cohort"))
    if wants_export():
        return export_sheet(COLUMNS, register.all_certificates(acting(), paging), gettext("证书名册"))
    page = register.list_certificates(acting(), paging)
    filters = [
        {
            "name": "type",
            "label": gettext("种类"),
            "options": [(kind.name, in_words(kind.label)) for kind in register.types_seen(acting())],
        },
        {
            "name": "status",
            "label": gettext("状态"),
            "options": [(status.value, in_words(status.label)) for status in Status],
        },
    ]
    return render_template("pages/certificates/list.html", columns=SHOWN, page=page, filters=filters)


@room.page("/certificates/expiring", see=holds(*LOOKERS))
def expiring() -> ResponseReturnValue:
    """List what ends soon or ended lately, for those who issue it, teach for it or watch over it."""
    rows = register.expiring(acting())
    if wants_export():
        return export_sheet(ENDING, rows, gettext("到期证书"))
    return render_template("pages/certificates/expiring.html", columns=ENDING, rows=rows)


@room.page("/certificates/<int:certificate_id>", see=LOOKS)
def certificate(certificate_id: int) -> str:
    """Show what a certificate says, what became of it, and what may be done with it."""
    found = load(Certificate, certificate_id)
    claims = {name: value for name, value in json.loads(found.claims).items() if name != "id_number_masked"}
    kind = all_types().get(found.type)
    decides = DECIDES_STATUS.admits(acting(), {"certificate_id": certificate_id})
    issued_it = ISSUED_IT.admits(acting(), {"certificate_id": certificate_id})
    steps = rules.steps_from(found.status, replaced=found.successor is not None)
    return render_template(
        "pages/certificates/certificate.html",
        certificate=found,
        label=_label(found),
        standing=_standing(found),
        fields=kind.fields(claims) if kind else [],
        steps=[
            step
            for step in steps
            if (issued_it if step in _ISSUES else decides) and (step is not Step.RENEW or found.expires_on)
        ],
        code=base36.encode(found.token),
        reported=reported(found.id),
        in_no_list=trust.in_no_list(found.history[-1].created_at),
    )


@room.page("/certificates/<int:certificate_id>/pdf", see=LOOKS)
def certificate_pdf(certificate_id: int) -> ResponseReturnValue:
    """Download a certificate as it was printed."""
    found = load(Certificate, certificate_id)
    if found.file is None:
        abort(404)
    return _file(found.file.read(), f"{found.number}.pdf", "application/pdf")


@room.page("/certificates/<int:certificate_id>/proof", see=LOOKS)
def certificate_proof(certificate_id: int) -> ResponseReturnValue:
    """Download the proof that a certificate's issue is in the public log, to be kept beside its PDF (docs/formats.md)."""
    found = load(Certificate, certificate_id)
    proof = log.proof_of(found)
    if proof is None:
        abort(404)
    return _file(proof.encode(), f"{found.number}.tlog-proof", "text/plain")


_CARRIES_OUT: dict[Step, Callable[..., Certificate]] = {
    Step.SUSPEND: operations.suspend,
    Step.REINSTATE: operations.reinstate,
    Step.REVOKE: operations.revoke,
    Step.REPLACE: operations.replace,
    Step.RENEW: operations.renew,
}


@room.page(
    "/certificates/<int:certificate_id>/<any(suspend, reinstate, revoke):step>",
    see=DECIDES_STATUS,
    methods=("GET", "POST"),
)
def change_status(certificate_id: int, step: str) -> ResponseReturnValue:
    """Ask for reason and explanation, then suspend, reinstate or revoke a certificate."""
    return _step(certificate_id, Step(step))


@room.page("/certificates/<int:certificate_id>/<any(replace, renew):step>", see=ISSUED_IT, methods=("GET", "POST"))
def replace(certificate_id: int, step: str) -> ResponseReturnValue:
    """Ask for reason and explanation, then issue a certificate anew, or the successor of one that ends."""
    return _step(certificate_id, Step(step))


def _step(certificate_id: int, step: Step) -> ResponseReturnValue:
    found, form = load(Certificate, certificate_id), StepForm()
    form.reason.choices = choices({reason.value: in_words(reason.label) for reason in rules.reasons_for(step)})
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            changed = _CARRIES_OUT[step](acting(), certificate_id, Reason(form.reason.data), form.detail.data)
        except Refused as refusal:
            findings = refusal.findings
        else:
            flash(gettext("已办理：%(step)s", step=in_words(step.label)), "success")
            return redirect(url_for("certificates.certificate", certificate_id=changed.id))
    page = render_template(
        "pages/certificates/step.html",
        certificate=found,
        label=_label(found),
        step=step,
        form=form,
        findings=findings,
        in_no_list=trust.in_no_list(clock.now()),
    )
    return page, 422 if request.method == "POST" else 200


@room.page(
    "/certificates/cohorts/<int:cohort_id>/<type_name>.<any(pdf, zip):ending>",
    see=holds(*LOOKERS, at=cohort_certificates_place),
)
def together(cohort_id: int, type_name: str, ending: str) -> ResponseReturnValue:
    """Download a cohort's standing certificates of a type: one PDF for the printer, or a ZIP of single files."""
    kind, cohort = certificate_type(type_name), load(Cohort, cohort_id)
    found = register.printed_together(acting(), cohort_id, type_name)
    if not found:
        abort(404)
    name = f"{cohort.number} {in_words(kind.label)}"
    files = [(f"{row.number} {row.person.name}.pdf", row.file.read()) for row in found if row.file]
    if ending == "pdf":
        return _file(one_pdf(data for _, data in files), f"{name}.pdf", "application/pdf")
    return _file(one_zip(files), f"{name}.zip", "application/zip")


def _file(data: bytes, name: str, media_type: str) -> Any:
    return send_file(BytesIO(data), mimetype=media_type, as_attachment=True, download_name=name, max_age=0)


# Number prefixes

PREFIXES = [
    Column("organisation", _l("评价机构"), value=lambda row: row.organisation.name),
    Column("prefix", _l("编号前缀"), "code"),
    Column("document", _l("批复文件")),
    Column("valid_from", _l("启用日期"), "date"),
    Column("valid_to", _l("停用日期"), "date"),
]
OFFICERS = holds(Role.BUREAU_OFFICER)


@room.page("/certificates/prefixes", see=OFFICERS, methods=("GET", "POST"), menu=(_l("证书编号前缀"), "list-details"))
def prefixes() -> ResponseReturnValue:
    """List the number prefixes of the officer's region, and enter one."""
    form = PrefixForm()
    form.organisation_id.choices = choices({body.id: body.name for body in register.bodies_of(acting())})
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            operations.enter_prefix(
                acting(), form.organisation_id.data, form.prefix.data or "", form.document.data or "",
                form.valid_from.data, form.valid_to.data,
            )  # fmt: skip
        except Refused as refusal:
            findings = refusal.findings
        else:
            flash(gettext("前缀已登记"), "success")
            return redirect(url_for("certificates.prefixes"))
    rows = register.list_prefixes(acting())
    page = render_template(
        "pages/certificates/prefixes.html",
        columns=PREFIXES,
        rows=rows,
        form=form,
        findings=findings,
        today=clock.today(),
    )
    return page, 422 if request.method == "POST" else 200


@room.page(
    "/certificates/prefixes/<int:prefix_id>/end", see=holds(Role.BUREAU_OFFICER, at=prefix_region), methods=("POST",)
)
def end_prefix(prefix_id: int) -> ResponseReturnValue:
    """Say that a prefix is used from today on no more."""
    operations.end_prefix(acting(), prefix_id, clock.today())
    flash(gettext("前缀今天起停用"), "success")
    return redirect(url_for("certificates.prefixes"))
