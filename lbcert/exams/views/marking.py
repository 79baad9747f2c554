"""An examiner's pages, made for a phone: one candidate a screen, or all in a list; numbers and nothing else."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.words import say
from lbcert.exams import operations, scoring
from lbcert.exams.forms import MarkForm
from lbcert.exams.models import Absence, Batch, BatchState, Part
from lbcert.exams.places import APPOINTED, SCORERS
from lbcert.exams.queries.batches import own_appointments
from lbcert.exams.queries.marks import (
    candidate_numbered,
    given_of,
    own_history,
    own_sheet,
    own_sheets,
    schemes_of,
)
from lbcert.exams.rules import parts_of, shown
from lbcert.exams.views.room import again, room, state_badge


@room.page("/mine", see=APPOINTED, menu=(_l("我的考务"), "pencil"))
def mine() -> str:
    """Show somebody the batches to which he is appointed, and what each wants of him next."""
    return render_template(
        "pages/exams/mine.html", appointments=own_appointments(acting()), badge=state_badge, State=BatchState
    )


@room.page("/<int:batch_id>/marking", see=SCORERS)
def marking(batch_id: int) -> str:
    """List the candidates by number with their marks, each empty part with its field."""
    return _list(load(Batch, batch_id))


@room.page("/<int:batch_id>/marking/<number>", see=SCORERS)
def candidate(batch_id: int, number: str) -> str:
    """Show one candidate by number, with big fields."""
    return _candidate(load(Batch, batch_id), number)


@room.page("/<int:batch_id>/marking/<number>", see=SCORERS, methods=("POST",))
def give_mark(batch_id: int, number: str) -> ResponseReturnValue:
    """Save one mark, or a change of one with its reason."""
    form = MarkForm()
    findings: tuple[Finding, ...]
    if form.validate_on_submit():
        try:
            _save(batch_id, number, form)
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("%(number)s 已保存", number=number), "success")
            return redirect(_onwards(load(Batch, batch_id), number, form.back.data))
    else:
        findings = (refuse("exams.points_range", say("请填写 0 至 100 的整数；未到考的请按“缺考”")),)
    batch = again(batch_id)
    if form.back.data == "list":
        return _list(batch, form, findings, number), 422
    return _candidate(batch, number, form, findings), 422


def _save(batch_id: int, number: str, form: MarkForm) -> None:
    absence = Absence(form.absence.data) if form.absence.data else None
    points = None if absence else form.points.data
    is_whole = bool(form.by_item.data) and None not in form.by_item.data and not absence
    by_item = form.by_item.data if is_whole else None
    if form.mark_id.data:
        reason = form.reason.data or ""
        operations.change_mark(acting(), batch_id, form.mark_id.data, points, absence, reason, by_item=by_item)
    else:
        operations.record_mark(acting(), batch_id, number, Part(form.part.data), points, absence, by_item=by_item)


def _onwards(batch: Batch, number: str, back: str | None) -> str:
    """Give the page after a mark: the same candidate while a part is open, then the next who has one."""
    sheets = {sheet.number: sheet for sheet in own_sheets(batch, acting().person_id)}
    if back == "list":
        return url_for("exams.marking", batch_id=batch.id, _anchor=f"c{number}")
    numbers = list(sheets)
    place = numbers.index(number)
    for following in (number, *numbers[place + 1 :], *numbers[:place]):
        if sheets[following].seats:
            return url_for("exams.candidate", batch_id=batch.id, number=following)
    return url_for("exams.marking", batch_id=batch.id)


def _list(batch: Batch, form: MarkForm | None = None, findings: tuple[Finding, ...] = (), wrong: str = "") -> str:
    sheets = own_sheets(batch, acting().person_id)
    parts = parts_of(with_review=batch.with_review)
    first = next((sheet.number for sheet in sheets if sheet.seats), None)
    return render_template(
        "pages/exams/marking.html",
        batch=batch,
        badge=state_badge(batch),
        sheets=sheets,
        parts=parts,
        given=sum(len(sheet.marks) for sheet in sheets),
        wanted=sum(len(sheet.marks) + len(sheet.seats) for sheet in sheets),
        first=first,
        form=form,
        findings=findings,
        wrong=wrong,
        open=batch.state is BatchState.MARKING,
        by_computer=schemes_of(batch.id)[Part.THEORY].by_computer,
        shown=shown,
    )


def _candidate(batch: Batch, number: str, form: MarkForm | None = None, findings: tuple[Finding, ...] = ()) -> str:
    found, me = candidate_numbered(batch.id, number), acting().person_id
    sheet, history = own_sheet(found, me), own_history(found, me)
    numbers = [one.number for one in own_sheets(batch, me)]
    place = numbers.index(number)
    return render_template(
        "pages/exams/candidate.html",
        batch=batch,
        sheet=sheet,
        parts=parts_of(with_review=batch.with_review),
        place=place + 1,
        total=len(numbers),
        before=numbers[place - 1] if place else None,
        after=numbers[place + 1] if place + 1 < len(numbers) else None,
        history=history,
        form=form,
        findings=findings,
        open=batch.state is BatchState.MARKING,
        absences=list(Absence),
        shown=shown,
        given=lambda mark: scoring.shown(given_of(mark)),
    )
