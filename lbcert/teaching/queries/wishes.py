"""What cohorts' timetables are to keep to, and what is wished of them, as the engine is told it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from lbcert.cohorts.models import Cohort
from lbcert.core.clock import SHANGHAI
from lbcert.core.words import Message, say
from lbcert.core.workdays import DayKind
from lbcert.teaching import resources
from lbcert.teaching.models import Session
from lbcert.teaching.patterns import Opening, Timing
from lbcert.teaching.queries.gathering import Gathered, OfModule
from lbcert.teaching.queries.resources import bookings_between, departure_of, lines_of
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.resources import TrainerTerms, Ways
from lbcert.teaching.solver.problem import DAY, Span, joined
from lbcert.teaching.solver.times import minute
from lbcert.teaching.solver.wishes import Bar, Few, Finish, Idle, Journeys, Limit, Nights, Order, Share, Spread, Wish

#: What a unit of a wish that does not bind costs: our own figures.
_ONE_TRAINER, _ONE_ROOM, _JOURNEY, _GAP, _TRAINERS_GAP, _STEADY, _EARLY = 10, 3, 20, 5, 2, 2, 1
_A_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


def of_days(gathered: Gathered, cohort: Cohort, limit: int | None) -> Iterator[Wish]:
    """Bound the class hours of a day for whoever learns."""
    if limit is not None:
        words = say("{cohort}每天最多 {limit} 课时", cohort=cohort.name, limit=limit)
        yield from (Limit(words, None, body, limit) for body in gathered.bodies_of(cohort))


def of_trainers(gathered: Gathered, places: Sequence[str], ways: Ways) -> Iterator[Wish]:
    """Bound each trainer's class hours of a week and nights away in a row, and wish for few journeys."""
    for name, person in gathered.teaching().items():
        terms = gathered.terms.get(person.id)
        if terms and terms.hours_a_week is not None:
            words = say("{who} 每周最多 {limit} 课时", who=person.name, limit=terms.hours_a_week)
            yield Limit(words, None, name, terms.hours_a_week, 7)
        if terms and terms.home and terms.nights_away is not None:
            homeward = {place: resources.way_home(terms.home, place, ways) for place in places}
            away = tuple((place, way // _MINUTE) for place, way in homeward.items() if way is not None)
            words = say("{who} 最多连续 {limit} 晚在外地", who=person.name, limit=terms.nights_away)
            yield Nights(words, None, name, terms.nights_away, away, resources.NIGHT // _MINUTE)
        if gathered.resources[name].home:
            yield Journeys(say("少出差"), _JOURNEY, name)


def bars(
    gathered: Gathered, cohort: Cohort, pieces: tuple[str, ...], days: Sequence[date], kind: Callable[[date], DayKind]
) -> Iterator[Wish]:
    """Say when trainers and venues are not to be had, and after which day an order's people must travel."""
    departure = departure_of(lines_of(cohort))
    if departure and departure[0] < cohort.ends_on:
        late = (gathered.midnight(departure[0] + _A_DAY), gathered.midnight(cohort.ends_on + _A_DAY))
        words = say("订单 {order} 的学员最迟 {day} 结课", order=departure[1], day=departure[0].isoformat())
        yield Bar(words, None, pieces, (), (late,))
    begins, ends = (datetime.combine(day, time(), SHANGHAI) for day in (days[0], days[-1] + _A_DAY))
    people = [person.id for person in gathered.trainers[cohort] if f"trainer:{person.id}" in gathered.resources]
    venues = [venue.id for venue in gathered.venues[cohort] if f"venue:{venue.id}" in gathered.resources]
    of_people, of_venues = bookings_between(begins, ends, people=people, venues=venues)
    for prefix, taken in (("trainer", of_people), ("venue", of_venues)):
        for key, bookings in taken.items():
            name = f"{prefix}:{key}"
            for booking in bookings:
                words = say("{what}：{reason}", what=gathered.resources[name].label, reason=booking.reason)
                span = (minute(booking.starts_at, gathered.origin), minute(booking.ends_at, gathered.origin))
                yield Bar(words, None, pieces, (name,), (span,))
    openings: dict[str, Sequence[Opening]] = {
        **{f"trainer:{key}": gathered.terms.get(key, TrainerTerms("")).openings for key in people},
        **{f"venue:{key}": gathered.places[key].openings for key in venues},
    }
    for name, windows in openings.items():
        if windows:
            words = say("{what} 只在登记的时段可用", what=gathered.resources[name].label)
            yield Bar(words, None, pieces, (name,), tuple(_closed(gathered, windows, days, kind)))


def orders(gathered: Gathered, cohort: Cohort, timing: Timing, of_module: OfModule) -> Iterator[Wish]:
    """Keep the modules in their order where it binds: each after the last one before it that shares a learner."""
    for number, later in enumerate(timing.order):
        for first in reversed(timing.order[:number]):
            pieces = tuple(of_module[cohort.id, first]), tuple(of_module[cohort.id, later])
            shared = set(gathered.bodies(cohort, first)) & set(gathered.bodies(cohort, later))
            if all(pieces) and shared:
                names = {row.module_id: row.module.name for row in cohort.plan}
                words = say("先上“{first}”，再上“{later}”", first=names[first], later=names[later])
                yield Order(words, None, *pieces)
                break


def shares(gathered: Gathered, cohort: Cohort, moving: Mapping[str, Session]) -> Iterator[Wish]:
    """Keep to what each provider filed to teach (联合办班) where sessions, by their pieces, may go to other trainers.

    Whoever is none of the providers' teaches no more than now, so that no provider's hours are lost to him.
    """
    counted = {name: session for name, session in moving.items() if not session.for_absentees}
    division = Division(cohort, [session.id for session in counted.values()])
    if not division.is_filed:
        return
    people: dict[int | None, set[int]] = defaultdict(set)
    for person in gathered.teaching().values():
        people[division.provider_of(person.id)].add(person.id)
    bounds: dict[int | None, tuple[Message, int]] = {
        part.organisation_id: (
            say("{name}备案承担 {filed} 课时", name=part.name, filed=part.filed),
            part.filed - part.planned,
        )
        for part in division.parts
        if part.filed is not None
    }
    now = sum(session.hours for session in counted.values() if session.trainer_id in people[None])
    bounds[None] = say("办班单位以外的教师不多上课"), now
    for provider, (words, hours) in bounds.items():
        names = frozenset(f"trainer:{person_id}" for person_id in people[provider])
        yield Share(words, None, tuple(counted), names, hours)


def tastes(gathered: Gathered, cohort: Cohort, of_module: OfModule) -> Iterator[Wish]:
    """Wish for few trainers and rooms a module, and an early end."""
    for row in cohort.plan:
        pieces = tuple(name for name in of_module[cohort.id, row.module_id] if name in gathered.lessons)
        if pieces:
            yield Few(say("一个模块一位教师"), _ONE_TRAINER, pieces, "trainer")
            yield Few(say("一个模块一处场地"), _ONE_ROOM, pieces, "venue")
    yield from (Finish(say("早结课"), _EARLY, body) for body in gathered.bodies_of(cohort))


def gaps(gathered: Gathered) -> Iterator[Wish]:
    """Wish that learners, and rather less that trainers, do not wait between lessons of a day for as long as the longest lesson takes."""
    minutes = max((piece.minutes for piece in gathered.pieces if piece.name in gathered.lessons), default=0)
    if not minutes:
        return
    trainers = gathered.teaching()
    open_to: dict[str, list[Span]] = defaultdict(list)
    for cohort in gathered.timings:
        windows = list(gathered.windows(cohort))
        for name in (*gathered.bodies_of(cohort), *trainers):
            open_to[name] += windows
    for name, spans in open_to.items():
        periods = (range(begins, ends - minutes + 1, minutes) for begins, ends in joined(spans))
        own = tuple((start, start + minutes) for starts in periods for start in starts)
        yield Idle(say("少空档"), _TRAINERS_GAP if name in trainers else _GAP, name, own)


def steady(gathered: Gathered, cohort: Cohort, of_module: OfModule) -> Iterator[Wish]:
    """Wish for a lesson on each day that is open, while there are lessons: who works by day has no double evenings."""
    names = {name for row in cohort.plan for name in of_module[cohort.id, row.module_id]}
    pieces = [piece for piece in gathered.pieces if piece.name in names]
    days = len({start // DAY for piece in pieces for start in piece.starts})
    meetings = sum(piece.count for piece in pieces)
    yield Spread(say("课均匀排开"), _STEADY, tuple(piece.name for piece in pieces), min(days, meetings))


def _closed(
    gathered: Gathered, windows: Sequence[Opening], days: Sequence[date], kind: Callable[[date], DayKind]
) -> Iterator[Span]:
    """Give the stretches of the days that lie in no window."""
    for day in days:
        at, end = gathered.midnight(day), gathered.midnight(day + _A_DAY)
        for opening in sorted((one for one in windows if one.span and one.is_on(day, kind(day))), key=str):
            assert opening.span is not None  # noqa: S101 (asked for in the line above)
            begins, ends = (gathered.midnight(day) + one.hour * 60 + one.minute for one in opening.span)
            if at < begins:
                yield (at, begins)
            at = max(at, ends)
        if at < end:
            yield (at, end)
