"""The course table (课程表) of a cohort: checked against itself and what is planned, and written from what is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.sheets import Row, read_sheet
from lbcert.core.staging import Checked, StagedSheet, latest
from lbcert.core.words import say
from lbcert.parties.models import Person
from lbcert.teaching.models import Session, SolveBeside, SolveRun, Venue
from lbcert.teaching.queries.planning import Board
from lbcert.teaching.queries.resources import trainers_for
from lbcert.teaching.queries.sessions import sessions_of, venues_for
from lbcert.teaching.rules import Lesson
from lbcert.teaching.sheets import (
    COURSE_TABLE,
    KIND,
    Entry,
    Known,
    Place,
    Trainer,
    among_themselves,
    name_new_venues,
    read_entry,
    write_place,
)


def check_course_table(cohort_id: int, data: bytes, file_name: str, more: Iterable[Finding] = ()) -> Checked:
    """Read a course table (.xlsx, .xls or .csv) and find everything about every row; ``more`` is to be said with it.

    Raises ``Refused`` (``Unreadable``) for a file that is no course table, or lacks a column that is needed.
    """
    sheet = read_sheet(data, COURSE_TABLE)
    if any(finding.stops for finding in sheet.findings):
        raise Refused(sheet.findings)
    entries, general = judge(load(Cohort, cohort_id), sheet.rows)
    return Checked(f"cohort:{cohort_id}", file_name, data, sheet, entries, [*general, *more])


def judge(cohort: Cohort, rows: Sequence[Row]) -> tuple[list[Entry], list[Finding]]:
    """Read rows and find everything that speaks against each, and against planning here at all."""
    known, today = known_to(cohort), clock.today()
    entries = [read_entry(row, known, today) for row in rows]
    name_new_venues(entries)
    readable = {entry.row: entry.lesson for entry in entries if entry.lesson}
    board = Board(cohort, readable.values())
    there = {_same(lesson_of(session)) for session in sessions_of(cohort.id) if not session.cancelled_reason}
    slots = {
        entry.row: board.slot(entry.lesson, entry.label, entry.new_venue)
        for entry in entries
        if entry.lesson and _same(entry.lesson) not in there
    }
    among_themselves(entries, slots)
    for entry in entries:
        if entry.lesson and entry.row not in slots:
            entry.add([refuse("teaching.planned_already", say("这节课已经排好，不重复导入"))])
        elif entry.lesson:
            entry.add(board.findings(entry.lesson, entry.new_venue))
            if entry.is_good:
                board.count(entry.lesson)
    return entries, board.general()


def known_to(cohort: Cohort) -> Known:
    """Give what the rows of a cohort's course table may name."""
    own = {row.organisation_id for row in cohort.providers}
    return Known(
        {row.module.name: row.module_id for row in cohort.plan},
        [Trainer(person.id, person.name, person.id_number, person.id_masked) for person in trainers_for(cohort)],
        [
            Place(
                venue.id,
                venue.name,
                venue.organisation.name if venue.organisation else venue.region.name,
                venue.organisation_id in own,
            )
            for venue in venues_for(cohort)
        ],
    )


def course_rows(cohort_id: int) -> Iterator[dict[str, Any]]:
    """Give the planned sessions as rows of the course table; ID numbers are masked, and are read back as they are."""
    for session in sessions_of(cohort_id):
        if not session.cancelled_reason:
            yield course_row(session)


def course_row(session: Session) -> dict[str, Any]:
    """Give a session as a row of the course table."""
    starts, ends = clock.local(session.starts_at), clock.local(session.ends_at)
    return {
        "day": starts.date(),
        "content": written_content(session),
        "hours": session.hours,
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "place": write_place(session.mode, session.venue.name if session.venue else session.meeting_link),
        "trainer": session.trainer.name,
        "trainer_number": session.trainer.id_masked,
        "material": session.material,
    }


def written_content(session: Session) -> str:
    """Give what a session teaches as papers say it, a make-up with the lesson that was lost: 触电急救（补7月24日20:00的课）."""
    if session.makes_up is None:
        return session.content
    lost = clock.local(session.makes_up.starts_at)
    return f"{session.content}（补{lost.month}月{lost.day}日{lost:%H:%M}的课）"


def rows_of(lessons: Sequence[Lesson], names: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """Give lessons as rows of the course table; ``names`` are those of the modules."""
    for lesson in lessons:
        trainer = load(Person, lesson.trainer_id)
        yield {
            "day": clock.local(lesson.starts_at).date(),
            "content": names[lesson.module_id],
            "hours": lesson.hours,
            "starts": f"{clock.local(lesson.starts_at):%H:%M}",
            "ends": f"{clock.local(lesson.ends_at):%H:%M}",
            "place": write_place(lesson.mode, _place(lesson.venue_id)),
            "trainer": trainer.name,
            "trainer_number": trainer.id_masked,
            "material": lesson.material,
        }


def _place(venue_id: int | None) -> str:
    if venue_id is None:
        return ""
    venue = load(Venue, venue_id)
    return f"{venue.organisation.name if venue.organisation else venue.region.name}·{venue.name}"


def staged_tables(cohort_id: int) -> list[StagedSheet]:
    """List the course tables of a cohort that wait for a decision, the newest first."""
    return [staged for staged in latest(KIND, f"cohort:{cohort_id}") if staged.is_open]


def is_proposal(staged: StagedSheet) -> bool:
    """Tell whether a course table is what a search for a timetable came to (自动排课), and no sheet that somebody sent."""
    made = (select(run.id).where(run.staged_id == staged.id).exists() for run in (SolveRun, SolveBeside))
    return bool(db.session.scalar(select(or_(*made))))


def lesson_of(session: Session) -> Lesson:
    """Give a session as it would be asked for."""
    return Lesson(
        session.module_id,
        session.starts_at,
        session.ends_at,
        session.hours,
        session.mode,
        session.trainer_id,
        session.venue_id,
        session.title,
        session.material,
        session.meeting_link,
        session.makes_up_id,
    )


def _same(lesson: Lesson) -> tuple[Any, ...]:
    """Give by what two lessons are the same one."""
    moments = lesson.starts_at.astimezone(clock.SHANGHAI), lesson.ends_at.astimezone(clock.SHANGHAI)
    return (*moments, lesson.module_id, lesson.trainer_id, lesson.venue_id, lesson.mode)
