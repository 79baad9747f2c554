"""What waits for an account: who is to be reviewed, published, awarded, and who might be put forward."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from lbcert.brands.models import Brand
from lbcert.certificates.models import Certificate, Status
from lbcert.cohorts.models import Cohort, Enrolment, EnrolmentState
from lbcert.core import clock
from lbcert.core.access import Actor, Role, visible
from lbcert.core.database import db
from lbcert.core.registrations import Ground
from lbcert.core.todo import Todo
from lbcert.core.words import say
from lbcert_star_rating.models import Nomination, NominationState, Review, Scheme
from lbcert_star_rating.places import OFFICERS, is_on


def todo(actor: Actor) -> list[Todo]:
    """Give what waits under each scheme, for the reviewer, the officer, the issuer and the association."""
    reviewed = exists().where(Review.nomination_id == Nomination.id, Review.reviewer_id == actor.person_id)
    to_review = (Nomination.state == NominationState.NOMINATED) & ~reviewed
    to_publish = Nomination.state == NominationState.REVIEWED
    to_award = (Nomination.state == NominationState.NOTICED) & (Nomination.notice_to < clock.today())
    return [
        *(
            Todo(
                say("评审星级：{scheme}，还有 {count} 人", scheme=name, count=count),
                "star_rating.nominations",
                {"scheme_id": key, "state": NominationState.NOMINATED.value},
            )
            for key, name, count in _nominated(actor, (Role.REVIEWER,), to_review)
        ),
        *(
            Todo(
                say("公示评审结果：{scheme}，{count} 人", scheme=name, count=count),
                "star_rating.scheme",
                {"scheme_id": key},
            )
            for key, name, count in _nominated(actor, OFFICERS, to_publish)
        ),
        *(
            Todo(
                say("公示期满，授予星级：{scheme}，{count} 人", scheme=name, count=count),
                "star_rating.nominations",
                {"scheme_id": key, "state": NominationState.NOTICED.value},
            )
            for key, name, count in _nominated(actor, (Role.ISSUER,), to_award)
        ),
        *(
            Todo(
                say("推荐评星：{scheme}，{count} 名持证学员还没有推荐过", scheme=name, count=count),
                "star_rating.nominate",
                {"scheme_id": key},
            )
            for key, name, count in _never_nominated(actor)
        ),
    ]


def _nominated(actor: Actor, roles: tuple[Role, ...], wanted: ColumnElement[bool]) -> list[Any]:
    """Count the nominations that a step waits for, by scheme."""
    query = (
        select(Scheme.id, Scheme.name, func.count())
        .join(Brand, Brand.id == Scheme.brand_id)
        .join(Nomination, Nomination.scheme_id == Scheme.id)
        .where(is_on(), wanted, _reached(actor, *roles))
    )
    return list(db.session.execute(query.group_by(Scheme.id, Scheme.name).order_by(Scheme.id)))


def _never_nominated(actor: Actor) -> list[Any]:
    """Count the learners with a skill certificate whom nobody has put forward under a scheme in force."""
    nominated = exists().where(Nomination.scheme_id == Scheme.id, Nomination.person_id == Enrolment.person_id)
    certified = exists().where(
        Certificate.person_id == Enrolment.person_id,
        Certificate.cohort_id == Enrolment.cohort_id,
        Certificate.ground == Ground.RESULT,
        Certificate.status == Status.VALID,
    )
    query = (
        select(Scheme.id, Scheme.name, func.count())
        .join(Brand, Brand.id == Scheme.brand_id)
        .join(Cohort, Cohort.brand_id == Brand.id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(
            is_on(),
            Scheme.retired_on.is_(None),
            Enrolment.state == EnrolmentState.COMPLETED,
            certified,
            ~nominated,
            _reached(actor, Role.ASSOCIATION),
        )
    )
    return list(db.session.execute(query.group_by(Scheme.id, Scheme.name).order_by(Scheme.id)))


def _reached(actor: Actor, *roles: Role) -> ColumnElement[bool]:
    return visible(actor, *roles, region=[Brand.region_code], organisation=[Scheme.organisation_id])
