"""What the printed papers of teaching say, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from lbcert.cohorts.models import Cohort, ProviderPart
from lbcert.core import clock
from lbcert.teaching.models import AttendanceMark, Session
from lbcert.teaching.queries.attendance import Ledger, leave_of
from lbcert.teaching.queries.course_table import course_rows, written_content
from lbcert.teaching.queries.sessions import due_in, sessions_of
from lbcert.teaching.queries.workshops import signatures_in
from lbcert.teaching.sheets import COURSE_TABLE, write_place

#: Sessions in the width of one sheet of the attendance book.
_ACROSS = 20


def signing_sheet_of(session: Session) -> dict[str, Any]:
    """Give the signing sheet (签到表) of a session: its learners by name, with leave granted remarked."""
    starts, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    on_leave = {row.enrolment_id for row in leave_of(session.id) if row.granted}
    return {
        **head_of(session.cohort),
        "day": starts.date(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "hours": session.hours,
        "content": written_content(session),
        "trainer": session.trainer.name,
        "place": write_place(session.mode, session.venue.name if session.venue else ""),
        "learners": [
            {
                "name": learner.person.name,
                "number": learner.person.id_masked,
                "remark": "请假" if learner.id in on_leave else "",
            }
            for learner in due_in(session)
        ],
    }


def attendance_book_of(ledger: Ledger) -> dict[str, Any]:
    """Give the attendance book (出勤簿) of a cohort, as many sessions across as a sheet is wide; the last sheet sums up."""
    columns = [_column(session) for session in ledger.sessions]
    firsts = range(0, max(len(columns), 1), _ACROSS)
    return {
        **head_of(ledger.cohort),
        "blocks": [{"sessions": columns[at : at + _ACROSS], "is_last": at == firsts[-1]} for at in firsts],
        "at_work": [
            row | {"when": _minute(row["starts_at"]), "signed": _minute(row["signed_at"])}
            for row in signed_hours_of(ledger.cohort.id)
        ],
        "learners": [
            {
                "name": line.learner.person.name,
                "signs": {session.id: line.sign(session.id) for session in ledger.sessions},
                "attended": line.share.attended,
                "absent": line.hours.get(AttendanceMark.ABSENT, 0),
                "other": line.hours.get(AttendanceMark.LEAVE, 0),
                "percent": f"{line.share.percent}%" if line.share.due else "",
            }
            for line in ledger.lines
        ],
    }


def signed_hours_of(cohort_id: int) -> list[dict[str, Any]]:
    """Give each lesson at a work place with the mentor who signed its hours for the employer and when (None where nobody has yet)."""
    return [
        {
            "starts_at": session.starts_at,
            "content": written_content(session),
            "hours": session.hours,
            "employer": session.venue.organisation.name if session.venue and session.venue.organisation else "",
            "trainer": session.trainer.name,
            "signer": signed.mentor.name if signed else "待用人单位签认",
            "signed_at": signed.created_at if signed else None,
        }
        for session, signed in signatures_in(cohort_id).items()
    ]


def course_table_of(cohort: Cohort) -> dict[str, Any]:
    """Give the course table (课程表) in the bureau's nine columns, ID numbers masked."""
    rows = list(course_rows(cohort.id))
    standing = [one for one in sessions_of(cohort.id) if not one.cancelled_reason and not one.for_absentees]
    return {
        **head_of(cohort),
        "site": cohort.site or cohort.site_region.name,
        "first": cohort.starts_on,
        "last": cohort.ends_on,
        "hours": sum(session.hours for session in standing),
        "columns": [column.title for column in COURSE_TABLE],
        "rows": [[row[column.key] for column in COURSE_TABLE] for row in rows],
    }


def large_sheet_of(heading: str, sessions: Iterable[Session], *, cohort_too: bool = False) -> dict[str, Any]:
    """Give the sheet for learners in large type: days with what is taught when and where; no number of anybody."""
    standing = [session for session in sessions if not session.cancelled_reason]
    days = groupby(standing, lambda session: clock.local(session.starts_at).date())
    return {
        "heading": heading,
        "printed_on": clock.today(),
        "days": [
            {
                "day": f"{day.month}月{day.day}日 周{_WEEK[day.weekday()]}",
                "lessons": [_large(session, cohort_too) for session in rows],
            }
            for day, rows in days
        ],
    }


_WEEK = "一二三四五六日"


def _large(session: Session, cohort_too: bool) -> dict[str, str]:
    starts, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    return {
        "time": f"{starts:%H:%M}–{ends:%H:%M}",
        "content": written_content(session),
        "cohort": session.cohort.name if cohort_too else "",
        "trainer": session.trainer.name,
        "place": write_place(session.mode, session.venue.name if session.venue else ""),
    }


def head_of(cohort: Cohort) -> dict[str, Any]:
    """Give what stands above each paper of a cohort: its name, its number and who teaches it."""
    leads = [row.organisation.name for row in cohort.providers if row.part is not ProviderPart.HOST]
    return {"cohort": cohort.name, "number": cohort.number, "provider": "、".join(leads)}


def _minute(moment: datetime | None) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _column(session: Session) -> dict[str, Any]:
    starts = clock.local(session.starts_at)
    again = "补 " if session.for_absentees else ""
    return {"id": session.id, "day": f"{again}{starts.month}.{starts.day}", "begins": f"{starts:%H:%M}"}
