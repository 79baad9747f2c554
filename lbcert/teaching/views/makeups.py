"""A make-up session (补课) of one that was cancelled, or that some missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.clock import SHANGHAI
from lbcert.core.database import load
from lbcert.core.pages import choices, form_page, in_words
from lbcert.core.words import some
from lbcert.teaching.forms import LessonForm, lesson_values
from lbcert.teaching.models import Session
from lbcert.teaching.operations.sessions import add_session
from lbcert.teaching.places import SESSION_CLERK
from lbcert.teaching.queries.free import first_free
from lbcert.teaching.queries.makeups import hours_open
from lbcert.teaching.queries.sessions import absentees_of, venues_for
from lbcert.teaching.rules import CLASS_HOUR
from lbcert.teaching.views.room import day_of, room


@room.page("/sessions/<int:session_id>/make-up", see=SESSION_CLERK, methods=("GET", "POST"))
def make_up(session_id: int) -> ResponseReturnValue:
    """Plan a make-up of a session, with what the lost one had, at the first time that is free."""
    lost = load(Session, session_id)
    hours = max(hours_open(lost), 1)
    length = lost.ends_at - lost.starts_at if hours == lost.hours else CLASS_HOUR * hours
    free = first_free(lost, hours, length)
    begins = clock.local(free.starts_at) if free else _next_day(lost)
    times = {"day": begins.date(), "starts": begins.time(), "ends": (begins + length).time(), "hours": hours}
    form = LessonForm(cohort=lost.cohort, venues=venues_for(lost.cohort), **lesson_values(lost) | times)
    form.module_id.choices = choices({lost.module_id: lost.module.name})
    url = url_for("teaching.session", session_id=session_id)

    def save() -> str:
        made = add_session(acting(), lost.cohort_id, replace(form.lesson, makes_up_id=session_id))
        flash(gettext("已安排补课"), "success")
        return url_for("teaching.session", session_id=made.id)

    lead = gettext("%(whom)s。%(when)s", whom=_whom(lost), when=_when(lost, is_free=free is not None))
    return form_page(form, save, title=gettext("安排补课"), lead=lead, back=(gettext("所补的课"), url))


def _next_day(lost: Session) -> datetime:
    """Give the lost session's hour on the next day that its cohort has."""
    day = max(day_of(lost), clock.today())
    return datetime.combine(min(day, lost.cohort.ends_on), clock.local(lost.starts_at).time(), SHANGHAI)


def _whom(lost: Session) -> str:
    when = f"{clock.local(lost.starts_at):%Y-%m-%d %H:%M}"
    if lost.cancelled_reason:
        return gettext("补 %(when)s 取消的课，全体学员都要来", when=when)
    absent = absentees_of(lost)
    names = in_words(some(learner.person.name for learner in absent))
    return gettext(
        "补 %(when)s 的课，只有缺课的 %(count)s 人要来：%(names)s", when=when, count=len(absent), names=names
    )


def _when(lost: Session, *, is_free: bool) -> str:
    if is_free:
        return gettext("下面填的是教师、场地和学员都空的第一个时间")
    until = lost.cohort.ends_on.isoformat()
    return gettext(
        "到 %(until)s 结束为止，没有合乎班型而教师、场地和学员都空的时间：请换教师、地点，或另定时间", until=until
    )
