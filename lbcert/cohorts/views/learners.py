"""The learners of a cohort: the list, one more, and one's own page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.cohorts.forms import ApplyForm, LearnerForm, LeaveForm
from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.operations import enrolment as operations
from lbcert.cohorts.operations import seats
from lbcert.cohorts.queries import lists as queries
from lbcert.cohorts.queries.filing import learners_in
from lbcert.cohorts.queries.plan import modules_of
from lbcert.cohorts.rules.states import CHANGEABLE, EDITABLE
from lbcert.cohorts.views.cohort import may, next_step
from lbcert.cohorts.views.room import CLERK, SEES_LEARNER, SEES_PEOPLE, room
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.intake import whole_number, whole_numbers
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, version_sent, wants_export
from lbcert.core.words import say
from lbcert.demand.queries import line_label, seat_of
from lbcert.parties.operations.persons import PersonData

STATE_KINDS = {
    EnrolmentState.APPLIED: "wait",
    EnrolmentState.ENROLLED: "ok",
    EnrolmentState.LEFT: "stop",
    EnrolmentState.COMPLETED: "ok",
    EnrolmentState.FAILED: "warn",
}

COLUMNS = [
    Column(
        "name",
        _l("姓名"),
        value=lambda row: row.person.name,
        url=lambda row: url_for("cohorts.learner", enrolment_id=row.id),
        sort="name",
    ),
    Column("id_masked", _l("身份证号"), "code", value=lambda row: row.person.id_masked),
    Column("category", _l("人员类别"), value=lambda row: row.person.category),
    Column("in_service", _l("在岗"), value=lambda row: gettext("在岗") if row.in_service else ""),
    Column("promised_on", _l("告知承诺"), "date"),
    Column("line", _l("订单"), "code", value=lambda row: row.line.order.number if row.line else ""),
    Column(
        "state",
        _l("状态"),
        "status",
        lambda row: (in_words(row.state.label), STATE_KINDS[row.state]),
        sort="state",
    ),
]


@room.page("/<int:cohort_id>/learners", see=SEES_PEOPLE)
def learners(cohort_id: int) -> ResponseReturnValue:
    """List the learners of a cohort."""
    cohort = load(Cohort, cohort_id)
    paging = paging_from_request(queries.LEARNER_SORTS, "name", ("state", "promise"))
    if wants_export():
        return export_sheet(COLUMNS, queries.all_learners(cohort_id, paging), f"{cohort.number}学员")
    return _learners_page(cohort)


def _learners_page(cohort: Cohort, findings: tuple[Finding, ...] = ()) -> str:
    paging = paging_from_request(queries.LEARNER_SORTS, "name", ("state", "promise"))
    states = [(state.value, in_words(state.label)) for state in EnrolmentState]
    signed = [("signed", gettext("已签")), ("missing", gettext("未签"))]
    return render_template(
        "pages/cohorts/learners.html",
        cohort=cohort,
        columns=COLUMNS,
        page=queries.list_learners(cohort.id, paging),
        filters=[
            {"name": "state", "label": gettext("状态"), "options": states},
            {"name": "promise", "label": gettext("告知承诺"), "options": signed},
        ],
        findings=findings,
        is_clerk=may(CLERK, acting(), cohort),
        unsigned=sum(row.promised_on is None for row in learners_in(cohort)),
        step=next_step(acting(), cohort) if may(CLERK, acting(), cohort) else None,
        may_add=may(CLERK, acting(), cohort) and cohort.state in EDITABLE | CHANGEABLE,
        today=clock.today(),
    )


@room.page("/<int:cohort_id>/learners/promise", see=CLERK, methods=("POST",))
def promise(cohort_id: int) -> ResponseReturnValue:
    """Record the truth promises of the learners that were ticked, or of all who have none."""
    cohort = load(Cohort, cohort_id)
    ticked = whole_numbers(request.form.getlist("enrolment"))
    if request.form.get("everybody"):
        ticked = [row.id for row in cohort.enrolments if row.promised_on is None]
    try:
        day = date.fromisoformat(request.form.get("on", ""))
        operations.record_promises(acting(), cohort_id, ticked, day)
    except ValueError:
        return _learners_page(cohort, (refuse("cohorts.promise_day", say("请填写承诺书的签署日期")),)), 422
    except Refused as refused:
        return _learners_page(cohort, refused.findings), 422
    flash(gettext("已登记 %(count)s 份告知承诺书", count=len(ticked)), "success")
    return redirect(url_for("cohorts.learners", cohort_id=cohort_id))


@room.page("/<int:cohort_id>/learners/new", see=CLERK, methods=("GET", "POST"))
def new_learner(cohort_id: int) -> ResponseReturnValue:
    """Take one more person into the class."""
    cohort, form = load(Cohort, cohort_id), LearnerForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        data = PersonData(form.name.data or "", form.id_number.data or "", form.phone.data or "")
        try:
            operations.enrol_by_number(
                acting(),
                cohort_id,
                data,
                in_service=bool(form.in_service.data),
                job_before=form.job_before.data or "",
                promised_on=form.promised_on.data,
                reason=form.reason.data or "",
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已录入 %(name)s", name=data.name), "success")
            return redirect(url_for("cohorts.learners", cohort_id=cohort_id))
    page = render_template("pages/cohorts/learner_form.html", cohort=cohort, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


@room.page("/<int:cohort_id>/apply", see=operations.GATHERS, methods=("GET", "POST"))
def apply(cohort_id: int) -> ResponseReturnValue:
    """Put somebody down for a cohort, as stations and service centres do."""
    cohort, form = load(Cohort, cohort_id), ApplyForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        data = PersonData(form.name.data or "", form.id_number.data or "", form.phone.data or "")
        try:
            operations.apply_by_number(acting(), cohort_id, data)
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已为 %(name)s 报名，等待培训机构录取", name=data.name), "success")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    page = render_template("pages/cohorts/apply.html", cohort=cohort, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200


@room.page("/learners/<int:enrolment_id>", see=SEES_LEARNER)
def learner(enrolment_id: int) -> str:
    """Show one learner of a cohort: modules, seat, promise, and leaving."""
    return _learner_page(load(Enrolment, enrolment_id))


def _learner_page(enrolment: Enrolment, findings: tuple[Finding, ...] = ()) -> str:
    cohort = enrolment.cohort
    lines = [row.line for row in cohort.allotments if row.freed_at is None]
    named = {line.id: seat_of(line.id, enrolment.person_id) for line in lines if line.targeted}
    is_clerk = may(CLERK, acting(), cohort)
    return render_template(
        "pages/cohorts/learner.html",
        enrolment=enrolment,
        cohort=cohort,
        status=(in_words(enrolment.state.label), STATE_KINDS[enrolment.state]),
        modules=modules_of(enrolment),
        lines=[(line, in_words(line_label(line))) for line in lines if not line.targeted],
        seats=[(seat, in_words(line_label(seat.line))) for seat in named.values() if seat],
        line=in_words(line_label(enrolment.line)) if enrolment.line else "",
        findings=findings,
        is_clerk=is_clerk,
        in_class=enrolment.state in {EnrolmentState.APPLIED, EnrolmentState.ENROLLED},
        form=LeaveForm(formdata=None, on=clock.today()),
        step=next_step(acting(), cohort),
    )


def _change(enrolment_id: int, change: Callable[[], object], done: str) -> ResponseReturnValue:
    try:
        change()
    except Refused as refused:
        db.session.expire_all()
        return _learner_page(load(Enrolment, enrolment_id), refused.findings), 422
    flash(done, "success")
    return redirect(url_for("cohorts.learner", enrolment_id=enrolment_id))


@room.page("/learners/<int:enrolment_id>/admit", see=operations.ITS_CLERK, methods=("POST",))
def admit(enrolment_id: int) -> ResponseReturnValue:
    """Take an applicant into the class."""
    row = load(Enrolment, enrolment_id)
    reason = request.form.get("reason", "")[:500]
    return _change(
        enrolment_id,
        lambda: operations.enrol(acting(), row.cohort_id, row.person_id, reason=reason),
        gettext("已录取"),
    )


@room.page("/learners/<int:enrolment_id>/describe", see=operations.ITS_CLERK, methods=("POST",))
def describe(enrolment_id: int) -> ResponseReturnValue:
    """Correct whether a learner is at work already, and as what."""
    return _change(
        enrolment_id,
        lambda: operations.describe_learner(
            acting(),
            enrolment_id,
            in_service=bool(request.form.get("in_service")),
            job_before=request.form.get("job_before", "")[:120],
            version=version_sent(),
        ),
        gettext("已保存"),
    )


@room.page("/learners/<int:enrolment_id>/leave", see=operations.ITS_CLERK, methods=("POST",))
def leave(enrolment_id: int) -> ResponseReturnValue:
    """Record that a learner left."""
    form = LeaveForm()
    if not form.validate_on_submit() or form.on.data is None:
        missing = refuse("cohorts.leave_reason", say("请填写退班日期和原因"))
        return _learner_page(load(Enrolment, enrolment_id), (missing,)), 422
    day, reason = form.on.data, form.reason.data or ""
    return _change(enrolment_id, lambda: operations.leave(acting(), enrolment_id, day, reason), gettext("已办理退班"))


@room.page("/learners/<int:enrolment_id>/seat", see=seats.SEATS, methods=("POST",))
def seat(enrolment_id: int) -> ResponseReturnValue:
    """Put a learner on an order's seat ("line-7"), on a targeted one ("seat-3"), or off."""
    kind, _, key = request.form.get("seat", "").partition("-")
    number = whole_number(key)

    def change() -> object:
        if kind == "seat" and number is not None:
            return seats.take_targeted_seat(acting(), enrolment_id, number)
        return seats.seat_learner(acting(), enrolment_id, number if kind == "line" else None)

    return _change(enrolment_id, change, gettext("已安排名额"))
