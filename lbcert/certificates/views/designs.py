"""Designs of an issuer's own: versions, a draft with its trial, and the second person's decision."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates import operations
from lbcert.certificates.forms import BeginDesignForm, DesignForm
from lbcert.certificates.models import DesignVersion
from lbcert.certificates.places import DECIDES_DESIGN, MAKES_DESIGN
from lbcert.certificates.queries import designs as queries
from lbcert.certificates.rendering.design import Source
from lbcert.certificates.types import all_types, certificate_type
from lbcert.certificates.views.room import room
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number
from lbcert.core.pages import Column, choices, in_words, version_sent

_PARTS = ("template", "style", "frame")
_MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png"}


def _label(row: DesignVersion) -> str:
    kind = all_types().get(row.type)
    return in_words(kind.label) if kind else row.type


def _state(row: DesignVersion) -> tuple[str, str]:
    if row.in_force_at is not None:
        return gettext("已启用"), "ok"
    return (gettext("草稿"), "info") if row.is_draft else (gettext("等待启用"), "wait")


def _title(row: DesignVersion) -> str:
    return gettext("%(type)s版式第 %(number)s 版", type=_label(row), number=row.number)


COLUMNS = [
    Column("title", _l("版式"), value=_title, url=lambda row: url_for("certificates.design", design_id=row.id)),
    Column("organisation", _l("发证机构"), value=lambda row: row.organisation.name),
    Column("remark", _l("改了什么")),
    Column("state", _l("状态"), "status", _state),
    Column("in_force_at", _l("启用时间"), "time"),
]


@room.page(
    "/certificates/designs",
    see=holds(Role.ISSUER, Role.BUREAU_OFFICER),
    methods=("GET", "POST"),
    menu=(_l("证书版式"), "layout-list"),
)
def designs() -> ResponseReturnValue:
    """List the versions of the actor's organisations, or of those watched over, and begin one."""
    form = BeginDesignForm()
    findings: tuple[Finding, ...] = ()
    organisations = queries.organisations_of(acting())
    form.organisation_id.choices = choices({row.id: row.name for row in organisations})
    form.type.choices = choices({kind.name: in_words(kind.label) for kind in queries.designable_types(organisations)})
    form.start.choices = choices({"current": gettext("现在用的"), "shipped": gettext("系统自带的")})
    if form.validate_on_submit():
        try:
            begun = _begin(form)
        except Refused as refusal:
            findings = refusal.findings
        else:
            return redirect(url_for("certificates.design", design_id=begun.id))
    rows = queries.list_designs(acting())
    page = render_template("pages/certificates/designs.html", columns=COLUMNS, rows=rows, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


def _begin(form: BeginDesignForm) -> DesignVersion:
    """Begin from what is in force, from what is shipped, or from a version by its id."""
    begun_from = whole_number(form.start.data)
    if form.start.data == "current":
        current = queries.find_in_force(form.organisation_id.data, form.type.data)
        begun_from = current.id if current else None
    return operations.begin_design(acting(), form.organisation_id.data, form.type.data, begun_from)


@room.page("/certificates/designs/<int:design_id>", see=DECIDES_DESIGN)
def design(design_id: int) -> ResponseReturnValue:
    """Show a version: what its trial finds, its samples, its texts."""
    found = load(DesignVersion, design_id)
    return _page(found, DesignForm(obj=found))


@room.page("/certificates/designs/<int:design_id>", see=MAKES_DESIGN, methods=("POST",))
def write_design(design_id: int) -> ResponseReturnValue:
    """Keep what was written into a draft, and try it."""
    found, form = load(DesignVersion, design_id), DesignForm()
    if not form.validate_on_submit():
        return _page(found, form), 422
    source = Source(*(form[part].data.replace("\r\n", "\n") for part in _PARTS))
    try:
        operations.write_design(acting(), design_id, source, form.remark.data or "", version=version_sent())
    except Refused as refusal:
        return _page(found, form, refusal.findings), 422
    flash(gettext("已保存并试排"), "success")
    return redirect(url_for("certificates.design", design_id=design_id))


@room.page("/certificates/designs/<int:design_id>/ask", see=MAKES_DESIGN, methods=("POST",))
def ask_design(design_id: int) -> ResponseReturnValue:
    """Ask for a draft to be put in force."""
    return _decide(design_id, lambda: operations.ask_design(acting(), design_id), gettext("已提请启用，等待另一人确认"))


@room.page("/certificates/designs/<int:design_id>/<any(grant, drop):answer>", see=DECIDES_DESIGN, methods=("POST",))
def answer_design(design_id: int, answer: str) -> ResponseReturnValue:
    """Put a design in force that somebody else asked for, or make it a draft again."""
    granted = answer == "grant"
    said = gettext("已启用；此后签发的证书用这一版") if granted else gettext("已退回为草稿")
    return _decide(design_id, lambda: operations.answer_design(acting(), design_id, granted=granted), said)


@room.page("/certificates/designs/<int:design_id>/<int:sample>.<any(pdf, png):ending>", see=DECIDES_DESIGN)
def design_sample(design_id: int, sample: int, ending: str) -> ResponseReturnValue:
    """Give a made-up certificate in a design, as PDF or as picture."""
    found = load(DesignVersion, design_id)
    samples = queries.trial_of(found.type, queries.source_of(found)).samples
    tried = samples[sample] if sample < len(samples) else None
    if tried is None:
        abort(404)
    data = tried.pdf if ending == "pdf" else tried.picture
    return send_file(BytesIO(data), mimetype=_MEDIA_TYPES[ending], max_age=0)


def _decide(design_id: int, carry_out: Callable[[], Any], said: str) -> ResponseReturnValue:
    found = load(DesignVersion, design_id)
    queries.trial_of(found.type, queries.source_of(found))  # at hand then, while the operation holds its transaction
    try:
        carry_out()
    except Refused as refusal:
        return _page(found, DesignForm(obj=found), refusal.findings), 422
    flash(said, "success")
    return redirect(url_for("certificates.design", design_id=design_id))


def _page(found: DesignVersion, form: DesignForm, refused: tuple[Finding, ...] = ()) -> str:
    trial = queries.trial_of(found.type, queries.source_of(found))
    labels = [sample.label for sample in certificate_type(found.type).samples]
    makes = MAKES_DESIGN.admits(acting(), {"design_id": found.id})
    return render_template(
        "pages/certificates/design.html",
        design=found,
        title=_title(found),
        state=_state(found),
        form=form,
        refused=refused,
        findings=() if refused else trial.findings,
        samples=[(index, label) for index, label in enumerate(labels) if trial.samples[index]],
        may_write=makes and found.is_draft,
        may_begin=makes and found.in_force_at is not None,
        may_decide=not found.is_draft and found.in_force_at is None,
        is_asker=found.asked_by == acting().id,
        texts=[(form[part].label.text, getattr(found, part)) for part in _PARTS],
    )
