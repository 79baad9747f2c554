"""调课: a trainer or a venue fails; what would be moved is shown before anything is saved, and accepted or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Level, Refused
from lbcert.core.intake import whole_number, whole_numbers
from lbcert.core.pages import form_page
from lbcert.core.waivers import stands
from lbcert.parties.models import Person
from lbcert.teaching.models import Booking, Replan, Session, TrainerProfile, Venue
from lbcert.teaching.operations.replans import accept_replan, discard_replan, start_replan
from lbcert.teaching.places import PROFILE_CLERK, REPLAN_CLERK, TRAINER_REPLANNER, VENUE_CLERK, VENUE_REPLANNER
from lbcert.teaching.queries.replans import sessions_by_id
from lbcert.teaching.queries.versions import versions_of
from lbcert.teaching.replans import Held, Move, Proposal, read
from lbcert.teaching.resource_forms import BookingForm, today_booked
from lbcert.teaching.views.room import room


@room.page("/trainers/<int:profile_id>/replan", see=TRAINER_REPLANNER, methods=("GET", "POST"))
def replan_trainer(profile_id: int) -> ResponseReturnValue:
    """Ask what is to be moved while a trainer is away."""
    may = PROFILE_CLERK.admits(acting(), {"profile_id": profile_id})
    back = url_for("teaching.trainer", profile_id=profile_id) if may else url_for("teaching.trainers")
    return _asking(load(TrainerProfile, profile_id).person.name, back, profile_id=profile_id)


@room.page("/venues/<int:venue_id>/replan", see=VENUE_REPLANNER, methods=("GET", "POST"))
def replan_venue(venue_id: int) -> ResponseReturnValue:
    """Ask what is to be moved while a venue is closed."""
    may = VENUE_CLERK.admits(acting(), {"venue_id": venue_id})
    back = url_for("teaching.venue", venue_id=venue_id) if may else url_for("teaching.venues")
    return _asking(load(Venue, venue_id).name, back, venue_id=venue_id)


def _asking(name: str, back: str, *, profile_id: int | None = None, venue_id: int | None = None) -> ResponseReturnValue:
    form = BookingForm(data=_booked(profile_id, venue_id))

    def save() -> str:
        run = start_replan(acting(), profile_id, venue_id, *form.span, form.reason.data or "")
        return url_for("teaching.replan", replan_id=run.id)

    lead = gettext(
        "%(name)s 什么时候用不了？系统找出改动最少的调课办法，先给您看，确认后才登记占用、移动课次。"
        "已经开始的课和锁定的课不动。",
        name=name,
    )
    return form_page(form, save, title=gettext("调课"), lead=lead, back=(name, back), submit=gettext("找调课办法"))


def _booked(profile_id: int | None, venue_id: int | None) -> dict[str, Any]:
    """Fill the form from the booking from which one came, or with today."""
    booking = db.session.get(Booking, whole_number(request.args.get("booking", "")) or 0)
    if booking is None or (booking.profile_id, booking.venue_id) != (profile_id, venue_id):
        return today_booked(clock.today())
    begins, ends = clock.local(booking.starts_at), clock.local(booking.ends_at)
    times = {"first": begins.date(), "begins": begins.time(), "last": ends.date(), "ends": ends.time()}
    return times | {"reason": booking.reason}


@room.page("/replans/<int:replan_id>", see=REPLAN_CLERK)
def replan(replan_id: int) -> str:
    """Show how far a search came, and what came of it beside what stands."""
    return _page(replan_id)


@room.page("/replans/<int:replan_id>/accept", see=REPLAN_CLERK, methods=("POST",))
def accept(replan_id: int) -> ResponseReturnValue:
    """Book what fails, and move what was chosen."""
    try:
        accepted = accept_replan(acting(), replan_id, whole_numbers(request.form.getlist("session")))
    except Refused as refused:
        return _page(replan_id, refused.findings), 422
    flash(gettext("已调 %(count)s 节课，并通知了有关的人", count=len(read(accepted.proposal).accepted)), "success")
    return redirect(url_for("teaching.replan", replan_id=replan_id))


@room.page("/replans/<int:replan_id>/discard", see=REPLAN_CLERK, methods=("POST",))
def discard(replan_id: int) -> ResponseReturnValue:
    """Lay a proposal aside."""
    try:
        discard_replan(acting(), replan_id)
    except Refused as refused:
        return _page(replan_id, refused.findings), 422
    flash(gettext("没有采用，课程表没有变动"), "success")
    return redirect(url_for("teaching.replan", replan_id=replan_id))


@dataclass(frozen=True)
class _Row:
    """A move as the page shows it: each of time, trainer and venue before and after, and what is said of it alone."""

    session: Session
    columns: Sequence[tuple[str, str, str]]
    findings: Sequence[Finding]
    stops: bool


def _page(replan_id: int, findings: Sequence[Finding] = ()) -> str:
    db.session.expire_all()
    run = load(Replan, replan_id)
    proposal = read(run.proposal)
    sessions = sessions_by_id(proposal.sessions)
    notes = _of_several(proposal.moves)
    rows = [_row(move, sessions[move.session_id], notes) for move in proposal.moves]
    by_cohort = groupby(sorted(rows, key=lambda row: row.session.cohort_id), lambda row: row.session.cohort)
    failed = [item.error for item in run.job.items if item.error] if run.job else []
    return render_template(
        "pages/teaching/replan.html",
        run=run,
        proposal=proposal,
        is_over=run.finished_at is not None or bool(failed),
        failed=failed,
        findings=findings,
        notes=notes,
        cohorts=[(cohort, versions_of(cohort.id)[:1], list(own)) for cohort, own in by_cohort],
        chosen=_chosen(proposal, rows),
        unplaced=[(sessions[key], finding) for key, finding in proposal.unplaced],
        stuck=[sessions[key] for key in proposal.stuck],
        others=[sessions[key] for key in proposal.others],
        touched=[load(Cohort, cohort_id) for cohort_id in run.cohort_ids],
        now=clock.now(),
    )


def _chosen(proposal: Proposal, rows: Sequence[_Row]) -> set[int]:
    """Give the sessions that are ticked: what was sent, what was accepted, or all that nothing speaks against."""
    if request.method == "POST":
        return set(whole_numbers(request.form.getlist("session")))
    return set(proposal.accepted) or {row.session.id for row in rows if not row.stops}


def _of_several(moves: Sequence[Move]) -> list[Finding]:
    """Give the notes that more than one move has, such as of a limit that is not on file."""
    count = Counter(finding for move in moves for finding in {*move.findings} if finding.level is Level.NOTE)
    return [finding for finding, times in count.items() if times > 1]


def _row(move: Move, session: Session, notes: Collection[Finding]) -> _Row:
    pairs = zip((gettext("时间"), gettext("教师"), gettext("地点")), _said(move.before), _said(move.after), strict=True)
    own = [finding for finding in move.findings if finding not in notes]
    return _Row(session, list(pairs), own, any(stands(finding) for finding in own))


def _said(held: Held) -> tuple[str, str, str]:
    starts, ends = clock.local(held.starts_at), clock.local(held.ends_at)
    venue = load(Venue, held.venue_id).name if held.venue_id else ""
    return f"{starts:%Y-%m-%d %H:%M}–{ends:%H:%M}", load(Person, held.trainer_id).name, venue
