"""Suggestions for the pickers of forms: the options that fit what was typed so far."""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy import String, cast, or_, select

from lbcert.core.access import SIGNED_IN
from lbcert.core.database import db
from lbcert.core.reference import Region
from lbcert.parties.models import Organisation
from lbcert.parties.pickers import typed
from lbcert.parties.views.room import room

#: Options shown at once.
MOST = 20


@room.page("/regions", see=SIGNED_IN)
def region_suggestions() -> str:
    """Suggest regions by name or the beginning of the code."""
    text = typed().partition(" ")[0]
    fits = or_(Region.name.contains(text, autoescape=True), Region.code.startswith(text, autoescape=True))
    found = db.session.scalars(select(Region).where(fits).order_by(Region.code).limit(MOST))
    return render_template("pages/parties/suggestions.html", options=[(row.code, row.name) for row in found])


@room.page("/organisations/suggestions", see=SIGNED_IN)
def organisation_suggestions() -> str:
    """Suggest organisations by name or credit code, of the kinds asked for."""
    text = typed()
    fits = or_(Organisation.name.contains(text, autoescape=True), Organisation.credit_code == text.upper())
    query = select(Organisation).where(fits).order_by(Organisation.name).limit(MOST)
    if kinds := request.args.getlist("kind"):
        query = query.where(cast(Organisation.kind, String).in_(kinds))
    return render_template(
        "pages/parties/suggestions.html", options=[(row.id, row.name) for row in db.session.scalars(query)]
    )
