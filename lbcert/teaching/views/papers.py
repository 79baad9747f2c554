"""The timetable on paper: in the bureau's nine columns, and in large type for learners."""

from __future__ import annotations

from datetime import timedelta

from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lbcert.cohorts.models import Cohort
from lbcert.core import clock
from lbcert.core.access import acting
from lbcert.core.database import load
from lbcert.core.documents import document
from lbcert.parties.models import Person
from lbcert.teaching.places import SEES, SEES_PERSON
from lbcert.teaching.queries.calendar import of_person, sessions_between
from lbcert.teaching.queries.papers import course_table_of, large_sheet_of
from lbcert.teaching.queries.sessions import sessions_of
from lbcert.teaching.views.room import PDF, file, room

#: How far ahead a person's sheet looks.
_AHEAD = timedelta(days=366)


@room.page("/cohorts/<int:cohort_id>/course-table.pdf", see=SEES)
def course_table_paper(cohort_id: int) -> ResponseReturnValue:
    """Print a cohort's timetable in the bureau's nine columns."""
    cohort = load(Cohort, cohort_id)
    paper = document("course_table", title="课程表", **course_table_of(cohort))
    return file(paper, PDF, f"{gettext('课程表')}-{cohort.number}.pdf")


@room.page("/cohorts/<int:cohort_id>/large-type.pdf", see=SEES)
def cohort_in_large_type(cohort_id: int) -> ResponseReturnValue:
    """Print a cohort's timetable in large type, to be handed out and hung up."""
    cohort = load(Cohort, cohort_id)
    paper = document("large_sheet", title="上课时间表", **large_sheet_of(cohort.name, sessions_of(cohort_id)))
    name = gettext("大字课表")
    return file(paper, PDF, f"{name}-{cohort.number}.pdf")


@room.page("/people/<int:person_id>/large-type.pdf", see=SEES_PERSON)
def person_in_large_type(person_id: int) -> ResponseReturnValue:
    """Print what a person has to come to from today on, in large type."""
    person, today = load(Person, person_id), clock.today()
    sessions = sessions_between(of_person(acting(), person_id), today, today + _AHEAD)
    sheet = large_sheet_of(person.name, sessions, cohort_too=True)
    name = gettext("大字课表")
    return file(document("large_sheet", title="上课时间表", **sheet), PDF, f"{name}.pdf")
