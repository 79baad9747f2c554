"""Cases of candidates: taken on paper, given to somebody, answered, and the answer on paper."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import in_words, paging_from_request
from lbcert.exams import operations, rules
from lbcert.exams.forms import AnswerForm, PaperAppealForm
from lbcert.exams.models import Appeal, AppealKind, Candidate, Effect
from lbcert.exams.places import APPEAL_HANDLER, APPEAL_OFFICE, APPEAL_READERS, CANDIDATE_OFFICE
from lbcert.exams.queries.appeals import deeds_of, handlers_for, list_appeals, published_result
from lbcert.exams.views.room import file_answer, may, room

_LOOKING = holds(Role.BUREAU_OFFICER, Role.AUDITOR, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER)


@room.page("/appeals", see=_LOOKING, menu=(_l("复核与申诉"), "message"))
def appeals() -> str:
    """List the cases that an account sees, open ones first."""
    paging = paging_from_request(("state",), "state", ("state", "kind"))
    states = [("open", gettext("未答复")), ("overdue", gettext("已逾期")), ("answered", gettext("已答复"))]
    return render_template(
        "pages/exams/appeals.html",
        page=list_appeals(acting(), paging),
        today=clock.today(),
        fields=[
            {"name": "state", "label": gettext("状态"), "options": states},
            {
                "name": "kind",
                "label": gettext("种类"),
                "options": [(kind.value, in_words(kind.label)) for kind in AppealKind],
            },
        ],
    )


@room.page("/appeals/<int:appeal_id>", see=APPEAL_READERS)
def appeal(appeal_id: int) -> str:
    """Show a case, and what is to be done next by whoever looks."""
    return _page(load(Appeal, appeal_id))


@room.page("/appeals/<int:appeal_id>/assign", see=APPEAL_OFFICE, methods=("POST",))
def assign_appeal(appeal_id: int) -> ResponseReturnValue:
    """Give a case to somebody."""
    try:
        operations.assign_appeal(acting(), appeal_id, request.form.get("person_id", 0, type=int))
    except Refused as refused:
        db.session.expire_all()
        return _page(load(Appeal, appeal_id), findings=refused.findings), 422
    return redirect(url_for("exams.appeal", appeal_id=appeal_id))


@room.page("/appeals/<int:appeal_id>/answer", see=APPEAL_HANDLER, methods=("POST",))
def answer_appeal(appeal_id: int) -> ResponseReturnValue:
    """Answer a case."""
    form, findings = AnswerForm(), ()  # type: tuple[AnswerForm, tuple[Finding, ...]]
    form.offer()
    if form.validate_on_submit():
        file = form.evidence.data
        try:
            operations.answer_appeal(
                acting(),
                appeal_id,
                upheld=form.verdict.data == "upheld",
                answer=form.answer.data or "",
                effect=Effect(form.effect.data),
                points=(form.theory.data, form.practice.data, form.review.data),
                evidence=(file.read(), file.filename or "", (file.mimetype or "")[:100]) if file else (b"", "", ""),
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已答复，申请人可以看到"), "success")
            return redirect(url_for("exams.appeal", appeal_id=appeal_id))
    db.session.expire_all()
    return _page(load(Appeal, appeal_id), form, findings), 422


@room.page("/appeals/<int:appeal_id>/paper", see=APPEAL_READERS)
def appeal_paper(appeal_id: int) -> Response:
    """Show the paper that a candidate signed."""
    paper = load(Appeal, appeal_id).paper
    if paper is None:
        abort(404)
    return file_answer(paper)


@room.page("/candidates/<int:candidate_id>/appeal", see=CANDIDATE_OFFICE, methods=("GET", "POST"))
def new_appeal(candidate_id: int) -> ResponseReturnValue:
    """Take a candidate's signed paper as his case."""
    candidate = load(Candidate, candidate_id)
    form, findings = PaperAppealForm(), ()  # type: tuple[PaperAppealForm, tuple[Finding, ...]]
    form.offer(rules.parts_of(with_review=candidate.batch.with_review))
    if form.validate_on_submit():
        file = form.paper.data
        try:
            made = operations.file_appeal_on_paper(
                acting(),
                candidate_id,
                AppealKind(form.kind.data),
                form.reason.data or "",
                form.chosen_part(),
                file.read(),
                file.filename or "",
                (file.mimetype or "application/octet-stream")[:100],
            )
        except Refused as refused:
            findings = refused.findings
            db.session.expire_all()
            candidate = load(Candidate, candidate_id)
        else:
            flash(gettext("已登记，请指派办理人"), "success")
            return redirect(url_for("exams.appeal", appeal_id=made.id))
    page = render_template("pages/exams/appeal_form.html", candidate=candidate, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


def _page(found: Appeal, form: AnswerForm | None = None, findings: tuple[Finding, ...] = ()) -> str:
    answers = found.answered_at is None and may(APPEAL_HANDLER, appeal_id=found.id)
    if answers and form is None:
        form = AnswerForm(formdata=None, obj=published_result(found.candidate_id), answer="", evidence=None)
        form.offer()
    if form is not None and not found.batch.with_review:
        del form.review
    assigns = found.answered_at is None and may(APPEAL_OFFICE, appeal_id=found.id)
    return render_template(
        "pages/exams/appeal.html",
        appeal=found,
        batch=found.batch,
        person=found.candidate.enrolment.person,
        result=published_result(found.candidate_id),
        today=clock.today(),
        form=form if answers else None,
        handlers=handlers_for(found) if assigns else [],
        barred=_barred(found) if assigns else [],
        assigns=assigns,
        findings=findings,
    )


def _barred(found: Appeal) -> list[tuple[str, str]]:
    """Name the staff of the batch with what each did, so that nobody wonders why they are not offered."""
    return [
        (one.person.name, "、".join(in_words(deed.message) for deed in deeds_of(one.person_id, found.candidate)))
        for one in found.batch.staff
    ]
