"""Deciding results, reading and exporting them, and amending one."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, export_sheet, in_words, version_sent, wants_export
from lbcert.exams import operations, rules, scoring
from lbcert.exams.forms import AmendmentForm
from lbcert.exams.models import Amendment, Batch, BatchState, Part, Result
from lbcert.exams.operations.results import pass_marks, still_open, values_of
from lbcert.exams.places import (
    AMENDERS,
    APPROVERS,
    CANDIDATE_OFFICE,
    DECIDERS,
    DECISION_READERS,
    EVIDENCE_READERS,
    RESULT_READERS,
    RESULT_WATCHERS,
    WATCHERS,
)
from lbcert.exams.queries.marks import given_of, schemes_of, sheets_of
from lbcert.exams.queries.resits import carried_into, forms_of
from lbcert.exams.queries.results import Tally, open_amendments, results_by_name, results_ever, standing_result
from lbcert.exams.views.room import again, back_to, file_answer, may, outcome_badge, room, state_badge


@room.page("/<int:batch_id>/decide", see=DECISION_READERS)
def decide(batch_id: int) -> str:
    """Show the decider every mark by number, the pass marks with their document, and what would follow."""
    return _deciding(load(Batch, batch_id))


@room.page("/<int:batch_id>/decide", see=DECIDERS, methods=("POST",))
def take_decision(batch_id: int) -> ResponseReturnValue:
    """Decide."""
    try:
        operations.decide_batch(acting(), batch_id, version=version_sent())
    except Refused as refused:
        return _deciding(again(batch_id), refused.findings), 422
    flash(gettext("已审定，成绩已锁定"), "success")
    return redirect(url_for("exams.results", batch_id=batch_id))


def _deciding(batch: Batch, findings: tuple[Finding, ...] = ()) -> str:
    sheets, limits = sheets_of(batch.id), pass_marks(batch)
    known = {part: limit.value for part, limit in limits.items() if limit.is_on_file}
    rows = []
    for sheet in sheets.values():
        values = values_of(batch, sheet)
        whole = len(values) == len(limits) == len(known)
        rows.append((sheet, values, outcome_badge(rules.outcome(values, known)) if whole else None))
    stops = [*still_open(batch, sheets), *rules.pass_marks_on_file(limits)]
    is_open = batch.state is BatchState.MARKING
    return render_template(
        "pages/exams/decide.html",
        batch=batch,
        badge=state_badge(batch),
        rows=rows,
        limits=limits,
        schemes=schemes_of(batch.id),
        findings=findings or (stops if is_open else ()),
        may_decide=is_open and not stops and may(DECIDERS, batch_id=batch.id),
        shown=rules.shown,
        given=lambda mark: scoring.shown(given_of(mark)),
    )


def _columns(batch: Batch, *, linked: bool) -> list[Column]:
    def points(part: Part) -> Column:
        return Column(part.value, in_words(part.label), "number")

    def address(row: Result) -> str | None:
        return url_for("exams.result", result_id=row.id) if linked else None

    return [
        Column("name", _l("姓名"), value=lambda row: row.candidate.enrolment.person.name, url=address),
        Column("id_masked", _l("身份证号"), "code", lambda row: row.candidate.enrolment.person.id_masked),
        *(points(part) for part in rules.parts_of(with_review=batch.with_review)),
        Column("outcome", _l("认定结论"), "status", lambda row: outcome_badge(row.outcome)),
        Column("amended", _l("备注"), value=lambda row: gettext("经批准更改") if row.replaces_id else ""),
    ]


@room.page("/<int:batch_id>/results", see=RESULT_READERS)
def results(batch_id: int) -> ResponseReturnValue:
    """List the results by name (成绩汇总表), for the page and as a sheet."""
    batch = load(Batch, batch_id)
    found = results_by_name(batch_id)
    watching = may(WATCHERS, batch_id=batch_id)
    columns = _columns(batch, linked=watching)
    if wants_export():
        numbered = Column("place", _l("序号"), "number", value=lambda row: found.index(row) + 1)
        return export_sheet([numbered, *columns], found, f"{gettext('成绩汇总表')}-{batch.number}")
    return render_template(
        "pages/exams/results.html",
        batch=batch,
        badge=state_badge(batch),
        columns=columns,
        rows=found,
        tally=Tally.of([one.outcome for one in found]),
        back=back_to(batch) if watching else (gettext("返回"), url_for("exams.index")),
        asked=open_amendments(batch_id) if watching else [],
        answers=lambda one: may(APPROVERS, amendment_id=one.id),
        outcome=outcome_badge,
    )


@room.page("/results/<int:result_id>", see=RESULT_WATCHERS)
def result(result_id: int) -> str:
    """Show one result with everything that it replaced, and the form to ask for another."""
    row = load(Result, result_id)
    return _result(row, AmendmentForm(obj=row))


@room.page("/results/<int:result_id>/amend", see=AMENDERS, methods=("POST",))
def amend(result_id: int) -> ResponseReturnValue:
    """Ask for an amendment."""
    form = AmendmentForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        file = form.evidence.data
        try:
            asked = operations.request_amendment(
                acting(),
                result_id,
                form.theory.data,
                form.practice.data,
                form.review.data,
                form.reason.data,
                file.read(),
                file.filename or "",
                (file.mimetype or "application/octet-stream")[:100],
                void=form.void.data,
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("更改申请已提交，等待另一人批准"), "success")
            return redirect(url_for("exams.results", batch_id=asked.batch_id))
    again(load(Result, result_id).batch_id)
    return _result(load(Result, result_id), form, findings), 422


@room.page("/amendments/<int:amendment_id>/<any(grant, decline):answer>", see=APPROVERS, methods=("POST",))
def answer_amendment(amendment_id: int, answer: str) -> ResponseReturnValue:
    """Grant or decline an amendment."""
    reason = request.form.get("reason", "")
    asked = operations.answer_amendment(acting(), amendment_id, granted=answer == "grant", answer=reason)
    flash(gettext("已批准更改") if asked.granted else gettext("未批准更改"), "success")
    return redirect(url_for("exams.results", batch_id=asked.batch_id))


@room.page("/amendments/<int:amendment_id>/evidence", see=EVIDENCE_READERS)
def evidence(amendment_id: int) -> Response:
    """Show what an amendment rests on."""
    return file_answer(load(Amendment, amendment_id).evidence)


def _result(row: Result, form: AmendmentForm, findings: tuple[Finding, ...] = ()) -> str:
    if not row.batch.with_review:
        del form.review
    stands: Any = standing_result(row.candidate_id)
    return render_template(
        "pages/exams/result.html",
        result=row,
        batch=row.batch,
        person=row.candidate.enrolment.person,
        parts=rules.parts_of(with_review=row.batch.with_review),
        badge=outcome_badge(row.outcome),
        history=results_ever(row.candidate_id),
        outcome=outcome_badge,
        form=form,
        findings=findings,
        carried=carried_into(row.batch_id).get(row.candidate_id, {}),
        forms=forms_of(row.batch_id),
        may_appeal=may(CANDIDATE_OFFICE, candidate_id=row.candidate_id),
        may_amend=stands is row and may(AMENDERS, result_id=row.id),
    )
