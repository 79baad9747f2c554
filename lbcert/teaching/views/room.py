"""The room's blueprint, and how its pages write times and places."""

from __future__ import annotations

from datetime import date, datetime, time
from io import BytesIO

from flask import send_file
from flask.typing import ResponseReturnValue
from flask_babel import format_date

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.clock import SHANGHAI
from lbcert.core.pages import in_words
from lbcert.core.room import Room
from lbcert.teaching.models import Mode, Session
from lbcert.teaching.places import SIGN_READERS
from lbcert.teaching.queries.sessions import place_in_words

room = Room("teaching", __name__, url_prefix="/teaching")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"


@room.app_template_filter()
def weekday(day: date) -> str:
    """Write the day of the week: 周四."""
    return str(format_date(day, "EEE"))


@room.app_template_filter()
def clock_time(moment: datetime | None) -> str:
    """Write the time of day in Shanghai: 20:00."""
    return f"{clock.local(moment):%H:%M}" if moment else ""


@room.app_template_filter()
def iso_day(moment: datetime) -> str:
    """Write the day in Shanghai as an address has it: 2025-07-24."""
    return clock.local(moment).date().isoformat()


@room.app_template_global()
def may_see_signs(cohort: Cohort) -> bool:
    """Tell whether the reader of a page watches over a cohort."""
    return SIGN_READERS.admits(acting(), {"cohort_id": cohort.id})


def day_of(session: Session) -> date:
    """Give the day on which a session begins, in Shanghai."""
    return clock.local(session.starts_at).date()


def place_of(session: Session) -> str:
    """Write where a session is held, and how when it is in no room."""
    return in_words(place_in_words(session))


def moment(day: date | None, at: time | None) -> datetime | None:
    """Put a day and a time typed in a form together; None where one is missing."""
    return datetime.combine(day, at, SHANGHAI) if day and at else None


def file(content: bytes, media_type: str, name: str) -> ResponseReturnValue:
    """Answer with a file; a PDF opens in the browser."""
    return send_file(
        BytesIO(content), mimetype=media_type, as_attachment=media_type != PDF, download_name=name, max_age=0
    )


#: Modes in the order in which forms offer them.
MODES = tuple(Mode)
