"""The fewest sessions to move when a trainer or a venue fails: cohorts' sessions as the engine's pieces, and its answer as a proposal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.calendar import overlay_of
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.workdays import DayKind, kind_of
from lbcert.parties.models import Person
from lbcert.teaching import patterns, resources
from lbcert.teaching.models import Session, Venue
from lbcert.teaching.queries import wishes
from lbcert.teaching.queries.planning import shifted, to_come
from lbcert.teaching.queries.replans import Absence, hit_by
from lbcert.teaching.queries.resources import partners_of, places_of, terms_of
from lbcert.teaching.queries.solving import Asked, Maker
from lbcert.teaching.replans import Held, Move, Proposal
from lbcert.teaching.solver.problem import DAY, Meeting, Piece, Problem, Span
from lbcert.teaching.solver.times import minute, moment, stretches
from lbcert.teaching.solver.wishes import Bar

_MINUTE, _A_DAY = timedelta(minutes=1), timedelta(days=1)
_NAME = "session:"


def propose(absence: Absence, cohort_ids: Collection[int], seconds: float) -> Proposal:
    """Look, for so many seconds at most, for the fewest sessions of these cohorts to move; nothing is saved."""
    from lbcert.teaching.solver.reasons import unplaced  # noqa: PLC0415 (loads OR-Tools: a second, in the worker alone)
    from lbcert.teaching.solver.repair import repair  # noqa: PLC0415 (as above)

    hit = {session.id: session.cohort_id for session in hit_by(absence)}
    own = {session_id for session_id, cohort_id in hit.items() if cohort_id in cohort_ids}
    cohorts = db.session.scalars(select(Cohort).where(Cohort.id.in_(cohort_ids)).order_by(Cohort.id)).all()
    mender = _Mender(cohorts, absence, own)
    problem, meetings, stood = mender.problem(), mender.meetings, mender.stood
    db.session.rollback()  # nothing is read while it searches
    found = repair(problem, meetings, now=mender.now, seconds=seconds)
    placed = {meeting.piece for meeting in found.meetings}
    lacking = [_id(piece.name) for piece in problem.pieces if piece.name not in placed]
    why = unplaced(problem, found.meetings)
    return Proposal(
        [
            Move(_id(change.after.piece), *stood[_id(change.after.piece)], _held(change.after, problem, mender.origin))
            for change in found.changes
            if change.after
        ],
        [(each, replace(said, subject=f"session:{each}")) for each, said in zip(lacking, why, strict=True)],
        sorted(own - {_id(meeting.piece) for meeting in meetings}),
        sorted(set(hit) - own),
        found.is_smallest,
        round(found.seconds, 1),
    )


class _Mender(Maker):
    """Sessions of some cohorts that may go elsewhere, each a piece of its own; all others stand."""

    def __init__(self, cohorts: Sequence[Cohort], absence: Absence, hit: Collection[int]) -> None:
        super().__init__({cohort: Asked(clock.today()) for cohort in cohorts})
        self.absence, self.hit = absence, hit
        self.now = minute(clock.now(), self.origin) + 1
        #: Those that may move, as they are now, and each one's version and times by its id.
        self.meetings: list[Meeting] = []
        self.stood: dict[int, tuple[int, Held]] = {}
        self.partners = {cohort: partners_of(cohort) for cohort in cohorts}
        self.filed = {cohort: set(people) for cohort, people in self.trainers.items()}
        self.sessions = self._own_sessions()
        for session in self.sessions.values():
            _add(self.trainers[session.cohort], session.trainer)
            _add(self.venues[session.cohort], session.venue)
        self.terms = terms_of(person.id for people in self.trainers.values() for person in people)
        self.places = places_of(venue.id for venues in self.venues.values() for venue in venues)

    def problem(self) -> Problem:
        """Give the problem in which what fails is not to be had.

        A session that a booking or a window bars already stays where somebody wanted it, unless this absence hits it.
        """
        problem = self.setting().problem.with_busy(self.absence.resource, self._absent())
        barred = {each for each in self.meetings if _id(each.piece) not in self.hit and _is_barred(problem, each)}
        self.meetings = [each for each in self.meetings if each not in barred]
        return replace(problem, pinned=(*problem.pinned, *sorted(barred)))

    def _own_sessions(self) -> dict[str, Session]:
        """Give the cohorts' sessions that may be moved: to come, not locked, without any mark; by the names of their pieces."""
        own = {cohort.id for cohort in self.asked}
        query = select(Session).where(
            Session.cohort_id.in_(own), Session.cancelled_reason == "", Session.starts_at > clock.now(), ~Session.pinned
        )
        return {f"{_NAME}{one.id}": one for one in db.session.scalars(query) if not any(to_come(one))}

    def _absent(self) -> list[Span]:
        last = datetime.combine(self.last + _A_DAY, time(), SHANGHAI)
        begins, ends = max(self.absence.starts_at, clock.now()), min(self.absence.ends_at, last)
        # to the full minute: a whole day ends at 23:59:59
        return (
            [(minute(begins, self.origin), minute(ends + timedelta(seconds=59), self.origin))] if begins < ends else []
        )

    def _pin(self, of_module: dict[tuple[int, int], list[str]]) -> None:
        super()._pin(of_module)
        free = {piece.starts[0] + piece.minutes for piece in self.pieces} | {end for _, end in self._absent()}
        self.pieces = [self._loosed(piece, free) if piece.name in self.sessions else piece for piece in self.pieces]
        self.meetings = [each for each in self.pinned if each.piece in self.sessions]
        self.pinned = [each for each in self.pinned if each.piece not in self.sessions]

    def _loosed(self, piece: Piece, free: Collection[int]) -> Piece:
        """Let a session have other times, trainers and venues: the piece had but those that it has now."""
        session = self.sessions[piece.name]
        cohort = session.cohort
        held = Held(session.starts_at, session.ends_at, session.trainer_id, session.venue_id)
        self.stood[session.id] = session.version, held
        self.lessons[piece.name] = cohort.id, shifted(session, session.starts_at)
        rooms = [venue for venue in self.venues[cohort] if self._may_be_in(session, venue)]
        trainers = [person for person in self.trainers[cohort] if self._may_teach(session, person, rooms)]
        needs = [need for need in piece.needs if need[0].startswith("learners:")]
        needs.append(tuple(self._trainer(person) for person in trainers))
        if session.venue_id:
            needs.append(tuple(self._venue(venue.id) for venue in rooms))
        label = f"{cohort.name} {session.module.name} {clock.local(session.starts_at):%Y-%m-%d %H:%M}"
        starts = tuple(sorted({*piece.starts, *self._starts(session, piece.minutes, free)}))
        return replace(piece, label=label, starts=starts, needs=tuple(needs))

    def _may_teach(self, session: Session, person: Person, rooms: Sequence[Venue]) -> bool:
        if person == session.trainer:
            return True
        rows = [row for row in session.cohort.plan if row.module_id == session.module_id]
        is_filed = person in self.filed[session.cohort]
        return is_filed and any(self._may(person, session.cohort, row, session.mode, rooms) for row in rows)

    def _may_be_in(self, session: Session, venue: Venue) -> bool:
        """Tell whether a session may be held in a venue: of the region of its own, a partner's; of a workshop, the same employer's."""
        if session.venue is None or venue == session.venue:
            return venue == session.venue
        partners, here, there = self.partners[session.cohort], self.places[session.venue.id], self.places[venue.id]
        is_alike = there.employer == here.employer and (not here.employer or there.owner_id == here.owner_id)
        is_ours = there.owner_id in partners and not resources.workshop_of(there, partners)
        rows = [row for row in session.cohort.plan if row.module_id == session.module_id]
        lacks = any(self._lacks(session.cohort, row, venue) for row in rows)
        return is_alike and is_ours and there.region == here.region and not lacks

    def _starts(self, session: Session, length: int, free: Collection[int]) -> Iterator[int]:
        """Give the minutes at which a session may begin: back to back in the windows of its cohort, and when something gets free."""
        for begins, end in self._windows(session):
            for begin in (begins, *(each for each in free if begins < each < end)):
                yield from (at for at in range(begin, end - length + 1, length) if at >= self.now)

    def _windows(self, session: Session) -> Iterator[Span]:
        """Give when a session of its kind may be held; without a pattern, at the hours and on the kinds of days on which it is taught."""
        cohort = session.cohort
        kind, days = self._kind(cohort), self._days(cohort)
        timing = self.timings[cohort].of(patterns.Held(session.module.kind, session.mode))
        if any(opening.span for opening in timing.openings):
            for day in days:
                for begins, ends in stretches(timing, day, kind(day)):
                    yield minute(begins, self.origin), minute(ends, self.origin)
            return
        own = [
            piece for piece in self.pieces if piece.name in self.sessions and self.sessions[piece.name].cohort == cohort
        ]
        hours = {(piece.starts[0] % DAY, piece.starts[0] % DAY + piece.minutes) for piece in own}
        kinds = {kind(clock.local(self.sessions[piece.name].starts_at).date()) for piece in own}
        for day in days:
            if kind(day) in kinds:
                yield from ((self.midnight(day) + begins, self.midnight(day) + ends) for begins, ends in hours)

    def _days(self, cohort: Cohort) -> list[date]:
        first = max(clock.today(), cohort.starts_on)
        return [first + timedelta(days=n) for n in range((cohort.ends_on - first).days + 1)]

    def _kind(self, cohort: Cohort) -> Callable[[date], DayKind]:
        overlay = overlay_of(cohort.site_region_code)
        return lambda day: kind_of(day, overlay)

    def _cohort(self, cohort: Cohort, _one: Asked, of_module: dict[tuple[int, int], list[str]]) -> None:
        days, timing = self._days(cohort), self.timings[cohort]
        moving = {name: session for name, session in self.sessions.items() if session.cohort == cohort}
        pieces = tuple(moving)
        if pieces and days:
            self.wishes += wishes.of_days(self, cohort, self._limit(cohort, timing))
            self.wishes += wishes.bars(self, cohort, pieces, days, self._kind(cohort))
            self.wishes += wishes.shares(self, cohort, moving)
            self.wishes += wishes.orders(self, cohort, timing, of_module)
            self.wishes += wishes.tastes(self, cohort, of_module)


def _is_barred(problem: Problem, meeting: Meeting) -> bool:
    wishes = (problem.wishes[number] for number in problem.touched[meeting.piece])
    bars = [wish for wish in wishes if isinstance(wish, Bar) and wish.weight is None]
    return any(bar.bars(name, meeting.start, problem.end(meeting)) for bar in bars for name in meeting.taken)


def _add(things: list[Any], thing: Any) -> None:
    if thing is not None and thing not in things:
        things.append(thing)


def _held(meeting: Meeting, problem: Problem, origin: date) -> Held:
    taken = {kind: int(key) for kind, _, key in (name.partition(":") for name in meeting.taken)}
    begins = moment(meeting.start, origin)
    ends = begins + _MINUTE * problem.piece[meeting.piece].minutes
    return Held(begins, ends, taken["trainer"], taken.get("venue"))


def _id(name: str) -> int:
    return int(name.removeprefix(_NAME))
