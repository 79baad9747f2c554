"""What each account finds in teaching: its cohorts, the sessions of a day, the venues."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import joinedload

from lbcert.cohorts.models import Cohort, CohortProvider, CohortState, ProviderPart
from lbcert.core import clock
from lbcert.core.access import Actor, Role, roles_of, visible
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.teaching.models import Session, Venue

#: Who looks at teaching without teaching, by region.
_WATCHING = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR)
#: Who keeps venues.
_KEEPERS = (Role.PROVIDER_CLERK, Role.EMPLOYER)
#: While there are sessions to plan, hold or look up.
_TAUGHT = (CohortState.APPROVED, CohortState.RUNNING, CohortState.TAUGHT, CohortState.CLOSED)
SORTS = {"name": Cohort.name, "number": Cohort.number, "starts": Cohort.starts_on, "ends": Cohort.ends_on}


def cohorts_page(actor: Actor, paging: Paging) -> Page[Cohort]:
    """Give one page of the cohorts that the actor teaches or looks after, from their approval on."""
    query = select(Cohort).where(Cohort.state.in_(_TAUGHT), seen_by(actor))
    if paging.search:
        query = query.where(
            or_(*(column.contains(paging.search, autoescape=True) for column in (Cohort.name, Cohort.number)))
        )
    return paginate(db.session, query, paging, SORTS, Cohort.id)


def sessions_on(actor: Actor, day: date) -> list[Session]:
    """List the sessions of a day that the actor teaches, or that its school holds; cancelled ones apart."""
    begins = datetime.combine(day, time(), SHANGHAI)
    query = select(Session).where(
        Session.starts_at >= begins,
        Session.starts_at < begins + timedelta(days=1),
        Session.cancelled_reason == "",
        or_(taught_by(actor), Session.cohort_id.in_(own_cohorts(actor))),
    )
    return loaded(query.order_by(Session.starts_at, Session.id))


def venues_page(actor: Actor, paging: Paging) -> Page[Venue]:
    """Give one page of the venues that are the actor's organisations' or lie in its regions."""
    query = select(Venue).where(venue_seen_by(actor)).options(joinedload(Venue.organisation), joinedload(Venue.region))
    if paging.search:
        query = query.where(Venue.name.contains(paging.search, autoescape=True))
    return paginate(db.session, query, paging, VENUE_SORTS, Venue.id)


VENUE_SORTS = {"name": Venue.name, "capacity": Venue.capacity}


def loaded(query: Select[Any]) -> list[Session]:
    """List the sessions of a query with what is said of each: module, trainer, venue and cohort."""
    parts = (Session.module, Session.trainer, Session.venue, Session.cohort)
    return list(db.session.scalars(query.options(*(joinedload(part) for part in parts))))


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on cohorts that an actor teaches, has a school in, or watches over."""
    providers = select(CohortProvider.cohort_id).where(
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id])
    )
    regions = visible(actor, *_WATCHING, region=[Cohort.home_region_code, Cohort.site_region_code])
    return or_(regions, Cohort.id.in_(providers), Cohort.id.in_(select(Session.cohort_id).where(taught_by(actor))))


def venue_seen_by(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on venues that are an actor's organisation's or lie in its region."""
    return visible(actor, *_WATCHING, *_KEEPERS, region=[Venue.region_code], organisation=[Venue.organisation_id])


def taught_by(actor: Actor) -> ColumnElement[bool]:
    """Give the condition on sessions that the actor teaches."""
    if actor.person_id is None or Role.TRAINER not in roles_of(actor):
        return false()
    return Session.trainer_id == actor.person_id


def own_cohorts(actor: Actor) -> Select[Any]:
    """Give the cohorts that the actor's school teaches."""
    return select(CohortProvider.cohort_id).where(
        CohortProvider.part != ProviderPart.HOST,
        visible(actor, Role.PROVIDER_CLERK, organisation=[CohortProvider.organisation_id]),
    )


def plannable_beside(actor: Actor, cohort: Cohort) -> list[Cohort]:
    """List the actor's other cohorts that may be planned and have time left, to be planned together with one."""
    query = select(Cohort).where(
        Cohort.id.in_(own_cohorts(actor)),
        Cohort.id != cohort.id,
        Cohort.state.in_((CohortState.APPROVED, CohortState.RUNNING)),
        Cohort.ends_on >= clock.today(),
    )
    return list(db.session.scalars(query.order_by(Cohort.starts_on, Cohort.id)))
