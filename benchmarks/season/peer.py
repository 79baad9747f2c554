"""A plain greedy planner: cohort after cohort in the order in which they begin, theory before practice.

For each part it tries the trainers from the nearest home, of equals who taught least, in each room, and takes the first with whom all
finds a place, or else with whom most does. It knows nothing of what comes after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from benchmarks.season.check import Session
from benchmarks.season.data import FIRST, HOURS_A_WEEK, HOURS_AT_ONCE, PATTERNS, Cohort, Season, Trainer, kind, way
from lbcert.core.clock import SHANGHAI
from lbcert.teaching.patterns import Timing
from lbcert.teaching.rules import CLASS_HOUR
from lbcert.teaching.solver.times import stretches

Span = tuple[datetime, datetime]


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
    busy = list(_busy(season, cohort, trainer, room, done))
    hours: Counter[int] = Counter()
    for each in done:
        if each.trainer == trainer.name:
            hours[_week(each.starts_at)] += each.hours
    found = []
    for starts_at, ends_at in _lay(cohort.hours[practice], days, PATTERNS[cohort.pattern], busy):
        session = Session(cohort.name, practice, starts_at, ends_at, trainer.name, room)
        if hours[_week(starts_at)] + session.hours <= HOURS_A_WEEK:
            hours[_week(starts_at)] += session.hours
            found.append(session)
    return found


def _lay(hours: int, days: Iterable[date], timing: Timing, busy: Sequence[Span]) -> Iterator[Span]:
    """Lay class hours into the windows of the days: the earliest time at which everybody is free, and never back."""
    for day in days:
        for begins, ends in stretches(timing, day, kind(day)):
            at = begins
            while hours and at < ends:
                taken = min((span for span in busy if span[1] > at and span[0] < ends), default=None)
                held = min(((taken[0] if taken else ends) - at) // CLASS_HOUR, hours, HOURS_AT_ONCE)
                if held > 0:
                    yield at, at + held * CLASS_HOUR
                    hours, at = hours - held, at + held * CLASS_HOUR
                elif taken:
                    at = taken[1].astimezone(SHANGHAI)
                else:
                    break


def _week(at: datetime) -> int:
    return (at.date() - FIRST).days // 7


def _busy(season: Season, cohort: Cohort, trainer: Trainer, room: str, done: list[Session]) -> Iterator[Span]:
    """Give what cannot be gone through: the trainer's other days and sessions with the way to them, the room, the learners."""
    towns = {each.name: each.town for each in season.cohorts}
    others = {*cohort.shares, *(each.name for each in season.cohorts if cohort.name in each.shares), cohort.name}
    for day in trainer.away:
        midnight = datetime.combine(day, time(), SHANGHAI)
        yield midnight, midnight + timedelta(days=1)
    for each in done:
        pause = timedelta(minutes=way(cohort.town, towns[each.cohort]) if each.trainer == trainer.name else 0)
        if each.trainer == trainer.name or (room and each.venue == room) or each.cohort in others:
            yield each.starts_at - pause, each.ends_at + pause
