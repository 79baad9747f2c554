"""Tells from the sessions of a plan alone what is wrong with it and what it is worth, whoever made it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

from benchmarks.season.data import HOURS_A_WEEK, PATTERNS, Season, kind, way

_WEEK_ONE = date(2019, 1, 1)


@dataclass(frozen=True)
class Session:
    """A session in local time; no venue is in the field."""

    cohort: str
    is_practice: bool
    starts_at: datetime
    ends_at: datetime
    trainer: str
    venue: str

    @property
    def hours(self) -> int:
        """Its class hours."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=45)


def clashes(season: Season, sessions: Sequence[Session]) -> Counter[str]:
    """Count the pairs that have a trainer, a venue or learners at once, or a trainer who cannot be there in time."""
    towns = {cohort.name: cohort.town for cohort in season.cohorts}
    sharing = {frozenset((cohort.name, other)) for cohort in season.cohorts for other in cohort.shares}
    found: Counter[str] = Counter()
    for one, other in combinations(sessions, 2):
        if abs((one.starts_at - other.starts_at).days) > 1:
            continue
        apart = max(one.starts_at, other.starts_at) - min(one.ends_at, other.ends_at)
        if apart < timedelta():
            found["trainer"] += one.trainer == other.trainer
            found["venue"] += bool(one.venue) and one.venue == other.venue
            found["learners"] += one.cohort == other.cohort or frozenset((one.cohort, other.cohort)) in sharing
        elif one.trainer == other.trainer and apart < timedelta(minutes=way(towns[one.cohort], towns[other.cohort])):
            found["travel"] += 1
    return +found


def faults(season: Season, sessions: Sequence[Session]) -> Counter[str]:
    """Count what else may not be: the wrong trainer, room, day or time, practice before theory, hours too many or lacking."""
    cohorts = {cohort.name: cohort for cohort in season.cohorts}
    away = {trainer.name: trainer.away for trainer in season.trainers}
    found: Counter[str] = Counter()
    held: Counter[tuple[str, bool]] = Counter()
    weeks: Counter[tuple[str, int]] = Counter()
    for each in sessions:
        cohort, day = cohorts[each.cohort], each.starts_at.date()
        rooms = {venue.name for venue in season.venues_of(cohort, practice=each.is_practice)} or {""}
        openings = [opening for opening in PATTERNS[cohort.pattern].openings if opening.is_on(day, kind(day))]
        found["trainer"] += each.trainer not in {trainer.name for trainer in season.trainers_of(cohort)}
        found["away"] += day in away[each.trainer]
        found["room"] += each.venue not in rooms
        found["weeks"] += not cohort.first <= day <= cohort.last
        found["pattern"] += not any(opening.holds(each.starts_at, each.ends_at) for opening in openings)
        held[each.cohort, each.is_practice] += each.hours
        weeks[each.trainer, (day - _WEEK_ONE).days // 7] += each.hours
    for cohort in season.cohorts:
        theory = max((s.ends_at for s in sessions if s.cohort == cohort.name and not s.is_practice), default=None)
        practice = min((s.starts_at for s in sessions if s.cohort == cohort.name and s.is_practice), default=None)
        found["order"] += theory is not None and practice is not None and practice < theory
        for is_practice, hours in enumerate(cohort.hours):
            found["hours too many"] += max(0, held[cohort.name, bool(is_practice)] - hours)
            found["hours lacking"] += max(0, hours - held[cohort.name, bool(is_practice)])
    found["hours a week"] += sum(hours > HOURS_A_WEEK for hours in weeks.values())
    return +found


def worth(season: Season, sessions: Sequence[Session], fair: int) -> dict[str, int]:
    """Give what a plan is to have little of.

    Journeys, lonely half days, half days that learners and trainers wait between sessions of a day, class hours beyond the fair
    share of a week, and days to the cohorts' last sessions.
    """
    cohorts = {cohort.name: cohort for cohort in season.cohorts}
    homes = {trainer.name: trainer.home for trainer in season.trainers}
    away, weeks = set(), Counter[tuple[str, int]]()
    by_day: dict[tuple[str, date], list[Session]] = defaultdict(list)
    last: dict[str, int] = {}
    for each in sessions:
        cohort, day = cohorts[each.cohort], each.starts_at.date()
        by_day[each.cohort, day].append(each)
        weeks[each.trainer, (day - _WEEK_ONE).days // 7] += each.hours
        last[each.cohort] = max(last.get(each.cohort, 0), (day - cohort.first).days)
        if cohort.town != homes[each.trainer]:
            away.add((each.trainer, cohort.town, day))
    return {
        "journeys": sum((who, town, day - timedelta(days=1)) not in away for who, town, day in away),
        "half days": sum(len(held) == 1 for (_, _), held in by_day.items()),
        "learners wait": sum(_waits(season, sessions, names) for names in _learners(season)),
        "trainers wait": sum(
            _waits(season, [each for each in sessions if each.trainer == who], cohorts) for who in homes
        ),
        "hours over": sum(max(0, hours - fair) for hours in weeks.values()),
        "days": sum(last.values()),
    }


def _learners(season: Season) -> list[set[str]]:
    """Give the cohorts of those who are in one, and of those who are in two."""
    return [{each.name, *other} for each in season.cohorts for other in ((), *((name,) for name in each.shares))]


def _waits(season: Season, sessions: Sequence[Session], cohorts: Collection[str]) -> int:
    """Count, of these cohorts' sessions, the half days between two of one day in which one of the cohorts could be taught."""
    patterns = {cohort.pattern for cohort in season.cohorts if cohort.name in cohorts}
    days: dict[date, list[Session]] = defaultdict(list)
    for each in sessions:
        if each.cohort in cohorts:
            days[each.starts_at.date()].append(each)
    waited = 0
    for day, held in days.items():
        for begins, ends in {
            one.span for name in patterns for one in PATTERNS[name].openings if one.is_on(day, kind(day))
        }:
            before = any(each.ends_at.time() <= begins for each in held)
            after = any(each.starts_at.time() >= ends for each in held)
            waited += (
                before
                and after
                and all(each.ends_at.time() <= begins or each.starts_at.time() >= ends for each in held)
            )
    return waited
