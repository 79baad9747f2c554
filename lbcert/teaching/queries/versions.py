"""Published timetables of a cohort, and how what stands now differs from the last."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.database import db
from lbcert.core.documents import chinese_date
from lbcert.core.findings import Finding
from lbcert.parties.models import Account
from lbcert.teaching.models import Session, TimetableVersion
from lbcert.teaching.queries.course_table import course_row, lesson_of
from lbcert.teaching.queries.learners import coming, due_by_module
from lbcert.teaching.queries.papers import head_of
from lbcert.teaching.queries.planning import Board
from lbcert.teaching.queries.sessions import sessions_of
from lbcert.teaching.versions import Change, Difference, Printed, compare


def standing(cohort_id: int) -> list[Printed]:
    """Give the lessons that stand on a cohort's timetable now, as they are printed."""
    return printed(sessions_of(cohort_id))


def printed(sessions: Iterable[Session]) -> list[Printed]:
    """Give the lessons that stand among sessions, as they are printed."""
    return [
        {"session": str(session.id)} | {key: str(value) for key, value in course_row(session).items()}
        for session in sessions
        if not session.cancelled_reason
    ]


def frozen(version: TimetableVersion | None) -> list[Printed]:
    """Give the lessons of a version; none of what was never published."""
    lessons: list[Printed] = json.loads(version.content) if version else []
    return lessons


def versions_of(cohort_id: int) -> list[TimetableVersion]:
    """List the published versions of a cohort, the newest first."""
    query = select(TimetableVersion).where(TimetableVersion.cohort_id == cohort_id)
    return list(db.session.scalars(query.order_by(TimetableVersion.number.desc())))


def before(version: TimetableVersion) -> TimetableVersion | None:
    """Give the version that one replaced."""
    query = select(TimetableVersion).where(
        TimetableVersion.cohort_id == version.cohort_id, TimetableVersion.number == version.number - 1
    )
    return db.session.scalar(query)


def affected_by(cohort: Cohort, changes: Iterable[Change]) -> set[int]:
    """List whom changes concern, as persons: who must come to these lessons, and who held or will hold them.

    A version names its trainers; of two trainers of one name both are found.
    """
    rows = [row for change in changes for row in (change.before, change.after) if row]
    sessions = [session for session in sessions_of(cohort.id) if str(session.id) in {row["session"] for row in rows}]
    due, names = due_by_module(cohort), {row["trainer"] for row in rows}
    trainers = {row.person for row in cohort.trainers} | {session.trainer for session in sessions_of(cohort.id)}
    learners = {person_id for session in sessions for person_id in coming(session, due)}
    return learners | {trainer.id for trainer in trainers if trainer.name in names}


def publisher_of(version: TimetableVersion) -> str:
    """Name the account that published a version."""
    account = db.session.get(Account, version.account_id) if version.account_id else None
    return account.name if account else ""


def unpublished(cohort_id: int) -> list[Change]:
    """Give how what stands now differs from the last version; nothing where none was published."""
    published = versions_of(cohort_id)
    return compare(frozen(published[0]), standing(cohort_id)) if published else []


def clashes_of(cohort: Cohort) -> list[Finding]:
    """Find what on a cohort's timetable cannot be held, from now on: somebody, or a room, would be in two places or is not to be had."""
    lessons = [lesson_of(session) for session in sessions_of(cohort.id) if not session.cancelled_reason]
    return Board(cohort, lessons).clashing(clock.now())


def request_of(cohort: Cohort, changes: list[Change], since: TimetableVersion, reason: str) -> dict[str, Any]:
    """Give the request for the bureau (课程表变更申请表): what changes, from what, to what, and why; without a reason, room for it."""
    return {
        **head_of(cohort),
        "since": since.number,
        "published_on": chinese_date(clock.local(since.created_at).date()),
        "reason": reason,
        "changes": [
            {"place": place, "kind": str(change.kind.label), "lesson": _named(change), "columns": _columns(change)}
            for place, change in enumerate(changes, start=1)
        ],
    }


def _columns(change: Change) -> list[tuple[str, str, str]]:
    """Give what differs, column by column; a lesson that is new or gone as a whole."""
    if change.kind is Difference.CHANGED:
        return change.columns
    before, after = (_whole(row) if row else "" for row in (change.before, change.after))
    return [("整节课", before, after)]


def _whole(row: Printed) -> str:
    return f"{row['day']} {row['starts']}–{row['ends']}，{row['hours']} 课时，{row['place']}，{row['trainer']}"


def _named(change: Change) -> str:
    row = change.before or change.after or {}
    return f"{row['day']} {row['starts']} {row['content']}"
