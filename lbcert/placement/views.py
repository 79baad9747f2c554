"""Pages of what became of the learners."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.places import cohort_place, is_station_of
from lbcert.core.access import Role, acting, holds, only
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import (
    Column,
    export_sheet,
    in_words,
    paging_from_request,
    send_workbook,
    tabs,
    take_in,
    version_sent,
    wants_export,
)
from lbcert.core.room import Room
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import SHOWN, StagedSheet, findings_of, latest, marked, places_of, rows_page, sent_row
from lbcert.placement import operations, queries
from lbcert.placement.checking import find_sheet, rows_to_fill
from lbcert.placement.forms import DayForm, JobForm, PromotionForm, SheetForm
from lbcert.placement.models import EmploymentRecord
from lbcert.placement.places import FOLLOWS_COHORT, FOLLOWS_SHEET, FOLLOWS_UP, KNOWS_JOB
from lbcert.placement.sheets import SHEETS, OutcomeSheet

room = Room("placement", __name__, url_prefix="/placement")

READERS = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.PROVIDER_CLERK)
#: A cohort's graduates, also for the station that follows them up.
SEES = holds(*READERS, at=cohort_place) | only("a station of the cohort", is_station_of)

_STAGED = "placement.staged_outcomes"

COHORTS = [
    Column("name", _l("培训班"), url=lambda row: url_for("placement.cohort", cohort_id=row.id), sort="name"),
    Column("number", _l("班号"), "code", sort="number"),
    Column("ends_on", _l("结课日期"), "date", sort="ends"),
]


@room.page("/", see=holds(*READERS, Role.STATION), menu=(_l("就业去向"), "briefcase"))
def cohorts() -> str:
    """List the cohorts whose learners are followed up."""
    page = queries.cohorts_page(acting(), paging_from_request(queries.SORTS, "-ends"))
    return render_template("pages/placement/cohorts.html", columns=COHORTS, page=page)


@room.page("/cohorts/<int:cohort_id>", see=SEES)
def cohort(cohort_id: int) -> ResponseReturnValue:
    """Show the learners of a cohort with what became of each."""
    found, learners = load(Cohort, cohort_id), queries.graduates(cohort_id)
    ids = [learner.id for learner in learners]
    jobs, promotions = queries.jobs_after(ids), queries.promotions_of(ids)
    columns = _columns(jobs, promotions)
    if wants_export():
        return export_sheet(columns, learners, found.name)
    waiting = [learner for learner in learners if learner.id not in jobs and learner.id not in promotions]
    follows_up = bool(waiting) and FOLLOWS_UP.admits(acting(), {"enrolment_id": waiting[0].id})
    return render_template(
        "pages/placement/cohort.html",
        cohort=found,
        columns=columns,
        rows=learners,
        open_count=len(waiting),
        following=_outcome_url(jobs)(waiting[0]) if follows_up else "",
        sheets=[
            (in_words(form.title), url_for("placement.outcomes", cohort_id=cohort_id, what=form.name))
            for form in SHEETS.values()
            if follows_up and any(row.in_service is (form.name == "promotions") for row in waiting)
        ],
    )


def _columns(jobs: dict[int, Any], promotions: dict[int, Any]) -> list[Column]:
    def outcome(key: str, otherwise: str) -> Callable[[Enrolment], Any]:
        def value(row: Enrolment) -> Any:
            if row.id in jobs:
                return getattr(jobs[row.id], key)
            return getattr(promotions[row.id], otherwise) if row.id in promotions else None

        return value

    def state(row: Enrolment) -> tuple[str, str]:
        if row.id in promotions:
            return gettext("在岗提升"), "ok"
        if row.id in jobs:
            return (gettext("已离岗"), "warn") if jobs[row.id].ended_on else (gettext("在岗"), "ok")
        return gettext("待登记"), "wait"

    employer = outcome("employer", "employer")
    return [
        Column("name", _l("姓名"), value=lambda row: row.person.name, url=_outcome_url(jobs)),
        Column("id", _l("身份证号"), "code", lambda row: row.person.id_masked),
        Column("state", _l("去向"), "status", state),
        Column("employer", _l("用人单位"), value=lambda row: found.name if (found := employer(row)) else ""),
        Column("post", _l("岗位"), value=outcome("post", "post_after")),
        Column("wage", _l("月工资"), "money", outcome("wage_fen", "wage_after_fen")),
    ]


def _outcome_url(jobs: dict[int, EmploymentRecord]) -> Callable[[Enrolment], str]:
    def url(row: Enrolment) -> str:
        if row.id in jobs and jobs[row.id].ended_on is None:
            return url_for("placement.job", record_id=jobs[row.id].id)
        page = "placement.promotion" if row.in_service else "placement.new_job"
        return url_for(page, enrolment_id=row.id)

    return url


@room.page("/learners/<int:enrolment_id>/job", see=FOLLOWS_UP, methods=("GET", "POST"))
def new_job(enrolment_id: int) -> ResponseReturnValue:
    """Record the job that a learner took up."""
    learner, form = load(Enrolment, enrolment_id), JobForm()
    if request.method == "GET" and learner.line is not None:
        line = learner.line
        form.employer_id.data, form.place_region_code.data = line.order.party_id, line.place_region_code
        form.post.data = line.post
    promised = learner.line_id if learner.line and form.employer_id.data == learner.line.order.party_id else None
    return _answer(
        learner,
        form,
        gettext("登记就业"),
        lambda: operations.record_employment(acting(), enrolment_id, form.details(promised)),
    )


@room.page("/learners/<int:enrolment_id>/promotion", see=FOLLOWS_UP, methods=("GET", "POST"))
def promotion(enrolment_id: int) -> ResponseReturnValue:
    """Record how the job of somebody at work already got better."""
    learner = load(Enrolment, enrolment_id)
    known = queries.promotions_of([enrolment_id]).get(enrolment_id)
    form = PromotionForm(obj=known)
    if request.method == "GET":
        form.post_before.data = form.post_before.data or learner.job_before
        if known is not None:
            form.wage_before.data = Decimal(known.wage_before_fen) / 100
            form.wage_after.data = Decimal(known.wage_after_fen) / 100
    return _answer(
        learner,
        form,
        gettext("登记在岗提升"),
        lambda: operations.record_promotion(acting(), enrolment_id, form.promotion(), version=version_sent()),
        version=known.version if known else 0,
    )


@room.page("/jobs/<int:record_id>", see=KNOWS_JOB)
def job(record_id: int) -> str:
    """Show a job, and ask whether the worker is still in it."""
    return render_template("pages/placement/job.html", job=load(EmploymentRecord, record_id), form=DayForm())


@room.page("/jobs/<int:record_id>/seen", see=KNOWS_JOB, methods=("POST",))
def seen(record_id: int) -> ResponseReturnValue:
    """Record that the worker was seen in the job."""
    return _on_day(record_id, operations.confirm_employment, gettext("回访已登记"))


@room.page("/jobs/<int:record_id>/ended", see=KNOWS_JOB, methods=("POST",))
def ended(record_id: int) -> ResponseReturnValue:
    """Record the last day of the job."""
    return _on_day(record_id, operations.end_employment, gettext("离岗已登记"))


@room.page("/cohorts/<int:cohort_id>/sheets/<any(jobs,promotions):what>", see=FOLLOWS_COHORT, methods=("GET", "POST"))
def outcomes(cohort_id: int, what: str) -> ResponseReturnValue:
    """Take a sheet of outcomes in and check it."""
    cohort, form, sheet = load(Cohort, cohort_id), SheetForm(), SHEETS[what]
    staged, findings = take_in(form, partial(operations.receive_outcomes, acting(), cohort_id, what))
    if staged:
        return redirect(url_for(_STAGED, staged_id=staged.id))
    page = render_template(
        "pages/placement/outcomes.html",
        cohort=cohort,
        form=form,
        sheet=sheet,
        findings=findings,
        waiting=[row for row in latest(sheet.kind, f"cohort:{cohort_id}") if row.is_open],
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/cohorts/<int:cohort_id>/sheets/<any(jobs,promotions):what>.xlsx", see=FOLLOWS_COHORT)
def outcomes_to_fill(cohort_id: int, what: str) -> ResponseReturnValue:
    """Give the sheet with a row for each learner who waits for an outcome."""
    cohort, sheet = load(Cohort, cohort_id), SHEETS[what]
    rows = rows_to_fill(sheet, cohort_id)
    return send_workbook(write_workbook(Table(str(sheet.title), sheet.columns, rows)), f"{sheet.title}-{cohort.number}")


@room.page("/sheets/<int:staged_id>", see=FOLLOWS_SHEET)
def staged_outcomes(staged_id: int) -> str:
    """Show a checked sheet: what each row deserves, and whether it will be recorded."""
    return _staged_page(staged_id)


def _staged_page(staged_id: int, findings: tuple[Finding, ...] = ()) -> str:
    staged, sheet = _there(staged_id)
    paging = paging_from_request(filters=("show",), path=url_for(_STAGED, staged_id=staged.id))
    page, places = rows_page(staged, paging), places_of(staged)
    return render_template(
        "pages/placement/staged.html",
        staged=staged,
        cohort=load(Cohort, staged.subject_id),
        sheet=sheet,
        rows=[(row, sent_row(row, places)) for row in page.rows],
        paging=page.paging,
        shows=tabs(page.paging, "show", SHOWN),
        general=findings_of(staged),
        findings=findings,
    )


@room.page("/sheets/<int:staged_id>/marked", see=FOLLOWS_SHEET)
def marked_outcomes(staged_id: int) -> ResponseReturnValue:
    """Give the sheet back with the findings beside each row."""
    staged, _ = _there(staged_id)
    return send_workbook(marked(staged), staged.marked_name)


@room.page("/sheets/<int:staged_id>/import", see=FOLLOWS_SHEET, methods=("POST",))
def import_outcomes(staged_id: int) -> ResponseReturnValue:
    """Record the good rows."""
    try:
        staged = operations.import_outcomes(acting(), staged_id)
    except Refused as refused:
        return _staged_page(staged_id, refused.findings), 422
    flash(gettext("已登记 %(count)s 人的去向", count=staged.good), "ok")
    return redirect(url_for("placement.cohort", cohort_id=staged.subject_id))


@room.page("/sheets/<int:staged_id>/discard", see=FOLLOWS_SHEET, methods=("POST",))
def discard_outcomes(staged_id: int) -> ResponseReturnValue:
    """Throw a checked sheet away."""
    try:
        staged = operations.discard_outcomes(acting(), staged_id)
    except Refused as refused:
        return _staged_page(staged_id, refused.findings), 422
    flash(gettext("已放弃这份登记表，没有登记任何人"), "ok")
    return redirect(url_for("placement.cohort", cohort_id=staged.subject_id))


def _there(staged_id: int) -> tuple[StagedSheet, OutcomeSheet]:
    """Give a staged sheet; one thrown away is not there any more."""
    staged, sheet = find_sheet(staged_id)
    if staged.discarded_at:
        raise Missing(f"outcomes {staged_id}")
    return staged, sheet


def _answer(
    learner: Enrolment,
    form: JobForm | PromotionForm,
    title: str,
    carry_out: Callable[[], Any],
    version: int | None = None,
) -> ResponseReturnValue:
    back = url_for("placement.cohort", cohort_id=learner.cohort_id)
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            carry_out()
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已登记"), "ok")
            return redirect(back)
    page = render_template(
        "pages/placement/outcome.html",
        learner=learner,
        form=form,
        title=title,
        back=back,
        findings=findings,
        version=version,
    )
    return page, 422 if request.method == "POST" else 200


def _on_day(record_id: int, carry_out: Callable[..., Any], done: str) -> ResponseReturnValue:
    form = DayForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            carry_out(acting(), record_id, form.day.data, version=version_sent())
        except Refused as refused:
            findings = refused.findings
        else:
            flash(done, "ok")
            return redirect(url_for("placement.job", record_id=record_id))
    record = load(EmploymentRecord, record_id)
    return render_template("pages/placement/job.html", job=record, form=form, findings=findings), 422
