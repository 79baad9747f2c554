"""The audit log, for those who watch: filtered, and checked from its first row to its last."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, func, or_, select, true

from lbcert.core import audit, clock, shipped  # noqa: F401 (registers its operation, whose name is shown)
from lbcert.core.access import Actor, Role, acting, holds, roles_of, visible
from lbcert.core.audit import AuditEntry
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.operation import OPERATIONS
from lbcert.core.pages import Column, Paging, in_words, paginate, paging_from_request
from lbcert.core.room import Room
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.exams.queries.marks import scores_somewhere
from lbcert.parties.models import Grant, Organisation

room = Room("audit", __name__, url_prefix="/audit")

SEES = holds(Role.AUDITOR, Role.ADMIN)
SORTS = {"position": AuditEntry.position}
#: Breaks of the chain that are shown; a page of ten thousand helps nobody.
MOST_BREAKS = 100

#: What an auditor looks at as it happens: exceptions, what was opened though it is hidden, and what was put right afterwards.
WATCHED = (
    "core.grant_waiver",
    "parties.reveal",
    "exams.open_mapping",
    "exams.answer_amendment",
    "teaching.correct_attendance",
    "certificates.suspend",
    "certificates.revoke",
)
#: What tells of other people's marks.
MARKING = (
    "exams.record_mark",
    "exams.change_mark",
    "exams.stage_transcription",
    "exams.take_over_transcription",
    "exams.discard_transcription",
    "exams.stage_own_sheet",
    "exams.take_over_own_sheet",
    "exams.discard_own_sheet",
)
#: How long it stays in front of him.
WATCH = timedelta(days=7)

COLUMNS = [
    Column("position", _l("序号"), "number", sort="position"),
    Column("at", _l("时间"), "time"),
    Column("actor", _l("操作人")),
    Column("operation", _l("操作"), value=lambda row: title(row.operation)),
    Column("subject", _l("对象"), "code"),
    Column("details", _l("内容")),
]
REASONS = {"missing": _l("缺少这一条"), "unlinked": _l("与前一条不相连"), "altered": _l("内容被改动")}


def title(name: str) -> str:
    """Give an operation's name in the reader's language; one that is no longer there goes by its code."""
    spec = OPERATIONS.get(name)
    return in_words(spec.title if spec and spec.title else name)


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """Keep to what accounts of the actor's regions and organisations did; over the whole country, to everything."""
    reach = visible(
        actor,
        *SEES.roles,
        region=[Grant.region_code, Organisation.region_code],
        organisation=[Grant.organisation_id],
    )
    everything = visible(actor, *SEES.roles)  # true for a grant over the whole country alone
    return or_(everything, AuditEntry.account_id.in_(select(Grant.account_id).outerjoin(Organisation).where(reach)))


def _not_blind(actor: Actor) -> ColumnElement[bool]:
    """Keep from an examiner, as long as he scores somewhere, what others did about marks: he marks alone."""
    if not scores_somewhere(actor.person_id):
        return true()
    return or_(AuditEntry.account_id == actor.id, AuditEntry.operation.not_in(MARKING))


def entries(actor: Actor, paging: Paging) -> Select[Any]:
    """Select the entries that an actor sees, by who, what, which object, and from when to when."""
    query = select(AuditEntry).where(_seen_by(actor), _not_blind(actor))
    if paging.search:
        text = paging.search
        called = [name for name in OPERATIONS if text.casefold() in title(name).casefold()]
        query = query.where(
            or_(
                AuditEntry.subject == text,
                AuditEntry.operation.in_(called),
                *(c.contains(text, autoescape=True) for c in (AuditEntry.actor, AuditEntry.operation)),
            )
        )
    if operation := paging.filters.get("operation"):
        query = query.where(AuditEntry.operation == operation)
    if since := _midnight(paging.filters.get("since")):
        query = query.where(AuditEntry.at >= since)
    if until := _midnight(paging.filters.get("until")):
        query = query.where(AuditEntry.at < until + timedelta(days=1))
    return query


def todo(actor: Actor) -> list[Todo]:
    """Give an auditor what the last seven days saw of the operations to watch, each as the log's own filtered list."""
    if Role.AUDITOR not in roles_of(actor):
        return []
    since = clock.today() - WATCH
    query = (
        select(AuditEntry.operation, func.count())
        .where(_seen_by(actor), AuditEntry.operation.in_(WATCHED), AuditEntry.at >= _midnight(since.isoformat()))
        .group_by(AuditEntry.operation)
        .order_by(AuditEntry.operation)
    )
    return [
        Todo(
            say("查看近 7 天的“{operation}”：{count} 次", operation=OPERATIONS[name].title, count=count),
            "audit.index",
            {"operation": name, "since": since.isoformat()},
        )
        for name, count in db.session.execute(query)
    ]


def _midnight(text: str | None) -> datetime | None:
    """Read a day as its beginning in China; what is no day filters nothing."""
    try:
        return datetime.combine(date.fromisoformat(text or ""), datetime.min.time(), SHANGHAI)
    except ValueError:
        return None


@room.page("/", see=SEES, menu=(_l("审计日志"), "history"))
def index() -> str:
    """List what was done, the newest first, and check the rows that are shown; the whole chain has a page of its own."""
    paging = paging_from_request(SORTS, "-position", ("operation", "since", "until"))
    actor = acting()
    names = db.session.scalars(select(AuditEntry.operation).distinct().order_by(AuditEntry.operation))
    page = paginate(db.session, entries(actor, paging), paging, SORTS, AuditEntry.position)
    return render_template(
        "pages/audit/index.html",
        columns=COLUMNS,
        page=page,
        altered=[row.position for row in page.rows if row.computed() != row.digest],
        operations=[(name, title(name)) for name in names],
        pretty=lambda text: json.dumps(json.loads(text), ensure_ascii=False, indent=1),
    )


@room.page("/chain", see=SEES)
def chain() -> str:
    """Check the whole chain now, and say where it does not hold."""
    count, breaks = audit.verify()
    last = db.session.scalar(select(AuditEntry.digest).order_by(AuditEntry.position.desc()).limit(1)) or ""
    shown = [(found.position, REASONS[found.reason]) for found in breaks[:MOST_BREAKS]]
    return render_template("pages/audit/chain.html", count=count, total=len(breaks), breaks=shown, last=last)
