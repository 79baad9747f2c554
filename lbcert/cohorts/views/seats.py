"""Seats of orders in a cohort."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.forms import SeatsForm
from lbcert.cohorts.models import Cohort
from lbcert.cohorts.operations import seats as operations
from lbcert.cohorts.places import home_place, teaching_place
from lbcert.cohorts.queries.seats import open_in, seats_in, unseated
from lbcert.cohorts.views.room import SEES, room
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Level, Refused
from lbcert.core.pages import in_words
from lbcert.core.waivers import grant_waiver
from lbcert.demand.models import OrderLine
from lbcert.demand.queries import line_label, open_lines

DESK = holds(Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, at=home_place)
BUREAU = holds(Role.BUREAU_OFFICER, at=home_place)
FILLS = holds(Role.PROVIDER_CLERK, at=teaching_place) | DESK


@room.page("/<int:cohort_id>/seats", see=SEES)
def seats(cohort_id: int) -> str:
    """Show the seats that a cohort has of orders, and the orders that it could serve."""
    return _seats_page(load(Cohort, cohort_id))


def _seats_page(cohort: Cohort, form: SeatsForm | None = None, findings: tuple[Finding, ...] = ()) -> str:
    actor, here = acting(), {"cohort_id": cohort.id}
    allots = DESK.admits(actor, here)
    return render_template(
        "pages/cohorts/seats.html",
        cohort=cohort,
        rows=seats_in(cohort),
        form=form or SeatsForm(_lines(cohort), formdata=None) if allots else None,
        findings=findings,
        exceptions=[finding for finding in findings if finding.level is Level.EXCEPTION]
        if BUREAU.admits(actor, here)
        else [],
        allots=allots,
        waiting=len(unseated(cohort)) if FILLS.admits(actor, here) else 0,
    )


def _lines(cohort: Cohort) -> dict[int, str]:
    lines = open_lines(cohort.home_region_code, cohort.item_id)
    left = open_in(lines, cohort.id)
    return {
        line.id: gettext(
            "%(line)s（%(day)s 到岗，余 %(left)s 人）",
            line=in_words(line_label(line)),
            day=line.arrival_on.isoformat(),
            left=left[line.id],
        )
        for line in lines
    }


@room.page("/<int:cohort_id>/seats/allot", see=DESK, methods=("POST",))
def allot(cohort_id: int) -> ResponseReturnValue:
    """Give the cohort seats of an order line."""
    cohort = load(Cohort, cohort_id)
    form = SeatsForm(_lines(cohort))
    if not form.validate_on_submit():
        return _seats_page(cohort, form), 422
    try:
        operations.allot_seats(acting(), form.line_id.data, cohort_id, form.seats.data or 0)
    except Refused as refused:
        return _seats_page(load(Cohort, cohort_id), form, refused.findings), 422
    flash(gettext("已划入 %(count)s 个名额", count=form.seats.data), "success")
    return redirect(url_for("cohorts.seats", cohort_id=cohort_id))


@room.page("/<int:cohort_id>/seats/<int:line_id>/exception", see=BUREAU, methods=("POST",))
def allow_beyond(cohort_id: int, line_id: int) -> ResponseReturnValue:
    """Grant the exception for seats of a line beyond its open headcount."""
    load(OrderLine, line_id)
    try:
        grant_waiver(
            acting(),
            "demand.open_headcount",
            f"allotment:{line_id}-{cohort_id}",
            load(Cohort, cohort_id).home_region_code,
            request.form.get("reason", "")[:500],
        )
    except Refused as refused:
        return _seats_page(load(Cohort, cohort_id), findings=refused.findings), 422
    flash(gettext("已批准特殊情况，可以再次划入名额"), "success")
    return redirect(url_for("cohorts.seats", cohort_id=cohort_id))


@room.page("/allotments/<int:allotment_id>/fill", see=operations.FILLS, methods=("POST",))
def fill(allotment_id: int) -> ResponseReturnValue:
    """Put the learners who have no seat on those of one order line."""
    allotment = load(operations.Allotment, allotment_id)
    cohort_id = allotment.cohort_id
    try:
        count = operations.fill_seats(acting(), allotment_id)
    except Refused as refused:
        return _seats_page(load(Cohort, cohort_id), findings=refused.findings), 422
    flash(gettext("已为 %(count)s 名学员安排名额", count=count), "success")
    return redirect(url_for("cohorts.seats", cohort_id=cohort_id))


@room.page("/allotments/<int:allotment_id>/free", see=operations.FREES, methods=("POST",))
def free(allotment_id: int) -> ResponseReturnValue:
    """Take the seats of one order line back."""
    allotment = load(operations.Allotment, allotment_id)
    try:
        operations.free_seats(acting(), allotment_id)
    except Refused as refused:
        return _seats_page(load(Cohort, allotment.cohort_id), findings=refused.findings), 422
    flash(gettext("已收回名额"), "success")
    return redirect(url_for("cohorts.seats", cohort_id=allotment.cohort_id))
