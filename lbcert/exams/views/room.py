"""The blueprint of the exam pages, and what several of them show."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, send_file, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Gate, acting
from lbcert.core.database import db, load
from lbcert.core.files import StoredFile
from lbcert.core.identity.id_number import tidy_id_number
from lbcert.core.pages import in_words
from lbcert.core.room import Room
from lbcert.exams.forms import AppointForm, CardForm
from lbcert.exams.models import Batch, BatchState, Outcome
from lbcert.exams.queries.batches import person_by_number

room = Room("exams", __name__, url_prefix="/exams")

STATE_KINDS = {
    BatchState.PLANNED: "wait",
    BatchState.MARKING: "info",
    BatchState.DECIDED: "warn",
    BatchState.PUBLISHED: "ok",
    BatchState.CANCELLED: "stop",
}
OUTCOME_KINDS = {Outcome.PASSED: "ok", Outcome.FAILED: "stop", Outcome.ABSENT: "neutral", Outcome.VOID: "warn"}
#: What a browser may show of an uploaded paper; anything else is only downloaded.
SHOWABLE = frozenset({"image/png", "image/jpeg", "application/pdf"})


def state_badge(batch: Batch) -> tuple[str, str]:
    """Give a batch's state as a badge."""
    return in_words(batch.state.label), STATE_KINDS[batch.state]


def outcome_badge(outcome: Outcome) -> tuple[str, str]:
    """Give an outcome as a badge."""
    return in_words(outcome.label), OUTCOME_KINDS[outcome]


def may(gate: Gate, **arguments: Any) -> bool:
    """Tell whether whoever looks may pass a gate."""
    return gate.admits(acting(), arguments)


def again(batch_id: int) -> Batch:
    """Load a batch afresh after a refusal rolled its transaction back."""
    db.session.expire_all()
    return load(Batch, batch_id)


def back_to(batch: Batch) -> tuple[Any, str]:
    """Give the way back to the batch."""
    return _l("返回批次"), url_for("exams.batch", batch_id=batch.id)


def person_named(form: AppointForm | CardForm) -> int | None:
    """Give the person that a form names, by number before by choice; None, with an error in the form, where it names nobody."""
    if not form.id_number.data:
        if not form.person_id.data:
            form.person_id.errors = [gettext("请选择人员，或者填写身份证号")]
        return form.person_id.data or None
    found = person_by_number(tidy_id_number(form.id_number.data).text)
    if found is None:
        form.id_number.errors = [gettext("没有登记过这一身份证号的人员，请先在机构人员中登记")]
    return found.id if found else None


def file_answer(stored: StoredFile) -> Response:
    """Answer with a stored paper; shown where that is safe, downloaded otherwise."""
    shown = stored.media_type in SHOWABLE
    return send_file(
        BytesIO(stored.read()),
        mimetype=stored.media_type if shown else "application/octet-stream",
        as_attachment=not shown,
        download_name=stored.name,
        max_age=0,
    )
