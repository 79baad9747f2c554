"""Where a batch stands, and who acts in it, for the gates of operations and pages."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select

from lbcert.cohorts.models import Cohort, CohortProvider
from lbcert.core.access import Actor, Gate, Holder, Place, Role, holds, only
from lbcert.core.database import db, load
from lbcert.core.operation import once
from lbcert.core.staging import find
from lbcert.exams.models import (
    Amendment,
    Appeal,
    Batch,
    BatchStaff,
    BatchState,
    Candidate,
    ExaminerCard,
    PartScheme,
    Post,
    Result,
    RoomDuty,
    RosterChange,
    Rubric,
    Sitting,
    Statement,
    Transcription,
)
from lbcert.exams.own_sheet import KIND
from lbcert.exams.queries.appeals import has_case
from lbcert.parties.models import Organisation

_SCORERS = (Post.LEADER, Post.EXAMINER)


def planning_place(cohort_id: int, body_id: int) -> Place:
    """Give the cohort's home, whose bureau may plan its exam, and the body that is to hold it."""
    return Place(regions=(load(Cohort, cohort_id).home_region_code,), organisations=(load(Organisation, body_id).id,))


def batch_place(batch_id: int) -> Place:
    """Give the cohort's home and the body that holds the exam."""
    batch = load(Batch, batch_id)
    return Place(regions=(batch.cohort.home_region_code,), organisations=(batch.body_id,))


def watching_place(batch_id: int) -> Place:
    """Give all whose officers may look on: home, site, and the body with its region."""
    batch = load(Batch, batch_id)
    cohort = batch.cohort
    regions = (cohort.home_region_code, cohort.site_region_code, batch.body.region_code)
    return Place(regions=regions, organisations=(batch.body_id,))


def published_place(batch_id: int) -> Place:
    """Give the providers of the cohort, once the results are published."""
    batch = load(Batch, batch_id)
    if batch.state is not BatchState.PUBLISHED:
        return Place()
    query = select(CohortProvider.organisation_id).where(CohortProvider.cohort_id == batch.cohort_id)
    return Place(organisations=tuple(db.session.scalars(query)))


def staff_place(staff_id: int) -> Place:
    """Give the place of an appointment's batch."""
    return batch_place(load(BatchStaff, staff_id).batch_id)


def candidate_place(candidate_id: int) -> Place:
    """Give the place of a candidate's batch."""
    return batch_place(load(Candidate, candidate_id).batch_id)


def roster_change_place(change_id: int) -> Place:
    """Give the place of a roster change's batch."""
    return batch_place(load(RosterChange, change_id).batch_id)


def sitting_place(sitting_id: int) -> Place:
    """Give the place of a sitting's batch."""
    return batch_place(load(Sitting, sitting_id).batch_id)


def duty_place(duty_id: int) -> Place:
    """Give the place of the batch in which somebody watches over a room."""
    return sitting_place(load(RoomDuty, duty_id).sitting_id)


def statement_place(statement_id: int) -> Place:
    """Give the place of the batch for which a paper was handed in."""
    return batch_place(load(Statement, statement_id).batch_id)


def transcription_place(transcription_id: int) -> Place:
    """Give the place of a transcription's batch."""
    return batch_place(load(Transcription, transcription_id).batch_id)


def result_place(result_id: int) -> Place:
    """Give the place of a result's batch."""
    return batch_place(load(Result, result_id).batch_id)


def result_watching_place(result_id: int) -> Place:
    """Give all whose officers may look at a result."""
    return watching_place(load(Result, result_id).batch_id)


def amendment_place(amendment_id: int) -> Place:
    """Give the place of an amendment's batch."""
    return batch_place(load(Amendment, amendment_id).batch_id)


def body_place(body_id: int) -> Place:
    """Give a body and its region."""
    body = load(Organisation, body_id)
    return Place(regions=(body.region_code,), organisations=(body.id,))


def card_place(card_id: int) -> Place:
    """Give the body that registered a card, and its region."""
    return body_place(load(ExaminerCard, card_id).body_id)


def rubric_place(rubric_id: int) -> Place:
    """Give the body that wrote a rubric, and its region."""
    return body_place(load(Rubric, rubric_id).body_id)


def appeal_place(appeal_id: int) -> Place:
    """Give the cohort's home, the body that held the exam, and its region: its bureau looks after cases too."""
    batch = load(Batch, load(Appeal, appeal_id).batch_id)
    return Place(regions=(batch.cohort.home_region_code, batch.body.region_code), organisations=(batch.body_id,))


#: Somebody has one post in a batch at most.
_POST = select(BatchStaff.post).where(
    BatchStaff.batch_id == bindparam("batch"), BatchStaff.person_id == bindparam("person")
)


def holds_post(actor: Actor, batch_id: int, *posts: Post) -> bool:
    """Tell whether the actor is appointed to a batch, in one of ``posts`` where some are named."""
    if actor.person_id is None:
        return False
    post = db.session.scalar(_POST, {"batch": batch_id, "person": actor.person_id})
    return post is not None and (not posts or post in posts)


def _scores(actor: Actor, batch_id: int) -> bool:
    """Tell whether the actor is an examiner of a batch; of several marks in one transaction it is asked once."""
    return once(("exams.scores", batch_id, actor.person_id), lambda: holds_post(actor, batch_id, *_SCORERS))


def _decides(actor: Actor, batch_id: int) -> bool:
    return holds_post(actor, batch_id, Post.DECIDER)


def _on_duty(actor: Actor, batch_id: int) -> bool:
    return holds_post(actor, batch_id, Post.INVIGILATOR, Post.SUPERVISOR)


def _on_duty_for(actor: Actor, candidate_id: int) -> bool:
    return _on_duty(actor, load(Candidate, candidate_id).batch_id)


def _watches_over(actor: Actor, candidate_id: int) -> bool:
    return holds_post(actor, load(Candidate, candidate_id).batch_id, Post.INVIGILATOR)


def _supervises(actor: Actor, batch_id: int) -> bool:
    return holds_post(actor, batch_id, Post.SUPERVISOR, Post.DECIDER)


def _is_marked_by(actor: Actor, rubric_id: int) -> bool:
    appointed = BatchStaff.batch_id == PartScheme.batch_id, BatchStaff.person_id == actor.person_id
    return bool(db.session.scalar(select(exists().where(PartScheme.rubric_id == rubric_id, *appointed))))


def _unless_scoring(gate: Gate) -> Gate:
    """Keep another's signed sheet from who gives marks in the batch, whatever else he is."""

    def test(actor: Actor, transcription_id: int) -> bool:
        batch_id = load(Transcription, transcription_id).batch_id
        return gate.admits(actor, {"transcription_id": transcription_id}) and not _scores(actor, batch_id)

    return Gate(f"{gate.label}, no examiner of the batch", test, gate.roles)


def _is_candidate(actor: Actor, candidate_id: int) -> bool:
    return isinstance(actor, Holder) and load(Candidate, candidate_id).enrolment.person_id == actor.person_id


def _has_case(actor: Actor, appeal_id: int) -> bool:
    load(Appeal, appeal_id)
    return has_case(actor.person_id, appeal_id)


def _sent(actor: Actor, staged_id: int) -> bool:
    staged = find(KIND, staged_id)
    return actor.id is not None and staged.account_id == actor.id and _scores(actor, staged.subject_id)


def _watches(model: type[Amendment | Appeal | Result | Statement | Transcription], actor: Actor, row_id: int) -> bool:
    """Tell whether somebody is the quality supervisor (质量督导员) of the batch that a row is of: he sees all of it."""
    row = load(model, row_id)
    batch_id = row.candidate.batch_id if isinstance(row, Appeal) else row.batch_id
    return holds_post(actor, batch_id, Post.SUPERVISOR)


_SUPERVISOR = "supervisor of the batch"


def _is_own(actor: Actor, staff_id: int) -> bool:
    return actor.person_id is not None and load(BatchStaff, staff_id).person_id == actor.person_id


def _is_appointed(actor: Actor) -> bool:
    """Tell whether somebody is on the staff of any batch."""
    if actor.person_id is None:
        return False
    return bool(db.session.scalar(select(exists().where(BatchStaff.person_id == actor.person_id))))


_OFFICE = (Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK)
_DECIDING = (Role.BUREAU_OFFICER, Role.RESULT_OFFICER)
_WATCHING = (
    Role.BUREAU_OFFICER, Role.SERVICE_CENTRE, Role.AUDITOR, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER,
)  # fmt: skip

PLANNERS: Gate = holds(*_OFFICE, at=planning_place)
#: The exam office of a batch.
OFFICE: Gate = holds(*_OFFICE, at=batch_place)
STAFF_OFFICE: Gate = holds(*_OFFICE, at=staff_place)
CANDIDATE_OFFICE: Gate = holds(*_OFFICE, at=candidate_place)
SITTING_OFFICE: Gate = holds(*_OFFICE, at=sitting_place)
DUTY_OFFICE: Gate = holds(*_OFFICE, at=duty_place)
STATEMENT_OFFICE: Gate = holds(*_OFFICE, at=statement_place)
STATEMENT_READERS: Gate = holds(*_OFFICE, Role.RESULT_OFFICER, Role.AUDITOR, at=statement_place) | only(
    _SUPERVISOR, lambda actor, statement_id: _watches(Statement, actor, statement_id)
)
ROSTER_APPROVERS: Gate = holds(*_DECIDING, at=roster_change_place)
OWN_APPOINTMENT: Gate = only("the person appointed", _is_own)
SCORERS: Gate = only("an examiner of the batch", _scores)
#: Whoever sent a sheet of his own marks, as long as he is an examiner of the batch.
OWN_SHEET: Gate = only("the examiner who sent the sheet", _sent)
DECIDERS: Gate = only("the decider of the batch", _decides)
#: Who reads every mark by number before the decision.
DECISION_READERS: Gate = DECIDERS | only(
    _SUPERVISOR, lambda actor, batch_id: holds_post(actor, batch_id, Post.SUPERVISOR)
)
#: The county's sheet with names is the body's exam office's own permission.
TRANSCRIBERS: Gate = holds(Role.ASSESSMENT_CLERK, at=batch_place)
TRANSCRIPTION_OFFICE: Gate = _unless_scoring(holds(Role.ASSESSMENT_CLERK, at=transcription_place))
CARD_KEEPERS: Gate = holds(Role.ASSESSMENT_CLERK, at=body_place)
CARD_WITHDRAWERS: Gate = holds(*_OFFICE, at=card_place)
CARD_READERS: Gate = holds(*_OFFICE, Role.RESULT_OFFICER, Role.AUDITOR, at=card_place)
RUBRIC_KEEPERS: Gate = holds(Role.ASSESSMENT_CLERK, at=body_place)
RUBRIC_WITHDRAWERS: Gate = holds(Role.ASSESSMENT_CLERK, at=rubric_place)
RUBRIC_READERS: Gate = holds(*_OFFICE, Role.RESULT_OFFICER, Role.AUDITOR, at=rubric_place) | only(
    "staff of a batch that is marked by it", _is_marked_by
)
PUBLISHERS: Gate = holds(Role.BUREAU_OFFICER, Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, at=batch_place)
AMENDERS: Gate = holds(Role.ASSESSMENT_CLERK, Role.RESULT_OFFICER, at=result_place)
APPROVERS: Gate = holds(*_DECIDING, at=amendment_place)
MAPPING_READERS: Gate = OFFICE | only("supervisor or decider of the batch", _supervises)

WATCHERS: Gate = holds(*_WATCHING, at=watching_place) | only("supervisor or decider of the batch", _supervises)
#: Who may read the results with names: whoever watches, and the school once they are published.
RESULT_READERS: Gate = WATCHERS | holds(Role.PROVIDER_CLERK, at=published_place)
RESULT_WATCHERS: Gate = holds(*_WATCHING, at=result_watching_place) | only(
    _SUPERVISOR, lambda actor, result_id: _watches(Result, actor, result_id)
)
EVIDENCE_READERS: Gate = holds(*_OFFICE, Role.RESULT_OFFICER, Role.AUDITOR, at=amendment_place) | only(
    _SUPERVISOR, lambda actor, amendment_id: _watches(Amendment, actor, amendment_id)
)
PAPER_READERS: Gate = _unless_scoring(
    holds(*_OFFICE, Role.RESULT_OFFICER, Role.AUDITOR, at=transcription_place)
    | only(_SUPERVISOR, lambda actor, transcription_id: _watches(Transcription, actor, transcription_id))
)
LISTERS: Gate = holds(*_WATCHING, Role.PROVIDER_CLERK)
APPOINTED: Gate = holds(Role.EXAMINER, Role.RESULT_OFFICER) | only("appointed to a batch", _is_appointed)

#: Somebody who showed on the open page that he is the candidate.
CANDIDATE_SELF: Gate = only("the candidate himself", _is_candidate)
APPEAL_OFFICE: Gate = holds(*_OFFICE, at=appeal_place)
APPEAL_HANDLER: Gate = only("who was given the case", _has_case)
APPEAL_READERS: Gate = (
    holds(*_OFFICE, Role.RESULT_OFFICER, Role.AUDITOR, at=appeal_place)
    | APPEAL_HANDLER
    | only(_SUPERVISOR, lambda actor, appeal_id: _watches(Appeal, actor, appeal_id))
)
#: Who is in the room: invigilators and the supervisor, never a scorer, for names are seen there.
ON_DUTY: Gate = only("invigilator or supervisor of the batch", _on_duty)
ON_DUTY_FOR: Gate = only("invigilator or supervisor of the candidate's batch", _on_duty_for)
#: Who looks at a candidate and his papers at the seat; the supervisor sees it and changes nothing.
IDENTITY_CHECKERS: Gate = only("invigilator of the candidate's batch", _watches_over)
INCIDENT_READERS: Gate = holds(*_OFFICE, Role.AUDITOR, Role.RESULT_OFFICER, at=watching_place) | ON_DUTY
#: Who watches over exams: bureaus, auditors, and the batch's own supervisor.
SIGN_READERS: Gate = holds(Role.BUREAU_OFFICER, Role.AUDITOR, at=watching_place) | only(
    "supervisor of the batch", lambda actor, batch_id: holds_post(actor, batch_id, Post.SUPERVISOR)
)
