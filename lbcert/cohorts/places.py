"""Where a cohort stands, for the gates of operations and pages."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from lbcert.cohorts.models import Allotment, Cohort, CohortProvider, Enrolment, ProviderPart
from lbcert.cohorts.sheets import KIND, PHOTOS
from lbcert.core.access import Actor, Place, Role
from lbcert.core.database import db, load
from lbcert.core.staging import find
from lbcert.demand.models import Order, OrderLine
from lbcert.demand.queries import served_regions
from lbcert.parties.models import Organisation

#: Who watches over the cohorts of a region.
REGIONAL = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.STATION)
#: Who takes part in a cohort, by organisation.
TAKING_PART = (Role.PROVIDER_CLERK, Role.TRAINER, Role.EMPLOYER)
READERS = REGIONAL + TAKING_PART


def organisation_place(lead_id: int) -> Place:
    """Give the organisation that is to lead a new cohort."""
    return Place(organisations=(load(Organisation, lead_id).id,))


def teaching_place(cohort_id: int) -> Place:
    """Give the providers that teach a cohort, its lead and joint ones."""
    load(Cohort, cohort_id)
    teaching = select(CohortProvider.organisation_id).where(
        CohortProvider.cohort_id == cohort_id, CohortProvider.part != ProviderPart.HOST
    )
    return Place(organisations=tuple(db.session.scalars(teaching)))


def home_place(cohort_id: int) -> Place:
    """Give the home region, whose bureau decides and pays."""
    return Place(regions=(load(Cohort, cohort_id).home_region_code,))


def cohort_place(cohort_id: int) -> Place:
    """Give all that may look at a cohort: home and site, its providers and hosts, and the parties of its orders."""
    cohort = load(Cohort, cohort_id)
    parties = select(Order.party_id).join(OrderLine).join(Allotment).where(Allotment.cohort_id == cohort_id)
    involved = (*(part.organisation_id for part in cohort.providers), *db.session.scalars(parties))
    return Place(regions=(cohort.home_region_code, cohort.site_region_code), organisations=involved)


def enrolment_place(enrolment_id: int) -> Place:
    """Give the teaching providers of an enrolment's cohort."""
    return teaching_place(load(Enrolment, enrolment_id).cohort_id)


def enrolment_home(enrolment_id: int) -> Place:
    """Give the home region of an enrolment's cohort."""
    return home_place(load(Enrolment, enrolment_id).cohort_id)


def employer_place(enrolment_id: int) -> Place:
    """Give the employer on whose order's seat a learner sits."""
    line = load(Enrolment, enrolment_id).line
    return Place(organisations=(line.order.party_id,) if line else ())


def line_home(line_id: int) -> Place:
    """Give the region whose workers an order asks for."""
    return Place(regions=(load(OrderLine, line_id).order.home_region_code,))


def allotment_home(allotment_id: int) -> Place:
    """Give the region whose workers the allotment's order asks for."""
    return line_home(load(Allotment, allotment_id).line_id)


def allotment_place(allotment_id: int) -> Place:
    """Give the teaching providers of the cohort that has the allotment's seats."""
    return teaching_place(load(Allotment, allotment_id).cohort_id)


def roster_place(roster_id: int) -> Place:
    """Give the teaching providers of a staged roster's cohort."""
    return teaching_place(find(KIND, roster_id).subject_id)


def photos_place(photos_id: int) -> Place:
    """Give the teaching providers of the cohort whose photos were sent."""
    return teaching_place(find(PHOTOS, photos_id).subject_id)


def is_station_of(actor: Actor, cohort_id: int) -> bool:
    """Tell whether the actor speaks for a station at the cohort's home or site, which gathers learners for it."""
    cohort = load(Cohort, cohort_id)
    return not served_regions(actor, Role.STATION).isdisjoint({cohort.home_region_code, cohort.site_region_code})


def at_station(actor: Actor) -> ColumnElement[bool]:
    """Give the WHERE over ``Cohort`` for those with home or site where the actor's stations are."""
    around = served_regions(actor, Role.STATION)
    return Cohort.home_region_code.in_(around) | Cohort.site_region_code.in_(around)


def people_place(cohort_id: int) -> Place:
    """Give those who work with a cohort's people: home and site, its providers and hosts."""
    cohort = load(Cohort, cohort_id)
    regions = cohort.home_region_code, cohort.site_region_code
    return Place(regions=regions, organisations=tuple(part.organisation_id for part in cohort.providers))


def enrolment_people(enrolment_id: int) -> Place:
    """Give those who work with the people of an enrolment's cohort."""
    return people_place(load(Enrolment, enrolment_id).cohort_id)


def roster_people(roster_id: int) -> Place:
    """Give those who work with the people of a staged roster's cohort."""
    return people_place(find(KIND, roster_id).subject_id)
