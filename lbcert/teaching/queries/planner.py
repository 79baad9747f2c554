"""A proposal for what is left of a cohort's plan, as rows of the course table: looked at, then imported or thrown away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Cohort, PlannedModule
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.calendar import overlay_of
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.findings import Finding, Level, Refused, refuse
from lbcert.core.sheets import Table, write_workbook
from lbcert.core.words import say
from lbcert.core.workdays import kind_of
from lbcert.parties.models import Person
from lbcert.teaching import planner, rules
from lbcert.teaching.models import Mode, Venue
from lbcert.teaching.patterns import Held, Timing, without_window
from lbcert.teaching.planner import Bounds, Piece
from lbcert.teaching.queries.patterns import timing_of
from lbcert.teaching.queries.planning import Board
from lbcert.teaching.rules import Lesson
from lbcert.teaching.sheets import COURSE_TABLE, write_place


@dataclass(frozen=True)
class Wish:
    """Who teaches theory and practice, where and how; ``hours_at_once`` bounds one session."""

    first: date
    theory_trainer: int
    practice_trainer: int
    venue_id: int | None
    practice_venue_id: int | None
    practice_mode: Mode = Mode.ON_SITE
    online_theory: bool = False
    hours_at_once: int = 4
    material: str = ""


def propose(cohort_id: int, wish: Wish) -> tuple[bytes, list[Finding]]:
    """Lay what is left of a cohort's plan into its windows: a course table, and what found no place.

    Raises ``Refused`` where no window with times is chosen, where nothing is left to plan, and where nothing finds a place.
    """
    cohort = load(Cohort, cohort_id)
    timing, overlay = timing_of(cohort), overlay_of(cohort.site_region_code)
    wanted = [(row, _lesson(row, wish, cohort)) for row in cohort.plan]
    board = Board(cohort, [lesson for _, lesson in wanted])
    first, last = max(wish.first, cohort.starts_on), cohort.ends_on
    if board.resources.departure:
        last = min(last, board.resources.departure[0])
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    pieces = [
        Piece(
            lesson, row.module.name, hours, [*board.busy(lesson), *board.resources.taken(lesson)],
            held=Held(row.module.kind, lesson.mode),
        )
        for row, lesson in wanted
        if (hours := board.left(row.module_id)) > 0
    ]  # fmt: skip
    bounds = Bounds(wish.hours_at_once, ruling(cohort, rules.HOURS_A_DAY).value, board.hours_on)
    findings = list(_possible(timing, pieces))
    if findings:
        raise Refused(findings)
    barred = [(piece, without_window(timing, piece.held, piece.module)) for piece in pieces if piece.held]
    lessons = planner.lay(pieces, days, timing, lambda day: kind_of(day, overlay), bounds, board.resources)
    left = [replace(found, level=Level.WARN) for _, findings in barred for found in findings]
    left += planner.unplaced([piece for piece, findings in barred if not findings])
    if not lessons:
        raise Refused([refuse(finding.rule, finding.message) for finding in left])
    names = {row.module_id: row.module.name for row in cohort.plan}
    return write_workbook(Table("课程表", COURSE_TABLE, rows_of(lessons, names))), left


def _possible(timing: Timing, pieces: Sequence[Piece]) -> Iterator[Finding]:
    if not any(opening.span for opening in timing.openings):
        message = say("本班没有写明起止时间的上课时段：请先选班型，并请人社局登记“晚间上课时段”和“白天上课时段”")
        yield refuse("teaching.no_window", message)
    if not pieces:
        yield refuse("teaching.all_planned", say("教学计划的课时都已排好"))


def _lesson(row: PlannedModule, wish: Wish, cohort: Cohort) -> Lesson:
    """Give a module as it would be held, at any time of the cohort."""
    is_practice = row.module.kind is ModuleKind.PRACTICE
    mode = wish.practice_mode if is_practice else Mode.ON_SITE
    if wish.online_theory and row.module.online_allowed:
        mode = Mode.ONLINE
    venue_id = wish.practice_venue_id if is_practice else wish.venue_id
    return Lesson(
        row.module_id,
        datetime.combine(cohort.starts_on, time(), SHANGHAI),
        datetime.combine(cohort.ends_on + timedelta(days=1), time(), SHANGHAI),
        row.hours,
        mode,
        wish.practice_trainer if is_practice else wish.theory_trainer,
        None if mode is Mode.ONLINE else venue_id,
        material=wish.material,
    )


def rows_of(lessons: Sequence[Lesson], names: dict[int, str]) -> Iterator[dict[str, Any]]:
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
