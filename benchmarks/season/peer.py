"""A plain greedy planner: cohort after cohort in the order in which they begin, each part by ``lbcert.teaching.planner``.

For each part it tries the trainers from the nearest home, of equals who taught least, in each room, and takes the first with whom all
finds a place, or else with whom most does. It knows nothing of what comes after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from benchmarks.season.check import Session
from benchmarks.season.data import FIRST, HOURS_A_WEEK, HOURS_AT_ONCE, PATTERNS, Cohort, Season, Trainer, kind, way
from lbcert.core.clock import SHANGHAI
from lbcert.teaching.models import Mode
from lbcert.teaching.planner import Bounds, Piece, lay
from lbcert.teaching.rules import Lesson, Slot


def plan(season: Season) -> list[Session]:
    """Plan the season."""
    done: list[Session] = []
    for cohort in sorted(season.cohorts, key=lambda each: each.first):
        for practice in (False, True):
            done += _best(season, cohort, practice, done)
    return done


def _best(season: Season, cohort: Cohort, practice: bool, done: list[Session]) -> list[Session]:
    taught = Counter(each.trainer for each in done)
    trainers = sorted(season.trainers_of(cohort), key=lambda each: (way(each.home, cohort.town), taught[each.name]))
    rooms = [venue.name for venue in season.venues_of(cohort, practice=practice)] or [""]
    best: list[Session] = []
    for trainer in trainers:
        for room in rooms:
            found = _laid(season, cohort, practice, trainer, room, done)
            if len(found) > len(best):
                best = found
            if sum(each.hours for each in best) == cohort.hours[practice]:
                return best
    return best


def _laid(
    season: Season, cohort: Cohort, practice: bool, trainer: Trainer, room: str, done: list[Session]
) -> list[Session]:
    days = cohort.days
    theory = [each.ends_at for each in done if each.cohort == cohort.name]
    if theory:
        days = [day for day in days if day > max(theory).date()]
    if not days:
        return []
    first = datetime.combine(days[0], time(), SHANGHAI)
    lesson = Lesson(0, first, first + timedelta(days=len(days)), 0, Mode.ON_SITE, 0)
    busy = list(_busy(season, cohort, trainer, room, done))
    piece = Piece(lesson, cohort.name, cohort.hours[practice], busy)
    held = lay([piece], days, PATTERNS[cohort.pattern], kind, Bounds(HOURS_AT_ONCE, None, lambda _day, _module: 0))
    hours: Counter[int] = Counter()
    for each in done:
        if each.trainer == trainer.name:
            hours[_week(each.starts_at)] += each.hours
    found = []
    for each in held:
        if hours[_week(each.starts_at)] + each.hours <= HOURS_A_WEEK:
            hours[_week(each.starts_at)] += each.hours
            found.append(Session(cohort.name, practice, each.starts_at, each.ends_at, trainer.name, room))
    return found


def _week(at: datetime) -> int:
    return (at.date() - FIRST).days // 7


def _busy(season: Season, cohort: Cohort, trainer: Trainer, room: str, done: list[Session]) -> Iterator[Slot]:
    """Give what cannot be gone through: the trainer's other days and sessions with the way to them, the room, the learners."""
    towns = {each.name: each.town for each in season.cohorts}
    others = {*cohort.shares, *(each.name for each in season.cohorts if cohort.name in each.shares), cohort.name}
    slot = Slot(datetime.min, datetime.min, "", 0, "", None, "", {})  # noqa: DTZ901 (replaced below)
    for day in trainer.away:
        midnight = datetime.combine(day, time(), SHANGHAI)
        yield replace(slot, starts_at=midnight, ends_at=midnight + timedelta(days=1))
    for each in done:
        pause = timedelta(minutes=way(cohort.town, towns[each.cohort]) if each.trainer == trainer.name else 0)
        if each.trainer == trainer.name or (room and each.venue == room) or each.cohort in others:
            yield replace(slot, starts_at=each.starts_at - pause, ends_at=each.ends_at + pause)
