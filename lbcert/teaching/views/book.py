"""The attendance book of a cohort: learner × session, on the page, in Excel and on paper."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock
from lbcert.core.documents import document
from lbcert.core.sheets import Column, Table, write_workbook
from lbcert.teaching.models import AttendanceMark
from lbcert.teaching.places import SEES
from lbcert.teaching.queries.attendance import Ledger, ledger_of
from lbcert.teaching.queries.course_table import written_content
from lbcert.teaching.queries.papers import attendance_book_of, signed_hours_of
from lbcert.teaching.queries.workshops import signatures_in
from lbcert.teaching.views.room import PDF, XLSX, file, room


@room.page("/cohorts/<int:cohort_id>/attendance", see=SEES)
def attendance(cohort_id: int) -> str:
    """Show each learner's marks and share against the policy."""
    return render_template(
        "pages/teaching/book.html",
        ledger=ledger_of(cohort_id),
        marks=AttendanceMark,
        signatures=signatures_in(cohort_id),
    )


@room.page("/cohorts/<int:cohort_id>/attendance.xlsx", see=SEES)
def attendance_sheet(cohort_id: int) -> ResponseReturnValue:
    """Give the attendance book as a workbook, with a second sheet of who signed the hours at work places, if there are any."""
    ledger = ledger_of(cohort_id)
    tables = [Table("出勤簿", _columns(ledger), [_row(ledger, place) for place in range(len(ledger.lines))])]
    if at_work := signed_hours_of(cohort_id):
        tables.append(Table("岗位课时签认", _AT_WORK, at_work))
    return file(write_workbook(*tables), XLSX, f"{gettext('出勤簿')}-{ledger.cohort.number}.xlsx")


@room.page("/cohorts/<int:cohort_id>/attendance.pdf", see=SEES)
def attendance_paper(cohort_id: int) -> ResponseReturnValue:
    """Print the attendance book."""
    ledger = ledger_of(cohort_id)
    paper = document("attendance_book", title="学员出勤簿", **attendance_book_of(ledger))
    return file(paper, PDF, f"{gettext('出勤簿')}-{ledger.cohort.number}.pdf")


_MADE_UP = Column("made_up", "其中补课", width=10)
_SUMS = (
    Column("due", "应到课时", width=10),
    Column("attended", "出勤课时", width=10),
    Column("absent", "缺勤课时", width=10),
    Column("leave", "请假课时", width=10),
    Column("unmarked", "未记课时", width=10),
    Column("percent", "出勤率（%）", width=12),
)
_AT_WORK = (
    Column("starts_at", "上课时间", width=18),
    Column("content", "上课内容", width=24),
    Column("hours", "课时", width=8),
    Column("employer", "用人单位", width=30),
    Column("trainer", "培训教师"),
    Column("signer", "签认的带教师傅", width=18),
    Column("signed_at", "签认时间", width=18),
)


def _columns(ledger: Ledger) -> list[Column]:
    sessions = [
        Column(str(session.id), f"{clock.local(session.starts_at):%m-%d %H:%M} {written_content(session)}", width=8)
        for session in ledger.sessions
    ]
    made_up = [_MADE_UP] if any(session.for_absentees for session in ledger.sessions) else []
    return [Column("place", "序号", width=6), Column("name", "姓名"), Column("number", "身份证号", digits=True, width=22), *sessions, *_SUMS, *made_up]  # fmt: skip


def _row(ledger: Ledger, place: int) -> dict[str, Any]:
    line = ledger.lines[place]
    return {
        "place": place + 1,
        "name": line.learner.person.name,
        "number": line.learner.person.id_masked,
        **{str(session.id): line.sign(session.id) for session in ledger.sessions},
        "due": line.share.due,
        "attended": line.share.attended,
        "made_up": line.share.made_up,
        "absent": line.hours.get(AttendanceMark.ABSENT, 0),
        "leave": line.hours.get(AttendanceMark.LEAVE, 0),
        "unmarked": line.share.unmarked,
        "percent": line.share.percent if line.share.due else None,
    }
