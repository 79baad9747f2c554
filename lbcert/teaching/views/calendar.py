"""The week and the month of a cohort, a venue, or a person who teaches or learns: a table of days, a list by day on a phone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import render_template, request, url_for
from flask_babel import format_date, gettext
from sqlalchemy import ColumnElement

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.calendar import overlay_of
from lbcert.core.database import load
from lbcert.parties.models import Person
from lbcert.teaching.models import Session, Venue
from lbcert.teaching.places import CLERK, SEES, SEES_PERSON, SEES_VENUE
from lbcert.teaching.queries.attendance import marked_counts
from lbcert.teaching.queries.calendar import at_once, nearest_day, of_cohort, of_person, of_venue, sessions_between
from lbcert.teaching.queries.days import days_marked
from lbcert.teaching.queries.feeds import feeds_of
from lbcert.teaching.queries.patterns import timing_of
from lbcert.teaching.queries.sessions import learners_in, sessions_of
from lbcert.teaching.queries.versions import unpublished
from lbcert.teaching.views.room import clock_time, day_of, place_of, room

WEEK, MONTH = "week", "month"
_DAYS_OF_WEEK = 7
#: Years that a calendar is leafed through.
_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Period:
    """A week from its Monday, or a month, around a day."""

    view: str
    day: date

    @property
    def first(self) -> date:
        """Its first day."""
        return self.day.replace(day=1) if self.view == MONTH else self.day - timedelta(days=self.day.weekday())

    @property
    def last(self) -> date:
        """Its last day."""
        if self.view == WEEK:
            return self.first + timedelta(days=_DAYS_OF_WEEK - 1)
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def days(self) -> list[date]:
        """Each of its days."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def weeks(self) -> list[list[date | None]]:
        """Its days by week, None for those of the months around it."""
        padded: list[date | None] = [None] * self.first.weekday() + [*self.days]
        padded += [None] * (-len(padded) % _DAYS_OF_WEEK)
        return [padded[at : at + _DAYS_OF_WEEK] for at in range(0, len(padded), _DAYS_OF_WEEK)]

    @property
    def title(self) -> str:
        """How it is written above the table."""
        if self.view == MONTH:
            return str(format_date(self.first, gettext("yyyy年M月")))
        of_year, of_month = gettext("yyyy年M月d日"), gettext("M月d日")
        return f"{format_date(self.first, of_year)} – {format_date(self.last, of_month)}"


def period_asked(usual: date) -> Period:
    """Read which week or month the request asks for; what cannot be read is the week of the ``usual`` day."""
    view = MONTH if request.args.get("view") == MONTH else WEEK
    try:
        day = date.fromisoformat(request.args.get("day", "")[:10])
    except ValueError:
        day = usual
    return Period(view, day if day.year in _YEARS else usual)


@room.page("/cohorts/<int:cohort_id>/calendar", see=SEES)
def cohort_calendar(cohort_id: int) -> str:
    """Show a cohort's week or month."""
    cohort = load(Cohort, cohort_id)
    usual = max(cohort.starts_on, min(clock.today(), cohort.ends_on))
    openings = [f"{opening.span[0]:%H:%M}" for opening in timing_of(cohort).openings if opening.span]
    return _page(
        of_cohort(cohort_id),
        period_asked(usual),
        site=cohort.site_region_code,
        times=openings,
        cohort=cohort,
        others=_others(cohort_id),
        unpublished=len(unpublished(cohort_id)),
        title=cohort.name,
        lead=cohort.number,
        is_clerk=CLERK.admits(acting(), {"cohort_id": cohort_id}),
    )


@room.page("/venues/<int:venue_id>/calendar", see=SEES_VENUE)
def venue_calendar(venue_id: int) -> str:
    """Show the week or month of a venue."""
    venue = load(Venue, venue_id)
    owner = venue.organisation.name if venue.organisation else venue.region.name
    whose = of_venue(acting(), venue_id)
    return _page(whose, period_asked(clock.today()), site=venue.region_code, title=venue.name, lead=owner)


@room.page("/people/<int:person_id>/calendar", see=SEES_PERSON)
def person_calendar(person_id: int) -> str:
    """Show the week or month of somebody who teaches or learns."""
    return person_calendar_page(person_id)


def person_calendar_page(person_id: int, address: str = "") -> str:
    """Draw the week or month of a person, with the address for calendar programs that was just made."""
    person, actor = load(Person, person_id), acting()
    return _page(
        of_person(actor, person_id),
        period_asked(clock.today()),
        title=person.name,
        lead=gettext("个人课表"),
        person=person,
        feeds=feeds_of(actor, person_id),
        address=address,
    )


def _others(cohort_id: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the calendars of a cohort's trainers, venues and learners: name and address of each, under their kind."""
    sessions = sessions_of(cohort_id)
    trainers = {session.trainer_id: session.trainer.name for session in sessions}
    venues = {session.venue_id: session.venue.name for session in sessions if session.venue_id and session.venue}
    learners = {row.person_id: row.person.name for row in learners_in(cohort_id)}
    kinds = (
        (gettext("培训教师"), trainers, lambda key: url_for("teaching.person_calendar", person_id=key)),
        (gettext("场地"), venues, lambda key: url_for("teaching.venue_calendar", venue_id=key)),
        (gettext("学员"), learners, lambda key: url_for("teaching.person_calendar", person_id=key)),
    )
    return [(title, [(name, url(key)) for key, name in found.items()]) for title, found, url in kinds if found]


def _page(whose: ColumnElement[bool], period: Period, *, site: str = "", times: Sequence[str] = (), **page: Any) -> str:
    sessions = sessions_between(whose, period.first, period.last)
    by_day = {day: list(rows) for day, rows in groupby(sessions, day_of)}
    cells: dict[tuple[date, str], list[Session]] = defaultdict(list)
    for session in sessions:
        cells[day_of(session), clock_time(session.starts_at)].append(session)
    return render_template(
        "pages/teaching/calendar.html",
        **{"cohort": None, "is_clerk": False, "unpublished": 0, "others": [], "person": None, **page},
        period=period,
        url=_url,
        one_day=timedelta(days=1),
        cells=cells,
        times=sorted({time for _, time in cells} | set(times)),
        by_day=by_day,
        clashing=at_once(sessions) if page.get("cohort") is None else set(),
        day_marks=days_marked(period.days, overlay_of(site)) if site else {},
        marked=marked_counts([session.id for session in sessions]),
        nearest=None if sessions else nearest_day(whose, period.first),
        now=clock.now(),
        today=clock.today(),
        place=place_of,
    )


def _url(**asked: Any) -> str:
    """Give the address of the calendar on another day or by month."""
    endpoint = {"teaching.new_feed": "teaching.person_calendar"}.get(request.endpoint or "", request.endpoint or "")
    return url_for(endpoint, **(request.view_args or {}), **asked)
