"""What the printed papers of teaching say, as plain data."""

from __future__ import annotations

from typing import Any

from lbcert.cohorts.models import Cohort, ProviderPart
from lbcert.core import clock
from lbcert.teaching.models import AttendanceMark, Session
from lbcert.teaching.queries.attendance import Ledger, leave_of
from lbcert.teaching.queries.sessions import due_in
from lbcert.teaching.sheets import write_place

#: Sessions in the width of one sheet of the attendance book.
_ACROSS = 20


def signing_sheet_of(session: Session) -> dict[str, Any]:
    """Give the signing sheet (签到表) of a session: its learners by name, with leave granted remarked."""
    starts, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    on_leave = {row.enrolment_id for row in leave_of(session.id) if row.granted}
    return {
        **_head(session.cohort),
        "day": starts.date(),
        "begins": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "hours": session.hours,
        "content": f"{session.module.name}：{session.title}" if session.title else session.module.name,
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
        **_head(ledger.cohort),
        "blocks": [{"sessions": columns[at : at + _ACROSS], "is_last": at == firsts[-1]} for at in firsts],
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


def _head(cohort: Cohort) -> dict[str, Any]:
    leads = [row.organisation.name for row in cohort.providers if row.part is not ProviderPart.HOST]
    return {"cohort": cohort.name, "number": cohort.number, "provider": "、".join(leads)}


def _column(session: Session) -> dict[str, Any]:
    starts = clock.local(session.starts_at)
    return {"id": session.id, "day": f"{starts.month}.{starts.day}", "begins": f"{starts:%H:%M}"}
