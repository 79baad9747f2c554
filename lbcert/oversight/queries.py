"""What hangs, and what was objected to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert.oversight.models import Notice, NoticeLine, Objection
from lbcert.oversight.places import LOOKING

#: Open ones first.
SORTS = {"state": Objection.answered_at.is_not(None)}


def hangs(notice: Notice) -> bool:
    """Tell whether everybody may still read its names."""
    return notice.withdrawn_at is None and clock.now() < notice.ends_at


def hanging() -> list[Notice]:
    """List the notices that hang now, the newest first."""
    query = select(Notice).where(Notice.withdrawn_at.is_(None), Notice.ends_at > clock.now())
    return list(
        db.session.scalars(query.options(joinedload(Notice.organisation)).order_by(Notice.id.desc()).limit(500))
    )


def notices_of(subject: str) -> list[Notice]:
    """List the notices about a thing ("batch:7") that were not taken down, oldest first."""
    query = select(Notice).where(Notice.subject == subject, Notice.withdrawn_at.is_(None)).order_by(Notice.id)
    return list(db.session.scalars(query))


def noticed_refs(subject: str) -> set[str]:
    """Give what the standing notices about a thing name, ended or not."""
    query = select(NoticeLine.ref).join(NoticeLine.notice)
    return set(db.session.scalars(query.where(Notice.subject == subject, Notice.withdrawn_at.is_(None))))


def objections_to(subject: str) -> list[Objection]:
    """List the objections to notices about a thing, oldest first."""
    query = select(Objection).join(Objection.notice).where(Notice.subject == subject).order_by(Objection.id)
    return list(db.session.scalars(query.options(joinedload(Objection.notice))))


def holding(objections: Iterable[Objection]) -> tuple[bool, set[str]]:
    """Give whether an open objection holds up the whole, and the refs of the lines that open ones hold."""
    held_open = [one for one in objections if one.answered_at is None]
    whole = any(one.line_id is None or one.notice.holds_all for one in held_open)
    lines = select(NoticeLine.ref).where(NoticeLine.id.in_([one.line_id for one in held_open if one.line_id]))
    return whole, set(db.session.scalars(lines))


def upheld_against(objections: Iterable[Objection]) -> set[str]:
    """Give the refs of lines against which an objection was upheld."""
    keys = [one.line_id for one in objections if one.upheld and one.line_id]
    return set(db.session.scalars(select(NoticeLine.ref).where(NoticeLine.id.in_(keys)))) if keys else set()


def _seen(actor: Actor) -> Select[Objection]:
    return (
        select(Objection)
        .join(Objection.notice)
        .where(visible(actor, *LOOKING, region=[Notice.region_code], organisation=[Notice.organisation_id]))
        .options(joinedload(Objection.notice), joinedload(Objection.line), joinedload(Objection.answerer))
    )


def list_objections(actor: Actor, paging: Paging) -> Page[Objection]:
    """List the objections that an account sees, open ones first, the earliest due first. Filter: state, *open* or *answered*."""
    query = _seen(actor)
    if (state := paging.filters.get("state")) in {"open", "answered"}:
        is_open = Objection.answered_at.is_(None)
        query = query.where(is_open if state == "open" else ~is_open)
    return paginate(db.session, query, paging, SORTS, Objection.id)


def todo(actor: Actor) -> list[Todo]:
    """Tell a bureau which objections it has to answer, and which are overdue."""
    query = (
        select(Objection)
        .join(Objection.notice)
        .where(Objection.answered_at.is_(None), visible(actor, Role.BUREAU_OFFICER, region=[Notice.region_code]))
        .options(joinedload(Objection.notice))
        .order_by(Objection.due_on, Objection.id)
    )
    found = []
    for one in db.session.scalars(query):
        if one.due_on is not None and one.due_on < clock.today():
            words = say("异议已逾期未答复（应于 {day} 前）：{title}", day=one.due_on, title=one.notice.title)
        elif one.due_on is not None:
            words = say("答复异议（{day} 前）：{title}", day=one.due_on, title=one.notice.title)
        else:
            words = say("答复异议：{title}", title=one.notice.title)
        found.append(Todo(words, "oversight.objections"))
    return found
