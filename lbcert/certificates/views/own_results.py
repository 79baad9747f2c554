"""A candidate's own results on her page, and the cases that she files about them."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.certificates.views.own import visiting
from lbcert.certificates.views.room import room
from lbcert.core import calendar, clock
from lbcert.core.access import PUBLIC, Holder
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Forbidden, Refused
from lbcert.core.policy import ruling
from lbcert.exams import rules
from lbcert.exams.appeals import WINDOW
from lbcert.exams.forms import AppealForm
from lbcert.exams.models import AppealKind, Candidate, Result
from lbcert.exams.operations import file_appeal
from lbcert.exams.queries.appeals import appeals_of, own_results
from lbcert.parties.models import Person


@room.page("/my/results", see=PUBLIC)
@visiting
def own_results_page(holder: Holder) -> ResponseReturnValue:
    """Show a holder her published results, with what she filed about them and how it was answered."""
    return _page(holder)


@room.page("/my/results/<int:candidate_id>/appeal", see=PUBLIC, methods=("POST",))
@visiting
def own_appeal(holder: Holder, candidate_id: int) -> ResponseReturnValue:
    """Take a case that a holder files about one of her exams."""
    candidate = load(Candidate, candidate_id)
    if candidate.enrolment.person_id != holder.person_id:
        raise Forbidden("certificates.own_appeal")
    form, findings = _form(candidate), ()  # type: tuple[AppealForm, tuple[Finding, ...]]
    if form.validate_on_submit():
        try:
            file_appeal(holder, candidate_id, AppealKind(form.kind.data), form.reason.data or "", form.chosen_part())
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
        else:
            flash(gettext("已提出，答复会显示在这里"), "success")
            return redirect(url_for("certificates.own_results_page"))
    return _page(holder, candidate_id, form, findings), 422


def _form(candidate: Candidate, *, fresh: bool = False) -> AppealForm:
    form = AppealForm(formdata=None) if fresh else AppealForm()
    form.offer(rules.parts_of(with_review=candidate.batch.with_review))
    return form


def _until(result: Result) -> str:
    batch = result.batch
    if batch.published_at is None:
        return ""
    region = batch.body.region_code
    last = calendar.due(clock.local(batch.published_at).date(), ruling(WINDOW, region, clock.today()), region)
    return "" if last is None else gettext("复核和申诉到 %(day)s 为止", day=last)


def _page(
    holder: Holder, refused_id: int | None = None, refused: AppealForm | None = None, findings: tuple[Finding, ...] = ()
) -> str:
    shown = []
    for result in own_results(holder.person_id):
        was_refused = result.candidate_id == refused_id and refused is not None
        form = refused if was_refused else _form(result.candidate, fresh=True)
        parts = rules.parts_of(with_review=result.batch.with_review)
        shown.append(
            (result, parts, appeals_of(result.candidate_id), form, findings if was_refused else (), _until(result))
        )
    return render_template(
        "pages/certificates/own_results.html", person=load(Person, holder.person_id), shown=shown, today=clock.today()
    )
