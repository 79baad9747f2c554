"""The list of batches, a batch with its steps, and taking them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Role, acting, holds, roles_of
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, export_sheet, in_words, paging_from_request, version_sent, wants_export
from lbcert.exams import operations
from lbcert.exams.forms import PlanForm
from lbcert.exams.models import Batch, BatchState
from lbcert.exams.operations.batches import ready_to_begin
from lbcert.exams.places import (
    DECIDERS,
    INCIDENT_READERS,
    LISTERS,
    OFFICE,
    PUBLISHERS,
    SCORERS,
    SIGN_READERS,
    TRANSCRIBERS,
    WATCHERS,
)
from lbcert.exams.queries.batches import all_batches, bodies_for, cohorts_to_examine, list_batches, openings_of
from lbcert.exams.queries.marks import own_sheets, schemes_of, sheets_of
from lbcert.exams.queries.notices import noticing, unnoticed
from lbcert.exams.queries.regulations import regulations_of, way_of_examining
from lbcert.exams.queries.resits import carried_into, forms_of
from lbcert.exams.queries.rooms import sittings_of
from lbcert.exams.queries.rubrics import rubrics_at
from lbcert.exams.rules import noticed, parts_of
from lbcert.exams.theory.queries.papers import draw_of
from lbcert.exams.views.notices import notice_part
from lbcert.exams.views.room import again, may, room, state_badge

PLANS = holds(Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK)
_STEPS = (BatchState.PLANNED, BatchState.MARKING, BatchState.DECIDED, BatchState.PUBLISHED)


def _address(batch: Batch) -> str:
    """Give a watcher the batch and a school its published results."""
    if roles_of(acting()) <= {Role.PROVIDER_CLERK}:
        return url_for("exams.results", batch_id=batch.id)
    return url_for("exams.batch", batch_id=batch.id)


COLUMNS = [
    Column("number", _l("批次号"), "code", url=_address, sort="number"),
    Column("cohort", _l("培训班"), value=lambda row: row.cohort.name),
    Column("body", _l("评价机构"), value=lambda row: row.body.name),
    Column("held_on", _l("认定日期"), "date", sort="held_on"),
    Column("state", _l("状态"), "status", state_badge, sort="state"),
]


@room.page("/", see=LISTERS, menu=(_l("技能认定"), "clipboard-check"))
def index() -> ResponseReturnValue:
    """List the batches that the actor may see."""
    paging = paging_from_request(("number", "held_on", "state"), "-held_on", ("state",))
    if wants_export():
        return export_sheet(COLUMNS, all_batches(acting(), paging), gettext("认定批次"))
    page = list_batches(acting(), paging)
    states = [(state.value, in_words(state.label)) for state in BatchState]
    return render_template(
        "pages/exams/batches.html",
        page=page,
        columns=COLUMNS,
        fields=[{"name": "state", "label": gettext("状态"), "options": states}],
        may_plan=may(PLANS),
    )


@room.page("/new", see=PLANS, methods=("GET", "POST"))
def new_batch() -> ResponseReturnValue:
    """Plan a batch."""
    form = PlanForm(cohort_id=request.args.get("cohort", type=int))
    findings: tuple[Finding, ...] = ()
    form.offer(cohorts_to_examine(acting()), bodies_for(acting()))
    if form.validate_on_submit():
        try:
            batch = operations.plan_batch(
                acting(),
                form.cohort_id.data,
                form.body_id.data,
                form.held_on.data,
                form.site.data,
                with_review=form.with_review.data,
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已新建批次，请任命考务人员、列入考生"), "success")
            return redirect(url_for("exams.batch", batch_id=batch.id))
    status = 422 if request.method == "POST" else 200
    return render_template("pages/exams/batch_form.html", form=form, findings=findings), status


@room.page("/<int:batch_id>", see=WATCHERS)
def batch(batch_id: int) -> str:
    """Show a batch: where it stands, and the next step for whoever looks."""
    return _batch_page(load(Batch, batch_id))


@room.page("/<int:batch_id>/begin", see=OFFICE, methods=("POST",))
def begin(batch_id: int) -> ResponseReturnValue:
    """Begin the marking."""
    return _step(batch_id, lambda: operations.begin_marking(acting(), batch_id, version=version_sent()))


@room.page("/<int:batch_id>/publish", see=PUBLISHERS, methods=("POST",))
def publish(batch_id: int) -> ResponseReturnValue:
    """Publish the results."""
    return _step(batch_id, lambda: operations.publish_batch(acting(), batch_id, version=version_sent()))


@room.page("/<int:batch_id>/cancel", see=OFFICE, methods=("POST",))
def cancel(batch_id: int) -> ResponseReturnValue:
    """Call the batch off."""
    return _step(batch_id, lambda: operations.cancel_batch(acting(), batch_id, request.form.get("reason", "")))


def _step(batch_id: int, take: Any) -> ResponseReturnValue:
    try:
        take()
    except Refused as refused:
        return _batch_page(again(batch_id), refused.findings), 422
    return redirect(url_for("exams.batch", batch_id=batch_id))


def _batch_page(batch: Batch, findings: tuple[Finding, ...] = ()) -> str:
    office = may(OFFICE, batch_id=batch.id)
    planning = batch.state is BatchState.PLANNED
    ahead = ready_to_begin(batch) if planning else []
    drawn = draw_of(batch.id) is not None
    return render_template(
        "pages/exams/batch.html",
        batch=batch,
        badge=state_badge(batch),
        steps=[(state.value, in_words(state.label)) for state in _STEPS],
        parts=parts_of(with_review=batch.with_review),
        expected=len(batch.candidates) * len(parts_of(with_review=batch.with_review)),
        sittings=len(sittings_of(batch.id)),
        marked=_marked(batch),
        rubrics=rubrics_at(batch),
        schemes=schemes_of(batch.id) if batch.state is not BatchState.PLANNED else {},
        next=_next(batch, ahead, office=office),
        ahead=[] if findings else ahead,
        findings=findings,
        openings=openings_of(batch.id),
        way=way_of_examining(batch),
        regulations=regulations_of(batch),
        notice=notice_part(batch),
        forms=forms_of(batch.id),
        by_computer=drawn or (planning and may(TRANSCRIBERS, batch_id=batch.id)),
        computer_drawn=drawn,
        carrying=len(carried_into(batch.id)),
        may_see_signs=may(SIGN_READERS, batch_id=batch.id) and batch.state is not BatchState.PLANNED,
        may_watch=may(INCIDENT_READERS, batch_id=batch.id),
        may_name_forms=office and batch.state is BatchState.PLANNED,
        may_cancel=office and batch.state in {BatchState.PLANNED, BatchState.MARKING},
        may_transcribe=may(TRANSCRIBERS, batch_id=batch.id) and batch.state is BatchState.MARKING,
        may_see_results=batch.state in {BatchState.DECIDED, BatchState.PUBLISHED},
    )


def _marked(batch: Batch) -> int:
    """Count what is settled; to a scorer, who sees nothing of the others, what he sees marked."""
    if may(SCORERS, batch_id=batch.id):
        return sum(len(sheet.marks) for sheet in own_sheets(batch, acting().person_id))
    parts = parts_of(with_review=batch.with_review)
    return sum(sheet.value(part) is not None for sheet in sheets_of(batch.id).values() for part in parts)


def _next(batch: Batch, ahead: list[Finding], *, office: bool) -> dict[str, Any] | None:
    """Choose the one big button for whoever looks."""
    mine: dict[str, Any] = {"batch_id": batch.id}
    rules = {finding.rule for finding in ahead if finding.stops}
    match batch.state:
        case BatchState.PLANNED if office:
            return _before_the_exam(batch, rules)
        case BatchState.MARKING if may(SCORERS, **mine):
            return {"label": gettext("去评分"), "url": url_for("exams.marking", **mine), "icon": "pencil"}
        case BatchState.MARKING if may(DECIDERS, **mine):
            return {"label": gettext("去审定"), "url": url_for("exams.decide", **mine), "icon": "gavel"}
        case BatchState.MARKING if may(TRANSCRIBERS, **mine):
            return {
                "label": gettext("录入成绩表"),
                "url": url_for("exams.transcriptions", **mine),
                "icon": "file-spreadsheet",
            }
        case BatchState.DECIDED if may(PUBLISHERS, **mine) and unnoticed(batch):
            return {"label": gettext("开始公示"), "url": url_for("exams.post_notice", **mine), "post": True}
        case BatchState.DECIDED if may(PUBLISHERS, **mine) and not any(one.stops for one in noticed(noticing(batch))):
            return _post(gettext("公布成绩"), url_for("exams.publish", **mine), batch)
        case BatchState.DECIDED | BatchState.PUBLISHED:
            return {"label": gettext("查看成绩"), "url": url_for("exams.results", **mine), "icon": "list-details"}
    return None


#: What is to be done first, by the rules that say so: label, page, icon.
_BEFORE = (
    ({"exams.no_candidate"}, _l("列入考生"), "exams.candidates", "users"),
    ({"exams.min_examiners", "exams.no_leader", "exams.no_examiner"}, _l("任命考务人员"), "exams.staff", "user-plus"),
    ({"exams.no_sitting", "exams.unseated", "exams.too_few_invigilators"}, _l("安排考场和座位"), "exams.rooms", "map-pin"),
)  # fmt: skip


def _before_the_exam(batch: Batch, rules: set[str]) -> dict[str, Any] | None:
    """Choose what the office does next for a planned batch: what lacks first, or to begin when nothing lacks."""
    for about, label, page, icon in _BEFORE:
        if rules & about:
            return {"label": label, "url": url_for(page, batch_id=batch.id), "icon": icon}
    return None if rules else _post(gettext("开考，开始评分"), url_for("exams.begin", batch_id=batch.id), batch)


def _post(label: str, url: str, batch: Batch) -> dict[str, Any]:
    return {"label": label, "url": url, "post": True, "hidden": {"version": batch.version}}
