"""A person's sessions as a calendar program reads them (RFC 5545)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import or_, select

from lbcert.core import clock
from lbcert.core.access import Actor
from lbcert.core.database import db
from lbcert.core.words import CHINESE, Message, say
from lbcert.parties.models import Account
from lbcert.teaching.models import CalendarFeed, Session
from lbcert.teaching.queries.calendar import of_person, sessions_between
from lbcert.teaching.queries.sessions import place_in_words

#: How long a session that is over stays in a feed, and how far ahead it looks.
_BEHIND, _AHEAD = timedelta(days=366), timedelta(days=2 * 366)
#: How often programs may ask again: an hour.
_REFRESH = timedelta(hours=1)
_ZONE = "Asia/Shanghai"


def digest_of(secret: str) -> str:
    """Give what is kept of an address's secret part."""
    return sha256(secret.encode()).hexdigest()


def feed_of(secret: str) -> CalendarFeed | None:
    """Give the feed at an address, unless it was withdrawn or the account behind it is closed."""
    query = select(CalendarFeed).join(CalendarFeed.account).where(CalendarFeed.digest == digest_of(secret))
    return db.session.scalar(query.where(CalendarFeed.withdrawn_at.is_(None), Account.active))


def feeds_of(actor: Actor, person_id: int) -> list[CalendarFeed]:
    """List the standing feeds of a person: one's own person's all, of another's those that one made."""
    whose = or_(CalendarFeed.account_id == actor.id, CalendarFeed.person_id == actor.person_id)
    standing = select(CalendarFeed).where(CalendarFeed.person_id == person_id, CalendarFeed.withdrawn_at.is_(None))
    return list(db.session.scalars(standing.where(whose).order_by(CalendarFeed.id)))


def language_of(feed: CalendarFeed) -> str:
    """Give the language of the account that made a feed; Chinese where it chose none."""
    return feed.account.language or CHINESE


def written(feed: CalendarFeed, host: str, words: Callable[[Message | str], str]) -> bytes:
    """Write a feed: one VEVENT a session, with the same UID for good and a SEQUENCE that goes up with each change.

    A session that was cancelled stays, as STATUS:CANCELLED. ``host`` is the installation's public one, by which its
    sessions differ from another county's; ``words`` puts a message in the feed's language.
    """
    from icalendar import Calendar  # noqa: PLC0415 (loads for a second, for who asks)

    today = clock.today()
    sessions = sessions_between(of_person(feed.account, feed.person_id), today - _BEHIND, today + _AHEAD)
    book = Calendar()
    book.add("PRODID", f"-//lbcert//timetable//{language_of(feed)[:2].upper()}")
    book.add("VERSION", "2.0")
    book.add("METHOD", "PUBLISH")
    book.add("X-WR-CALNAME", words(say("{name} 课表", name=feed.person.name)))
    book.add("REFRESH-INTERVAL", _REFRESH, parameters={"VALUE": "DURATION"})
    book.add("X-PUBLISHED-TTL", "PT1H")
    book.add_component(_zone())
    for session in sessions:
        book.add_component(_event(session, host, words))
    ical: bytes = book.to_ical()
    return ical


def _zone():
    """Give Beijing time, without the summer times that ended in 1991."""
    from icalendar import Timezone, TimezoneStandard  # noqa: PLC0415

    zone, standard = Timezone(), TimezoneStandard()
    zone.add("TZID", _ZONE)
    standard.add("DTSTART", datetime(1991, 9, 15))  # noqa: DTZ001 (a zone's beginning is written without one)
    standard.add("TZOFFSETFROM", timedelta(hours=8))
    standard.add("TZOFFSETTO", timedelta(hours=8))
    standard.add("TZNAME", "CST")
    zone.add_component(standard)
    return zone


def _event(session: Session, host: str, words: Callable[[Message | str], str]):
    from icalendar import Event  # noqa: PLC0415

    said = [say("{hours} 课时", hours=session.hours), say("培训教师：{name}", name=session.trainer.name)]
    said += [say("教材：{material}", material=session.material)] if session.material else []
    said += [say("已取消：{reason}", reason=session.cancelled_reason)] if session.cancelled_reason else []
    event = Event()
    event.add("UID", f"session-{session.id}@{host}")
    event.add("SEQUENCE", session.version - 1)
    event.add("DTSTAMP", clock.now())
    event.add("CREATED", session.created_at)
    for name, moment in (("DTSTART", session.starts_at), ("DTEND", session.ends_at)):
        event.add(name, clock.local(moment).replace(tzinfo=None), parameters={"TZID": _ZONE})
    event.add("SUMMARY", words(_content(session)))
    event.add("LOCATION", words(place_in_words(session, session.meeting_link)))
    event.add("DESCRIPTION", "\n".join([session.cohort.name, *map(words, said)]))
    event.add("STATUS", "CANCELLED" if session.cancelled_reason else "CONFIRMED")
    return event


def _content(session: Session) -> Message | str:
    """Give what a session teaches, a make-up with the lesson that was lost."""
    if session.makes_up is None:
        return session.content
    lost = f"{clock.local(session.makes_up.starts_at):%m-%d %H:%M}"
    return say("{content}（补 {when} 的课）", content=session.content, when=lost)
