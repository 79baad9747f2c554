"""Venues: the list, a new one, corrections."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.pages import Column, form_page, paging_from_request, version_sent
from lbcert.teaching.forms import NewVenueForm, VenueForm
from lbcert.teaching.models import Venue
from lbcert.teaching.operations.sessions import add_venue, describe_venue
from lbcert.teaching.places import READERS, VENUE_CLERK
from lbcert.teaching.queries import lists
from lbcert.teaching.views.room import room


def _url(venue: Venue) -> str | None:
    may = VENUE_CLERK.admits(acting(), {"venue_id": venue.id})
    return url_for("teaching.venue", venue_id=venue.id) if may else None


COLUMNS = [
    Column("name", _l("场地"), url=_url, sort="name"),
    Column("organisation", _l("所属机构"), value=lambda row: row.organisation.name if row.organisation else ""),
    Column("region", _l("所在地区"), value=lambda row: row.region.name),
    Column("capacity", _l("可容纳人数"), "number", sort="capacity"),
]


@room.page("/venues", see=holds(*READERS), menu=(_l("场地"), "building-community"))
def venues() -> str:
    """List the venues of the actor's organisations or regions."""
    actor = acting()
    page = lists.venues_page(actor, paging_from_request(lists.VENUE_SORTS, "name"))
    may_add = holds(Role.PROVIDER_CLERK).admits(actor, {})
    return render_template("pages/teaching/venues.html", columns=COLUMNS, page=page, may_add=may_add)


@room.page("/venues/new", see=holds(Role.PROVIDER_CLERK), methods=("GET", "POST"))
def new_venue() -> ResponseReturnValue:
    """Put a venue on file."""
    actor, form = acting(), NewVenueForm()
    if request.method == "GET":
        own = [grant.organisation_id for grant in actor.grants if grant.role is Role.PROVIDER_CLERK]
        form.organisation_id.data = own[0] if own else None

    def save() -> str:
        add_venue(
            actor,
            form.organisation_id.data or 0,
            form.name.data or "",
            form.region_code.data or "",
            form.capacity.data,
        )
        return url_for("teaching.venues")

    return form_page(form, save, title=gettext("登记场地"), back=(gettext("场地"), url_for("teaching.venues")))


@room.page("/venues/<int:venue_id>", see=VENUE_CLERK, methods=("GET", "POST"))
def venue(venue_id: int) -> ResponseReturnValue:
    """Correct a venue."""
    found = load(Venue, venue_id)
    form = VenueForm(obj=found)

    def save() -> str:
        describe_venue(acting(), venue_id, form.name.data or "", form.capacity.data, version=version_sent())
        return url_for("teaching.venues")

    back = gettext("场地"), url_for("teaching.venues")
    return form_page(form, save, title=gettext("更正场地"), lead=found.name, back=back, version=found.version)
