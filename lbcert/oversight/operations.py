"""Putting a notice up, objecting to it, answering, taking it down early."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lbcert.core import calendar, clock, workdays
from lbcert.core.access import PUBLIC
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.policy import Ruling, ruling
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.oversight import rules
from lbcert.oversight.models import Notice, NoticeKind, NoticeLine, Objection
from lbcert.oversight.places import ANSWERERS, OFFICERS
from lbcert.parties.models import Organisation


def put_up(
    kind: NoticeKind, subject: str, title: str, organisation: Organisation, region: str, days: Ruling, lines: Sequence[rules.Shown]
) -> Notice:  # fmt: skip
    """Put a notice up from today on, inside the operation under way; ``days`` are working days by policy."""
    today = clock.today()
    start_counts = bool(ruling(rules.START_COUNTS, region, today).value)
    ends_on = workdays.add_working_days(today, days.value, start_counts, calendar.overlay_of(region)).day
    notice = Notice(
        kind=kind,
        subject=subject,
        title=title,
        organisation_id=organisation.id,
        region_code=region,
        starts_on=today,
        ends_on=ends_on,
        ends_at=rules.end_of(ends_on),
        days=days.value,
        source=days.source,
        holds_all=bool(ruling(rules.HOLDS_ALL, region, today).value),
    )
    notice.lines = [
        NoticeLine(ref=line.ref, name=line.name, last_four=line.last_four, says=line.says) for line in lines
    ]
    db.session.add(notice)
    db.session.flush()
    return notice


@operation("oversight.object", say("对公示提出异议"), allow=PUBLIC)
def object_to(actor: Any, notice_id: int, line_id: int | None, name: str, contact: str, reason: str) -> Objection:
    """Object to a notice while it hangs: against one line, or the whole of it (``line_id`` None).

    Refused without name, contact and reason, and when the notice is over.
    """
    notice = load(Notice, notice_id)
    of_another = line_id is not None and line_id not in {line.id for line in notice.lines}
    refuse_on(
        rules.whole({say("姓名"): name, say("联系方式"): contact, say("理由"): reason}),
        [refuse("oversight.line_of_another", say("所选的人不在这份公示上，请重新选择"))] if of_another else [],
        _running(notice),
    )
    days = ruling(rules.ANSWER_DAYS, notice.region_code, clock.today())
    objection = Objection(
        notice_id=notice.id,
        line_id=line_id,
        objector=name.strip()[:60],
        contact=contact.strip()[:120],
        reason=reason.strip()[:2000],
        due_on=calendar.due(clock.today(), days, notice.region_code),
        source=days.source,
    )
    db.session.add(objection)
    return objection


@operation("oversight.answer_objection", say("答复异议"), allow=ANSWERERS)
def answer_objection(actor: Any, objection_id: int, *, upheld: bool, answer: str) -> Objection:
    """Answer an objection, with the reason, once. An upheld one asks the body for an amendment, and holds till there is one."""
    objection = load(Objection, objection_id, lock=True)
    done = [refuse("oversight.answered", say("这份异议已经答复"))] if objection.answered_at else []
    nobody = [refuse("oversight.no_person", say("您的账号没有登记本人信息，不能答复异议；请先补充登记"))]
    refuse_on(done, rules.answered(answer), [] if actor.person_id else nobody)
    objection.upheld, objection.answer = upheld, answer.strip()
    objection.answered_by, objection.answered_at = actor.person_id, clock.now()
    return objection


@operation("oversight.take_down", say("撤下公示"), allow=OFFICERS)
def take_down(actor: Any, notice_id: int, reason: str) -> Notice:
    """Take a notice down before its end; it counts for nothing then, and what it was about is put up anew."""
    notice = load(Notice, notice_id, lock=True)
    no_reason = [refuse("oversight.reason", say("请写明撤下的理由"))]
    refuse_on(_running(notice), [] if reason.strip() else no_reason)
    notice.withdrawn_at, notice.withdrawn_reason = clock.now(), reason.strip()
    return notice


def _running(notice: Notice) -> list[Finding]:
    if notice.withdrawn_at is None and clock.now() < notice.ends_at:
        return []
    return [refuse("oversight.notice_over", say("公示已经结束，不能再在这里提出异议；请向人社局投诉"))]
