"""What is left of cohorts' plans, as the timetable's engine asks for it; and what it found, as lessons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
from lbcert.teaching.patterns import Held, Timing, without_window
from lbcert.teaching.queries import wishes
from lbcert.teaching.queries.gathering import Gathered
from lbcert.teaching.queries.learners import STANDING, coming, due_by_module
from lbcert.teaching.queries.makeups import for_absentees
from lbcert.teaching.queries.resources import partners_of, ways_of
from lbcert.teaching.queries.shares import Division
from lbcert.teaching.resources import VenueTerms
from lbcert.teaching.rules import CLASS_HOUR, Lesson
from lbcert.teaching.solver.problem import Meeting, Piece, Problem, cut
from lbcert.teaching.solver.times import hours_at_once, minute, moment, starts
from lbcert.teaching.solver.wishes import Bar

#: What a lesson in a room costs that is too small for it, or of which nobody said what it has, beside the wishes' own figures.
_DOUBTFUL = 30
#: Around the plan's days, so that weeks are whole, and ways and nights away to sessions before and after it are kept.
_AROUND = timedelta(days=31)


@dataclass(frozen=True)
class Asked:
    """How a cohort's plan is to be held, by these trainers in these venues as far as they are the cohort's.

    No trainers: the filed ones and the employers' mentors. No venues: those of its providers at its site, for practice those of its
    employers too.
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
    """A problem with what its names mean, as ``Gathered`` has them; ``findings`` say what could not be asked for at all."""

    problem: Problem
    origin: date
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


class Maker(Gathered):
    """Makes one problem of the cohorts, one after another."""

    def __init__(self, asked: Mapping[Cohort, Asked]) -> None:
        super().__init__({cohort: max(one.first, cohort.starts_on) for cohort, one in asked.items()})
        self.asked = asked

    def setting(self) -> Setting:
        """Gather everything."""
        of_module: dict[tuple[int, int], list[str]] = defaultdict(list)
        self._pin(of_module)
        for cohort, one in self.asked.items():
            self._cohort(cohort, one, of_module)
        ways = {pair: hours for cohort in self.asked for pair, hours in ways_of(cohort).items()}
        places = sorted({piece.place for piece in self.pieces if piece.place})
        self.wishes += wishes.of_trainers(self, places, ways)
        self.wishes += wishes.gaps(self)
        near = {pair: hours * 60 for pair in combinations(places, 2) if (hours := resources.hours_between(ways, *pair))}
        problem = Problem(
            tuple(self.pieces), tuple(self.resources.values()), tuple(self.wishes), tuple(self.pinned), near
        )
        return Setting(problem, self.origin, self.lessons, self.findings)

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
                taken += self.bodies(session.cohort, session.module_id)
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
        timing, overlay = self.timings[cohort], overlay_of(cohort.site_region_code)
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
            self.wishes += wishes.of_days(self, cohort, limit)
            self.wishes += wishes.bars(self, cohort, pieces, days, kind)
            self.pieces[begun:] = [
                replace(
                    piece, starts=starts(timings[piece.name], days, kind, piece.hours, self.origin, self._freed(piece))
                )
                for piece in self.pieces[begun:]
            ]
            self.wishes += wishes.orders(self, cohort, timing, of_module)
            self.wishes += wishes.tastes(self, cohort, of_module)
            self.wishes += wishes.steady(self, cohort, of_module) if one.steady else ()

    def _way(self, cohort: Cohort, row: PlannedModule, one: Asked, timing: Timing) -> _Way | None:
        """Give how a module is to be held; None where nobody may teach it, or it has no window or place."""
        is_practice, mode = row.module.kind is ModuleKind.PRACTICE, _mode(row, one)
        if closed := without_window(timing, Held(row.module.kind, mode), self._named(cohort, row)):
            self.findings += closed
            return None
        is_nowhere = mode is Mode.ONLINE or (mode is Mode.FIELD and not one.practice_venues)
        venues = [] if is_nowhere else self._rooms(cohort, one, mode, is_practice)
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
        needs: list[tuple[str, ...]] = [(body,) for body in self.bodies(cohort, row.module_id)]
        needs.append(tuple(self._trainer(person) for person in way.trainers))
        if venues:
            needs.append(tuple(self._venue(venue.id) for venue in venues))
        size = len(self.due[cohort].get(row.module_id, {}))
        doubtful = {
            self._venue(venue.id): _DOUBTFUL
            for venue in venues
            if (venue.capacity is not None and venue.capacity < size) or self._equipment(cohort, row, venue)
        }
        place = "" if mode is Mode.ONLINE else venues[0].region_code if venues else cohort.site_region_code
        names = []
        for count, hours in meetings:
            name = f"{cohort.id}-{row.module_id}-{hours}" + (f"-{part}" if part else "")
            minutes = hours * (CLASS_HOUR // timedelta(minutes=1))
            label = say("{cohort} {module}", cohort=cohort.name, module=row.module.name)
            self.pieces.append(Piece(name, label, count, minutes, (), tuple(needs), hours, place, doubtful))
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

    def _rooms(self, cohort: Cohort, one: Asked, mode: Mode, is_practice: bool) -> list[Venue]:
        """Give the venues that may be used, all of one region, at the work place all of one employer, whose mentors teach: the first's.

        Theory goes to an employer's workshop where it was chosen for it alone.
        """
        chosen = {*((one.practice_venues if is_practice else one.venues) or one.venues)}
        chosen &= {venue.id for venue in self.venues[cohort]}
        partners = partners_of(cohort)
        rooms = [
            venue
            for venue in self.venues[cohort]
            if (
                venue.id in chosen
                if chosen
                else venue.region_code == cohort.site_region_code
                and venue.organisation_id in partners
                and (is_practice or not self.places[venue.id].employer)
            )
            and not resources.workshop_of(self.places[venue.id], partners)
            and not resources.at_an_employers(self.places[venue.id], mode)
        ]
        return [venue for venue in rooms if _site(venue, mode) == _site(rooms[0], mode)]

    def _equipped(
        self, cohort: Cohort, row: PlannedModule, venues: Sequence[Venue]
    ) -> tuple[list[Venue], list[Finding]]:
        """Leave out the venues that lack what a module needs; where all of them do, say what."""
        lacks = {venue: self._lacks(cohort, row, venue) for venue in venues}
        left = [venue for venue in venues if not lacks[venue]]
        return left, [] if left else [finding for findings in lacks.values() for finding in findings]

    def _lacks(self, cohort: Cohort, row: PlannedModule, venue: Venue) -> list[Finding]:
        return [finding for finding in self._equipment(cohort, row, venue) if finding.stops]

    def _equipment(self, cohort: Cohort, row: PlannedModule, venue: Venue) -> list[Finding]:
        needs, size = read_needs(row.module.equipment)[0], len(self.due[cohort].get(row.module_id, {}))
        return list(resources.equipped(self.places[venue.id], self._named(cohort, row), needs, size))

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


def _site(venue: Venue, mode: Mode) -> tuple[str, int | None]:
    return venue.region_code, venue.organisation_id if mode is Mode.WORKPLACE else None


def _mode(row: PlannedModule, one: Asked) -> Mode:
    """Give how a module is to be taught."""
    if one.online_theory and row.module.online_allowed:
        return Mode.ONLINE
    return one.practice_mode if row.module.kind is ModuleKind.PRACTICE else Mode.ON_SITE
