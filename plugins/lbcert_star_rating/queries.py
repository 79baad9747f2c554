"""What the plugin reads: evidence, who must stand aside, lists of its pages, stars for the public page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from lbcert.brands.models import Brand
from lbcert.certificates.models import Certificate, Status
from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.cohorts.queries.filing import ruling
from lbcert.core import clock
from lbcert.core.access import Actor
from lbcert.core.database import db, load
from lbcert.core.pages import Page, Paging, ordered, paginate
from lbcert.core.registrations import Ground
from lbcert.exams.models import Batch, BatchStaff, BatchState, Candidate, Outcome, Result
from lbcert.parties.models import Person
from lbcert.placement.queries import jobs_after, promotions_of
from lbcert.placement.rules import STABLE_MONTHS, is_stable
from lbcert.teaching.queries import attendance_shares, teaches_in
from lbcert_star_rating import rules
from lbcert_star_rating.certificate import STAR
from lbcert_star_rating.models import Award, Evidence, Nomination, NominationState, Review, Scheme
from lbcert_star_rating.places import brands_seen, scheme_place

SORTS = {"name": Person.pinyin, "state": Nomination.state, "stars": Nomination.stars}


# Evidence


@dataclass(frozen=True)
class Found:
    """Points of 100, exact, and what they rest on."""

    points: Fraction
    basis: str


def evidence_of(kind: Evidence, enrolment: Enrolment, at_work_points: int) -> Found | None:
    """Give the points of one kind of evidence; None where nothing is on file, which is not 0."""
    if kind is Evidence.MARKS:
        return _marks(enrolment)
    if kind is Evidence.ATTENDANCE:
        share = attendance_shares(enrolment.cohort_id).get(enrolment.id)
        if share is None or not share.due:
            return None
        return Found(Fraction(rules.FULL * share.attended, share.due), f"{share.attended}/{share.due}")
    return _outcome(enrolment, at_work_points)


def newest_result(enrolment: Enrolment) -> Result | None:
    """Give the assessment result that counts: passed, published, and replaced by none."""
    later = aliased(Result)
    return db.session.scalar(
        select(Result)
        .join(Candidate, Candidate.id == Result.candidate_id)
        .join(Batch, Batch.id == Result.batch_id)
        .outerjoin(later, later.replaces_id == Result.id)
        .where(
            Candidate.enrolment_id == enrolment.id,
            Batch.state == BatchState.PUBLISHED,
            later.id.is_(None),
            Result.outcome == Outcome.PASSED,
        )
        .order_by(Result.id.desc())
        .limit(1)
    )


def _marks(enrolment: Enrolment) -> Found | None:
    result = newest_result(enrolment)
    if result is None:
        return None
    parts = [part for part in (result.theory, result.practice, result.review) if part is not None]
    return Found(Fraction(sum(parts), len(parts)), " / ".join(map(str, parts))) if parts else None


def _outcome(enrolment: Enrolment, at_work_points: int) -> Found | None:
    better = promotions_of([enrolment.id]).get(enrolment.id)
    if better is not None:
        is_raised = better.wage_after_fen > better.wage_before_fen
        basis = f"{better.post_before} → {better.post_after}"
        return Found(Fraction(rules.FULL if is_raised else at_work_points), basis)
    job = jobs_after([enrolment.id]).get(enrolment.id)
    if job is None:
        return None
    basis = f"{job.employer.name} · {job.started_on} → {job.ended_on or job.confirmed_to or ''}".rstrip(" →")
    if job.ended_on is not None:
        return Found(Fraction(0), basis)
    needed = ruling(enrolment.cohort, STABLE_MONTHS)
    stable = is_stable(job.started_on, job.confirmed_to, needed, seasonal=job.seasonal)
    return Found(Fraction(rules.FULL if stable else at_work_points), basis)


def base_certificate(person_id: int, cohort_id: int, *, lock: bool = False) -> Certificate | None:
    """Give the certificate on which a learner's stars rest, if it stands: his skill certificate, without one the other.

    ``lock`` keeps it from changing until the operation ends.
    """
    query = (
        select(Certificate)
        .where(Certificate.person_id == person_id, Certificate.cohort_id == cohort_id, Certificate.type != STAR.name)
        .order_by(Certificate.ground != Ground.RESULT, Certificate.id.desc())
        .limit(1)
    )
    found = db.session.scalar(query.with_for_update(read=True, of=Certificate) if lock else query)
    is_standing = found is not None and found.status is Status.VALID
    return found if is_standing and (found.expires_on or date.max) >= clock.today() else None


def star_certificates(person_id: int, cohort_id: int, status: Status) -> list[Certificate]:
    """List the star certificates of a learner that have a status, locked."""
    query = select(Certificate).where(
        Certificate.person_id == person_id,
        Certificate.cohort_id == cohort_id,
        Certificate.type == STAR.name,
        Certificate.status == status,
    )
    return list(db.session.scalars(query.order_by(Certificate.id).with_for_update(of=Certificate)))


def taught_or_examined(person_id: int, enrolment: Enrolment) -> bool:
    """Tell whether somebody taught the learner's cohort or was on the staff of its exam."""
    examined = (
        select(BatchStaff.id)
        .join(Candidate, Candidate.batch_id == BatchStaff.batch_id)
        .where(Candidate.enrolment_id == enrolment.id, BatchStaff.person_id == person_id)
    )
    return teaches_in(person_id, enrolment.cohort_id) or db.session.scalar(examined.limit(1)) is not None


# The pages


def schemes_seen(actor: Actor) -> list[Scheme]:
    """List the schemes of the brands that an actor may see, those in force first."""
    query = select(Scheme).join(Brand, Brand.id == Scheme.brand_id).where(brands_seen(actor))
    query = query.options(joinedload(Scheme.brand), joinedload(Scheme.organisation))
    return list(db.session.scalars(query.order_by(Scheme.retired_on.is_not(None), Scheme.id.desc())))


def brands_with_stars(actor: Actor) -> list[Brand]:
    """List the brands that have stars and that an actor may see."""
    return list(db.session.scalars(select(Brand).where(brands_seen(actor)).order_by(Brand.number)))


def counts_of(scheme_id: int) -> dict[NominationState, int]:
    """Count the nominations under a scheme by their state."""
    query = select(Nomination.state, func.count()).where(Nomination.scheme_id == scheme_id).group_by(Nomination.state)
    return {state: count for state, count in db.session.execute(query)}  # noqa: C416 (rows are no pairs to the type checker)


def nominations_page(scheme_id: int, paging: Paging) -> Page[Nomination]:
    """List the nominations under a scheme. Filter: state."""
    return paginate(db.session, _nominations(scheme_id, paging), paging, SORTS, Nomination.id)


def nominations_all(scheme_id: int, paging: Paging) -> Iterable[Nomination]:
    """Give the whole list, for an export."""
    return db.session.scalars(ordered(_nominations(scheme_id, paging), paging, SORTS, Nomination.id))


def _nominations(scheme_id: int, paging: Paging) -> Select[Any]:
    query = (
        select(Nomination)
        .join(Nomination.person)
        .where(Nomination.scheme_id == scheme_id)
        .options(
            joinedload(Nomination.person),
            joinedload(Nomination.enrolment).joinedload(Enrolment.cohort),
            joinedload(Nomination.award),
            selectinload(Nomination.reviews),
        )
    )
    if paging.search:
        query = query.where(Person.name.contains(paging.search, autoescape=True))
    if (state := paging.filters.get("state")) in set(NominationState):
        query = query.where(Nomination.state == state)
    return query


def may_be_nominated(scheme: Scheme, search: str) -> list[Enrolment]:
    """Find learners of the brand, by name, who completed their training and for whom no nomination is under way."""
    ends = NominationState.AWARDED, NominationState.REJECTED
    under_way = select(Nomination.person_id).where(Nomination.scheme_id == scheme.id, Nomination.state.not_in(ends))
    query = (
        select(Enrolment)
        .join(Enrolment.person)
        .join(Enrolment.cohort)
        .where(
            Cohort.brand_id == scheme.brand_id,
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.person_id.not_in(under_way),
            Person.name.contains(search, autoescape=True),
        )
        .options(joinedload(Enrolment.person), joinedload(Enrolment.cohort))
        .order_by(Person.pinyin, Enrolment.id)
        .limit(20)
    )
    return list(db.session.scalars(query))


def evidence_shown(nomination: Nomination) -> Mapping[str, Found]:
    """Give the evidence of a nomination, by criterion, as it was kept."""
    kept: dict[str, dict[str, str]] = json.loads(nomination.evidence)
    return {label: Found(Fraction(found["points"]), found["basis"]) for label, found in kept.items()}


def review_by(nomination_id: int, person_id: int | None) -> Review | None:
    """Give the review that a person gave, if he did."""
    return db.session.scalar(
        select(Review).where(Review.nomination_id == nomination_id, Review.reviewer_id == person_id)
    )


# For everybody


def noticed(scheme_id: int) -> tuple[Scheme, list[Nomination]]:
    """Give a scheme with those whose public notice runs today; raises ``Missing`` when its brand has no stars."""
    scheme_place(scheme_id)
    today = clock.today()
    query = (
        select(Nomination)
        .join(Nomination.person)
        .where(
            Nomination.scheme_id == scheme_id,
            Nomination.state == NominationState.NOTICED,
            Nomination.notice_from <= today,
            Nomination.notice_to >= today,
        )
        .options(joinedload(Nomination.person), joinedload(Nomination.enrolment).joinedload(Enrolment.cohort))
        .order_by(Nomination.stars.desc(), Person.pinyin, Nomination.id)
    )
    return load(Scheme, scheme_id), list(db.session.scalars(query))


def newest_awards(person_id: int, brand_id: int) -> list[Award]:
    """List the last stars of a person under each scheme of a brand, withdrawn ones too, newest first."""
    last = (
        select(func.max(Award.id))
        .join(Award.nomination)
        .join(Nomination.scheme)
        .where(Award.person_id == person_id, Scheme.brand_id == brand_id)
        .group_by(Scheme.id)
    )
    query = select(Award).where(Award.id.in_(last)).order_by(Award.id.desc())
    to_body = joinedload(Award.nomination).joinedload(Nomination.scheme).joinedload(Scheme.organisation)
    return list(db.session.scalars(query.options(joinedload(Award.certificate), to_body)))


def certificate_in_force(scheme_id: int, person_id: int) -> Certificate | None:
    """Give the star certificate of a person under a scheme whose place a new one takes, locked."""
    query = (
        select(Certificate)
        .join(Award, Award.certificate_id == Certificate.id)
        .join(Nomination, Nomination.id == Award.nomination_id)
        .where(
            Nomination.scheme_id == scheme_id,
            Award.person_id == person_id,
            Certificate.status.in_([Status.VALID, Status.SUSPENDED]),
        )
        .with_for_update(of=Certificate)
    )
    return db.session.scalar(query)
