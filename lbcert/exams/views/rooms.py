"""Where and when a batch is examined: rooms, the lot, invigilators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.intake import whole_number
from lbcert.exams import operations
from lbcert.exams.models import Batch, BatchState, Part, RoomDuty, Sitting
from lbcert.exams.places import DUTY_OFFICE, OFFICE, SITTING_OFFICE, WATCHERS
from lbcert.exams.queries.rooms import (
    arrangement,
    draws_of,
    invigilators_of,
    is_as_drawn,
    sitting_part,
    sittings_of,
    unseated,
)
from lbcert.exams.room_forms import SittingForm
from lbcert.exams.views.room import again, back_to, may, room, state_badge


@room.page("/<int:batch_id>/rooms", see=WATCHERS)
def rooms(batch_id: int) -> str:
    """Show rooms and times, who sits where, who watches, and each draw with its seed."""
    batch = load(Batch, batch_id)
    return _page(batch, SittingForm.of(batch))


@room.page("/<int:batch_id>/rooms", see=OFFICE, methods=("POST",))
def add_sitting(batch_id: int) -> ResponseReturnValue:
    """Hold a part in a room."""
    form = SittingForm.of(load(Batch, batch_id))
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        part, name, capacity = Part(form.part.data), form.room.data or "", form.capacity.data or 0
        try:
            operations.add_sitting(acting(), batch_id, part, name, capacity, *form.moments())
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已安排考场"), "success")
            return redirect(url_for("exams.rooms", batch_id=batch_id))
    return _page(again(batch_id), form, findings), 422


@room.page("/sittings/<int:sitting_id>/remove", see=SITTING_OFFICE, methods=("POST",))
def remove_sitting(sitting_id: int) -> ResponseReturnValue:
    """Take a sitting back."""
    batch_id = load(Sitting, sitting_id).batch_id
    reason = request.form.get("reason", "")[:300]
    return _step(batch_id, lambda: operations.remove_sitting(acting(), sitting_id, reason))


@room.page("/<int:batch_id>/draw/<any(theory, practice, review):part>", see=OFFICE, methods=("POST",))
def draw_seats(batch_id: int, part: str) -> ResponseReturnValue:
    """Draw seats or stations by lot."""
    reason = request.form.get("reason", "")[:300]
    return _step(batch_id, lambda: operations.draw_seats(acting(), batch_id, Part(part), reason))


@room.page("/sittings/<int:sitting_id>/invigilators", see=SITTING_OFFICE, methods=("POST",))
def assign_invigilator(sitting_id: int) -> ResponseReturnValue:
    """Place an invigilator."""
    batch_id = load(Sitting, sitting_id).batch_id
    staff_id = whole_number(request.form.get("staff", "")) or 0
    return _step(batch_id, lambda: operations.assign_invigilator(acting(), sitting_id, staff_id))


@room.page("/room-duties/<int:duty_id>/release", see=DUTY_OFFICE, methods=("POST",))
def release_invigilator(duty_id: int) -> ResponseReturnValue:
    """Take an invigilator off a room."""
    batch_id = load(RoomDuty, duty_id).sitting.batch_id
    return _step(batch_id, lambda: operations.release_invigilator(acting(), duty_id))


def _step(batch_id: int, take: Callable[[], Any]) -> ResponseReturnValue:
    try:
        take()
    except Refused as refused:
        batch = again(batch_id)
        return _page(batch, SittingForm.of(batch), step=refused.findings), 422
    return redirect(url_for("exams.rooms", batch_id=batch_id))


def _page(batch: Batch, form: SittingForm, findings: tuple[Finding, ...] = (), step: tuple[Finding, ...] = ()) -> str:
    sittings = sittings_of(batch.id)
    planning = batch.state is BatchState.PLANNED
    return render_template(
        "pages/exams/rooms.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        sittings=sittings,
        lots=[
            (
                part,
                sum(one.room.capacity for one in sittings if one.part is part),
                people,
                unseated(batch, sittings, part),
            )
            for part, people in sitting_part(batch).items()
        ],
        draws=[(draw, is_as_drawn(draw)) for draw in draws_of(batch.id)],
        invigilators=invigilators_of(batch),
        ahead=arrangement(batch) if planning and not (findings or step) else [],
        form=form,
        findings=findings,
        step=step,
        office=planning and may(OFFICE, batch_id=batch.id),
    )
