"""The roster: sent, looked at row by row, and imported or thrown away."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.cohorts.forms import ImportForm, RosterForm
from lbcert.cohorts.models import Cohort
from lbcert.cohorts.operations import roster as operations
from lbcert.cohorts.places import roster_people
from lbcert.cohorts.queries.roster import entry_of
from lbcert.cohorts.rules.states import CHANGEABLE
from lbcert.cohorts.sheets import KIND, ROSTER
from lbcert.cohorts.views.room import CLERK, room
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.identity.masks import mask_id_number
from lbcert.core.pages import Column, paging_from_request, send_workbook, tabs, take_in
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import (
    SHOWN,
    SheetRow,
    StagedSheet,
    find,
    findings_of,
    latest,
    marked,
    places_of,
    rows_page,
    sent_row,
)

SEES_ROSTER = holds(Role.PROVIDER_CLERK, Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, at=roster_people)

COLUMNS = [
    Column("row_number", _l("行"), "number"),
    Column("name", _l("姓名")),
    Column("id_number", _l("身份证号"), "code"),
    Column("result", _l("检查结果")),
]


@room.page("/<int:cohort_id>/roster", see=CLERK, methods=("GET", "POST"))
def roster(cohort_id: int) -> ResponseReturnValue:
    """Take a roster sheet in and check it."""
    cohort, form = load(Cohort, cohort_id), RosterForm()
    staged, findings = take_in(form, partial(operations.receive_roster, acting(), cohort_id))
    if staged:
        return redirect(url_for("cohorts.staged", roster_id=staged.id))
    page = render_template(
        "pages/cohorts/roster.html",
        cohort=cohort,
        form=form,
        findings=findings,
        earlier=latest(KIND, f"cohort:{cohort_id}"),
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/roster-form", see=holds(Role.PROVIDER_CLERK))
def roster_form() -> ResponseReturnValue:
    """Give the empty sheet with its 16 columns."""
    return send_workbook(write_workbook(Table("学员花名册", ROSTER, [])), "学员花名册")


@room.page("/rosters/<int:roster_id>", see=SEES_ROSTER)
def staged(roster_id: int) -> str:
    """Show a checked roster: what each row deserves, and whether it will be imported."""
    return _staged_page(find(KIND, roster_id), ImportForm(formdata=None))


def _staged_page(roster: StagedSheet, form: ImportForm, findings: tuple[Finding, ...] = ()) -> str:
    cohort, places = load(Cohort, roster.subject_id), places_of(roster)
    page = rows_page(
        roster, paging_from_request(filters=("show",), path=url_for("cohorts.staged", roster_id=roster.id))
    )
    return render_template(
        "pages/cohorts/staged.html",
        roster=roster,
        cohort=cohort,
        columns=COLUMNS,
        rows=[_shown(row, places) for row in page.rows],
        paging=page.paging,
        shows=tabs(page.paging, "show", SHOWN),
        sheet_findings=findings_of(roster),
        findings=findings,
        form=form,
        asks_reason=cohort.state in CHANGEABLE,
        is_open=roster.is_open,
        is_clerk=operations.ITS_CLERK.admits(acting(), {"roster_id": roster.id}),
    )


def _shown(row: SheetRow, places: dict[str, int]) -> dict[str, Any]:
    entry = entry_of(sent_row(row, places))
    number = entry.id_number.masked if entry.id_number else mask_id_number(entry.written_number)
    return {
        "row_number": row.row_number,
        "name": entry.name,
        "id_number": number,
        "good": row.good,
        "findings": row.said,
    }


@room.page("/rosters/<int:roster_id>/marked", see=SEES_ROSTER)
def marked_copy(roster_id: int) -> ResponseReturnValue:
    """Give the sheet back with the findings beside each row, to be sent to whoever wrote it."""
    roster = find(KIND, roster_id)
    return send_workbook(marked(roster), roster.marked_name)


@room.page("/rosters/<int:roster_id>/import", see=operations.ITS_CLERK, methods=("POST",))
def import_rows(roster_id: int) -> ResponseReturnValue:
    """Import the good rows."""
    roster, form = find(KIND, roster_id), ImportForm()
    if not form.validate_on_submit():
        return _staged_page(roster, form), 422
    try:
        imported = operations.import_roster(
            acting(),
            roster_id,
            in_service=bool(form.in_service.data),
            job_before=form.job_before.data or "",
            promised_on=form.promised_on.data,
            reason=form.reason.data or "",
        )
    except Refused as refused:
        return _staged_page(find(KIND, roster_id), form, refused.findings), 422
    flash(gettext("已导入 %(count)s 人", count=imported.good), "success")
    return redirect(url_for("cohorts.learners", cohort_id=imported.subject_id))


@room.page("/rosters/<int:roster_id>/discard", see=operations.ITS_CLERK, methods=("POST",))
def discard(roster_id: int) -> ResponseReturnValue:
    """Throw a checked roster away."""
    try:
        thrown = operations.discard_roster(acting(), roster_id)
    except Refused as refused:
        return _staged_page(find(KIND, roster_id), ImportForm(formdata=None), refused.findings), 422
    flash(gettext("已放弃这份花名册，没有导入任何人"), "success")
    return redirect(url_for("cohorts.roster", cohort_id=thrown.subject_id))
