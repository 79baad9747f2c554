"""What a school told people about its cohorts, and who has read it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, String, cast, literal, or_, select

from lbcert.cohorts.models import Cohort
from lbcert.core.access import Actor
from lbcert.core.database import db
from lbcert.core.identity.masks import mask_phone
from lbcert.core.messages import Notification
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.parties.models import Person
from lbcert.teaching.queries.lists import own_cohorts

SORTS = {"told": Notification.created_at, "name": Person.pinyin, "read": Notification.read_at}


@dataclass(frozen=True)
class Told:
    """One person who was told something about a cohort."""

    notification: Notification
    person: Person
    cohort: Cohort

    @property
    def phone(self) -> str:
        """The number to call, masked."""
        return mask_phone(self.person.phone) if self.person.phone else ""


def told_page(actor: Actor, paging: Paging) -> Page[Told]:
    """Give one page of what was told about the cohorts that the actor's school teaches; ``unread`` filters."""
    page = paginate(db.session, _told(actor, paging), paging, SORTS, Notification.id)
    return Page([Told(*row) for row in page.rows], page.paging)


def told_list(actor: Actor, paging: Paging) -> list[Told]:
    """Give the whole list, for an export."""
    query = ordered(_told(actor, paging), paging, SORTS, Notification.id)
    return [Told(*row) for row in db.session.execute(query)]


def _told(actor: Actor, paging: Paging) -> Select[Notification, Person, Cohort]:
    query = (
        select(Notification, Person, Cohort)
        .join(Person, Person.id == Notification.person_id)
        .join(Cohort, literal("cohort:") + cast(Cohort.id, String) == Notification.subject)
        .where(Cohort.id.in_(own_cohorts(actor)))
    )
    if paging.search:
        columns = (Person.name, Cohort.name, Cohort.number)
        query = query.where(or_(*(column.contains(paging.search, autoescape=True) for column in columns)))
    if paging.filters.get("unread"):
        query = query.where(Notification.read_at.is_(None))
    return query
