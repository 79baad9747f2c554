"""Putting the results of a batch up for everybody (成绩公示)."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core.access import acting
from lbcert.core.findings import Refused
from lbcert.core.pages import in_words
from lbcert.exams import operations, rules
from lbcert.exams.models import Batch, BatchState
from lbcert.exams.places import PUBLISHERS
from lbcert.exams.queries.notices import notices, noticing, unnoticed
from lbcert.exams.views.room import may, room


@room.page("/<int:batch_id>/notice", see=PUBLISHERS, methods=("POST",))
def post_notice(batch_id: int) -> ResponseReturnValue:
    """Put up who passed and hangs not yet."""
    try:
        made = operations.post_notice(acting(), batch_id)
    except Refused as refused:
        for finding in refused.findings:
            flash(in_words(finding.message), "stop")
        return redirect(url_for("exams.batch", batch_id=batch_id))
    flash(gettext("已开始公示，到 %(day)s 为止", day=made.ends_on), "success")
    return redirect(url_for("oversight.notice", notice_id=made.id))


def notice_part(batch: Batch) -> dict[str, Any]:
    """Give what a batch's page says about its notices: those that hang or hung, what is missing, whether one may begin."""
    return {
        "all": notices(batch),
        "missing": rules.noticed(noticing(batch)) if batch.state is BatchState.DECIDED else [],
        "may_post": may(PUBLISHERS, batch_id=batch.id) and bool(unnoticed(batch)),
    }
