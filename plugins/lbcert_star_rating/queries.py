"""What the plugin reads: evidence, who must stand aside, lists of its pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from lbcert.brands.models import Brand
from lbcert.certificates.models import Certificate, Status
from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.core.access import Actor, visible
from lbcert.core.database import db
from lbcert.core.pages import Page, Paging, paginate
from lbcert.exams.models import BatchStaff, Candidate, Outcome, Result
from lbcert.parties.models import Person
from lbcert.placement.queries import jobs_after, promotions_of
from lbcert.placement.rules import STABLE_MONTHS, is_stable
from lbcert.teaching.models import Session
from lbcert.teaching.queries import attendance_shares
from lbcert_star_rating.models import Award, Evidence, Nomination, Scheme

#: Points of an outcome: stable or better paid, at work, neither.
STABLE, AT_WORK, NEITHER = 100, 60, 0
SORTS = {"name": Person.pinyin, "state": Nomination.state, "stars": Nomination.stars}


def evidence_of(kind: Evidence, enrolment: Enrolment) -> dict[str, Any]:
    """Give the points of one kind of evidence with what they rest on."""
    if kind is Evidence.MARKS:
        return _marks(enrolment)
    if kind is Evidence.ATTENDANCE:
        share = attendance_shares(enrolment.cohort_id)[enrolment.id]
        return {"points": share.percent, "basis": f"{share.attended}/{share.due}"}
    return _outcome(enrolment)


def newest_result(enrolment: Enrolment) -> Result | None:
    """Give the assessment result that counts: passed, published, and replaced by none."""
    later = aliased(Result)
    return db.session.scalar(
        select(Result)
        .join(Candidate, Candidate.id == Result.candidate_id)
        .outerjoin(later, later.replaces_id == Result.id)
        .where(Candidate.enrolment_id == enrolment.id, later.id.is_(None), Result.outcome == Outcome.PASSED)
        .order_by(Result.id.desc())
        .limit(1)
    )


def _marks(enrolment: Enrolment) -> dict[str, Any]:
    result = newest_result(enrolment)
    parts = (
        [] if result is None else [part for part in (result.theory, result.practice, result.review) if part is not None]
    )
    points = sum(parts) // len(parts) if parts else 0
    return {"points": points, "basis": " / ".join(map(str, parts))}


def _outcome(enrolment: Enrolment) -> dict[str, Any]:
    job = jobs_after([enrolment.id]).get(enrolment.id)
    better = promotions_of([enrolment.id]).get(enrolment.id)
    if better is not None:
        raised = better.wage_after_fen > better.wage_before_fen
        return {"points": STABLE if raised else AT_WORK, "basis": f"{better.post_before} → {better.post_after}"}
    if job is None or job.ended_on is not None:
        return {"points": NEITHER, "basis": ""}
    needed = ruling(enrolment.cohort, STABLE_MONTHS)
    stable = is_stable(job.started_on, job.confirmed_to, needed, seasonal=job.seasonal)
    return {"points": STABLE if stable else AT_WORK, "basis": f"{job.employer.name} {job.started_on}"}


def standing_certificate(enrolment: Enrolment) -> Certificate | None:
    """Give a certificate of the learner's cohort that stands, other than of stars."""
    query = select(Certificate).where(
        Certificate.person_id == enrolment.person_id,
        Certificate.cohort_id == enrolment.cohort_id,
        Certificate.status == Status.VALID,
        Certificate.type != "star",
    )
    return db.session.scalar(query.order_by(Certificate.id.desc()).limit(1))


def taught_or_examined(person_id: int, enrolment: Enrolment) -> bool:
    """Tell whether somebody taught the learner's cohort or was on the staff of its exam."""
    taught = select(Session.id).where(Session.cohort_id == enrolment.cohort_id, Session.trainer_id == person_id)
    examined = (
        select(BatchStaff.id)
        .join(Candidate, Candidate.batch_id == BatchStaff.batch_id)
        .where(Candidate.enrolment_id == enrolment.id, BatchStaff.person_id == person_id)
    )
    return db.session.scalar(taught.limit(1)) is not None or db.session.scalar(examined.limit(1)) is not None


def stars_of(person_id: int, brand_id: int) -> list[Award]:
    """List the awards of a person under a brand, newest first, withdrawn ones too."""
    query = (
        select(Award)
        .join(Nomination)
        .join(Scheme)
        .where(Award.person_id == person_id, Scheme.brand_id == brand_id)
        .order_by(Award.awarded_on.desc(), Award.id.desc())
    )
    return list(db.session.scalars(query))


def schemes_seen(actor: Actor) -> list[Scheme]:
    """List the schemes of the brands that an actor may see."""
    query = select(Scheme).join(Brand, Brand.id == Scheme.brand_id).options(joinedload(Scheme.brand))
    return list(
        db.session.scalars(
            query.where(visible(actor, region=[Brand.region_code], organisation=[Scheme.organisation_id])).order_by(
                Scheme.id
            )
        )
    )


def nominations_page(scheme_id: int, paging: Paging) -> Page[Nomination]:
    """List the nominations under a scheme."""
    query = select(Nomination).join(Nomination.person).where(Nomination.scheme_id == scheme_id)
    if paging.search:
        query = query.where(Person.name.contains(paging.search, autoescape=True))
    if paging.filters.get("state"):
        query = query.where(Nomination.state == paging.filters["state"])
    return paginate(db.session, query, paging, SORTS, Nomination.id)


def may_be_nominated(scheme: Scheme, search: str) -> list[Enrolment]:
    """Find learners of the brand, by name, who completed their training and were not nominated under the scheme."""
    nominated = select(Nomination.enrolment_id).where(Nomination.scheme_id == scheme.id)
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .join(Enrolment.cohort)
        .where(
            Cohort.brand_id == scheme.brand_id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.id.not_in(nominated),
            Person.name.contains(search, autoescape=True),
        )
        .order_by(Person.pinyin)
        .limit(20)
    )
    return list(db.session.scalars(query))
