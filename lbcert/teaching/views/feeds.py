"""A person's sessions in calendar programs: an address is made, shown once, withdrawn, and read."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Response, abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from lbcert.core.access import PUBLIC, acting
from lbcert.core.database import load
from lbcert.core.pages import in_words
from lbcert.teaching.models import CalendarFeed
from lbcert.teaching.operations.feeds import make_feed, withdraw_feed
from lbcert.teaching.places import FEED_OWNER, SEES_PERSON
from lbcert.teaching.queries.feeds import feed_of, language_of, written
from lbcert.teaching.views.calendar import person_calendar_page
from lbcert.teaching.views.room import room


@room.page("/people/<int:person_id>/feed", see=SEES_PERSON, methods=("POST",))
def new_feed(person_id: int) -> str:
    """Make an address, the only one of this account for this person, and show it this once."""
    secret = secrets.token_urlsafe(32)
    make_feed(acting(), person_id, secret)
    public = current_app.config["LBCERT"].public_url
    return person_calendar_page(person_id, public.rstrip("/") + url_for("teaching.feed", secret=secret))


@room.page("/feeds/<int:feed_id>/withdraw", see=FEED_OWNER, methods=("POST",))
def stop_feed(feed_id: int) -> ResponseReturnValue:
    """Stop an address."""
    person_id = load(CalendarFeed, feed_id).person_id
    withdraw_feed(acting(), feed_id)
    flash(gettext("订阅地址已停用"), "success")
    return redirect(url_for("teaching.person_calendar", person_id=person_id))


@room.page("/feeds/<secret>.ics", see=PUBLIC)
def feed(secret: str) -> Response:
    """Give a calendar program the sessions behind an address, in its maker's language; a withdrawn one is not there."""
    found = feed_of(secret)
    if found is None:
        abort(404)
    host = urlsplit(current_app.config["LBCERT"].public_url).hostname or ""
    headers = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
    with force_locale(language_of(found)):
        book = written(found, host, in_words)
    return Response(book, content_type="text/calendar; charset=utf-8", headers=headers)
