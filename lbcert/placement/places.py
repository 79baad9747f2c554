"""Who may record what became of a learner."""

from __future__ import annotations

from lbcert.cohorts.models import Cohort, Enrolment
from lbcert.cohorts.places import is_station_of, teaching_place
from lbcert.core.access import Actor, Gate, Place, Role, holds, only
from lbcert.core.database import load
from lbcert.placement.checking import find_sheet
from lbcert.placement.models import EmploymentRecord


def learner_place(enrolment_id: int) -> Place:
    """Give the providers of a learner's cohort, and the regions where the learner is from and where the cohort is."""
    return cohort_desk(load(Enrolment, enrolment_id).cohort_id)


def job_place(record_id: int) -> Place:
    """Give the place of the learner whose job it is, and the employer."""
    record = load(EmploymentRecord, record_id)
    place = learner_place(record.enrolment_id) if record.enrolment_id else Place((record.place_region_code,))
    return Place(place.regions, (*place.organisations, record.employer_id))


def _station(actor: Actor, enrolment_id: int) -> bool:
    return is_station_of(actor, load(Enrolment, enrolment_id).cohort_id)


def _station_of_job(actor: Actor, record_id: int) -> bool:
    record = load(EmploymentRecord, record_id)
    return record.enrolment_id is not None and _station(actor, record.enrolment_id)


DESK = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.PROVIDER_CLERK)
FOLLOWS_UP: Gate = holds(*DESK, at=learner_place) | only("a station of the cohort", _station)
KNOWS_JOB: Gate = holds(*DESK, Role.EMPLOYER, at=job_place) | only("a station of the cohort", _station_of_job)


def cohort_desk(cohort_id: int) -> Place:
    """Give the providers of a cohort, and the regions where its learners are from and where it is."""
    cohort = load(Cohort, cohort_id)
    return Place((cohort.home_region_code, cohort.site_region_code), teaching_place(cohort_id).organisations)


def sheet_desk(staged_id: int) -> Place:
    """Give the place of the cohort whose outcomes were sent."""
    return cohort_desk(find_sheet(staged_id)[0].subject_id)


FOLLOWS_COHORT: Gate = holds(*DESK, at=cohort_desk) | only("a station of the cohort", is_station_of)
FOLLOWS_SHEET: Gate = holds(*DESK, at=sheet_desk) | only(
    "a station of the cohort", lambda actor, staged_id: is_station_of(actor, find_sheet(staged_id)[0].subject_id)
)
