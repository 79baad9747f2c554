"""The course table: sent, looked at row by row, and imported or thrown away; and written from what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import paging_from_request, send_workbook, tabs, take_in
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import SHOWN, StagedSheet, find, findings_of, marked, places_of, rows_page, sent_row
from lbcert.teaching.forms import SheetForm
from lbcert.teaching.operations.course_table import (
    discard_course_table,
    import_course_table,
    receive_course_table,
)
from lbcert.teaching.places import CLERK, SEES, SEES_TABLE, TABLE_CLERK
from lbcert.teaching.queries.course_table import course_rows, staged_tables
from lbcert.teaching.sheets import COURSE_TABLE, KIND
from lbcert.teaching.views.room import room

_STAGED = "teaching.staged_table"


@room.page("/course-table-form", see=holds(Role.PROVIDER_CLERK))
def empty_course_table() -> ResponseReturnValue:
    """Give the empty sheet with its 9 columns."""
    return send_workbook(write_workbook(Table("课程表", COURSE_TABLE, [])), "课程表")


@room.page("/cohorts/<int:cohort_id>/course-table.xlsx", see=SEES)
def course_table(cohort_id: int) -> ResponseReturnValue:
    """Give the timetable as the 9-column course table."""
    cohort = load(Cohort, cohort_id)
    return send_workbook(
        write_workbook(Table("课程表", COURSE_TABLE, course_rows(cohort_id))), f"课程表-{cohort.number}"
    )


@room.page("/cohorts/<int:cohort_id>/course-table", see=CLERK, methods=("GET", "POST"))
def new_course_table(cohort_id: int) -> ResponseReturnValue:
    """Take a course table in and check it."""
    cohort, form = load(Cohort, cohort_id), SheetForm()
    staged, findings = take_in(form, partial(receive_course_table, acting(), cohort_id))
    if staged:
        return redirect(url_for(_STAGED, staged_id=staged.id))
    page = render_template(
        "pages/teaching/new_course_table.html",
        cohort=cohort,
        form=form,
        findings=findings,
        waiting=staged_tables(cohort_id),
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/course-tables/<int:staged_id>", see=SEES_TABLE)
def staged_table(staged_id: int) -> str:
    """Show a checked course table: what each row deserves, and whether it will be planned."""
    return _staged_page(_table(staged_id))


def _staged_page(staged: StagedSheet, findings: Sequence[Finding] = ()) -> str:
    paging = paging_from_request(filters=("show",), path=url_for(_STAGED, staged_id=staged.id))
    page, places = rows_page(staged, paging), places_of(staged)
    return render_template(
        "pages/teaching/staged_table.html",
        staged=staged,
        cohort=load(Cohort, staged.subject_id),
        rows=[(row, sent_row(row, places)) for row in page.rows],
        paging=page.paging,
        shows=tabs(page.paging, "show", SHOWN),
        general=findings_of(staged),
        findings=findings,
        is_clerk=TABLE_CLERK.admits(acting(), {"staged_id": staged.id}),
    )


@room.page("/course-tables/<int:staged_id>/marked", see=SEES_TABLE)
def marked_table(staged_id: int) -> ResponseReturnValue:
    """Give the sheet back with the findings beside each row."""
    staged = _table(staged_id)
    return send_workbook(marked(staged), staged.marked_name)


@room.page("/course-tables/<int:staged_id>/import", see=TABLE_CLERK, methods=("POST",))
def import_table(staged_id: int) -> ResponseReturnValue:
    """Plan the good rows."""
    try:
        staged = import_course_table(acting(), staged_id)
    except Refused as refused:
        return _staged_page(_table(staged_id), refused.findings), 422
    flash(gettext("已排课 %(count)s 节", count=staged.good), "success")
    return redirect(url_for("teaching.timetable", cohort_id=staged.subject_id))


@room.page("/course-tables/<int:staged_id>/discard", see=TABLE_CLERK, methods=("POST",))
def discard_table(staged_id: int) -> ResponseReturnValue:
    """Throw a checked course table away."""
    try:
        staged = discard_course_table(acting(), staged_id)
    except Refused as refused:
        return _staged_page(_table(staged_id), refused.findings), 422
    flash(gettext("已放弃这份课程表，没有排课"), "success")
    return redirect(url_for("teaching.timetable", cohort_id=staged.subject_id))


def _table(staged_id: int) -> StagedSheet:
    """Give a staged course table; one thrown away is not there any more."""
    staged = find(KIND, staged_id)
    if staged.discarded_at:
        raise Missing(f"course table {staged_id}")
    return staged
