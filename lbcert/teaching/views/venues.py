"""Venues: the list, a new one, what it has and allows, and what takes it otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from lbcert.core import clock
from lbcert.core.access import Role, acting, holds
from lbcert.core.database import load
from lbcert.core.findings import Finding, Refused
from lbcert.core.pages import Column, form_page, paging_from_request, version_sent
from lbcert.teaching.models import Venue
from lbcert.teaching.operations.resources import book_venue
from lbcert.teaching.operations.sessions import add_venue, describe_venue
from lbcert.teaching.places import KEEPERS, READERS, VENUE_CLERK, VENUE_REPLANNER
from lbcert.teaching.queries import keeping, lists
from lbcert.teaching.resource_forms import BookingForm, NewVenueForm, VenueForm, today_booked
from lbcert.teaching.views.room import room


def _url(venue: Venue) -> str | None:
    may = VENUE_CLERK.admits(acting(), {"venue_id": venue.id})
    return url_for("teaching.venue", venue_id=venue.id) if may else None


COLUMNS = [
    Column("name", _l("场地"), url=_url, sort="name"),
    Column("organisation", _l("所属机构"), value=lambda row: row.organisation.name if row.organisation else ""),
    Column("region", _l("所在地区"), value=lambda row: row.region.name),
    Column("capacity", _l("可容纳人数"), "number", sort="capacity"),
    Column("stations", _l("工位数"), "number"),
    Column(
        "calendar",
        _l("日历"),
        value=lambda row: gettext("查看"),  # noqa: ARG005 (a column's value is asked of each row)
        url=lambda row: url_for("teaching.venue_calendar", venue_id=row.id),
    ),
]


@room.page("/venues", see=holds(*READERS, Role.EMPLOYER), menu=(_l("场地"), "building-community"))
def venues() -> str:
    """List the venues of the actor's organisations or regions."""
    actor = acting()
    page = lists.venues_page(actor, paging_from_request(lists.VENUE_SORTS, "name"))
    may_add = holds(*KEEPERS).admits(actor, {})
    return render_template("pages/teaching/venues.html", columns=COLUMNS, page=page, may_add=may_add)


@room.page("/venues/new", see=holds(*KEEPERS), methods=("GET", "POST"))
def new_venue() -> ResponseReturnValue:
    """Put a venue on file."""
    actor = acting()
    form = NewVenueForm(owners=keeping.owners_of(actor))

    def save() -> str:
        add_venue(
            actor,
            form.organisation_id.data or 0,
            form.name.data or "",
            form.region_code.data or "",
            form.capacity.data,
            form.room,
        )
        return url_for("teaching.venues")

    return form_page(form, save, title=gettext("登记场地"), back=(gettext("场地"), url_for("teaching.venues")))


@room.page("/venues/<int:venue_id>", see=VENUE_CLERK, methods=("GET", "POST"))
def venue(venue_id: int) -> ResponseReturnValue:
    """Show what a venue has and allows, and correct it."""
    form = VenueForm(obj=load(Venue, venue_id))
    findings: Sequence[Finding] = ()
    if form.validate_on_submit():
        try:
            describe_venue(
                acting(), venue_id, form.name.data or "", form.capacity.data, form.room, version=version_sent()
            )
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已保存"), "success")
            return redirect(url_for("teaching.venues"))
    return _page(venue_id, form, findings), 422 if request.method == "POST" else 200


@room.page("/venues/<int:venue_id>/bookings", see=VENUE_CLERK, methods=("POST",))
def book_a_venue(venue_id: int) -> ResponseReturnValue:
    """Keep a venue for something that is no session."""
    found, form = load(Venue, venue_id), BookingForm()
    findings: Sequence[Finding] = ()
    if form.validate_on_submit():
        try:
            book_venue(acting(), venue_id, *form.span, form.reason.data or "")
        except Refused as refused:
            findings = refused.findings
        else:
            flash(gettext("已登记占用"), "success")
            return redirect(url_for("teaching.venue", venue_id=venue_id))
    return _page(venue_id, VenueForm(formdata=None, obj=found), findings, form), 422


def _page(venue_id: int, form: VenueForm, findings: Sequence[Finding] = (), booking: BookingForm | None = None) -> str:
    found = load(Venue, venue_id)
    bookings, meanwhile = keeping.bookings_to_come(venue_id=venue_id), keeping.sessions_meanwhile(venue_id=venue_id)
    may = VENUE_REPLANNER.admits(acting(), {"venue_id": venue_id})
    return render_template(
        "pages/teaching/means.html",
        title=found.name,
        lead=" · ".join(row.name for row in (found.organisation, found.region) if row),
        back=(gettext("场地"), url_for("teaching.venues")),
        form=form,
        version=found.version,
        findings=findings,
        booking=booking or BookingForm(formdata=None, data=today_booked(clock.today())),
        book_url=url_for("teaching.book_a_venue", venue_id=venue_id),
        bookings=bookings,
        meanwhile=meanwhile,
        hits=keeping.hitting(bookings, meanwhile),
        replan_url=url_for("teaching.replan_venue", venue_id=venue_id) if may else "",
        drop_url="",
    )
