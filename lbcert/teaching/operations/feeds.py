"""Addresses for calendar programs: made, changed for another, withdrawn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db, load
from lbcert.core.operation import operation
from lbcert.core.words import say
from lbcert.parties.models import Person
from lbcert.teaching.models import CalendarFeed
from lbcert.teaching.places import FEED_OWNER, SEES_PERSON
from lbcert.teaching.queries.feeds import digest_of


@operation("teaching.make_feed", say("新建日历订阅地址"), allow=SEES_PERSON)
def make_feed(actor: Any, person_id: int, secret: str) -> CalendarFeed:
    """Keep the hash of ``secret``, 32 random bytes that end an address and are shown once; the actor's former one ends."""
    person = load(Person, person_id)
    standing = select(CalendarFeed).where(
        CalendarFeed.person_id == person.id, CalendarFeed.account_id == actor.id, CalendarFeed.withdrawn_at.is_(None)
    )
    for former in db.session.scalars(standing):
        former.withdrawn_at = clock.now()
    db.session.flush()
    feed = CalendarFeed(person_id=person.id, account_id=actor.id, digest=digest_of(secret))
    db.session.add(feed)
    return feed


@operation("teaching.withdraw_feed", say("停用日历订阅地址"), allow=FEED_OWNER)
def withdraw_feed(actor: Any, feed_id: int) -> CalendarFeed:
    """Stop an address: whoever has it reads nothing there any more."""
    feed = load(CalendarFeed, feed_id, lock=True)
    feed.withdrawn_at = feed.withdrawn_at or clock.now()
    return feed
