"""Which form of the papers a batch uses."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.exams import operations, rules
from lbcert.exams.models import Batch
from lbcert.exams.places import OFFICE
from lbcert.exams.views.room import room


@room.page("/<int:batch_id>/paper-forms", see=OFFICE, methods=("POST",))
def paper_forms(batch_id: int) -> ResponseReturnValue:
    """Keep the form of the paper for each part."""
    parts = rules.parts_of(with_review=load(Batch, batch_id).with_review)
    operations.set_paper_forms(acting(), batch_id, {part: request.form.get(part.value, "") for part in parts})
    return redirect(url_for("exams.batch", batch_id=batch_id))
