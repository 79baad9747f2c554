"""Who may take a session whose trainer cannot come, who was asked, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import Actor, Role, roles_of
from lbcert.core.database import db
from lbcert.core.findings import Finding, refuse
from lbcert.core.todo import Todo
from lbcert.core.waivers import stands
from lbcert.core.words import say
from lbcert.parties.models import Account, Grant, Person
from lbcert.teaching.models import CoverAsk, CoverRequest, Session, TrainerProfile
from lbcert.teaching.queries.course_table import lesson_of
from lbcert.teaching.queries.planning import against_moving
from lbcert.teaching.queries.resources import trainers_for


@dataclass(frozen=True)
class Candidate:
    """Somebody who could take a session, and what stands against it."""

    person: Person
    findings: Sequence[Finding]

    @property
    def may_be_asked(self) -> bool:
        """Tell whether nothing stands against it."""
        return not self.findings


def is_open(request: CoverRequest) -> bool:
    """Tell whether a request still waits: not taken or withdrawn, and its session stands, is to come, and has the same trainer."""
    session = request.session
    is_moot = bool(session.cancelled_reason) or session.trainer_id != request.trainer_id
    return request.closed_at is None and not is_moot and session.starts_at > clock.now()


def requests_of(session_id: int) -> list[CoverRequest]:
    """List the cover requests of a session, the newest first."""
    query = select(CoverRequest).where(CoverRequest.session_id == session_id).order_by(CoverRequest.id.desc())
    return list(db.session.scalars(query.options(joinedload(CoverRequest.taker), joinedload(CoverRequest.trainer))))


def candidates_for(session: Session) -> list[Candidate]:
    """List the trainers of a cohort and of its schools, those first who may be asked; each other one with every reason."""
    people = _trainers_around(session.cohort)
    signs_in = accounts_of(person.id for person in people)
    found = [
        Candidate(person, against_asking(session, person, has_account=person.id in signs_in))
        for person in people
        if person.id != session.trainer_id
    ]
    return sorted(found, key=lambda one: (not one.may_be_asked, one.person.pinyin, one.person.id))


def against_asking(session: Session, person: Person, *, has_account: bool) -> list[Finding]:
    """Find what keeps a person from taking a session, by the rules of moving it by hand."""
    missing = [] if has_account else [refuse("teaching.cover_no_account", say("{who} 没有培训教师的账号，不能在线征求；请先开通账号或电话联系后调课", who=person.name))]  # fmt: skip
    moved = against_moving(session, replace(lesson_of(session), trainer_id=person.id))
    return [*missing, *(finding for finding in moved if stands(finding))]


def accounts_of(person_ids: Iterable[int]) -> set[int]:
    """Tell who of these persons has an open account with the role of a trainer."""
    query = select(Account.person_id).join(Grant, Grant.account_id == Account.id)
    mine = Account.person_id.in_(set(person_ids)), Account.active, Grant.role == Role.TRAINER
    return {person_id for person_id in db.session.scalars(query.where(*mine)) if person_id}


def waiting_for(actor: Actor) -> list[CoverRequest]:
    """List the open requests that ask the actor and that he has not answered, by the time of the lesson."""
    if actor.person_id is None or Role.TRAINER not in roles_of(actor):
        return []
    query = (
        select(CoverRequest)
        .join(CoverAsk, CoverAsk.request_id == CoverRequest.id)
        .join(CoverRequest.session)
        .where(CoverAsk.person_id == actor.person_id, CoverAsk.accepted.is_(None), CoverRequest.closed_at.is_(None))
        .options(joinedload(CoverRequest.session))
        .order_by(Session.starts_at, CoverRequest.id)
    )
    return [request for request in db.session.scalars(query) if is_open(request)]


def todo(actor: Actor) -> list[Todo]:
    """Give the requests that wait for a trainer's answer."""
    return [
        Todo(
            say(
                "请答复能否代课：{when} {module} · {cohort}",
                when=f"{clock.local(request.session.starts_at):%m-%d %H:%M}",
                module=request.session.module.name,
                cohort=request.session.cohort.name,
            ),
            "teaching.cover_request",
            {"request_id": request.id},
        )
        for request in waiting_for(actor)
    ]


def others_of(session: Session) -> list[Session]:
    """List the other sessions to come that its trainer has in its cohort, in time: asked about together with it."""
    query = select(Session).where(
        Session.cohort_id == session.cohort_id, Session.trainer_id == session.trainer_id, Session.id != session.id,
        Session.cancelled_reason == "", Session.starts_at > clock.now(),
    )  # fmt: skip
    return list(db.session.scalars(query.options(joinedload(Session.module)).order_by(Session.starts_at, Session.id)))


def _trainers_around(cohort: Cohort) -> list[Person]:
    schools = {row.organisation_id for row in cohort.providers}
    query = select(Person).join(TrainerProfile, TrainerProfile.person_id == Person.id)
    own = db.session.scalars(query.where(TrainerProfile.organisation_id.in_(schools)))
    return list(dict.fromkeys((*trainers_for(cohort), *own)))
