"""What is left of cohorts' plans, as the timetable's engine asks for it; and what it found, as lessons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lbcert.brands.equipment import read_needs
from lbcert.brands.models import ModuleKind
from lbcert.cohorts.models import Cohort, Enrolment, PlannedModule
from lbcert.cohorts.queries.filing import ruling
from lbcert.core.calendar import overlay_of
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say
from lbcert.core.workdays import DayKind, kind_of
from lbcert.parties.models import Person
from lbcert.teaching import resources, rules
from lbcert.teaching.models import Mode, Session, Venue
from lbcert.teaching.patterns import Held, Opening, Timing, without_window
from lbcert.teaching.queries.learners import STANDING, coming, due_by_module
from lbcert.teaching.queries.makeups import for_absentees
from lbcert.teaching.queries.patterns import timing_of
from lbcert.teaching.queries.resources import (
    bookings_between,
    departure_of,
    lines_of,
    partners_of,
    places_of,
    terms_of,
    trainers_for,
    ways_of,
)
from lbcert.teaching.queries.sessions import venues_for
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.resources import TrainerTerms, VenueTerms, Ways
from lbcert.teaching.rules import CLASS_HOUR, Lesson
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem, Resource, Span, cut
from lbcert.teaching.solver.times import hours_at_once, minute, moment, starts
from lbcert.teaching.solver.wishes import Bar, Few, Finish, Journeys, Limit, Nights, Order, Spread, Wish

#: What a unit of a wish that does not bind costs: our own figures.
_ONE_TRAINER, _ONE_ROOM, _JOURNEY, _STEADY, _EARLY, _TOO_SMALL = 10, 3, 20, 2, 1, 30
_A_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
#: Around the plan's days, so that weeks are whole, and ways and nights away to sessions before and after it are kept.
_AROUND = timedelta(days=31)


@dataclass(frozen=True)
class Asked:
    """How a cohort's plan is to be held, by these trainers in these venues as far as they are the cohort's.

    No trainers: the filed ones and the employers' mentors. No venues: those of its providers and employers at its site.
    """

    first: date
    hours_at_once: int = 4
    practice_mode: Mode = Mode.ON_SITE
    online_theory: bool = False
    venues: tuple[int, ...] = ()
    practice_venues: tuple[int, ...] = ()
    trainers: tuple[int, ...] = ()
    practice_trainers: tuple[int, ...] = ()
    material: str = ""
    #: Something on each day that is open rather than an early end.
    steady: bool = False


@dataclass(frozen=True)
class Setting:
    """A problem with what its names mean; ``findings`` say what could not be asked for at all."""

    problem: Problem
    #: The day whose midnight is minute 0: a Monday.
    origin: date
    #: A piece's lesson, but for its times, trainer and venue; with its cohort.
    lessons: Mapping[str, tuple[int, Lesson]]
    findings: Sequence[Finding]

    def lessons_of(self, meetings: Iterable[Meeting]) -> dict[int, list[Lesson]]:
        """Give what a plan holds beyond what stood, by cohort, in time."""
        found: dict[int, list[Lesson]] = defaultdict(list)
        for meeting in sorted(meetings, key=lambda each: each.start):
            if meeting.piece not in self.lessons:
                continue
            cohort_id, lesson = self.lessons[meeting.piece]
            taken = {kind: int(key) for kind, _, key in (name.partition(":") for name in meeting.taken)}
            begins = moment(meeting.start, self.origin)
            found[cohort_id].append(
                replace(
                    lesson, starts_at=begins, ends_at=begins + CLASS_HOUR * lesson.hours,
                    trainer_id=taken["trainer"], venue_id=taken.get("venue"),
                )
            )  # fmt: skip
        return found


@dataclass(frozen=True)
class _Way:
    """How a module is held, and who may teach it and where."""

    mode: Mode
    trainers: Sequence[Person]
    venues: Sequence[Venue]
    material: str


def setting_of(asked: Mapping[Cohort, Asked]) -> Setting:
    """Put what is left of cohorts' plans as one problem: what stands already is pinned, what binds has its words."""
    return Maker(asked).setting()


class Maker:
    """What is gathered from the cohorts, one after another."""

    def __init__(self, asked: Mapping[Cohort, Asked]) -> None:
        self.asked = asked
        first = min(max(one.first, cohort.starts_on) for cohort, one in asked.items())
        self.origin = first - timedelta(days=first.weekday())
        self.last = max(cohort.ends_on for cohort in asked)
        self.due = {cohort: due_by_module(cohort) for cohort in asked}
        self.classes = self._classes()
        self.trainers = {cohort: trainers_for(cohort) for cohort in asked}
        self.terms = terms_of(person.id for people in self.trainers.values() for person in people)
        self.venues = {cohort: venues_for(cohort) for cohort in asked}
        self.places = places_of(venue.id for venues in self.venues.values() for venue in venues)
        self.resources: dict[str, Resource] = {}
        self.pieces: list[Piece] = []
        self.pinned: list[Meeting] = []
        self.wishes: list[Wish] = []
        self.lessons: dict[str, tuple[int, Lesson]] = {}
        self.findings: list[Finding] = []

    def setting(self) -> Setting:
        """Gather everything."""
        for number, people in enumerate(self.classes):
            self._add(f"learners:{number}", "learners", say("{count} 名学员", count=len(people)))
        of_module: dict[tuple[int, int], list[str]] = defaultdict(list)
        self._pin(of_module)
        for cohort, one in self.asked.items():
            self._cohort(cohort, one, of_module)
        ways = {pair: hours for cohort in self.asked for pair, hours in ways_of(cohort).items()}
        places = sorted({piece.place for piece in self.pieces if piece.place})
        self.wishes += self._nights(places, ways)
        near = {pair: hours * 60 for pair in combinations(places, 2) if (hours := resources.hours_between(ways, *pair))}
        problem = Problem(
            tuple(self.pieces), tuple(self.resources.values()), tuple(self.wishes), tuple(self.pinned), near
        )
        return Setting(problem, self.origin, self.lessons, self.findings)

    def _classes(self) -> list[frozenset[int]]:
        """Part the learners into those who have the very same modules: each is one body that can be in one place."""
        modules: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for cohort, due in self.due.items():
            for module_id, learners in due.items():
                for person_id in learners:
                    modules[person_id].add((cohort.id, module_id))
        alike: dict[frozenset[tuple[int, int]], set[int]] = defaultdict(set)
        for person_id, own in modules.items():
            alike[frozenset(own)].add(person_id)
        return [frozenset(people) for people in alike.values()]

    def _bodies(self, cohort: Cohort, module_id: int) -> tuple[str, ...]:
        """Name the classes that must come to a module; all of the cohort's where nobody has it yet."""
        due = self.due[cohort].get(module_id, {})
        people = set(due) or {person for learners in self.due[cohort].values() for person in learners}
        bodies = tuple(f"learners:{n}" for n, one in enumerate(self.classes) if one & people)
        return bodies or (self._add(f"cohort:{cohort.id}", "learners", cohort.name),)

    def _add(self, name: str, kind: str, label: object, home: str = "") -> str:
        if name not in self.resources:
            self.resources[name] = Resource(name, kind, str(label), home=home)
        return name

    def _trainer(self, person: Person) -> str:
        terms = self.terms.get(person.id)
        return self._add(f"trainer:{person.id}", "trainer", person.name, (terms.home if terms else None) or "")

    def _venue(self, venue_id: int) -> str:
        return self._add(f"venue:{venue_id}", "venue", self.places[venue_id].name)

    def _pin(self, of_module: dict[tuple[int, int], list[str]]) -> None:
        """Take what stands already: the cohorts' own sessions, and others of their trainers, venues and learners."""
        people = {person.id: person for own in self.trainers.values() for person in own}
        learners = {key for due in self.due.values() for of in due.values() for key in of}
        begins, ends = (datetime.combine(day, time(), SHANGHAI) for day in (self.origin - _AROUND, self.last + _AROUND))
        own = {cohort.id for cohort in self.asked}
        elsewhere = select(Enrolment.cohort_id).where(Enrolment.person_id.in_(learners), Enrolment.state.in_(STANDING))
        query = (
            select(Session)
            .where(Session.cancelled_reason == "", Session.starts_at < ends, Session.ends_at > begins)
            .where(
                or_(
                    Session.cohort_id.in_(own),
                    Session.trainer_id.in_(people),
                    Session.venue_id.in_(self.places),
                    Session.cohort_id.in_(elsewhere),
                )
            )
            .options(joinedload(Session.cohort), joinedload(Session.module), joinedload(Session.venue))
        )
        due = dict(self.due)
        for session in db.session.scalars(query.order_by(Session.starts_at, Session.id)):
            if session.cohort not in due:
                due[session.cohort] = due_by_module(session.cohort)
            there = set(coming(session, due[session.cohort]))
            taken = [f"learners:{n}" for n, one in enumerate(self.classes) if one & there]
            if session.cohort in self.asked and not (taken or session.for_absentees):
                taken += self._bodies(session.cohort, session.module_id)
            if session.trainer_id in people:
                taken.append(self._trainer(people[session.trainer_id]))
            if session.venue_id in self.places:
                taken.append(self._venue(session.venue_id))
            if not taken:
                continue
            region = session.venue.region_code if session.venue else session.cohort.site_region_code
            start, name = minute(session.starts_at, self.origin), f"session:{session.id}"
            length = (session.ends_at - session.starts_at) // timedelta(minutes=1)
            self.pieces.append(
                Piece(
                    name, session.module.name, 1, length, (start,), tuple((one,) for one in taken), session.hours,
                    "" if session.mode is Mode.ONLINE else region,
                )
            )  # fmt: skip
            self.pinned.append(Meeting(name, start, tuple(taken)))
            of_module[session.cohort_id, session.module_id].append(name)

    def _cohort(self, cohort: Cohort, one: Asked, of_module: dict[tuple[int, int], list[str]]) -> None:
        timing, overlay = timing_of(cohort), overlay_of(cohort.site_region_code)
        first = max(one.first, cohort.starts_on)
        days = [first + timedelta(days=n) for n in range((cohort.ends_on - first).days + 1)]
        self.findings += timing.notes

        def kind(day: date) -> DayKind:
            return kind_of(day, overlay)

        planned: dict[int, int] = defaultdict(int)
        standing = select(Session).where(Session.cohort_id == cohort.id, Session.cancelled_reason == "")
        for session in db.session.scalars(standing.where(~for_absentees())):
            planned[session.module_id] += session.hours
        left = {row: row.hours - planned[row.module_id] for row in cohort.plan if row.hours > planned[row.module_id]}
        limit, begun = self._limit(cohort, timing), len(self.pieces)
        windows = {row: timing.of(Held(row.module.kind, _mode(row, one))) for row in left}
        timings: dict[str, Timing] = {}
        ways = {row: way for row in left if (way := self._way(cohort, row, one, windows[row]))}
        division = Division(cohort).divide(
            {row.module_id: left[row] for row in ways},
            {row.module_id: [person.id for person in way.trainers] for row, way in ways.items()},
        )
        for row, way in ways.items():
            alike = sum(more for other, more in left.items() if windows[other].openings == windows[row].openings)
            at_once = hours_at_once(windows[row], days, kind, one.hours_at_once, limit, alike)
            for part, (people, hours) in enumerate(division[row.module_id]):
                theirs = replace(way, trainers=[person for person in way.trainers if person.id in people])
                names = self._module(cohort, row, cut(hours, at_once), theirs, f"{part or ''}")
                of_module[cohort.id, row.module_id] += names
                timings |= dict.fromkeys(names, windows[row])
        pieces = tuple(timings)
        if pieces:
            self.wishes += self._limits(cohort, limit)
            self.wishes += self._bars(cohort, pieces, days, kind)
            self.pieces[begun:] = [
                replace(
                    piece, starts=starts(timings[piece.name], days, kind, piece.hours, self.origin, self._freed(piece))
                )
                for piece in self.pieces[begun:]
            ]
            self.wishes += self._orders(cohort, timing, of_module)
            self.wishes += self._tastes(cohort, of_module)
            self.wishes += self._steady(cohort, of_module) if one.steady else ()

    def _way(self, cohort: Cohort, row: PlannedModule, one: Asked, timing: Timing) -> _Way | None:
        """Give how a module is to be held; None where nobody may teach it, or it has no window or place."""
        is_practice, mode = row.module.kind is ModuleKind.PRACTICE, _mode(row, one)
        if closed := without_window(timing, Held(row.module.kind, mode), self._named(cohort, row)):
            self.findings += closed
            return None
        is_nowhere = mode is Mode.ONLINE or (mode is Mode.FIELD and not one.practice_venues)
        venues = [] if is_nowhere else self._rooms(cohort, one, is_practice)
        venues, lacking = self._equipped(cohort, row, venues)
        if lacking:
            self.findings += lacking
            return None
        asked = (one.practice_trainers if is_practice else one.trainers) or one.trainers
        trainers = [person for person in self.trainers[cohort] if self._may(person, cohort, row, mode, venues)]
        trainers = [person for person in trainers if person.id in asked] or trainers
        if not trainers:
            message = say("模块“{module}”没有能教的教师：请核对备案的师资和教师资料", module=self._named(cohort, row))
            self.findings.append(refuse("teaching.nobody_teaches", message))
            return None
        if not venues and mode in {Mode.ON_SITE, Mode.WORKPLACE}:
            message = say("模块“{module}”没有可用的场地：请先登记或选择场地", module=self._named(cohort, row))
            self.findings.append(refuse("teaching.no_room", message))
            return None
        return _Way(mode, trainers, venues, one.material)

    def _module(
        self, cohort: Cohort, row: PlannedModule, meetings: Iterable[tuple[int, int]], way: _Way, part: str = ""
    ) -> list[str]:
        """Give meetings of a module (how many, of how many hours) as pieces; ``part`` tells those of one provider from another's."""
        mode, venues = way.mode, way.venues
        needs: list[tuple[str, ...]] = [(body,) for body in self._bodies(cohort, row.module_id)]
        needs.append(tuple(self._trainer(person) for person in way.trainers))
        if venues:
            needs.append(tuple(self._venue(venue.id) for venue in venues))
        size = len(self.due[cohort].get(row.module_id, {}))
        small = {f"venue:{v.id}": _TOO_SMALL for v in venues if v.capacity is not None and v.capacity < size}
        place = "" if mode is Mode.ONLINE else venues[0].region_code if venues else cohort.site_region_code
        names = []
        for count, hours in meetings:
            name = f"{cohort.id}-{row.module_id}-{hours}" + (f"-{part}" if part else "")
            minutes = hours * (CLASS_HOUR // timedelta(minutes=1))
            label = say("{cohort} {module}", cohort=cohort.name, module=row.module.name)
            self.pieces.append(Piece(name, label, count, minutes, (), tuple(needs), hours, place, small))
            blank = datetime.combine(self.origin, time(), SHANGHAI)
            lesson = Lesson(row.module_id, blank, blank, hours, mode, 0, material=way.material)
            self.lessons[name] = (cohort.id, lesson)
            names.append(name)
        return names

    def _named(self, cohort: Cohort, row: PlannedModule) -> str:
        return row.module.name if len(self.asked) == 1 else f"{cohort.name} {row.module.name}"

    def _freed(self, piece: Piece) -> set[int]:
        """Give the minutes at which something that a piece may take is to be had again."""
        names = {name for need in piece.needs for name in need}
        bars = (wish for wish in self.wishes if isinstance(wish, Bar) and not names.isdisjoint(wish.resources))
        pinned = (meeting for meeting in self.pinned if not names.isdisjoint(meeting.taken))
        lengths = {piece.name: piece.minutes for piece in self.pieces}
        return {end for bar in bars for _, end in bar.spans} | {each.start + lengths[each.piece] for each in pinned}

    def _rooms(self, cohort: Cohort, one: Asked, is_practice: bool) -> list[Venue]:
        """Give the venues that may be used, all of one region: that of the first."""
        chosen = {*((one.practice_venues if is_practice else one.venues) or one.venues)}
        chosen &= {venue.id for venue in self.venues[cohort]}
        partners = partners_of(cohort)
        rooms = [
            venue
            for venue in self.venues[cohort]
            if (
                venue.id in chosen
                if chosen
                else venue.region_code == cohort.site_region_code and venue.organisation_id in partners
            )
            and not resources.workshop_of(self.places[venue.id], partners)
        ]
        return [venue for venue in rooms if venue.region_code == rooms[0].region_code]

    def _equipped(
        self, cohort: Cohort, row: PlannedModule, venues: Sequence[Venue]
    ) -> tuple[list[Venue], list[Finding]]:
        """Leave out the venues that lack what a module needs; where all of them do, say what."""
        lacks = {venue: self._lacks(cohort, row, venue) for venue in venues}
        left = [venue for venue in venues if not lacks[venue]]
        return left, [] if left else [finding for findings in lacks.values() for finding in findings]

    def _lacks(self, cohort: Cohort, row: PlannedModule, venue: Venue) -> list[Finding]:
        needs, size = read_needs(row.module.equipment)[0], len(self.due[cohort].get(row.module_id, {}))
        found = resources.equipped(self.places[venue.id], self._named(cohort, row), needs, size)
        return [finding for finding in found if finding.stops]

    def _may(self, person: Person, cohort: Cohort, row: PlannedModule, mode: Mode, venues: Sequence[Venue]) -> bool:
        terms = self.terms.get(person.id)
        if terms is None:
            return True
        is_practice = row.module.kind is ModuleKind.PRACTICE
        places: list[VenueTerms | None] = [self.places[venue.id] for venue in venues]
        at_work = (resources.mentor_at_work(terms, mode, is_practice, place) for place in places or [None])
        return not resources.teaches(terms, cohort.item.name, row.module.name) and not any(at_work)

    def _limit(self, cohort: Cohort, timing: Timing) -> int | None:
        """Give the class hours of a day."""
        policy = ruling(cohort, rules.HOURS_A_DAY).value
        return min((value for value in (timing.hours_a_day, policy) if value is not None), default=None)

    def _limits(self, cohort: Cohort, limit: int | None) -> Iterator[Wish]:
        """Bound the class hours of a day for whoever learns, and of a week for whoever teaches."""
        bodies = dict.fromkeys(body for row in cohort.plan for body in self._bodies(cohort, row.module_id))
        if limit is not None:
            words = say("{cohort}每天最多 {limit} 课时", cohort=cohort.name, limit=limit)
            yield from (Limit(words, None, body, limit) for body in bodies)
        bound = {wish.resource for wish in self.wishes if isinstance(wish, Limit)}
        for person in self.trainers[cohort]:
            terms, name = self.terms.get(person.id), f"trainer:{person.id}"
            if terms and terms.hours_a_week is not None and name in self.resources and name not in bound:
                words = say("{who} 每周最多 {limit} 课时", who=person.name, limit=terms.hours_a_week)
                yield Limit(words, None, name, terms.hours_a_week, 7)

    def _nights(self, places: Sequence[str], ways: Ways) -> Iterator[Wish]:
        """Bound the nights in a row that whoever teaches is away from home."""
        for person in dict.fromkeys(person for people in self.trainers.values() for person in people):
            terms, name = self.terms.get(person.id), f"trainer:{person.id}"
            if terms and terms.home and terms.nights_away is not None and name in self.resources:
                homeward = {place: resources.way_home(terms.home, place, ways) for place in places}
                away = tuple((place, way // _MINUTE) for place, way in homeward.items() if way is not None)
                words = say("{who} 最多连续 {limit} 晚在外地", who=person.name, limit=terms.nights_away)
                yield Nights(words, None, name, terms.nights_away, away, resources.NIGHT // _MINUTE)

    def _bars(
        self, cohort: Cohort, pieces: tuple[str, ...], days: Sequence[date], kind: Callable[[date], DayKind]
    ) -> Iterator[Wish]:
        """Say when trainers and venues are not to be had, and after which day an order's people must travel."""
        departure = departure_of(lines_of(cohort))
        if departure and departure[0] < cohort.ends_on:
            late = (self._midnight(departure[0] + _A_DAY), self._midnight(cohort.ends_on + _A_DAY))
            words = say("订单 {order} 的学员最迟 {day} 结课", order=departure[1], day=departure[0].isoformat())
            yield Bar(words, None, pieces, (), (late,))
        begins, ends = (datetime.combine(day, time(), SHANGHAI) for day in (days[0], days[-1] + _A_DAY))
        people = [person.id for person in self.trainers[cohort] if f"trainer:{person.id}" in self.resources]
        venues = [venue.id for venue in self.venues[cohort] if f"venue:{venue.id}" in self.resources]
        of_people, of_venues = bookings_between(begins, ends, people=people, venues=venues)
        for prefix, taken in (("trainer", of_people), ("venue", of_venues)):
            for key, bookings in taken.items():
                name = f"{prefix}:{key}"
                for booking in bookings:
                    words = say("{what}：{reason}", what=self.resources[name].label, reason=booking.reason)
                    span = (minute(booking.starts_at, self.origin), minute(booking.ends_at, self.origin))
                    yield Bar(words, None, pieces, (name,), (span,))
        openings: dict[str, Sequence[Opening]] = {
            **{f"trainer:{key}": self.terms.get(key, TrainerTerms("")).openings for key in people},
            **{f"venue:{key}": self.places[key].openings for key in venues},
        }
        for name, windows in openings.items():
            if windows:
                words = say("{what} 只在登记的时段可用", what=self.resources[name].label)
                yield Bar(words, None, pieces, (name,), tuple(self._closed(windows, days, kind)))

    def _closed(
        self, windows: Sequence[Opening], days: Sequence[date], kind: Callable[[date], DayKind]
    ) -> Iterator[Span]:
        """Give the stretches of the days that lie in no window."""
        for day in days:
            at, end = self._midnight(day), self._midnight(day + _A_DAY)
            for opening in sorted((one for one in windows if one.span and one.is_on(day, kind(day))), key=str):
                assert opening.span is not None  # noqa: S101 (asked for in the line above)
                begins, ends = (self._midnight(day) + one.hour * 60 + one.minute for one in opening.span)
                if at < begins:
                    yield (at, begins)
                at = max(at, ends)
            if at < end:
                yield (at, end)

    def _orders(
        self, cohort: Cohort, timing: Timing, of_module: Mapping[tuple[int, int], Sequence[str]]
    ) -> Iterator[Wish]:
        """Keep the modules in their order where it binds: each after the last one before it that shares a learner."""
        for number, later in enumerate(timing.order):
            for first in reversed(timing.order[:number]):
                pieces = tuple(of_module[cohort.id, first]), tuple(of_module[cohort.id, later])
                shared = set(self._bodies(cohort, first)) & set(self._bodies(cohort, later))
                if all(pieces) and shared:
                    names = {row.module_id: row.module.name for row in cohort.plan}
                    words = say("先上“{first}”，再上“{later}”", first=names[first], later=names[later])
                    yield Order(words, None, *pieces)
                    break

    def _tastes(self, cohort: Cohort, of_module: Mapping[tuple[int, int], Sequence[str]]) -> Iterator[Wish]:
        """Wish for few trainers and rooms a module, few journeys, and an early end."""
        for row in cohort.plan:
            pieces = tuple(name for name in of_module[cohort.id, row.module_id] if name in self.lessons)
            if pieces:
                yield Few(say("一个模块一位教师"), _ONE_TRAINER, pieces, "trainer")
                yield Few(say("一个模块一处场地"), _ONE_ROOM, pieces, "venue")
        away = {wish.resource for wish in self.wishes if isinstance(wish, Journeys)}
        for person in self.trainers[cohort]:
            name = f"trainer:{person.id}"
            if name in self.resources and self.resources[name].home and name not in away:
                yield Journeys(say("少出差"), _JOURNEY, name)
        bodies = dict.fromkeys(body for row in cohort.plan for body in self._bodies(cohort, row.module_id))
        yield from (Finish(say("早结课"), _EARLY, body) for body in bodies)

    def _steady(self, cohort: Cohort, of_module: Mapping[tuple[int, int], Sequence[str]]) -> Iterator[Wish]:
        """Wish for a lesson on each day that is open, while there are lessons: who works by day has no double evenings."""
        names = {name for row in cohort.plan for name in of_module[cohort.id, row.module_id]}
        pieces = [piece for piece in self.pieces if piece.name in names]
        days = len({start // DAY for piece in pieces for start in piece.starts})
        meetings = sum(piece.count for piece in pieces)
        yield Spread(say("课均匀排开"), _STEADY, tuple(piece.name for piece in pieces), min(days, meetings))

    def _midnight(self, day: date) -> int:
        return (day - self.origin).days * DAY


def _mode(row: PlannedModule, one: Asked) -> Mode:
    """Give how a module is to be taught."""
    if one.online_theory and row.module.online_allowed:
        return Mode.ONLINE
    return one.practice_mode if row.module.kind is ModuleKind.PRACTICE else Mode.ON_SITE
