"""The demo's stars: 宁蒗康养师 awarded two months ago and shown on certificates, and others in review today."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from lbcert.certificates.models import Certificate
from lbcert.cohorts.models import Enrolment
from lbcert.core.database import db
from lbcert.core.registrations import Ground
from lbcert.demo.cast import Cast, at
from lbcert_star_rating.models import Evidence, Nomination
from lbcert_star_rating.operations import SchemeData, award, begin_notice, nominate, review, set_scheme

_BRAND, _COHORT = "宁蒗康养师", "宁蒗康养师养老护理一期"
_REVIEWERS = ("ninglang-reviewer", "ninglang-reviewer2", "ninglang-reviewer3")
#: Points of the three reviewers for 服务质量, person by person.
_POINTS = ((95, 92, 96), (82, 80, 85))
#: Put forward again, of whom one reviewer has judged the first.
_IN_REVIEW = 3


def tell(cast: Cast, today: date) -> None:
    """Set a scheme, award two people, and leave three in review; the association awards."""
    desk = "ninglang-centre"
    with at(today - timedelta(days=95)):
        scheme_id = set_scheme(cast.account("ninglang-bureau"), cast.brands[_BRAND], _scheme(cast)).id
    learners = _certified(cast.cohorts[_COHORT])
    with at(today - timedelta(days=90)):
        awarded = [nominate(cast.account(desk), scheme_id, each).id for each in learners[: len(_POINTS)]]
    for days, reviewer, place in ((88, _REVIEWERS[0], 0), (87, _REVIEWERS[1], 1), (86, _REVIEWERS[2], 2)):
        with at(today - timedelta(days=days)):
            for nomination_id, points in zip(awarded, _POINTS, strict=True):
                review(cast.account(reviewer), nomination_id, {"服务质量": points[place]})
    with at(today - timedelta(days=85)):
        begin_notice(cast.account("ninglang-bureau"), scheme_id)
    ends = max(day for day in db.session.scalars(select(Nomination.notice_to)) if day)
    with at(ends + timedelta(days=1)):
        for nomination_id in awarded:
            award(cast.account("ninglang-association-issuer"), nomination_id)
    with at(today - timedelta(days=4)):
        waiting = [
            nominate(cast.account("ninglang-association"), scheme_id, each).id
            for each in learners[len(_POINTS) : len(_POINTS) + _IN_REVIEW]
        ]
    with at(today - timedelta(days=2)):
        review(cast.account(_REVIEWERS[1]), waiting[0], {"服务质量": 88}, remark="雇主回访评价好")


def _scheme(cast: Cast) -> SchemeData:
    return SchemeData(
        name="宁蒗康养师星级认证（演示）",
        organisation_id=cast.bodies["ninglang-association"],
        criteria=[
            ("认定成绩", 30, Evidence.MARKS),
            ("出勤", 20, Evidence.ATTENDANCE),
            ("就业", 20, Evidence.OUTCOME),
            ("服务质量", 30, Evidence.REVIEWERS),
        ],
        thresholds=[(3, 60), (4, 75), (5, 88)],
        vetoes=["服务对象投诉属实", "弄虚作假"],
        at_work_points=60,
        reviewers=len(_REVIEWERS),
        notice_days=5,
        validity_months=24,
        source="宁蒗县劳务品牌领导小组办公室〔演示〕1号",
    )


def _certified(cohort_id: int) -> list[int]:
    """Give the learners with a skill certificate and a job, in the order of their numbers."""
    query = (
        select(Enrolment.id)
        .join(Certificate, Certificate.person_id == Enrolment.person_id)
        .where(
            Enrolment.cohort_id == cohort_id, Certificate.cohort_id == cohort_id, Certificate.ground == Ground.RESULT
        )
        .order_by(Certificate.number)
    )
    return list(db.session.scalars(query))
