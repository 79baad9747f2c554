"""Theory by computer of a batch: its papers for the office, codes and progress for who is on duty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from lbcert.core.access import acting
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number
from lbcert.exams.models import Batch, BatchState, Part, Sitting
from lbcert.exams.places import ON_DUTY, SCORERS, TRANSCRIBERS, WATCHERS
from lbcert.exams.queries.rooms import sitting_part
from lbcert.exams.theory import operations
from lbcert.exams.theory.blueprints import shared
from lbcert.exams.theory.places import HALL_STAFF, THEORY_READERS
from lbcert.exams.theory.queries.extra_time import extra_limit
from lbcert.exams.theory.queries.papers import blueprints_for, draw_of, draws_of, is_as_drawn, papers_of, theory_ready
from lbcert.exams.theory.queries.scores import scores_of
from lbcert.exams.theory.queries.sheets import halls_of
from lbcert.exams.theory.views.items import ITEM_READERS, is_decided
from lbcert.exams.views.room import again, back_to, may, room, state_badge


@room.page("/<int:batch_id>/theory", see=THEORY_READERS)
def theory(batch_id: int) -> str:
    """Show the draws of a batch, and once it has begun how far each candidate is, by number."""
    return _page(load(Batch, batch_id))


@room.page("/<int:batch_id>/theory/draw", see=TRANSCRIBERS, methods=("POST",))
def draw_papers(batch_id: int) -> ResponseReturnValue:
    """Draw the papers."""
    blueprint_id = whole_number(request.form.get("blueprint", "")) or 0
    two, reason = request.form.get("forms") == "two", request.form.get("reason", "")[:300]
    return _step(
        batch_id, lambda: operations.draw_papers(acting(), batch_id, blueprint_id, two_forms=two, reason=reason)
    )


@room.page("/<int:batch_id>/theory/withdraw", see=TRANSCRIBERS, methods=("POST",))
def withdraw_papers(batch_id: int) -> ResponseReturnValue:
    """Go back to paper and pen."""
    reason = request.form.get("reason", "")[:300]
    return _step(batch_id, lambda: operations.withdraw_papers(acting(), batch_id, reason))


@room.page("/<int:batch_id>/theory/score", see=SCORERS, methods=("POST",))
def score_theory(batch_id: int) -> ResponseReturnValue:
    """Write the marks that the key gives."""
    return _step(batch_id, lambda: operations.score_theory(acting(), batch_id))


@room.page("/sittings/<int:sitting_id>/extra-time", see=HALL_STAFF, methods=("POST",))
def give_extra_time(sitting_id: int) -> ResponseReturnValue:
    """Give a hall, or one candidate in it, more time."""
    minutes, reason = whole_number(request.form.get("minutes", "")) or 0, request.form.get("reason", "")[:300]
    candidate_id = whole_number(request.form.get("candidate", ""))
    batch_id = load(Sitting, sitting_id).batch_id
    return _step(batch_id, lambda: operations.give_extra_time(acting(), sitting_id, minutes, reason, candidate_id))


def _step(batch_id: int, take: Callable[[], Any]) -> ResponseReturnValue:
    try:
        take()
    except Refused as refused:
        return _page(again(batch_id), refused.findings), 422
    return redirect(url_for("exams.theory", batch_id=batch_id))


def _back(batch: Batch) -> tuple[Any, str]:
    """Give the way back: each to the page from which he came here."""
    if may(SCORERS, batch_id=batch.id):
        return _l("评分"), url_for("exams.marking", batch_id=batch.id)
    if may(WATCHERS, batch_id=batch.id):
        return back_to(batch)
    return _l("考场"), url_for("exams.duty", batch_id=batch.id)


def _page(batch: Batch, findings: tuple[Finding, ...] = ()) -> str:
    db.session.expire_all()
    made = draw_of(batch.id)
    papers = papers_of(made.id) if made else []
    begun = batch.state is not BatchState.PLANNED
    office = may(TRANSCRIBERS, batch_id=batch.id) and not begun
    marking = batch.state is BatchState.MARKING
    scores = scores_of(batch.id)
    return render_template(
        "pages/exams/theory/theory.html",
        batch=batch,
        badge=state_badge(batch),
        back=_back(batch),
        drawn=made,
        draws=[(draw, is_as_drawn(draw)) for draw in draws_of(batch.id)],
        shows_seed=is_decided(batch),
        papers=papers,
        shared=shared({one.form: [(row.question_id, row.tenths) for row in one.questions] for one in papers}),
        blueprints=blueprints_for(batch) if office else [],
        office=office,
        ahead=theory_ready(batch) if office and not findings else [],
        halls=halls_of(batch) if made else [],
        extra_limit=extra_limit(batch),
        on_duty=may(ON_DUTY, batch_id=batch.id),
        may_extend=lambda sitting: may(HALL_STAFF, sitting_id=sitting.id),
        may_score=bool(made) and marking and may(SCORERS, batch_id=batch.id),
        scored=len(scores),
        expected=len(sitting_part(batch)[Part.THEORY]),
        may_see_items=bool(scores) and may(ITEM_READERS, batch_id=batch.id) and is_decided(batch),
        findings=findings,
    )
