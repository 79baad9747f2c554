"""Who may read the questions of a trade: nobody who teaches it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from lbcert.core.findings import Finding, refuse
from lbcert.core.policy import Ruling
from lbcert.core.words import say, some
from lbcert.exams.models import SEPARATION
from lbcert.exams.rules import Lesson

_MOST_NAMED = 10


def keeps_from_questions(trade: str, lessons: Sequence[Lesson], months: Ruling) -> list[Finding]:
    """Find that somebody taught a trade (考培分离), with the sessions, so that its questions are kept from him.

    ``lessons`` are of the ``months`` that the policy names for examiners; where none are on file, of all times.
    """
    if not lessons:
        return []
    message = say(
        "考培分离：您教过“{trade}”，不能查阅、上传或更改它的题库，请由没有授过这门课的考务办理：{sessions}",
        trade=trade, sessions=some(lessons, _MOST_NAMED),
    )  # fmt: skip
    subject = " ".join(f"session:{one.session_id}" for one in lessons[:_MOST_NAMED])
    return [refuse("exams.bank_taught", message, months.source or SEPARATION, subject)]
