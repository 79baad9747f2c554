"""Where schemes and nominations stand, for the gates: for a brand that has the plugin off, there is none."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select

from lbcert.brands.models import Brand, BrandPlugin
from lbcert.core.access import Actor, Place, Role, holds, only, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Missing
from lbcert_star_rating.models import Award, Nomination, Scheme

#: The plugin's name, as brands switch it on.
PLUGIN = "star_rating"
OFFICERS = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)
READERS = (*OFFICERS, Role.AUDITOR, Role.ASSOCIATION, Role.REVIEWER, Role.ISSUER)


def is_on() -> ColumnElement[bool]:
    """Give the WHERE that keeps a query over brands to those that have stars."""
    return exists().where(BrandPlugin.brand_id == Brand.id, BrandPlugin.plugin == PLUGIN)


def brand_place(brand_id: int) -> Place:
    """Give the region of a brand; raises ``Missing`` when it has no stars."""
    brand = load(Brand, brand_id)
    if all(row.plugin != PLUGIN for row in brand.plugins):
        raise Missing(f"stars of brand {brand_id}")
    return Place((brand.region_code,))


def scheme_place(scheme_id: int) -> Place:
    """Give the region of the brand whose scheme it is, and the body that awards."""
    scheme = load(Scheme, scheme_id)
    return Place(brand_place(scheme.brand_id).regions, (scheme.organisation_id,))


def nomination_place(nomination_id: int) -> Place:
    """Give the place of the scheme under which somebody is nominated."""
    return scheme_place(load(Nomination, nomination_id).scheme_id)


def award_place(award_id: int) -> Place:
    """Give the place of the scheme under which stars were awarded."""
    return nomination_place(load(Award, award_id).nomination_id)


def brands_seen(actor: Actor) -> ColumnElement[bool]:
    """Give the WHERE that keeps a query over brands to those whose stars the actor may look at."""
    awarded_by = select(Scheme.brand_id).where(visible(actor, *READERS, organisation=[Scheme.organisation_id]))
    return is_on() & or_(visible(actor, *READERS, region=[Brand.region_code]), Brand.id.in_(awarded_by))


def _has_stars(actor: Actor) -> bool:
    if not any(grant.role in READERS for grant in actor.grants):
        return False
    return db.session.scalar(select(Brand.id).where(brands_seen(actor)).limit(1)) is not None


#: The list of schemes, and its line in the menu: for those who see a brand with stars.
LISTS = only("a brand with stars", _has_stars)
SETS = holds(*OFFICERS, at=brand_place)
RETIRES = holds(*OFFICERS, at=scheme_place)
SEES_SCHEME = holds(*READERS, at=scheme_place)
NOMINATES = holds(*OFFICERS, Role.ASSOCIATION, at=scheme_place)
PUBLISHES = holds(*OFFICERS, at=scheme_place)
SEES = holds(*READERS, at=nomination_place)
REVIEWS = holds(Role.REVIEWER, at=nomination_place)
REJECTS = holds(*OFFICERS, at=nomination_place)
AWARDS = holds(Role.ISSUER, at=nomination_place)
WITHDRAWS = holds(*OFFICERS, at=award_place)
