"""Trainers, venues, bookings and ways as a lesson of a cohort meets them: read once, asked for each lesson."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from lbcert.brands.equipment import read_needs, read_stock
from lbcert.brands.models import Module, ModuleKind
from lbcert.cohorts.models import Allotment, Cohort
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.words import say
from lbcert.core.workdays import Overlay, kind_of
from lbcert.demand.models import Agreement, AgreementParty, Order, OrderLine, OrderState
from lbcert.demand.rules import latest_end
from lbcert.parties.models import Organisation, OrganisationKind, Person
from lbcert.teaching import resources
from lbcert.teaching.models import Booking, Mode, Session, TrainerProfile, TravelTime, Venue
from lbcert.teaching.patterns import Opening, read_windows
from lbcert.teaching.resources import Duty, Keeper, Taken, TrainerTerms, VenueTerms, Ways
from lbcert.teaching.rules import Lesson

#: How far around a lesson its trainer's other sessions are looked at, for weeks, ways and nights.
_AROUND = timedelta(days=60)


def lines_of(cohort: Cohort) -> list[OrderLine]:
    """List the order lines that a cohort has seats of, those of cancelled orders apart."""
    query = select(OrderLine).join(OrderLine.order).join(Allotment, Allotment.line_id == OrderLine.id)
    query = query.where(Allotment.cohort_id == cohort.id, Allotment.freed_at.is_(None))
    return list(
        db.session.scalars(query.where(Order.state != OrderState.CANCELLED).options(joinedload(OrderLine.order)))
    )


def partners_of(cohort: Cohort, lines: Iterable[OrderLine] | None = None) -> frozenset[int]:
    """Give the organisations whose places a cohort may use: its providers and hosts, and the parties of its orders."""
    parties = (line.order.party_id for line in (lines_of(cohort) if lines is None else lines))
    return frozenset((*parties, *(row.organisation_id for row in cohort.providers)))


def partner_regions(cohort: Cohort, partners: Iterable[int]) -> frozenset[str]:
    """Give the regions with which a cohort's home works together: of its partners, and of those with whom it has an agreement then."""
    agreed = (
        select(AgreementParty.organisation_id)
        .join(AgreementParty.agreement)
        .where(Agreement.home_region_code == cohort.home_region_code)
        .where(Agreement.valid_from <= cohort.ends_on, Agreement.valid_to >= cohort.starts_on)
    )
    query = select(Organisation.region_code).where(or_(Organisation.id.in_(set(partners)), Organisation.id.in_(agreed)))
    return frozenset(db.session.scalars(query)) - {cohort.home_region_code}


def mentors_of(cohort: Cohort) -> list[TrainerProfile]:
    """List the mentors (带教师傅) of the employers that a cohort works with, by name."""
    query = (
        select(TrainerProfile)
        .join(TrainerProfile.organisation)
        .join(TrainerProfile.person)
        .where(Organisation.kind == OrganisationKind.EMPLOYER, Organisation.id.in_(partners_of(cohort)))
    )
    return list(db.session.scalars(query.options(joinedload(TrainerProfile.person)).order_by(Person.pinyin, Person.id)))


def trainers_for(cohort: Cohort) -> list[Person]:
    """List who may teach a cohort: the filed trainers, then the mentors of its employers."""
    filed = [row.person for row in cohort.trainers]
    return filed + [row.person for row in mentors_of(cohort) if row.person not in filed]


def departure_of(lines: Iterable[OrderLine]) -> tuple[date, str] | None:
    """Give the last day of teaching after which the people of order lines still arrive in time, and the order that says so."""
    return min(((latest_end(row.arrival_on, row.travel_days), row.order.number) for row in lines), default=None)


def ways_of(cohort: Cohort) -> Ways:
    """Give the hours on the way between regions as the cohort's providers count them, the longest where they differ."""
    query = select(TravelTime).where(TravelTime.organisation_id.in_({row.organisation_id for row in cohort.providers}))
    ways: dict[frozenset[str], int] = defaultdict(int)
    for row in db.session.scalars(query):
        pair = frozenset((row.from_code, row.to_code))
        ways[pair] = max(ways[pair], row.hours)
    return dict(ways)


def terms_of(person_ids: Iterable[int]) -> dict[int, TrainerTerms]:
    """Give what trainers allow, by person; those without a profile are left out."""
    query = select(TrainerProfile).where(TrainerProfile.person_id.in_(set(person_ids)))
    parts = joinedload(TrainerProfile.person), joinedload(TrainerProfile.organisation)
    return {row.person_id: _terms(row) for row in db.session.scalars(query.options(*parts))}


def places_of(venue_ids: Iterable[int]) -> dict[int, VenueTerms]:
    """Give what venues allow, by id."""
    query = select(Venue).where(Venue.id.in_(set(venue_ids))).options(joinedload(Venue.organisation))
    return {row.id: _place(row) for row in db.session.scalars(query)}


def bookings_between(
    starts_at: datetime, ends_at: datetime, *, people: Iterable[int] = (), venues: Iterable[int] = ()
) -> tuple[dict[int, list[Taken]], dict[int, list[Taken]]]:
    """Give what takes trainers and venues within a time, by person and by venue."""
    query = (
        select(Booking.starts_at, Booking.ends_at, Booking.reason, TrainerProfile.person_id, Booking.venue_id)
        .outerjoin(Booking.profile)
        .where(Booking.starts_at < ends_at, Booking.ends_at > starts_at)
        .where(or_(TrainerProfile.person_id.in_(set(people)), Booking.venue_id.in_(set(venues))))
        .order_by(Booking.starts_at, Booking.id)
    )
    of_people: dict[int, list[Taken]] = defaultdict(list)
    of_venues: dict[int, list[Taken]] = defaultdict(list)
    for begins, ends, reason, person_id, venue_id in db.session.execute(query):
        taken = Taken(begins, ends, reason)
        (of_venues[venue_id] if person_id is None else of_people[person_id]).append(taken)
    return of_people, of_venues


def duties_of(
    person_ids: Iterable[int], starts_at: datetime, ends_at: datetime, without: int | None = None
) -> dict[int, list[Duty]]:
    """Give the sessions of trainers in all cohorts within a time, by person; ``without`` is one about to be moved."""
    columns = Session.id, Session.trainer_id, Session.starts_at, Session.ends_at, Session.hours, Session.mode
    region = func.coalesce(Venue.region_code, Cohort.site_region_code)
    query = (
        select(*columns, region, Cohort.name)
        .join(Session.cohort)
        .outerjoin(Session.venue)
        .where(Session.trainer_id.in_(set(person_ids)), Session.cancelled_reason == "")
        .where(Session.starts_at < ends_at, Session.ends_at > starts_at)
    )
    duties = defaultdict(list)
    for key, trainer_id, begins, ends, hours, mode, where, name in db.session.execute(query):
        if key != without:
            label = f"{name} {clock.local(begins):%Y-%m-%d %H:%M}"
            duties[trainer_id].append(Duty(begins, ends, hours, None if mode is Mode.ONLINE else where, label))
    return duties


class Resources:
    """Everything about trainers, venues and ways that ``lessons`` of a cohort could meet."""

    def __init__(self, cohort: Cohort, overlay: Overlay, lessons: Sequence[Lesson], without: int | None = None) -> None:
        self._cohort, self._overlay, self._without = cohort, overlay, without
        lines = lines_of(cohort)
        self._partners = partners_of(cohort, lines)
        #: The last day that the cohort's orders leave for teaching, and the order that says so.
        self.departure = departure_of(lines)
        self._ways = ways_of(cohort)
        people = {lesson.trainer_id for lesson in lessons}
        self._terms = terms_of(people)
        self._places = places_of(lesson.venue_id for lesson in lessons if lesson.venue_id)
        self._taken: tuple[Mapping[int, list[Taken]], Mapping[int, list[Taken]]] = {}, {}
        self._duties: dict[int, list[Duty]] = {}
        if lessons:
            begins, ends = min(one.starts_at for one in lessons), max(one.ends_at for one in lessons)
            self._taken = bookings_between(begins, ends, people=people, venues=self._places)
            counted = people if self._ways else {key for key, one in self._terms.items() if _is_counted(one)}
            if counted:
                self._duties = duties_of(counted, begins - _AROUND, ends + _AROUND, without)

    def is_booked(self, lesson: Lesson) -> bool:
        """Tell whether something that is no session takes a lesson's trainer or room then."""
        people, venues = self._taken
        taken = (*people.get(lesson.trainer_id, ()), *venues.get(lesson.venue_id or 0, ()))
        return any(one.starts_at < lesson.ends_at and lesson.starts_at < one.ends_at for one in taken)

    @property
    def ends(self) -> set[datetime]:
        """When bookings of the lessons' trainers and venues are over."""
        return {taken.ends_at for of_whom in self._taken for several in of_whom.values() for taken in several}

    def is_mentor(self, lesson: Lesson) -> bool:
        """Tell whether a lesson is given by a mentor of an employer that the cohort works with."""
        terms = self._terms.get(lesson.trainer_id)
        return bool(terms and terms.employer and terms.employer[0] in self._partners)

    def findings(self, lesson: Lesson, learners: int) -> list[Finding]:
        """Find everything about trainer, venue and ways that speaks against a lesson for so many learners."""
        module = load(Module, lesson.module_id)
        day = clock.local(lesson.starts_at).date()
        return [
            *(resources.before_departure(day, *self.departure) if self.departure else []),
            *resources.meeting(lesson.mode, lesson.meeting_link),
            *self._link_taken(lesson),
            *self._of_trainer(lesson, module),
            *self._of_venue(lesson, module, learners),
        ]

    def count(self, lesson: Lesson) -> None:
        """Take a lesson as planned, for those that follow in a sheet."""
        if lesson.trainer_id in self._terms or self._ways:
            self._duties.setdefault(lesson.trainer_id, []).append(self._duty(lesson))

    def hindrances(self, lesson: Lesson) -> list[Finding]:
        """Find what keeps a lesson that stands from being held: its trainer is away or on the way, its venue closed or taken."""
        return [*self._trainer_away(lesson), *self._venue_closed(lesson)]

    def _trainer_away(self, lesson: Lesson) -> Iterator[Finding]:
        terms, times = self._of(lesson), (lesson.starts_at, lesson.ends_at)
        taken, duties = self._taken[0].get(lesson.trainer_id, ()), self._duties.get(lesson.trainer_id, ())
        yield from resources.trainer_free(terms, *times, self._kind(lesson))
        yield from resources.not_taken("teaching.trainer_booked", terms.name, *times, taken)
        yield from resources.time_to_travel(terms.name, self._duty(lesson), duties, self._ways)

    def _venue_closed(self, lesson: Lesson) -> Iterator[Finding]:
        place = self._places.get(lesson.venue_id or 0)
        if place:
            times, taken = (lesson.starts_at, lesson.ends_at), self._taken[1].get(lesson.venue_id or 0, ())
            yield from resources.venue_open(place, *times, self._kind(lesson))
            yield from resources.not_taken("teaching.venue_booked", place.name, *times, taken)

    def _of(self, lesson: Lesson) -> TrainerTerms:
        return self._terms.get(lesson.trainer_id) or TrainerTerms(load(Person, lesson.trainer_id).name)

    def _of_trainer(self, lesson: Lesson, module: Module) -> Iterator[Finding]:
        terms, place = self._of(lesson), self._places.get(lesson.venue_id or 0)
        new, duties = self._duty(lesson), self._duties.get(lesson.trainer_id, [])
        yield from resources.teaches(terms, self._cohort.item.name, module.name)
        if terms.keeper:
            regions = self._partner_regions if terms.keeper.organisation_id not in self._partners else ()
            yield from resources.of_a_provider(terms, self._partners, regions)
        yield from resources.mentor_at_work(terms, lesson.mode, module.kind is ModuleKind.PRACTICE, place)
        yield from self._trainer_away(lesson)
        yield from resources.hours_in_week(terms, new, duties)
        yield from resources.nights_in_row(terms, new, duties, self._ways)

    def _of_venue(self, lesson: Lesson, module: Module, learners: int) -> Iterator[Finding]:
        place = self._places.get(lesson.venue_id or 0)
        if place is None:
            return
        yield from resources.workshop_of(place, self._partners)
        yield from resources.at_an_employers(place, lesson.mode)
        yield from self._venue_closed(lesson)
        yield from resources.equipped(place, module.name, read_needs(module.equipment)[0], learners)
        if module.kind is ModuleKind.PRACTICE:
            yield from resources.enough_stations(place, learners)

    def _link_taken(self, lesson: Lesson) -> Iterator[Finding]:
        if not lesson.meeting_link:
            return
        query = select(Session.id).where(
            Session.meeting_link == lesson.meeting_link, Session.cancelled_reason == "", Session.id != (self._without or 0),
            Session.starts_at < lesson.ends_at, Session.ends_at > lesson.starts_at,
        )  # fmt: skip
        if db.session.scalar(query.limit(1)) is not None:
            yield refuse("teaching.link_taken", say("这一会议链接当时用于另一节课，请另开一个会议"))

    @cached_property
    def _partner_regions(self) -> frozenset[str]:
        return partner_regions(self._cohort, self._partners)

    def _kind(self, lesson: Lesson) -> Any:
        return kind_of(clock.local(lesson.starts_at).date(), self._overlay)

    def _duty(self, lesson: Lesson) -> Duty:
        place = self._places.get(lesson.venue_id or 0)
        region = None if lesson.mode is Mode.ONLINE else place.region if place else self._cohort.site_region_code
        label = f"{self._cohort.name} {clock.local(lesson.starts_at):%Y-%m-%d %H:%M}"
        return Duty(lesson.starts_at, lesson.ends_at, lesson.hours, region, label)


def openings_of(text: str) -> list[Opening]:
    """Give typed windows as times that hold; what cannot be read was refused when it was typed."""
    return [
        Opening(window, (window.starts, window.ends), "")
        for window in read_windows(text)[0]
        if window.starts and window.ends
    ]


def _terms(row: TrainerProfile) -> TrainerTerms:
    employs = row.organisation.kind is OrganisationKind.EMPLOYER
    return TrainerTerms(
        row.person.name,
        resources.read_lines(row.subjects),
        openings_of(row.windows),
        row.home_region_code,
        row.hours_a_week,
        row.nights_away,
        (row.organisation_id, row.organisation.name) if employs else None,
        Keeper(row.organisation_id, row.organisation.name, row.organisation.region_code),
    )


def _place(row: Venue) -> VenueTerms:
    owner = row.organisation
    employer = owner.name if owner and owner.kind is OrganisationKind.EMPLOYER else ""
    return VenueTerms(
        row.name, row.region_code, row.organisation_id, employer, row.stations, openings_of(row.windows),
        read_stock(row.equipment),
    )  # fmt: skip


def _is_counted(terms: TrainerTerms) -> bool:
    return terms.hours_a_week is not None or terms.nights_away is not None
