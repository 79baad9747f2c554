"""Who stands where in teaching, for the gates of its operations and pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from lbcert.cohorts.models import Cohort
from lbcert.cohorts.places import people_place, teaching_place
from lbcert.core.access import Actor, Gate, Place, Role, holds, only, roles_of
from lbcert.core.database import db, load
from lbcert.core.staging import find
from lbcert.teaching.models import (
    Attendance,
    Booking,
    CalendarFeed,
    CoverAsk,
    CoverRequest,
    LeaveRequest,
    Phone,
    RandomCall,
    Replan,
    Session,
    SolveRun,
    TimetableVersion,
    TrainerProfile,
    Venue,
)
from lbcert.teaching.queries import teaches_in
from lbcert.teaching.queries.calendar import may_see_person, may_see_venue
from lbcert.teaching.queries.replans import is_needed_by
from lbcert.teaching.queries.workshops import beside_mentor, is_mentor
from lbcert.teaching.sheets import KIND


def session_place(session_id: int) -> Place:
    """Give the providers that teach a session's cohort."""
    return teaching_place(load(Session, session_id).cohort_id)


def mark_place(attendance_id: int) -> Place:
    """Give the providers behind an attendance mark."""
    return session_place(load(Attendance, attendance_id).session_id)


def leave_place(request_id: int) -> Place:
    """Give the providers behind a leave request."""
    return session_place(load(LeaveRequest, request_id).session_id)


def phone_place(phone_id: int) -> Place:
    """Give the providers for whose learner a phone was bound."""
    return teaching_place(load(Phone, phone_id).slip.enrolment.cohort_id)


def call_place(call_id: int) -> Place:
    """Give the providers behind a random call."""
    return session_place(load(RandomCall, call_id).session_id)


def table_place(staged_id: int) -> Place:
    """Give the providers behind a staged course table."""
    return teaching_place(find(KIND, staged_id).subject_id)


def table_seen(staged_id: int) -> Place:
    """Give all that may look at a staged course table."""
    return people_place(find(KIND, staged_id).subject_id)


def own_place(organisation_id: int) -> Place:
    """Give the organisation itself."""
    return Place(organisations=(organisation_id,))


def cohort_home_and_site(cohort_id: int) -> Place:
    """Give the regions that watch over a cohort: where its people come from, and where it is taught."""
    cohort = load(Cohort, cohort_id)
    return Place(regions=(cohort.home_region_code, cohort.site_region_code))


def venue_place(venue_id: int) -> Place:
    """Give whose venue it is."""
    owner = load(Venue, venue_id).organisation_id
    return Place(organisations=(owner,) if owner else ())


def profile_place(profile_id: int) -> Place:
    """Give who has a trainer on file."""
    return own_place(load(TrainerProfile, profile_id).organisation_id)


def booking_place(booking_id: int) -> Place:
    """Give whose venue or trainer is booked."""
    booking = load(Booking, booking_id)
    return venue_place(booking.venue_id) if booking.venue_id else profile_place(booking.profile_id or 0)


def run_place(run_id: int) -> Place:
    """Give the providers that teach the cohort whose timetable is being solved."""
    return teaching_place(load(SolveRun, run_id).cohort_id)


def workshop_place(session_id: int) -> Place:
    """Give whose venue a session is held in."""
    venue_id = load(Session, session_id).venue_id
    return venue_place(venue_id) if venue_id else Place()


def cover_place(request_id: int) -> Place:
    """Give the providers behind a cover request."""
    return session_place(load(CoverRequest, request_id).session_id)


def _was_asked(actor: Actor, request_id: int) -> bool:
    load(CoverRequest, request_id)
    asked = select(CoverAsk.id).where(CoverAsk.request_id == request_id, CoverAsk.person_id == actor.person_id)
    return _is_trainer(actor) and db.session.scalar(asked) is not None


def session_seen(session_id: int) -> Place:
    """Give those who work with the people of a session's cohort."""
    return people_place(load(Session, session_id).cohort_id)


def _teaches_beside(actor: Actor, session_id: int) -> bool:
    return _teaches_cohort(actor, load(Session, session_id).cohort_id)


def _teaches(actor: Actor, session_id: int) -> bool:
    return _is_trainer(actor) and load(Session, session_id).trainer_id == actor.person_id


def _signs_as_mentor(actor: Actor, session_id: int) -> bool:
    """Tell whether an actor held a session, or is a mentor of the employer in whose workshop a school's trainer held it."""
    if _teaches(actor, session_id):
        return True
    query = select(Session.id).join(Session.venue).where(Session.id == session_id, beside_mentor(actor))
    return actor.person_id is not None and db.session.scalar(query) is not None


def _signs_himself(actor: Actor, session_id: int, mentor_id: int) -> bool:
    return mentor_id == actor.person_id and _signs_as_mentor(actor, session_id)


def _is_mentor(actor: Actor) -> bool:
    return _is_trainer(actor) and is_mentor(actor)


def _may_sign(actor: Actor, session_id: int) -> bool:
    return _is_mentor(actor) and _signs_as_mentor(actor, session_id)


def _taught_mark(actor: Actor, attendance_id: int) -> bool:
    return _teaches(actor, load(Attendance, attendance_id).session_id)


def _called(actor: Actor, call_id: int) -> bool:
    return _teaches(actor, load(RandomCall, call_id).session_id)


def _teaches_cohort(actor: Actor, cohort_id: int) -> bool:
    load(Cohort, cohort_id)
    return _is_trainer(actor) and teaches_in(actor.person_id, cohort_id)


def _is_trainer(actor: Actor) -> bool:
    """Tell whether the account still has the role: who left the school marks nothing there any more."""
    return actor.person_id is not None and Role.TRAINER in roles_of(actor)


def version_seen(version_id: int) -> Place:
    """Give all that may look at a published timetable."""
    return people_place(load(TimetableVersion, version_id).cohort_id)


def _teaches_version(actor: Actor, version_id: int) -> bool:
    return _teaches_cohort(actor, load(TimetableVersion, version_id).cohort_id)


def _replans(actor: Actor, profile_id: int | None, venue_id: int | None) -> bool:
    """Tell whether a school's clerk keeps a trainer or a venue, or teaches a cohort that has sessions to come with it."""
    keeps = holds(Role.PROVIDER_CLERK, at=profile_place if profile_id else venue_place)
    trainer_id = load(TrainerProfile, profile_id).person_id if profile_id else None
    if keeps.admits(actor, {"profile_id": profile_id, "venue_id": venue_id}):
        return True
    return is_needed_by(actor, trainer_id=trainer_id, venue_id=venue_id)


def _replans_trainer(actor: Actor, profile_id: int) -> bool:
    return _replans(actor, profile_id, None)


def _replans_venue(actor: Actor, venue_id: int) -> bool:
    return _replans(actor, None, venue_id)


def _decides(actor: Actor, replan_id: int) -> bool:
    """Tell whether an actor is the clerk of every cohort that a proposal may touch."""
    return all(CLERK.admits(actor, {"cohort_id": cohort_id}) for cohort_id in load(Replan, replan_id).cohort_ids)


def _decides_on(actor: Actor, payload: Mapping[str, Any]) -> bool:
    return _decides(actor, payload["replan_id"])


def _owns_feed(actor: Actor, feed_id: int) -> bool:
    feed = load(CalendarFeed, feed_id)
    return actor.id == feed.account_id or actor.person_id == feed.person_id


CLERK: Gate = holds(Role.PROVIDER_CLERK, at=teaching_place)
SESSION_CLERK: Gate = holds(Role.PROVIDER_CLERK, at=session_place)
#: The provider's clerk, or the trainer whose session it is.
SESSION_STAFF: Gate = SESSION_CLERK | only("the session's trainer", _teaches)
MARK_STAFF: Gate = holds(Role.PROVIDER_CLERK, at=mark_place) | only("the session's trainer", _taught_mark)
CALL_STAFF: Gate = holds(Role.PROVIDER_CLERK, at=call_place) | only("the session's trainer", _called)
TESTERS: Gate = CLERK | only("a trainer of the cohort", _teaches_cohort)
LEAVE_CLERK: Gate = holds(Role.PROVIDER_CLERK, at=leave_place)
PHONE_CLERK: Gate = holds(Role.PROVIDER_CLERK, at=phone_place)
TABLE_CLERK: Gate = holds(Role.PROVIDER_CLERK, at=table_place)
#: Who keeps trainers and venues: a school its own, an employer its mentors and workshops.
KEEPERS = (Role.PROVIDER_CLERK, Role.EMPLOYER)
RESOURCE_CLERK: Gate = holds(*KEEPERS, at=own_place)
VENUE_CLERK: Gate = holds(*KEEPERS, at=venue_place)
PROFILE_CLERK: Gate = holds(*KEEPERS, at=profile_place)
BOOKING_CLERK: Gate = holds(*KEEPERS, at=booking_place)
COVER_CLERK: Gate = holds(Role.PROVIDER_CLERK, at=cover_place)
COVER_ASKED: Gate = only("a trainer who was asked", _was_asked)
RUN_CLERK: Gate = holds(Role.PROVIDER_CLERK, at=run_place)
REPLANNER: Gate = only("the school that keeps or needs it", _replans)
TRAINER_REPLANNER: Gate = only("the school that keeps or needs him", _replans_trainer)
VENUE_REPLANNER: Gate = only("the school that keeps or needs it", _replans_venue)
REPLAN_CLERK: Gate = only("the clerk of every cohort in it", _decides)
REPLANNED: Gate = only("the clerk of every cohort in it", _decides_on)
WORKSHOP: Gate = holds(Role.EMPLOYER, at=workshop_place)
#: The employer, or for himself the mentor who held the session, or one beside whom a school's trainer held it.
SIGNERS: Gate = WORKSHOP | only("a mentor for himself", _signs_himself)
SIGNS: Gate = WORKSHOP | only("a mentor of an employer", _may_sign)
#: Who has hours at work places to sign.
SIGNING: Gate = holds(Role.EMPLOYER) | only("a mentor of an employer", _is_mentor)
ITS_TRAINER: Gate = only("the session's trainer", _teaches)

#: Who looks at teaching: the school, whoever watches over it at home or at the site, and the cohort's own trainers.
WATCHING = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR)
READERS = (*WATCHING, Role.PROVIDER_CLERK)
#: Signs of trouble are for the authorities, not for those whom they are about.
SIGN_READERS: Gate = holds(*WATCHING, at=cohort_home_and_site)
SEES: Gate = holds(*READERS, at=people_place) | only("a trainer of the cohort", _teaches_cohort)
SEES_SESSION: Gate = holds(*READERS, at=session_seen) | only("a trainer of the cohort", _teaches_beside)
SEES_TABLE: Gate = holds(*READERS, at=table_seen)
SEES_VENUE: Gate = only("who sees the venue or a session there", may_see_venue)
SEES_PERSON: Gate = only("the person, and who sees a cohort of theirs", may_see_person)
FEED_OWNER: Gate = only("who made the address, and whose sessions it shows", _owns_feed)
SEES_VERSION: Gate = holds(*READERS, at=version_seen) | only("a trainer of the cohort", _teaches_version)
