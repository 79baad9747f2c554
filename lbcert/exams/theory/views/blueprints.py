"""How papers are put together from a bank."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import in_words
from lbcert.exams.models import Blueprint, QuestionBank, QuestionKind
from lbcert.exams.theory import operations
from lbcert.exams.theory.forms import BlueprintForm, lines_sent
from lbcert.exams.theory.places import BANK_KEEPERS, BLUEPRINT_KEEPERS
from lbcert.exams.theory.queries.banks import counts_of, pool_of
from lbcert.exams.theory.views.banks import bank_name
from lbcert.exams.views.room import room


@room.page("/banks/<int:bank_id>/blueprints/new", see=BANK_KEEPERS)
def new_blueprint(bank_id: int) -> str:
    """Ask how papers are put together."""
    return _page(bank_id, BlueprintForm(formdata=None, data={"minutes": 90}), {})


@room.page("/banks/<int:bank_id>/blueprints/new", see=BANK_KEEPERS, methods=("POST",))
def create_blueprint(bank_id: int) -> ResponseReturnValue:
    """Keep a blueprint."""
    form, findings = BlueprintForm(), ()  # type: tuple[BlueprintForm, tuple[Finding, ...]]
    lines, wrong = lines_sent(request.form, list(counts_of(pool_of(bank_id))))
    if form.validate_on_submit() and not wrong:
        try:
            made = operations.create_blueprint(acting(), bank_id, form.name.data or "", form.minutes.data or 0, lines)
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
        else:
            flash(gettext("已新建组卷方案“%(name)s”", name=made.name), "success")
            return redirect(url_for("exams.bank", bank_id=bank_id))
    return _page(bank_id, form, request.form, findings, wrong), 422


@room.page("/blueprints/<int:blueprint_id>/retire", see=BLUEPRINT_KEEPERS, methods=("POST",))
def retire_blueprint(blueprint_id: int) -> ResponseReturnValue:
    """Use a blueprint no more."""
    bank_id = load(Blueprint, blueprint_id).bank_id
    try:
        operations.retire_blueprint(acting(), blueprint_id)
    except Refused as refused:
        flash(in_words(refused.findings[0].message), "error")
    return redirect(url_for("exams.bank", bank_id=bank_id))


def _page(
    bank_id: int,
    form: BlueprintForm,
    sent: Mapping[str, str],
    findings: tuple[Finding, ...] = (),
    wrong: list[str] | None = None,
) -> str:
    bank, counts = load(QuestionBank, bank_id), counts_of(pool_of(bank_id))
    return render_template(
        "pages/exams/theory/blueprint_form.html",
        bank=bank,
        name=bank_name(bank),
        kinds=list(QuestionKind),
        counts=counts,
        totals={kind: sum(row[kind] for row in counts.values()) for kind in QuestionKind},
        form=form,
        sent=sent,
        findings=findings,
        wrong=wrong or [],
    )
