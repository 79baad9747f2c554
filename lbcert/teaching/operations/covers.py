"""Cover requests (代课征求): asked of several trainers at once; the first who accepts has the session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from sqlalchemy import select, update

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.messages import tell
from lbcert.core.operation import operation, together
from lbcert.core.waivers import refuse_on
from lbcert.core.words import Message, say, some
from lbcert.parties.models import Person
from lbcert.teaching.models import CoverAsk, CoverRequest, Session
from lbcert.teaching.operations.sessions import change
from lbcert.teaching.places import COVER_ASKED, COVER_CLERK, SESSION_CLERK
from lbcert.teaching.queries.course_table import lesson_of
from lbcert.teaching.queries.covers import accounts_of, against_asking, is_open, requests_of
from lbcert.teaching.queries.planning import to_come
from lbcert.teaching.queries.sessions import due_in
from lbcert.teaching.queries.versions import versions_of


@operation("teaching.ask_cover", say("征求代课"), allow=SESSION_CLERK)
def ask_cover(actor: Any, session_id: int, person_ids: Sequence[int], reason: str) -> CoverRequest:
    """Ask trainers to take a session whose own cannot come; while one such request is open, ask more of them.

    Each finds it among what he has to do (``queries.covers.todo``) until he answers, and is not told of it beside that.
    Refused once the session began or was cancelled, without a reason, and for whoever could not take it if it were moved
    by hand, or has no account to answer with: each is named.
    """
    _cohort, session = _locked(session_id)
    begun = (
        [] if session.starts_at > clock.now() else [refuse("teaching.cover_late", say("这节课已开始，不能再征求代课"))]
    )
    whom = [] if person_ids else [refuse("teaching.cover_nobody", say("请选择要征求的教师"))]
    refuse_on(to_come(session), begun, whom, _reason(reason))
    people = [load(Person, person_id) for person_id in dict.fromkeys(person_ids)]
    signs_in = accounts_of(person_ids)
    refuse_on(*(_against(session, person, has_account=person.id in signs_in) for person in people))
    request = _open_request(session, actor.id, reason.strip())
    there = {ask.person_id for ask in request.asks}
    db.session.add_all(CoverAsk(request_id=request.id, person_id=one.id) for one in people if one.id not in there)
    db.session.flush()
    db.session.refresh(request)
    return request


@operation("teaching.accept_cover", say("接受代课"), allow=COVER_ASKED)
def accept_cover(actor: Any, request_id: int) -> CoverRequest:
    """Take a session that one was asked for; of several who accept, the first has it, and the others are told who.

    Refused once it was taken or withdrawn or began, and for what moving it by hand is refused for. Whoever was asked, the
    clerk and the trainer who cannot come are told, and where the timetable is published its learners too.
    """
    cohort, session = _locked(load(CoverRequest, request_id).session_id)
    request = load(CoverRequest, request_id, lock=True)
    refuse_on(_over(request))
    change(cohort, session, replace(lesson_of(session), trainer_id=actor.person_id))
    _answer(request, actor.person_id, accepted=True)
    request.taken_by, request.closed_at = actor.person_id, clock.now()
    who = load(Person, actor.person_id).name
    others = {ask.person_id for ask in request.asks} - {actor.person_id}
    _tell({actor.person_id}, say("您已接下代课：{lesson}", lesson=_lesson(session)), request)
    _tell(others, say("{who} 已接下代课，不用再答复：{lesson}", who=who, lesson=_lesson(session)), request)
    desk = _clerk(request) | {request.trainer_id}
    _tell(desk - {actor.person_id}, say("{who} 接下了代课：{lesson}", who=who, lesson=_lesson(session)), request)
    if versions_of(cohort.id):
        due = {learner.person_id for learner in due_in(session)}
        message = say("换教师：{lesson}，由 {who} 授课", lesson=_lesson(session), who=who)
        tell(due, message, "teaching.session", {"session_id": session.id}, subject=f"cohort:{cohort.id}")
    return request


@operation("teaching.decline_cover", say("不接受代课"), allow=COVER_ASKED)
def decline_cover(actor: Any, request_id: int) -> CoverRequest:
    """Say that one cannot take a session; once all who were asked have said so, the clerk is told."""
    request = load(CoverRequest, request_id, lock=True)
    refuse_on(_over(request))
    _answer(request, actor.person_id, accepted=False)
    if all(ask.accepted is False for ask in request.asks):
        names = some(ask.person.name for ask in request.asks)
        lesson = _lesson(request.session)
        _tell(_clerk(request), say("问过的教师都不能代课：{lesson}（{names}）", lesson=lesson, names=names), request)
    return request


@operation("teaching.withdraw_cover", say("撤回代课征求"), allow=COVER_CLERK)
def withdraw_cover(actor: Any, request_id: int) -> CoverRequest:
    """Close a request that nobody took; who was asked and did not decline is told."""
    request = load(CoverRequest, request_id, lock=True)
    refuse_on(_closed(request))
    request.closed_at = clock.now()
    waiting = {ask.person_id for ask in request.asks if not ask.answered_at}
    _tell(waiting, say("代课征求已撤回，不用再答复：{lesson}", lesson=_lesson(request.session)), request)
    return request


def _locked(session_id: int) -> tuple[Cohort, Session]:
    """Lock a session and before it its cohort, as moving it by hand does: who accepts second sees what the first did."""
    cohort = load(Cohort, load(Session, session_id).cohort_id, lock=True)
    return cohort, load(Session, session_id, lock=True)


def _open_request(session: Session, account_id: int, reason: str) -> CoverRequest:
    """Give the request that is open, or begin one; what lapsed is closed."""
    for request in requests_of(session.id):
        if is_open(request):
            return request
        if request.closed_at is None:
            request.closed_at = clock.now()
    db.session.flush()
    made = CoverRequest(session_id=session.id, trainer_id=session.trainer_id, reason=reason, account_id=account_id)
    db.session.add(made)
    db.session.flush()
    return made


class _Undone(Exception):
    """Undoes what was tried."""


def _against(session: Session, person: Person, *, has_account: bool) -> list[Finding]:
    """Find what keeps a person from taking a session, by the rules and by the database, which knows its examiners."""
    found = against_asking(session, person, has_account=has_account)
    try:
        _try(session.id, person.id)
    except _Undone:
        return found
    except Refused as refused:
        known = {finding.rule for finding in found}
        new = [finding for finding in refused.findings if finding.rule.removesuffix(".update") not in known]
        named = (say("{who}：{what}", who=person.name, what=finding.message) for finding in new)
        return [*found, *(replace(one, message=words) for one, words in zip(new, named, strict=True))]


def _try(session_id: int, person_id: int) -> NoReturn:
    """Have the database judge a session with another trainer, and undo it."""
    with together():
        moved = update(Session).where(Session.id == session_id).values(trainer_id=person_id)
        db.session.execute(moved, execution_options={"synchronize_session": False})
        raise _Undone


def _over(request: CoverRequest) -> Iterator[Finding]:
    yield from _closed(request)
    if request.closed_at is None and not is_open(request):
        yield refuse("teaching.cover_lapsed", say("这节课已开始、已取消或已另行换了教师，这次征求失效"))


def _closed(request: CoverRequest) -> Iterator[Finding]:
    if request.taken_by:
        name = load(Person, request.taken_by).name
        yield refuse("teaching.cover_taken", say("{who} 已经接下了这节课，多谢您答复", who=name))
    elif request.closed_at:
        yield refuse("teaching.cover_withdrawn", say("这次代课征求已经撤回"))


def _answer(request: CoverRequest, person_id: int, *, accepted: bool) -> None:
    ask = db.session.scalars(
        select(CoverAsk).where(CoverAsk.request_id == request.id, CoverAsk.person_id == person_id)
    ).one()
    ask.accepted, ask.answered_at = accepted, clock.now()


def _reason(reason: str) -> Iterator[Finding]:
    if not reason.strip():
        yield refuse("teaching.reason", say("请写明为什么要代课"))
    if len(reason.strip()) > 300:  # noqa: PLR2004 (the column's length)
        yield refuse("teaching.text_long", say("“{what}”超过 {most} 个字，请改短", what=say("原因"), most=300))


def _lesson(session: Session) -> Message:
    when = f"{clock.local(session.starts_at):%Y-%m-%d %H:%M}"
    return say("{when} {content} · {cohort}", when=when, content=session.content, cohort=session.cohort.name)


def _clerk(request: CoverRequest) -> set[int]:
    return {request.account.person_id} if request.account.person_id else set()


def _tell(person_ids: Iterable[int], message: Message, request: CoverRequest) -> None:
    subject = f"cohort:{request.session.cohort_id}"
    tell(person_ids, message, "teaching.cover_request", {"request_id": request.id}, subject=subject)
