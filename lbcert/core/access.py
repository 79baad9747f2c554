"""Who may do what, where: roles with scope over the region tree and over organisations."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from flask import g
from flask_login import current_user
from sqlalchemy import ColumnElement, false, or_, true

from lbcert.core.reference import lies_within, prefix
from lbcert.core.words import Message, say


class Role(StrEnum):
    """What an account is there to do."""

    ADMIN = "admin"
    BUREAU_OFFICER = "bureau_officer"
    SERVICE_CENTRE = "service_centre"
    AUDITOR = "auditor"
    PROVIDER_CLERK = "provider_clerk"
    TRAINER = "trainer"
    ASSESSMENT_CLERK = "assessment_clerk"
    EXAMINER = "examiner"
    RESULT_OFFICER = "result_officer"
    ISSUER = "issuer"
    EMPLOYER = "employer"
    STATION = "station"
    ASSOCIATION = "association"
    REVIEWER = "reviewer"

    @property
    def label(self) -> Message:
        """The role's name on the pages."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.ADMIN: say("系统管理员"),
    Role.BUREAU_OFFICER: say("人社局经办"),
    Role.SERVICE_CENTRE: say("就业服务中心经办"),
    Role.AUDITOR: say("审计（只读）"),
    Role.PROVIDER_CLERK: say("培训机构教务"),
    Role.TRAINER: say("培训教师"),
    Role.ASSESSMENT_CLERK: say("评价机构考务"),
    Role.EXAMINER: say("考评员"),
    Role.RESULT_OFFICER: say("成绩审定"),
    Role.ISSUER: say("发证人"),
    Role.EMPLOYER: say("用人单位"),
    Role.STATION: say("劳务工作站"),
    Role.ASSOCIATION: say("协会"),
    Role.REVIEWER: say("评审专家"),
}

#: Roles whose decisions cost money or make a paper true: they sign in with a second factor.
SECOND_FACTOR_ROLES = frozenset(
    {Role.ADMIN, Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.RESULT_OFFICER, Role.ISSUER}
)


@dataclass(frozen=True)
class Place:
    """Where something stands: the regions it touches and the organisations it belongs to."""

    regions: tuple[str, ...] = ()
    organisations: tuple[int, ...] = ()


class Granted(Protocol):
    """A role given to an account, either at an organisation or over a region."""

    @property
    def role(self) -> Role:
        """What the account may be."""

    @property
    def organisation_id(self) -> int | None:
        """The organisation it acts for."""

    @property
    def region_code(self) -> str | None:
        """The region it watches over."""


class Actor(Protocol):
    """Whoever acts: an account, the console, or a visitor."""

    @property
    def id(self) -> int | None:
        """The account's id; None for console and visitor."""

    @property
    def label(self) -> str:
        """How the audit log names it."""

    @property
    def person_id(self) -> int | None:
        """The person behind the account."""

    @property
    def grants(self) -> Sequence[Granted]:
        """Its roles and where they hold."""


@dataclass(frozen=True)
class Console:
    """Somebody with a shell on the server; may set up the installation and nothing of the trade."""

    label: str = "console"
    id: None = None
    person_id: None = None
    grants: tuple[Granted, ...] = ()


@dataclass(frozen=True)
class Visitor:
    """Anyone on the open pages."""

    label: str = "visitor"
    id: None = None
    person_id: None = None
    grants: tuple[Granted, ...] = ()


@dataclass(frozen=True)
class Holder:
    """Somebody without an account who showed whose certificates they are: acts for that person alone, as long as a visit lasts."""

    person_id: int
    id: None = None
    grants: tuple[Granted, ...] = ()

    @property
    def label(self) -> str:
        """How the audit log names it."""
        return f"person:{self.person_id}"


def acting() -> Actor:
    """Give the account of this request, or a visitor; a call of the API is its token's account and nobody else."""
    if "bearer" in g:
        bearer: Actor = g.bearer
        return bearer
    if current_user and current_user.is_authenticated:
        account: Actor = current_user._get_current_object()
        return account
    return Visitor()


def covers(grant: Granted, place: Place) -> bool:
    """Tell whether a grant reaches a place."""
    if grant.organisation_id is not None:
        return grant.organisation_id in place.organisations
    region = grant.region_code
    return region is not None and any(lies_within(code, region) for code in place.regions)


def roles_of(actor: Actor) -> frozenset[Role]:
    """Give all roles of an actor, wherever they hold."""
    return frozenset(grant.role for grant in actor.grants)


def visible(
    actor: Actor, *roles: Role, region: Sequence[Any] = (), organisation: Sequence[Any] = ()
) -> ColumnElement[bool]:
    """Give the WHERE that keeps a list to what the actor's ``roles`` reach, by its region and organisation columns.

    Without ``roles``, every role of the actor counts.
    """
    reach: list[ColumnElement[bool]] = []
    for grant in actor.grants:
        if roles and grant.role not in roles:
            continue
        if grant.organisation_id is not None:
            reach += [column == grant.organisation_id for column in organisation]
        elif grant.region_code is not None:
            within = prefix(grant.region_code)
            if not within:
                return true()
            reach += [column.startswith(within, autoescape=True) for column in region]
    return or_(*reach) if reach else false()


class Gate:
    """Who may pass, given the actor and the arguments of the operation or page, by name."""

    def __init__(self, label: str, test: Callable[..., bool], roles: tuple[Role, ...] = ()) -> None:
        self.label = label
        self.roles = roles
        self._test = test
        self._wanted = tuple(inspect.signature(test).parameters)

    def admits(self, actor: Actor, arguments: Mapping[str, Any]) -> bool:
        """Tell whether the actor may pass."""
        given = {"actor": actor, **arguments}
        return self._test(**{name: given[name] for name in self._wanted})

    def __or__(self, other: Gate) -> Gate:
        """Let pass whom either lets pass."""

        def either(**given: Any) -> bool:
            actor = given.pop("actor")
            return self.admits(actor, given) or other.admits(actor, given)

        gate = Gate(f"{self.label} / {other.label}", either, self.roles + other.roles)
        gate._wanted = tuple(dict.fromkeys(("actor", *self._wanted, *other._wanted)))
        return gate

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the arguments it reads."""
        return tuple(name for name in self._wanted if name != "actor")


def holds(*roles: Role, at: Callable[..., Place] | None = None) -> Gate:
    """Admit accounts with one of ``roles`` whose grant covers the place that ``at`` gives.

    ``at`` names the operation's (or page's) own arguments that it reads; without it the role alone is enough, and the
    query behind the page keeps to what the actor may see. The console passes where an administrator would.
    """
    wanted = tuple(inspect.signature(at).parameters) if at else ()

    def test(**given: Any) -> bool:
        actor = given.pop("actor")
        if isinstance(actor, Console):
            return Role.ADMIN in roles
        grants = [grant for grant in actor.grants if grant.role in roles]
        if not grants or at is None:
            return bool(grants)
        place = at(**given)
        return any(covers(grant, place) for grant in grants)

    gate = Gate(" / ".join(roles), test, roles)
    gate._wanted = ("actor", *wanted)
    return gate


def only(label: str, test: Callable[..., bool]) -> Gate:
    """Admit by a test of its own, such as "the scorer assigned to this candidate"; ``test`` takes ``actor`` and arguments by name."""
    return Gate(label, test)


#: Anyone, signed in or not.
PUBLIC = Gate("public", lambda: True)
#: Any account.
SIGNED_IN = Gate("signed in", lambda actor: actor.id is not None)
#: Somebody with a shell on the server.
CONSOLE = Gate("console", lambda actor: isinstance(actor, Console))
