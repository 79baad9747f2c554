"""The season: cohorts of the four kinds of 2019 in their published number and size; everything else is made up, from a seed.

Made up are 30 trainers with two of eight trades each (half of them teach on some weekdays only), 20 venues in ten towns, half of them
with workshops, the way between the towns, and what each cohort is taught: its trade, its hours, its pattern and its weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from math import dist
from random import Random

from lbcert.core.registrations import Window
from lbcert.core.words import say
from lbcert.core.workdays import DayKind, kind_of
from lbcert.teaching.patterns import Opening, Timing

FIRST, SPRING, LAST = date(2019, 1, 1), date(2019, 2, 18), date(2019, 8, 31)
#: Kind of class: cohorts and people as published; class hours of theory and of practice are ours.
KINDS = {
    "特色工种": (27, 883, 24, 56),
    "职业技能": (53, 3412, 20, 40),
    "农村实用技术": (32, 1920, 12, 28),
    "岗前军训式": (4, 385, 8, 40),
}
TRADES = ("电工", "焊工", "砌筑工", "家政服务员", "中式烹调师", "养老护理员", "农作物植保员", "家畜饲养员")
#: Towns of 镇雄; where they lie is ours, in minutes of driving.
TOWNS = {
    "乌峰": (0, 0), "泼机": (-30, 10), "芒部": (-40, 40), "牛场": (-20, 70), "以勒": (50, 60),
    "坡头": (90, 40), "罗坎": (30, 100), "母享": (20, -50), "赤水源": (40, -30), "大湾": (80, -60),
}  # fmt: skip
HOURS_AT_ONCE = 4
#: Class hours of a trainer in seven days at most.
HOURS_A_WEEK = 28

#: What a day is, asked of the calendar once.
kind = cache(kind_of)
_WORKED = frozenset({DayKind.WORKDAY, DayKind.WORKED_WEEKEND})
_OFF = frozenset({DayKind.WEEKEND})


def _timing(name: str, days: frozenset[DayKind], *spans: tuple[time, time]) -> Timing:
    return Timing((say(name),), [Opening(Window(days, *span), span, "") for span in spans], None)


_DAY = (time(8, 30), time(11, 30)), (time(14), time(17))
PATTERNS = {
    "脱产班": _timing("脱产班", _WORKED, *_DAY),
    "周末班": _timing("周末班", _OFF, *_DAY),
    "夜间班": _timing("夜间班", _WORKED | _OFF, (time(18, 30), time(21, 30))),
}
#: Days that a cohort of any pattern has at most.
LONGEST = 60


@dataclass(frozen=True)
class Trainer:
    """A trainer with two trades, and the days on which he is elsewhere."""

    name: str
    home: str
    trades: tuple[str, ...]
    away: frozenset[date]


@dataclass(frozen=True)
class Venue:
    """A room of so many seats; without a workshop it takes theory only."""

    name: str
    town: str
    seats: int
    has_workshop: bool


@dataclass(frozen=True)
class Cohort:
    """A cohort, and the days between which it is to be taught."""

    name: str
    kind: str
    people: int
    trade: str
    town: str
    pattern: str
    first: date
    last: date
    #: Other cohorts with learners of this one.
    shares: tuple[str, ...]

    @property
    def hours(self) -> tuple[int, int]:
        """Class hours of theory and of practice."""
        return KINDS[self.kind][2:]

    @property
    def days(self) -> list[date]:
        """The days between which it is taught."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True)
class Season:
    """All of it."""

    cohorts: Sequence[Cohort]
    trainers: Sequence[Trainer]
    venues: Sequence[Venue]

    def trainers_of(self, cohort: Cohort) -> list[Trainer]:
        """Give who teaches a cohort's trade."""
        return [trainer for trainer in self.trainers if cohort.trade in trainer.trades]

    def venues_of(self, cohort: Cohort, *, practice: bool) -> list[Venue]:
        """Give the rooms of its town that hold it; none for practice in the field."""
        if practice and cohort.kind == "农村实用技术":
            return []
        rooms = [venue for venue in self.venues if venue.town == cohort.town and venue.seats >= cohort.people]
        return [venue for venue in rooms if venue.has_workshop or not practice]


def way(one: str, other: str) -> int:
    """Give the minutes between two towns, by roads half as long again as the line."""
    return round(dist(TOWNS[one], TOWNS[other]) * 1.5)


def season(seed: int = 1) -> Season:
    """Make the season; that of the first seed has a plan, those of some others have none, as ``reasons`` proves."""
    random = Random(seed)  # noqa: S311 (no secret)
    towns = list(TOWNS)
    every_day = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    trainers = []
    for number in range(30):
        weekdays = set(random.sample(range(5), random.choice((0, 1, 2)))) if number % 2 else set()
        trades = TRADES[number % 8], TRADES[(number * 3 + 1 + number // 8) % 8]
        away = frozenset(day for day in every_day if day.weekday() in weekdays)
        trainers.append(Trainer(f"教师{number + 1}", towns[min(number % 14, number % 10)], trades, away))
    venues = [
        Venue(
            f"{town}{'实训场' if workshop else '教室'}", town, random.choice((100, 120)) if workshop else 100, workshop
        )
        for town in towns
        for workshop in (True, False)
    ]
    return Season(_cohorts(random, towns), trainers, venues)


def _cohorts(random: Random, towns: list[str]) -> list[Cohort]:
    cohorts: list[Cohort] = []
    for sort, (count, people, theory, practice) in KINDS.items():
        for number, size in enumerate(_sizes(random, count, people)):
            pattern = random.choice(("脱产班", "脱产班", "夜间班", "周末班")) if sort == "职业技能" else "脱产班"
            town = towns[len(cohorts) % len(towns)]
            meetings = (theory + practice) // HOURS_AT_ONCE
            begins, ends = _span(random, pattern, meetings, [each for each in cohorts if each.town == town])
            shares = (random.choice(cohorts).name,) if cohorts and random.random() < 0.2 else ()
            cohorts.append(
                Cohort(
                    f"{sort}{number + 1}", sort, size, random.choice(TRADES), town, pattern,
                    begins, ends, shares,
                )
            )  # fmt: skip
    return cohorts


def _span(random: Random, pattern: str, meetings: int, others: list[Cohort]) -> tuple[date, date]:
    """Choose, of twelve first days from spring to summer, the one that meets the fewest of the town's cohorts.

    Until the last day the pattern has twice as many openings as there are meetings.
    """
    spans = []
    for _ in range(12):
        first = last = SPRING + timedelta(days=random.randrange((LAST - SPRING).days - LONGEST))
        openings = _openings(pattern, last)
        while openings < meetings * 2:
            last += timedelta(days=1)
            openings += _openings(pattern, last)
        spans.append((first, last))
    return min(spans, key=lambda span: sum(each.first <= span[1] and span[0] <= each.last for each in others))


def _openings(pattern: str, day: date) -> int:
    return sum(opening.is_on(day, kind(day)) for opening in PATTERNS[pattern].openings)


def _sizes(random: Random, count: int, people: int) -> list[int]:
    """Part people into cohorts of about the same size, none above 100."""
    sizes = [people // count + (number < people % count) for number in range(count)]
    for _ in range(5 * count):
        one, other = random.sample(range(count), 2)
        if sizes[one] > 20 and sizes[other] < 100:
            sizes[one], sizes[other] = sizes[one] - 1, sizes[other] + 1
    return sizes
