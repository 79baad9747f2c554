"""A cohort's own page, and its way from step to step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.forms import ChangeForm, FileForm
from lbcert.cohorts.models import Cohort, CohortState, EnrolmentState
from lbcert.cohorts.operations import drafting, life
from lbcert.cohorts.operations.enrolment import GATHERS
from lbcert.cohorts.queries import filing as queries
from lbcert.cohorts.queries.lists import head_counts
from lbcert.cohorts.queries.plan import choosing_for
from lbcert.cohorts.rules.states import CHANGEABLE, EDITABLE
from lbcert.cohorts.views.lists import lead_of, status_of
from lbcert.cohorts.views.room import CLERK, CLERK_OR_BUREAU, SEES, SEES_PEOPLE, room
from lbcert.core import clock
from lbcert.core.access import Actor, Gate, acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Level, Refused
from lbcert.core.pages import in_words, version_sent
from lbcert.core.waivers import grant_waiver, granted_shown
from lbcert.parties.models import Account

WAY = (
    CohortState.DRAFT,
    CohortState.FILED,
    CohortState.APPROVED,
    CohortState.RUNNING,
    CohortState.TAUGHT,
    CohortState.CLOSED,
)
BUREAU = life.BUREAU


#: What a later room says of learners without an outcome: their outcomes come before 结班.
OUTCOMES = "placement.outcome_missing"


def may(gate: Gate, actor: Actor, cohort: Cohort) -> bool:
    """Tell whether an account passes a gate that reads the cohort."""
    return gate.admits(actor, {"cohort_id": cohort.id})


def next_step(actor: Actor, cohort: Cohort) -> dict[str, Any] | None:
    """Give the one thing that this account does next with a cohort, as the page's big button; None where it waits."""
    here: dict[str, Any] = {"cohort_id": cohort.id}
    if cohort.state is CohortState.FILED and may(BUREAU, actor, cohort):
        return {"label": gettext("审批"), "url": url_for("cohorts.review", **here), "icon": "gavel"}
    if not may(CLERK, actor, cohort):
        gathers = cohort.state in EDITABLE | {CohortState.FILED, CohortState.APPROVED} and may(GATHERS, actor, cohort)
        return (
            {"label": gettext("报名"), "url": url_for("cohorts.apply", **here), "icon": "user-plus"}
            if gathers
            else None
        )
    if cohort.state in EDITABLE:
        if not queries.learners_in(cohort):
            return {"label": gettext("导入花名册"), "url": url_for("cohorts.roster", **here), "icon": "upload"}
        if cohort.by_menu and cohort.menu_frozen_at is None:
            return {"label": gettext("办理选课"), "url": url_for("cohorts.menu", **here), "icon": "list-check"}
        if not cohort.trainers:
            return {"label": gettext("登记师资和单位"), "url": url_for("cohorts.parts", **here), "icon": "user-check"}
        return {"label": gettext("提交备案"), "url": url_for("cohorts.file", **here), "icon": "send"}
    is_ahead = cohort.state is CohortState.APPROVED and clock.today() < cohort.starts_on
    if is_ahead or (cohort.state is CohortState.RUNNING and clock.today() < cohort.ends_on):
        return {
            "label": gettext("课程表与考勤"),
            "url": url_for("teaching.timetable", **here),
            "icon": "calendar-event",
        }
    if cohort.state is CohortState.TAUGHT:
        return _after_teaching(cohort, here)
    steps = {
        CohortState.APPROVED: (gettext("确认开班"), "cohorts.open_cohort"),
        CohortState.RUNNING: (gettext("确认结课"), "cohorts.finish"),
    }
    if cohort.state not in steps:
        return None
    label, endpoint = steps[cohort.state]
    return {"label": label, "url": url_for(endpoint, **here), "post": True}


def _after_teaching(cohort: Cohort, here: dict[str, Any]) -> dict[str, Any]:
    if any(row.state is EnrolmentState.ENROLLED for row in cohort.enrolments):
        return {"label": gettext("登记结业考核"), "url": url_for("teaching.test", **here), "icon": "checklist"}
    if any(finding.rule == OUTCOMES for finding in queries.closing_findings(cohort)):
        return {"label": gettext("登记就业去向"), "url": url_for("placement.cohort", **here), "icon": "briefcase"}
    return {"label": gettext("确认结班"), "url": url_for("cohorts.close", **here), "post": True}


@room.page("/<int:cohort_id>", see=SEES)
def cohort(cohort_id: int) -> str:
    """Show a cohort: where it stands, what is next, its five parts and its history."""
    return cohort_page(load(Cohort, cohort_id))


def cohort_page(cohort: Cohort, findings: Iterable[Finding] = ()) -> str:
    """Draw a cohort's page, with what was found against the step that was tried."""
    actor = acting()
    tried = granted_shown(findings)
    ahead = [] if tried else granted_shown(_ahead(cohort))
    return render_template(
        "pages/cohorts/cohort.html",
        cohort=cohort,
        status=status_of(cohort),
        lead=lead_of(cohort),
        way=[(state.value, in_words(state.label)) for state in WAY],
        on_the_way=_place_on_the_way(cohort),
        stopped=in_words(cohort.state.label) if cohort.state in {CohortState.RETURNED, CohortState.CANCELLED} else "",
        step=next_step(actor, cohort),
        findings=tried,
        ahead=ahead,
        exceptions=_exceptions(tried or ahead) if may(BUREAU, actor, cohort) else [],
        heads=head_counts([cohort.id]).get(cohort.id, 0),
        unsigned=sum(row.promised_on is None for row in queries.learners_in(cohort)),
        hours=sum(row.hours for row in cohort.plan),
        seats=queries.allotted_seats(cohort.id),
        history=_history(cohort),
        is_clerk=may(CLERK, actor, cohort),
        is_editable=cohort.state in EDITABLE and may(CLERK, actor, cohort),
        is_changeable=cohort.state in CHANGEABLE and may(CLERK_OR_BUREAU, actor, cohort),
        may_close=cohort.state is CohortState.TAUGHT and may(CLERK, actor, cohort) and not any(f.stops for f in ahead),
        may_cancel=cohort.state not in {CohortState.TAUGHT, CohortState.CLOSED, CohortState.CANCELLED}
        and may(CLERK_OR_BUREAU, actor, cohort),
        sees_people=may(SEES_PEOPLE, actor, cohort),
        choosing_for=choosing_for(actor, cohort),
    )


def _place_on_the_way(cohort: Cohort) -> str:
    if cohort.state is CohortState.RETURNED:
        return CohortState.FILED.value
    if cohort.state is CohortState.CANCELLED:
        return cohort.steps[-1].from_state.value if cohort.steps else CohortState.DRAFT.value
    return cohort.state.value


def _ahead(cohort: Cohort) -> list[Finding]:
    """Find beforehand what stands in the way of the next step; the learners are looked at when it is taken."""
    match cohort.state:
        case CohortState.DRAFT | CohortState.RETURNED:
            found = queries.filing_findings(cohort, promises=True)
        case CohortState.APPROVED:
            found = (each for each in queries.opening_findings(cohort) if each.rule != "cohorts.opens_early")
        case CohortState.RUNNING if clock.today() >= cohort.ends_on:
            found = queries.step_findings(cohort, CohortState.TAUGHT)
        case CohortState.TAUGHT:
            found = queries.closing_findings(cohort)
        case _:
            return []
    return list(found)


def _exceptions(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.EXCEPTION]


def _history(cohort: Cohort) -> list[dict[str, Any]]:
    accounts = {step.account_id for step in cohort.steps} | {change.account_id for change in cohort.changes}
    names = {key: account.name for key in accounts if key and (account := db.session.get(Account, key))}
    kinds = {CohortState.RETURNED: "warn", CohortState.CANCELLED: "stop"}
    steps = [
        {
            "at": row.created_at,
            "title": row.to_state.label,
            "by": names.get(row.account_id or 0),
            "text": row.note,
            "kind": kinds.get(row.to_state, "ok"),
        }
        for row in cohort.steps
    ]
    changes = [
        {
            "at": row.created_at,
            "title": gettext("变更：%(field)s", field=FIELD_NAMES[row.field]()),
            "by": names.get(row.account_id or 0),
            "text": gettext(
                "%(before)s → %(after)s。理由：%(reason)s",
                before=row.before or "—",
                after=row.after or "—",
                reason=row.reason,
            ),
            "kind": "info",
        }
        for row in cohort.changes
    ]
    return sorted([*steps, *changes], key=lambda entry: entry["at"], reverse=True)


FIELD_NAMES: dict[str, Callable[[], str]] = {
    "name": lambda: gettext("班级名称"),
    "site": lambda: gettext("上课地点"),
    "starts_on": lambda: gettext("开班日期"),
    "ends_on": lambda: gettext("结业日期"),
    "resources": lambda: gettext("教学资源"),
    "assessment_plan": lambda: gettext("考核方案"),
    "enrolments": lambda: gettext("学员"),
    "trainers": lambda: gettext("师资"),
    "pattern": lambda: gettext("班型"),
}


def attempt(cohort_id: int, step: Callable[[], object], done: str) -> ResponseReturnValue:
    """Take a step; back to the cohort's page, or show there why not."""
    try:
        step()
    except Refused as refused:
        return cohort_page(load(Cohort, cohort_id), refused.findings), 422
    flash(done, "success")
    return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))


@room.page("/<int:cohort_id>/file", see=CLERK, methods=("GET", "POST"))
def file(cohort_id: int) -> ResponseReturnValue:
    """File a cohort with the school's truth promise, after showing what is still missing."""
    form, group = FileForm(), load(Cohort, cohort_id)
    if form.validate_on_submit():
        try:
            life.file_cohort(acting(), cohort_id, promises=bool(form.promises.data), version=version_sent())
        except Refused as refused:
            page = render_template("pages/cohorts/file.html", cohort=group, form=form, findings=refused.findings)
            return page, 422
        flash(gettext("已提交备案，等待人社局批复"), "success")
        return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    findings = granted_shown(queries.filing_findings(group, promises=True))
    return render_template("pages/cohorts/file.html", cohort=group, form=form, findings=findings)


@room.page("/<int:cohort_id>/review", see=BUREAU)
def review(cohort_id: int) -> str:
    """Show a filing to the bureau: its five parts, and the answer to give."""
    return _review_page(load(Cohort, cohort_id))


def _review_page(cohort: Cohort, findings: Iterable[Finding] = ()) -> str:
    is_filed = cohort.state is CohortState.FILED
    found = list(findings) or granted_shown(queries.filing_findings(cohort, promises=True) if is_filed else [])
    return render_template(
        "pages/cohorts/review.html",
        cohort=cohort,
        status=status_of(cohort),
        lead=lead_of(cohort),
        findings=found,
        heads=len(queries.learners_in(cohort)),
        hours=sum(row.hours for row in cohort.plan),
    )


@room.page("/<int:cohort_id>/approve", see=BUREAU, methods=("POST",))
def approve(cohort_id: int) -> ResponseReturnValue:
    """Approve a filing."""
    return _answer(
        cohort_id,
        lambda: life.approve_cohort(
            acting(), cohort_id, note=request.form.get("note", "")[:500], version=version_sent()
        ),
        gettext("已批准"),
    )


@room.page("/<int:cohort_id>/return", see=BUREAU, methods=("POST",))
def return_filing(cohort_id: int) -> ResponseReturnValue:
    """Return a filing with reasons."""
    return _answer(
        cohort_id,
        lambda: life.return_cohort(acting(), cohort_id, request.form.get("reason", "")[:500], version=version_sent()),
        gettext("已退回，培训机构可以修改后再次提交"),
    )


def _answer(cohort_id: int, step: Callable[[], object], done: str) -> ResponseReturnValue:
    try:
        step()
    except Refused as refused:
        return _review_page(load(Cohort, cohort_id), refused.findings), 422
    flash(done, "success")
    return redirect(url_for("cohorts.awaiting"))


@room.page("/<int:cohort_id>/exception", see=BUREAU, methods=("POST",))
def exception(cohort_id: int) -> ResponseReturnValue:
    """Grant the exception (特殊情况审批) that a rule about this cohort asks for."""
    group = load(Cohort, cohort_id)
    return attempt(
        cohort_id,
        lambda: grant_waiver(
            acting(),
            request.form.get("rule", "")[:80],
            f"cohort:{cohort_id}",
            group.home_region_code,
            request.form.get("reason", "")[:500],
        ),
        gettext("已批准特殊情况"),
    )


@room.page("/<int:cohort_id>/open", see=CLERK, methods=("POST",))
def open_cohort(cohort_id: int) -> ResponseReturnValue:
    """Open a cohort."""
    return attempt(cohort_id, lambda: life.open_cohort(acting(), cohort_id), gettext("已开班"))


@room.page("/<int:cohort_id>/finish", see=CLERK, methods=("POST",))
def finish(cohort_id: int) -> ResponseReturnValue:
    """Say that a cohort was taught."""
    return attempt(cohort_id, lambda: life.finish_teaching(acting(), cohort_id), gettext("已结课"))


@room.page("/<int:cohort_id>/close", see=CLERK, methods=("POST",))
def close(cohort_id: int) -> ResponseReturnValue:
    """Close a cohort."""
    return attempt(cohort_id, lambda: life.close_cohort(acting(), cohort_id), gettext("已结班"))


@room.page("/<int:cohort_id>/cancel", see=CLERK_OR_BUREAU, methods=("POST",))
def cancel(cohort_id: int) -> ResponseReturnValue:
    """Give a cohort up."""
    reason = request.form.get("reason", "")[:500]
    return attempt(cohort_id, lambda: life.cancel_cohort(acting(), cohort_id, reason), gettext("已取消"))


@room.page("/<int:cohort_id>/change", see=CLERK_OR_BUREAU, methods=("GET", "POST"))
def change(cohort_id: int) -> ResponseReturnValue:
    """Change an approved cohort, with a reason."""
    group = load(Cohort, cohort_id)
    form = ChangeForm(obj=group)
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        changes = {
            name: form[name].data for name in drafting.CHANGEABLE_FIELDS if form[name].data != getattr(group, name)
        }
        try:
            drafting.change_cohort(acting(), cohort_id, form.reason.data or "", changes, version=version_sent())
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已变更"), "success")
            return redirect(url_for("cohorts.cohort", cohort_id=cohort_id))
    page = render_template("pages/cohorts/change.html", cohort=group, form=form, findings=findings)
    return page, 422 if request.method == "POST" else 200
