"""Putting the results up for everybody before they are published."""

from __future__ import annotations

from typing import Any

from lbcert.core.database import load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.policy import Ruling
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import rules
from lbcert.exams.models import Batch, BatchState
from lbcert.exams.places import PUBLISHERS
from lbcert.exams.queries.notices import ref_of, subject_of, unnoticed
from lbcert.oversight.models import Notice, NoticeKind
from lbcert.oversight.operations import put_up
from lbcert.oversight.rules import shown


@operation("exams.post_notice", say("公示成绩"), allow=PUBLISHERS)
def post_notice(actor: Any, batch_id: int) -> Notice:
    """Put up who passed, masked, for the working days that the decision fixed (成绩公示).

    Whoever passes later, by an amendment, is put up by a notice of his own. Refused before the decision, without a policy
    of days, and when everybody who passed hangs already.
    """
    batch = load(Batch, batch_id, lock=True)
    waiting = unnoticed(batch)
    nobody = [] if waiting else [refuse("exams.nobody_to_notice", say("没有需要公示的合格人员"))]
    refuse_on(_may_hang(batch) or nobody)
    lines = [
        shown(ref_of(one), one.candidate.enrolment.person.name, one.candidate.enrolment.person.id_number, one.outcome.label.msgid)
        for one in waiting
    ]  # fmt: skip
    title = f"{batch.cohort.name}（{batch.number}）{NoticeKind.RESULTS.label}"
    days = Ruling(rules.NOTICE_DAYS, batch.notice_days, batch.notice_source)
    return put_up(NoticeKind.RESULTS, subject_of(batch), title[:200], batch.body, batch.body.region_code, days, lines)


def _may_hang(batch: Batch) -> list[Finding]:
    if batch.state not in {BatchState.DECIDED, BatchState.PUBLISHED}:
        return [refuse("exams.undecided", say("成绩审定后才能公示"))]
    if not batch.notice_days:
        return [refuse("exams.no_notice", say("所在地没有登记成绩公示期，不经公示直接公布"))]
    return []
