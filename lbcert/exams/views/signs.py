"""Signs of trouble in a batch, for those who watch over it: each with the rows behind it."""

from __future__ import annotations

from flask import render_template

from lbcert.core.database import load
from lbcert.exams import signs as rules
from lbcert.exams.models import Batch, Part
from lbcert.exams.places import SIGN_READERS
from lbcert.exams.queries.signs import limits_for, rates, signs_of
from lbcert.exams.views.room import back_to, room, state_badge


@room.page("/<int:batch_id>/signs", see=SIGN_READERS)
def signs(batch_id: int) -> str:
    """Show what looks odd in a batch's marks, and the rules by which it does."""
    batch = load(Batch, batch_id)
    return render_template(
        "pages/exams/signs.html",
        batch=batch,
        badge=state_badge(batch),
        back=back_to(batch),
        signs=signs_of(batch),
        rates=rates(batch),
        rules=rules,
        limits=limits_for(batch),
        parts={part.value: part.label for part in Part},
    )
