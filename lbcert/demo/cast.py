"""Who is on stage: bodies, accounts and the people behind them, entered by the administrator as in a new installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from lbcert.core import clock
from lbcert.core.access import Console, Role
from lbcert.core.database import load
from lbcert.core.reference import NATION
from lbcert.demo.people import Crowd, credit_code_of
from lbcert.parties.models import Account, OrganisationKind
from lbcert.parties.operations import PersonData, create_account, register_organisation, register_person

#: Of every demo account; the demo says so wherever it shows one.
PASSWORD = "demo-lbcert"  # noqa: S105 (printed at each start)
ADMIN = "admin"
_CODE_KINDS = {
    OrganisationKind.BUREAU: "11",
    OrganisationKind.SERVICE_CENTRE: "12",
    OrganisationKind.ASSOCIATION: "51",
    OrganisationKind.PROVIDER: "52",
}
_WITHOUT_CODE = {
    OrganisationKind.STATION_AWAY,
    OrganisationKind.STATION_TOWNSHIP,
    OrganisationKind.STATION_VILLAGE,
}


@dataclass(frozen=True)
class Body:
    """An organisation of the demo, under the name by which the builder knows it."""

    key: str
    kind: OrganisationKind
    name: str
    region: str


@dataclass(frozen=True)
class Post:
    """An account of the demo: its user name, its person, and its role at a body or over a region."""

    user: str
    person: str
    role: Role
    #: a body's key or a region's code
    at: str


@dataclass
class Cast:
    """Who and what is there, by the builder's own names; rows are loaded anew, since each operation ends a transaction."""

    accounts: dict[str, int] = field(default_factory=dict)
    #: user name → the person behind the account
    persons: dict[str, int] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)
    trades: dict[str, int] = field(default_factory=dict)
    #: (county, name of the item) → item
    items: dict[tuple[str, str], int] = field(default_factory=dict)
    brands: dict[str, int] = field(default_factory=dict)
    cohorts: dict[str, int] = field(default_factory=dict)
    #: name of the cohort → its exam
    batches: dict[str, int] = field(default_factory=dict)
    #: name of the cohort → its skill certificates
    certificates: dict[str, list[int]] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)

    def account(self, user: str) -> Account:
        """Give the account of a user name."""
        return load(Account, self.accounts[user])

    def enter_administrator(self) -> None:
        """Make the first account, as the console does."""
        made = create_account(
            Console(), ADMIN, "系统管理员", Role.ADMIN, region_code=NATION, password=PASSWORD, password_is_temporary=False
        )  # fmt: skip
        self.accounts[ADMIN] = made.id
        self.posts.append(Post(ADMIN, "系统管理员", Role.ADMIN, NATION))

    def enter_bodies(self, bodies: Iterable[Body], founded: date) -> None:
        """Put bodies in the register."""
        for body in bodies:
            kind = _CODE_KINDS.get(body.kind, "91")
            code = None if body.kind in _WITHOUT_CODE else credit_code_of(body.region, len(self.bodies) + 1, kind)
            made = register_organisation(
                self.account(ADMIN), body.kind, body.name, body.region, credit_code=code, founded=founded
            )
            self.bodies[body.key] = made.id

    def enter_posts(self, posts: Iterable[Post], crowd: Crowd) -> None:
        """Register the people of accounts and make the accounts."""
        for post in posts:
            figure = crowd.person(post.person)
            data = PersonData(figure.name, figure.id_number, phone=figure.phone, household_region_code=figure.region)
            person_id = register_person(self.account(ADMIN), data).id
            body = self.bodies.get(post.at)
            made = create_account(
                self.account(ADMIN), post.user, post.person, post.role, organisation_id=body,
                region_code=None if body else post.at, person_id=person_id, password=PASSWORD,
                password_is_temporary=False,
            )  # fmt: skip
            self.accounts[post.user], self.persons[post.user] = made.id, person_id
            self.posts.append(post)


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Give a time on a day in China."""
    return datetime.combine(day, time(hour, minute), clock.SHANGHAI)


@contextmanager
def at(day: date, hour: int = 9, minute: int = 0) -> Iterator[None]:
    """Set the clock to a time on a day in China."""
    with clock.at(moment(day, hour, minute)):
        yield


def ids(rows: Iterable[Any]) -> list[int]:
    """Give the ids of rows."""
    return [row.id for row in rows]
