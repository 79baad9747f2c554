"""What cohorts' timetables are made of: the bodies of learners, the trainers, the venues, by the names that the engine knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from lbcert.cohorts.models import Cohort
from lbcert.core.calendar import overlay_of
from lbcert.core.findings import Finding
from lbcert.core.words import say
from lbcert.core.workdays import kind_of
from lbcert.parties.models import Person
from lbcert.teaching.queries.learners import due_by_module
from lbcert.teaching.queries.patterns import timing_of
from lbcert.teaching.queries.resources import places_of, terms_of, trainers_for
from lbcert.teaching.queries.sessions import venues_for
from lbcert.teaching.rules import Lesson
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Resource, Span
from lbcert.teaching.solver.times import minute, stretches
from lbcert.teaching.solver.wishes import Wish

#: Names of pieces, by the ids of a cohort and a module.
OfModule = Mapping[tuple[int, int], list[str]]


class Gathered:
    """What is gathered from cohorts, each from a first day on, for one problem."""

    def __init__(self, firsts: Mapping[Cohort, date]) -> None:
        first = min(firsts.values())
        #: The day whose midnight is minute 0: a Monday.
        self.origin = first - timedelta(days=first.weekday())
        self.last = max(cohort.ends_on for cohort in firsts)
        self.timings = {cohort: timing_of(cohort) for cohort in firsts}
        self.due = {cohort: due_by_module(cohort) for cohort in firsts}
        self.classes = self._classes()
        self.trainers = {cohort: trainers_for(cohort) for cohort in firsts}
        self.terms = terms_of(person.id for people in self.trainers.values() for person in people)
        self.venues = {cohort: venues_for(cohort) for cohort in firsts}
        self.places = places_of(venue.id for venues in self.venues.values() for venue in venues)
        self.resources: dict[str, Resource] = {}
        self.pieces: list[Piece] = []
        self.pinned: list[Meeting] = []
        self.wishes: list[Wish] = []
        #: A piece's lesson, but for its times, trainer and venue; with its cohort.
        self.lessons: dict[str, tuple[int, Lesson]] = {}
        self.findings: list[Finding] = []
        for number, people in enumerate(self.classes):
            self._add(f"learners:{number}", "learners", say("{count} 名学员", count=len(people)))

    def bodies(self, cohort: Cohort, module_id: int) -> tuple[str, ...]:
        """Name the classes that must come to a module; all of the cohort's where nobody has it yet."""
        due = self.due[cohort].get(module_id, {})
        people = set(due) or {person for learners in self.due[cohort].values() for person in learners}
        bodies = tuple(f"learners:{n}" for n, one in enumerate(self.classes) if one & people)
        return bodies or (self._add(f"cohort:{cohort.id}", "learners", cohort.name),)

    def bodies_of(self, cohort: Cohort) -> list[str]:
        """Name all classes that come to a cohort."""
        return list(dict.fromkeys(body for row in cohort.plan for body in self.bodies(cohort, row.module_id)))

    def teaching(self) -> dict[str, Person]:
        """Give the trainers who take part, by their names."""
        people = {f"trainer:{person.id}": person for own in self.trainers.values() for person in own}
        return {name: person for name, person in people.items() if name in self.resources}

    def windows(self, cohort: Cohort) -> Iterator[Span]:
        """Give when a cohort may be taught, on each day of the plan."""
        overlay = overlay_of(cohort.site_region_code)
        for day in (self.origin + timedelta(days=n) for n in range((self.last - self.origin).days + 1)):
            for begins, ends in stretches(self.timings[cohort], day, kind_of(day, overlay)):
                yield minute(begins, self.origin), minute(ends, self.origin)

    def midnight(self, day: date) -> int:
        """Give the minute at which a day begins."""
        return (day - self.origin).days * DAY

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

    def _add(self, name: str, kind: str, label: object, home: str = "") -> str:
        if name not in self.resources:
            self.resources[name] = Resource(name, kind, str(label), home=home)
        return name

    def _trainer(self, person: Person) -> str:
        terms = self.terms.get(person.id)
        return self._add(f"trainer:{person.id}", "trainer", person.name, (terms.home if terms else None) or "")

    def _venue(self, venue_id: int) -> str:
        return self._add(f"venue:{venue_id}", "venue", self.places[venue_id].name)
