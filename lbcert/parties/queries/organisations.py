"""Organisations, as lists and later rooms ask for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, or_, select

from lbcert.core.access import Actor, visible
from lbcert.core.database import db, load
from lbcert.core.findings import Missing
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.reference import Region, Trade, prefix
from lbcert.parties.models import Control, Organisation

SORTS = {"name": Organisation.name, "kind": Organisation.kind, "region": Organisation.region_code}


def _asked_for(actor: Actor, paging: Paging) -> Select[Any]:
    query = select(Organisation).where(_seen_by(actor))
    if paging.search:
        fits = Organisation.name.contains(paging.search, autoescape=True)
        query = query.where(or_(fits, Organisation.credit_code == paging.search.upper()))
    if kind := paging.filters.get("kind"):
        query = query.where(cast(Organisation.kind, String) == kind)
    if region := paging.filters.get("region"):
        query = query.where(Organisation.region_code.startswith(prefix(region), autoescape=True))
    return query


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    return visible(actor, region=[Organisation.region_code], organisation=[Organisation.id])


def list_organisations(actor: Actor, paging: Paging) -> Page[Organisation]:
    """List one page of the organisations of the actor's regions, and its own."""
    return paginate(db.session, _asked_for(actor, paging), paging, SORTS, Organisation.id)


def all_organisations(actor: Actor, paging: Paging) -> Iterable[Organisation]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_asked_for(actor, paging), paging, SORTS, Organisation.id))


def find_organisation(actor: Actor, organisation_id: int) -> Organisation:
    """Give an organisation that the actor sees; raises ``Missing`` for any other."""
    organisation = load(Organisation, organisation_id)
    if db.session.scalar(select(Organisation.id).where(Organisation.id == organisation_id, _seen_by(actor))) is None:
        raise Missing(f"Organisation {organisation_id}")
    return organisation


def controllers(organisation_ids: Iterable[int], on: date) -> dict[int, str]:
    """Give who controls each organisation on a day: equal codes are one controller (考培分离).

    An organisation of which nothing is on file for that day controls itself.
    """
    wanted = list(organisation_ids)
    bodies = db.session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    found = {body.id: body.own_code for body in bodies}
    on_file = select(Control.organisation_id, Control.controller).where(
        Control.organisation_id.in_(wanted),
        Control.valid_from <= on,
        Control.valid_to.is_(None) | (Control.valid_to >= on),
    )
    return found | {row.organisation_id: row.controller for row in db.session.execute(on_file)}


def trades() -> list[Trade]:
    """List the trades that can be filed for."""
    return list(db.session.scalars(select(Trade).order_by(Trade.kind, Trade.name, Trade.edition)))


def regions_seen(actor: Actor) -> list[tuple[str, str]]:
    """Name the regions in which the organisations lie that an actor sees, for a filter."""
    query = select(Region.code, Region.name).where(
        Region.code.in_(select(Organisation.region_code).where(_seen_by(actor)))
    )
    return [(row.code, row.name) for row in db.session.execute(query.order_by(Region.code))]


def region_names(codes: Iterable[str]) -> dict[str, str]:
    """Name regions; a code that is in no table stays itself."""
    wanted = {code for code in codes if code}
    found = db.session.execute(select(Region.code, Region.name).where(Region.code.in_(wanted)))
    return {code: code for code in wanted} | {row.code: row.name for row in found}
