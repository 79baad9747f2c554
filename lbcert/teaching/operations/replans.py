"""调课: looked for in the background, shown as a difference, and carried out as one step: the absence booked, the sessions moved."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from lbcert.cohorts.models import Cohort
from lbcert.core import clock, jobs
from lbcert.core.calendar import overlay_of
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.messages import tell
from lbcert.core.operation import INSIDE, operation
from lbcert.core.waivers import refuse_on, stands
from lbcert.core.words import Message, say, some
from lbcert.parties.models import Person
from lbcert.teaching.models import Replan, Session, TrainerProfile, Venue
from lbcert.teaching.operations.resources import book_trainer, book_venue
from lbcert.teaching.operations.sessions import day_kind, hold_all
from lbcert.teaching.places import CLERK, PROFILE_CLERK, REPLAN_CLERK, REPLANNED, REPLANNER, VENUE_CLERK
from lbcert.teaching.queries.learners import coming, due_by_module
from lbcert.teaching.queries.mending import propose
from lbcert.teaching.queries.planning import Board, shifted, to_come
from lbcert.teaching.queries.replans import Absence, absence_of, clerks_of, hit_by, is_booked, profile_of
from lbcert.teaching.replans import Held, Move, Proposal, read
from lbcert.teaching.rules import Lesson

_WORK = "teaching.replan"
#: For which a search looks, give or take a solver's last step; a clerk waits for it.
SECONDS = 5
#: Stands on a session while it is on its way from one place to another, inside one transaction.
_ON_ITS_WAY = "调课"


@operation("teaching.start_replan", say("求解调课"), allow=REPLANNER)
def start_replan(
    actor: Any, profile_id: int | None, venue_id: int | None, starts_at: datetime, ends_at: datetime, reason: str
) -> Replan:
    """Have a worker look for the fewest sessions to move when a trainer or a venue fails for a while; nothing is changed.

    Of the cohorts that it hits those are re-planned whose clerk the actor is. Refused for a time that is over, without a reason,
    where none of these is hit, and while an absence that is for somebody else to book is not on file.
    """
    trainer_id = load(TrainerProfile, profile_id).person_id if profile_id else None
    absence = Absence(starts_at, ends_at, reason.strip(), trainer_id, venue_id)
    refuse_on(_asked(absence))
    hit = {session.cohort_id for session in hit_by(absence)}
    own = sorted(cohort_id for cohort_id in hit if CLERK.admits(actor, {"cohort_id": cohort_id}))
    refuse_on(_hits(own), _bookable(actor, absence, profile_id))
    run = Replan(**vars(absence), cohorts=json.dumps(own), account_id=actor.id)
    db.session.add(run)
    db.session.flush()
    run.job_id = jobs.start(actor, _WORK, f"求解调课：{run.name}"[:120], [("plan", {"replan_id": run.id})]).id
    return run


@operation("teaching.keep_proposal", say("留存调课建议"), allow=REPLANNED)
def keep_proposal(actor: Any, payload: Mapping[str, Any], proposal: Proposal) -> Replan:
    """Keep what a search came to, with what each move would be told if it were made now."""
    run = load(Replan, payload["replan_id"], lock=True)
    try:
        _rehearse(actor, proposal.moves)
    except _Rehearsed as rehearsed:
        found = rehearsed.findings
        moves = [replace(move, findings=found[move.session_id]) for move in proposal.moves]
        proposal = replace(proposal, moves=moves)
    run.proposal, run.finished_at = proposal.written(), clock.now()
    return run


@operation("teaching.accept_replan", say("接受调课"), allow=REPLAN_CLERK)
def accept_replan(actor: Any, replan_id: int, session_ids: Collection[int]) -> Replan:
    """Book what fails, unless it is on file, and move these sessions of a proposal: all of it, or nothing.

    Refused when one of them was changed since the search, which is named, and for whatever would refuse a move by hand. All whom it
    concerns are told.
    """
    run = load(Replan, replan_id, lock=True)
    proposal = read(run.proposal)
    moves = [move for move in proposal.moves if move.session_id in session_ids]
    refuse_on(_acceptable(run, proposal, moves))
    sessions = _locked(moves)
    refuse_on(*(_as_it_was(sessions[move.session_id], move) for move in moves))
    _book(actor, run)
    refuse_on(_named(sessions, _moved(sessions, moves)))
    _tell(actor, run, sessions, moves)
    run.proposal = replace(proposal, accepted=[move.session_id for move in moves]).written()
    run.accepted_at = clock.now()
    return run


@operation("teaching.discard_replan", say("不采用调课建议"), allow=REPLAN_CLERK)
def discard_replan(actor: Any, replan_id: int) -> Replan:
    """Lay a proposal aside; nothing of it was done. Refused once it was accepted."""
    run = load(Replan, replan_id, lock=True)
    refuse_on(_open(run))
    run.discarded_at = clock.now()
    return run


def _search(payload: Mapping[str, Any]) -> Proposal:
    run = load(Replan, payload["replan_id"])
    return propose(absence_of(run), run.cohort_ids, SECONDS)


jobs.work(_WORK, _search, keep_proposal)


class _Rehearsed(Exception):
    """Moves were tried, and undone: what speaks against each, by its session."""

    def __init__(self, findings: Mapping[int, Sequence[Finding]]) -> None:
        self.findings = findings


@operation("teaching.rehearse_replan", say("试排调课"), allow=INSIDE)
def _rehearse(actor: Any, moves: Sequence[Move]) -> None:
    sessions = _locked(moves)
    raise _Rehearsed(_moved(sessions, moves))


def _locked(moves: Sequence[Move]) -> dict[int, Session]:
    """Lock what moves touch, in the house's order: cohorts, sessions, people, venues."""
    ids = sorted(move.session_id for move in moves)
    cohorts = sorted({load(Session, session_id).cohort_id for session_id in ids})
    held = [load(Cohort, cohort_id, lock=True) for cohort_id in cohorts]
    sessions = {session_id: load(Session, session_id, lock=True) for session_id in ids}
    hold_all(held, [_lesson(sessions[move.session_id], move.after) for move in moves])
    return sessions


def _moved(sessions: Mapping[int, Session], moves: Sequence[Move]) -> dict[int, Sequence[Finding]]:
    """Take sessions off the timetable, and put one after the other where it shall be: two may so change places.

    Each is checked as if moved by hand; what was found is given by session. One that cannot be moved stays off, so whoever
    calls must undo it all.
    """
    for move in moves:
        sessions[move.session_id].cancelled_reason = _ON_ITS_WAY
    db.session.flush()
    found: dict[int, Sequence[Finding]] = {}
    for move in moves:
        session = sessions[move.session_id]
        lesson = _lesson(session, move.after)
        board = Board(session.cohort, [lesson], without=session.id)
        found[session.id] = [*board.general(), *board.findings(lesson)]
        if any(stands(finding) for finding in found[session.id]):
            continue
        for field, value in vars(lesson).items():
            setattr(session, field, value)
        session.cancelled_reason = ""
        session.day_kind = day_kind(session, overlay_of(session.cohort.site_region_code))
        db.session.flush()
    return found


def _named(sessions: Mapping[int, Session], found: Mapping[int, Sequence[Finding]]) -> Iterator[Finding]:
    """Say of each finding which session it is about."""
    for session_id, findings in found.items():
        for finding in findings:
            message = say("{session}：{what}", session=_label(sessions[session_id]), what=finding.message)
            yield replace(finding, message=message, subject=finding.subject or f"session:{session_id}")


def _label(session: Session) -> str:
    return f"{session.cohort.name} {session.module.name}"


def _lesson(session: Session, held: Held) -> Lesson:
    return replace(shifted(session, session.starts_at), **vars(held))


def _book(actor: Any, run: Replan) -> None:
    """Book what fails by the operation of the page on which one books, for whoever may; once only."""
    if is_booked(absence_of(run)):
        return
    if run.venue_id:
        book_venue(actor, run.venue_id, run.starts_at, run.ends_at, run.reason)
    else:
        profile = profile_of(run.trainer_id)
        refuse_on([] if profile else [_not_on_file(run.name)])
        book_trainer(actor, profile.id if profile else 0, run.starts_at, run.ends_at, run.reason)


def _tell(actor: Any, run: Replan, sessions: Mapping[int, Session], moves: Iterable[Move]) -> None:
    """Tell learners, trainers before and after, and who keeps the venues: each what concerns him, cohort by cohort."""
    concerned: dict[tuple[int, int], list[Message]] = defaultdict(list)
    for move in moves:
        session = sessions[move.session_id]
        learners = coming(session, due_by_module(session.cohort))
        venues = (load(Venue, key) for key in {move.before.venue_id, move.after.venue_id} - {None})
        keepers = set(clerks_of({venue.organisation_id for venue in venues})) - {actor.person_id}
        for person_id in {*learners, move.before.trainer_id, move.after.trainer_id, *keepers}:
            concerned[session.cohort_id, person_id].append(_said(session, move))
    alike: dict[tuple[int, tuple[Message, ...]], list[int]] = defaultdict(list)
    for (cohort_id, person_id), changes in concerned.items():
        alike[cohort_id, tuple(changes)].append(person_id)
    for (cohort_id, said), people in alike.items():
        name = load(Cohort, cohort_id).name
        message = say("“{cohort}”调课（{reason}）：{changes}", cohort=name, reason=run.reason, changes=some(said))
        tell(people, message, "teaching.timetable", {"cohort_id": cohort_id}, subject=f"cohort:{cohort_id}")


def _said(session: Session, move: Move) -> Message:
    return say(
        "“{content}”{before} 改为 {after}", content=session.content, before=_at(move.before), after=_at(move.after)
    )


def _at(held: Held) -> str:
    starts, ends = clock.local(held.starts_at), clock.local(held.ends_at)
    venue = load(Venue, held.venue_id).name if held.venue_id else ""
    return f"{starts:%m-%d %H:%M}–{ends:%H:%M} {load(Person, held.trainer_id).name} {venue}".strip()


def _asked(absence: Absence) -> Iterator[Finding]:
    if not absence.reason:
        yield refuse("teaching.reason", say("请写明占用的事由"))
    if absence.starts_at >= absence.ends_at:
        yield refuse("teaching.times", say("占用的结束时间须晚于开始时间"))
    if absence.ends_at <= clock.now():
        yield refuse("teaching.absence_over", say("这段时间已经过去，没有可以调的课"))


def _hits(cohort_ids: Sequence[int]) -> list[Finding]:
    message = say("这段时间里没有本机构培训班要调的课；只登记占用即可")
    return [] if cohort_ids else [refuse("teaching.nothing_hit", message)]


def _bookable(actor: Any, absence: Absence, profile_id: int | None) -> list[Finding]:
    may = (
        PROFILE_CLERK.admits(actor, {"profile_id": profile_id})
        if profile_id
        else VENUE_CLERK.admits(actor, {"venue_id": absence.venue_id})
    )
    message = say("请先由教师或场地所属的机构登记这段时间的占用，再来调课")
    return [] if may or is_booked(absence) else [refuse("teaching.absence_not_booked", message)]


def _open(run: Replan) -> list[Finding]:
    message = say("这份调课建议已经办过，或者已不采用")
    return [] if run.is_open else [refuse("teaching.replan_closed", message)]


def _acceptable(run: Replan, proposal: Proposal, moves: Sequence[Move]) -> Iterator[Finding]:
    yield from _open(run)
    if run.finished_at is None:
        yield refuse("teaching.replan_unfinished", say("还在求解，请等结果出来"))
    if proposal.moves and not moves:
        yield refuse("teaching.nothing_chosen", say("请至少勾选一节要调的课；都不调就选“不采用”"))


def _as_it_was(session: Session, move: Move) -> Iterator[Finding]:
    """Find that a session is not what it was when the search looked at it, or that nobody may move it any more."""
    subject, label = f"session:{session.id}", f"{_label(session)} {clock.local(move.before.starts_at):%Y-%m-%d %H:%M}"
    if session.pinned:
        yield refuse("teaching.pinned", say("“{session}”已锁定，不能调整", session=label), subject=subject)
    elif min(session.starts_at, move.after.starts_at) <= clock.now():
        message = say("“{session}”或要调到的时间已经开始，请重新求解", session=label)
        yield refuse("teaching.begun", message, subject=subject)
    elif session.version != move.version:
        message = say("“{session}”在求解以后有人改动过，请重新求解", session=label)
        yield refuse("teaching.replan_stale", message, subject=subject)
    yield from (replace(finding, subject=subject) for finding in to_come(session))


def _not_on_file(name: str) -> Finding:
    return refuse("teaching.not_on_file", say("{who} 没有登记教师资料，请先登记，再登记占用", who=name))
