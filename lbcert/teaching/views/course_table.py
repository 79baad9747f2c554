"""The course table: sent, looked at row by row, and imported or thrown away; and written from what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Missing, Refused
from lbcert.core.pages import paging_from_request, send_workbook, tabs, take_in
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.staging import StagedSheet, find, findings_of, marked, places_of, rows_page, sent_row
from lbcert.teaching.forms import SheetForm
from lbcert.teaching.operations.course_table import (
    discard_course_table,
    import_course_table,
    receive_course_table,
)
from lbcert.teaching.places import CLERK, SEES, SEES_TABLE, TABLE_CLERK
from lbcert.teaching.queries.course_table import course_rows, is_proposal, staged_tables
from lbcert.teaching.sheets import COURSE_TABLE, KIND, without_rows
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
        waiting=[(staged, said_of(staged)["waiting"]) for staged in staged_tables(cohort_id)],
    )
    return page, 422 if request.method == "POST" else 200


@room.page("/course-tables/<int:staged_id>", see=SEES_TABLE)
def staged_table(staged_id: int) -> str:
    """Show a checked course table: what each row deserves, and whether it will be planned."""
    return _staged_page(_table(staged_id))


def _staged_page(staged: StagedSheet, findings: Sequence[Finding] = ()) -> str:
    paging = paging_from_request(filters=("show",), path=url_for(_STAGED, staged_id=staged.id))
    page, places, said = rows_page(staged, paging), places_of(staged), said_of(staged)
    return render_template(
        "pages/teaching/staged_table.html",
        staged=staged,
        cohort=load(Cohort, staged.subject_id),
        rows=[(row, sent_row(row, places)) for row in page.rows],
        paging=page.paging,
        said=said,
        shows=tabs(page.paging, "show", {"": gettext("全部"), "bad": said["bad"], "remarked": said["remarked"]}),
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
    said = said_of(_table(staged_id))["discarded"]
    try:
        staged = discard_course_table(acting(), staged_id)
    except Refused as refused:
        return _staged_page(_table(staged_id), refused.findings), 422
    flash(said, "success")
    return redirect(url_for("teaching.timetable", cohort_id=staged.subject_id))


def said_of(staged: StagedSheet) -> dict[str, Any]:
    """Give how the pages speak of a course table: of a file that was sent, or of a proposal (自动排课方案) that has none."""
    counts = {"good": staged.good, "total": staged.total}
    if is_proposal(staged):
        return {
            "title": gettext("自动排课方案"),
            "name": "",
            "waiting": gettext("自动排课方案：%(good)s / %(total)s 节课可以排入，还没有决定", **counts),
            "done": gettext("已采用"),
            "accept": gettext("采用方案，排入 %(good)s 节课", good=staged.good),
            "week": gettext("按周看方案"),
            "sheet": gettext("下载方案（Excel）"),
            "discard": gettext("放弃这份方案"),
            "discarding": gettext("放弃后不排任何课，方案一并删除。"),
            "discarded": gettext("已放弃这份方案，没有排课"),
            "refused": gettext("没有采用"),
            "unit": gettext("节课"),
            "good": gettext("可以排入"),
            "bad": gettext("不能排入"),
            "remarked": gettext("不能排入和提醒"),
            "part": gettext("只排入可以排入的课；其余的请改条件后重新排课，或逐节排。"),
            "row": lambda row: gettext("可以排入") if row.good else gettext("不能排入"),
            "findings": without_rows,
        }
    return {
        "title": gettext("课程表检查结果"),
        "name": staged.file_name,
        "waiting": gettext(
            "课程表“%(name)s”已检查，%(good)s / %(total)s 行可以导入，还没有决定", name=staged.file_name, **counts
        ),
        "done": gettext("已导入"),
        "accept": gettext("导入 %(good)s 行", good=staged.good),
        "week": gettext("按周看草案"),
        "sheet": gettext("下载标注的表格"),
        "discard": gettext("放弃这份课程表"),
        "discarding": gettext("放弃后不排任何课，检查结果一并删除。"),
        "discarded": gettext("已放弃这份课程表，没有排课"),
        "refused": gettext("没有导入"),
        "unit": gettext("行"),
        "good": gettext("可以导入"),
        "bad": gettext("不能导入"),
        "remarked": gettext("不能导入和提醒"),
        "part": gettext("只导入可以导入的行，其余的不会写入；可以下载标注的表格，改正后再上传，已经排好的行不会重复。"),
        "row": lambda row: gettext("第 %(row)s 行", row=row.row_number),
        "findings": list,
    }


def _table(staged_id: int) -> StagedSheet:
    """Give a staged course table; one thrown away is not there any more."""
    staged = find(KIND, staged_id)
    if staged.discarded_at:
        raise Missing(f"course table {staged_id}")
    return staged
