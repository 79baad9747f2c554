"""Pages of the bulk revocations: choose, look at the dry run, confirm, and take back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.certificates import operations, rules
from lbcert.certificates.forms import BulkRevocationForm, ChooseForm
from lbcert.certificates.models import BulkRevocation, Reason, Settled
from lbcert.certificates.operations.revocations import DECISION
from lbcert.certificates.places import DECIDERS, DECIDES_ON_REVOCATION
from lbcert.certificates.queries import register, trust
from lbcert.certificates.queries import revocations as queries
from lbcert.certificates.queries.revocations import Line
from lbcert.certificates.rules import Fate, Step
from lbcert.certificates.sheets import read_numbers
from lbcert.certificates.types import all_types
from lbcert.certificates.views.room import room
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.intake import whole_numbers
from lbcert.core.pages import Column, choices, in_words
from lbcert.core.papers import papers_of
from lbcert.core.words import say

_BETWEEN = re.compile(r"[\s,，;；、]+")
_FATES = {Fate.SUSPEND: "warn", Fate.STAY_SUSPENDED: "warn", Fate.OVER: "neutral", Fate.PENDING: "neutral"}


def _type(certificate: Any) -> str:
    kind = all_types().get(certificate.type)
    return in_words(kind.label) if kind else certificate.type


LINES = [
    Column("number", _l("证书编号"), "code", lambda row: row.certificate.number, url=lambda row: url_for("certificates.certificate", certificate_id=row.certificate.id)),
    Column("name", _l("姓名"), value=lambda row: row.certificate.person.name),
    Column("type", _l("证书种类"), value=lambda row: _type(row.certificate)),
    Column("status", _l("现在的状态"), "status", lambda row: (in_words(row.certificate.status.label), row.certificate.status.sign)),
    Column("fate", _l("确认以后"), "status", lambda row: (in_words(row.fate.label), _FATES[row.fate])),
]  # fmt: skip
LIST = [
    Column("id", _l("批次"), "code", url=lambda row: url_for("certificates.bulk_revocation", revocation_id=row.id)),
    Column("chosen", _l("范围"), value=lambda row: row.revocation.chosen),
    Column("reason", _l("原因（公开）"), value=lambda row: row.revocation.reason.label),
    Column("person", _l("发起人"), value=lambda row: row.revocation.person.name),
    Column("due_at", _l("可以收回到"), "time", lambda row: row.revocation.due_at),
    Column("pending", _l("等待到时"), "number", lambda row: row.counts.get(Settled.PENDING, 0)),
    Column("revoked", _l("已撤销"), "number", lambda row: row.counts.get(Settled.REVOKED, 0)),
    Column("undone", _l("已收回"), "number", lambda row: row.counts.get(Settled.UNDONE, 0)),
]
ITEMS = [
    *LINES[:3],
    Column("settled", _l("结果"), "status", lambda row: (in_words(row.settled.label), row.settled.sign)),
    Column("settled_at", _l("办结时间"), "time"),
]


@dataclass(frozen=True)
class _Chosen:
    words: str
    lines: list[Line]
    missing: list[str]


@room.page("/certificates/revocations", see=DECIDERS, menu=(_l("批量撤销"), "ban"))
def bulk_revocations() -> str:
    """List the bulk revocations that touch the actor's certificates."""
    return render_template("pages/certificates/revocations.html", columns=LIST, rows=queries.list_revocations(acting()))


@room.page("/certificates/revocations/new", see=DECIDERS, methods=("GET", "POST"))
def choose_revocation() -> ResponseReturnValue:
    """Choose certificates and see, as a dry run, what would become of each; nothing is changed."""
    form = ChooseForm()
    kinds = {each.name: in_words(each.label) for each in register.types_seen(acting())}
    form.type.choices = choices({"": _l("全部"), **kinds})
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            return _dry_run(_chosen(form))
        except Refused as refusal:
            findings = refusal.findings
    page = render_template("pages/certificates/revocation_choose.html", form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


@room.page("/certificates/revocations", see=DECIDERS, methods=("POST",))
def begin_revocation() -> ResponseReturnValue:
    """Suspend the certificates of a dry run, to be revoked when the hours are over."""
    form = BulkRevocationForm()
    form.reason.choices = _reasons()
    ids = whole_numbers(re.findall("[0-9]+", form.certificate_ids.data or ""))
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        paper = form.paper.data
        try:
            made = operations.revoke_together(
                acting(), ids, Reason(form.reason.data), form.detail.data or "", paper.read(), paper.filename or "",
                form.chosen.data or "",
            )  # fmt: skip
        except Refused as refusal:
            findings = refusal.findings
        else:
            flash(gettext("已全部暂停使用；到时自动撤销，之前可以由另一人收回"), "success")
            return redirect(url_for("certificates.bulk_revocation", revocation_id=made.id))
    again = _Chosen(form.chosen.data or "", queries.of_ids(acting(), ids), [])
    return _dry_run(again, form, findings), 422


@room.page("/certificates/revocations/<int:revocation_id>", see=DECIDES_ON_REVOCATION)
def bulk_revocation(revocation_id: int) -> str:
    """Show a bulk revocation: its certificates, its paper, and until when it can be taken back."""
    return _revocation(revocation_id)


@room.page("/certificates/revocations/<int:revocation_id>/undo", see=DECIDES_ON_REVOCATION, methods=("POST",))
def undo_revocation(revocation_id: int) -> ResponseReturnValue:
    """Take the ticked certificates back."""
    ids = whole_numbers(request.form.getlist("certificate_id"))
    try:
        operations.undo_revocation(acting(), revocation_id, ids, request.form.get("detail", "")[:2000])
    except Refused as refusal:
        return _revocation(revocation_id, refusal.findings), 422
    flash(gettext("已收回：原来有效的证书恢复使用"), "success")
    return redirect(url_for("certificates.bulk_revocation", revocation_id=revocation_id))


@room.page("/certificates/revocations/<int:revocation_id>/paper", see=DECIDES_ON_REVOCATION)
def revocation_paper(revocation_id: int) -> ResponseReturnValue:
    """Download the signed decision."""
    file = papers_of(f"bulk_revocation:{revocation_id}", DECISION)[0].file
    return send_file(
        BytesIO(file.read()), mimetype=file.media_type, as_attachment=True, download_name=file.name, max_age=0
    )


def _chosen(form: ChooseForm) -> _Chosen:
    """Find what the form chose. Raises ``Refused`` unless it is one of the four ways, and where a sheet cannot be read."""
    cohort, batch, numbers = form.cohort.data or "", form.batch.data or "", form.numbers.data or ""
    sheet, kind = form.sheet.data, form.type.data or ""
    given = [bool(cohort), bool(batch), bool(numbers.strip()), bool(sheet)]
    if sum(given) != 1:
        message = say("班号、考核批次号、编号清单、清单文件请只填一项")
        raise Refused([refuse("certificates.which_choice", message)])
    if cohort:
        return _Chosen(str(say("班号 {number}", number=cohort)), queries.of_cohort(acting(), cohort, kind), [])
    if batch:
        return _Chosen(str(say("考核批次 {number}", number=batch)), queries.of_batch(acting(), batch, kind), [])
    listed = _BETWEEN.split(numbers.strip()) if numbers.strip() else read_numbers(sheet.read(), rules.MOST_REVOKED)
    if len(listed) > rules.MOST_REVOKED:
        raise Refused([rules.too_many(len(listed))])
    lines, missing = queries.of_numbers(acting(), listed, kind)
    return _Chosen(str(say("编号清单，{count} 个", count=len(lines) + len(missing))), lines, missing)


def _reasons() -> Any:
    return choices({reason.value: in_words(reason.label) for reason in rules.reasons_for(Step.REVOKE)})


def _dry_run(chosen: _Chosen, form: BulkRevocationForm | None = None, findings: tuple[Finding, ...] = ()) -> str:
    meant = [line for line in chosen.lines if line.fate.is_revoked]
    if form is None:
        form = BulkRevocationForm(formdata=None)
        form.reason.choices = _reasons()
        form.chosen.data = chosen.words
        hours = queries.hours_of(meant)
        findings = tuple(rules.hours_to_undo([(region, ruling.value) for region, ruling in hours]))
        if len(meant) > rules.MOST_REVOKED:
            findings = (*findings, rules.too_many(len(meant)))
    form.certificate_ids.data = ",".join(str(line.certificate.id) for line in meant)
    return render_template(
        "pages/certificates/revocation_dry_run.html",
        chosen=chosen,
        columns=LINES,
        meant=len(meant),
        hours=[(region, ruling) for region, ruling in queries.hours_of(meant) if ruling.is_on_file],
        form=form,
        findings=findings,
        in_no_list=trust.in_no_list(clock.now()),
    )


def _revocation(revocation_id: int, findings: tuple[Finding, ...] = ()) -> str:
    found = load(BulkRevocation, revocation_id)
    items = queries.items_of(revocation_id)
    is_open = clock.now() < found.due_at and any(item.settled is Settled.PENDING for item in items)
    return render_template(
        "pages/certificates/revocation.html",
        revocation=found,
        columns=ITEMS,
        items=items,
        pending=[item for item in items if item.settled is Settled.PENDING],
        is_open=is_open,
        may_undo=is_open and acting().person_id not in {None, found.person_id},
        findings=findings,
        in_no_list=trust.in_no_list(found.due_at),
    )
