"""From a scheme to stars: nominate, review, notice, award, withdraw."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from lbcert.brands.models import Brand
from lbcert.certificates.models import Reason, Status
from lbcert.certificates.operations.issuing import Draft, Series, issue
from lbcert.certificates.operations.status import change_status
from lbcert.cohorts.models import Enrolment, EnrolmentState
from lbcert.core import clock, workdays
from lbcert.core.access import Place, Role, holds
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.parties.models import Organisation
from lbcert_star_rating import rules
from lbcert_star_rating.certificate import STAR, claims_of, number_of
from lbcert_star_rating.models import (
    Award,
    Evidence,
    Nomination,
    NominationState,
    Review,
    Scheme,
    SchemeCriterion,
    SchemeThreshold,
    SchemeVeto,
)
from lbcert_star_rating.queries import evidence_of, standing_certificate, taught_or_examined

PLUGIN = "star_rating"
OFFICERS = (Role.BUREAU_OFFICER, Role.SERVICE_CENTRE)


@dataclass(frozen=True)
class SchemeData:
    """A scheme as it is set; thresholds are stars → points of 100, criteria (key, label, weight, evidence)."""

    name: str
    organisation_id: int
    criteria: Sequence[tuple[str, str, int, Evidence]]
    thresholds: Mapping[int, int]
    vetoes: Sequence[str]
    source: str
    validity_months: int = 24
    reviewers: int = 3
    notice_days: int = 5


def _brand(brand_id: int) -> Place:
    return Place((load(Brand, brand_id).region_code,))


def _scheme(scheme_id: int) -> Place:
    return _brand(load(Scheme, scheme_id).brand_id)


def nomination_place(nomination_id: int) -> Place:
    """Give the region of the brand under whose scheme somebody is nominated."""
    return _scheme(load(Nomination, nomination_id).scheme_id)


def _awarding(nomination_id: int) -> Place:
    return Place(organisations=(load(Nomination, nomination_id).scheme.organisation_id,))


def _awarded(award_id: int) -> Place:
    return nomination_place(load(Award, award_id).nomination_id)


@operation("star_rating.set_scheme", allow=holds(*OFFICERS, at=_brand))
def set_scheme(actor: Any, brand_id: int, data: SchemeData) -> Scheme:
    """Set a brand's scheme. Refused where the plugin is off for the brand, and for a scheme that judges nobody."""
    brand = load(Brand, brand_id)
    load(Organisation, data.organisation_id)
    criteria = [rules.Criterion(key, label, weight) for key, label, weight, _evidence in data.criteria]
    thresholds = [rules.Threshold(stars, points) for stars, points in data.thresholds.items()]
    refuse_on(_is_on(brand), rules.scheme_holds(criteria, thresholds, data.reviewers))
    scheme = Scheme(
        brand_id=brand_id,
        name=data.name.strip(),
        organisation_id=data.organisation_id,
        validity_months=data.validity_months,
        reviewers=data.reviewers,
        notice_days=data.notice_days,
        source=data.source,
        criteria=[
            SchemeCriterion(key=key, label=label, weight=weight, evidence=evidence)
            for key, label, weight, evidence in data.criteria
        ],
        thresholds=[SchemeThreshold(stars=stars, points=points) for stars, points in data.thresholds.items()],
        vetoes=[SchemeVeto(label=label) for label in data.vetoes],
    )
    db.session.add(scheme)
    return scheme


@operation("star_rating.nominate", allow=holds(*OFFICERS, Role.ASSOCIATION, at=_scheme))
def nominate(actor: Any, scheme_id: int, enrolment_id: int) -> Nomination:
    """Put a learner forward; the evidence is drawn from marks, attendance and outcome as they stand today.

    Refused for a learner of another brand, who did not complete the training, or without a certificate that stands.
    """
    scheme, enrolment = load(Scheme, scheme_id), load(Enrolment, enrolment_id)
    refuse_on(_is_on(scheme.brand), _may_be_nominated(scheme, enrolment))
    evidence = {
        criterion.key: evidence_of(criterion.evidence, enrolment)
        for criterion in scheme.criteria
        if criterion.evidence is not Evidence.REVIEWERS
    }
    nomination = Nomination(
        scheme_id=scheme_id,
        enrolment_id=enrolment_id,
        person_id=enrolment.person_id,
        evidence=json.dumps(evidence, ensure_ascii=False),
    )
    db.session.add(nomination)
    return nomination


@operation("star_rating.review", allow=holds(Role.REVIEWER, at=nomination_place))
def review(
    actor: Any, nomination_id: int, points: Mapping[str, int], vetoes: Sequence[int] = (), remark: str = ""
) -> Review:
    """Give one reviewer's points, 0 to 100, for the criteria that reviewers judge; the last review decides the stars.

    Refused for somebody who taught or examined the person, and for points missing or out of range.
    """
    nomination = load(Nomination, nomination_id, lock=True)
    scheme = nomination.scheme
    refuse_on(
        _open(nomination),
        _independent(actor.person_id, nomination),
        _complete(scheme, points),
        _known_vetoes(scheme, vetoes),
    )
    row = Review(
        reviewer_id=actor.person_id,
        points=json.dumps(dict(points)),
        vetoes=json.dumps(sorted(vetoes)),
        remark=remark.strip(),
    )
    nomination.reviews.append(row)
    if len(nomination.reviews) == scheme.reviewers:
        _decide(nomination)
    return row


@operation("star_rating.begin_notice", allow=holds(*OFFICERS, at=nomination_place))
def begin_notice(actor: Any, nomination_id: int) -> Nomination:
    """Begin the public notice (公示): the scheme's working days, the first day not counted."""
    nomination = load(Nomination, nomination_id, lock=True)
    refuse_on(_in_state(nomination, NominationState.REVIEWED))
    today = clock.today()
    nomination.state, nomination.notice_from = NominationState.NOTICED, today
    nomination.notice_to = workdays.add_working_days(today, nomination.scheme.notice_days).day
    return nomination


@operation("star_rating.award", allow=holds(Role.ISSUER, at=_awarding))
def award(actor: Any, nomination_id: int) -> Award:
    """Award the stars after the notice, with their own certificate. Refused while the notice runs."""
    nomination = load(Nomination, nomination_id, lock=True)
    refuse_on(
        _in_state(nomination, NominationState.NOTICED),
        _notice_over(nomination),
        _not_a_reviewer(actor.person_id, nomination),
        _certificate_stands(nomination.enrolment),
    )
    today, scheme = clock.today(), nomination.scheme
    made = Award(
        nomination_id=nomination.id,
        person_id=nomination.person_id,
        stars=nomination.stars,
        awarded_on=today,
        valid_to=months_later(today, scheme.validity_months),
    )
    db.session.add(made)
    db.session.flush()
    cohort = nomination.enrolment.cohort
    draft = Draft(
        type=STAR,
        person=nomination.person,
        brand=scheme.brand,
        organisation=scheme.organisation,
        trade=cohort.item.trade,
        level=made.stars,
        claims=claims_of(made),
        ground={"award_ref": f"{Award.__tablename__}:{made.id}"},
        cohort_id=cohort.id,
        expires_on=made.valid_to,
    )
    series = Series(f"star:{scheme.brand.number}:{today.year}", number_of)
    made.certificate_id = issue(actor, [draft], series, str(STAR.label)).certificates[0].id
    nomination.state = NominationState.AWARDED
    return made


@operation("star_rating.withdraw", allow=holds(*OFFICERS, at=_awarded))
def withdraw(actor: Any, award_id: int, reason: str) -> Award:
    """Withdraw stars with a reason; their certificate is revoked in the same transaction."""
    made = load(Award, award_id, lock=True)
    given = [] if reason.strip() else [refuse("star_rating.reason", say("请写明撤销的理由"))]
    again = [] if made.withdrawn_on is None else [refuse("star_rating.withdrawn", say("这一星级已经撤销"))]
    refuse_on(given, again)
    made.withdrawn_on, made.withdrawn_reason = clock.today(), reason.strip()
    if made.certificate is not None and made.certificate.status is not Status.REVOKED:
        authority = made.nomination.scheme.organisation.name
        change_status(actor, made.certificate, Status.REVOKED, Reason.ERROR, reason, authority)
    return made


def months_later(day: date, months: int) -> date:
    """Give the day so many months on; the last of the month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _decide(nomination: Nomination) -> None:
    scheme, given = nomination.scheme, [json.loads(row.points) for row in nomination.reviews]
    points = {key: Fraction(found["points"]) for key, found in json.loads(nomination.evidence).items()}
    for criterion in scheme.criteria:
        if criterion.evidence is Evidence.REVIEWERS:
            points[criterion.key] = Fraction(sum(each[criterion.key] for each in given), len(given))
    criteria = [rules.Criterion(row.key, row.label, row.weight) for row in scheme.criteria]
    thresholds = [rules.Threshold(row.stars, row.points) for row in scheme.thresholds]
    total = rules.weighted(points, criteria)
    vetoed = any(json.loads(row.vetoes) for row in nomination.reviews)
    nomination.points, nomination.stars = str(total), rules.stars(total, thresholds, vetoed=vetoed)
    nomination.state = NominationState.REVIEWED if nomination.stars else NominationState.REJECTED


def _is_on(brand: Brand) -> Iterator[Finding]:
    if all(row.plugin != PLUGIN for row in brand.plugins):
        yield refuse("star_rating.off", say("品牌“{brand}”没有启用星级认证", brand=brand.name))


def _may_be_nominated(scheme: Scheme, enrolment: Enrolment) -> Iterator[Finding]:
    name = enrolment.person.name
    if enrolment.cohort.brand_id != scheme.brand_id:
        yield refuse("star_rating.other_brand", say("{who} 不是“{brand}”的学员", who=name, brand=scheme.brand.name))
    if enrolment.state is not EnrolmentState.COMPLETED:
        yield refuse("star_rating.not_completed", say("{who} 还没有结业", who=name))
    yield from _certificate_stands(enrolment)


def _certificate_stands(enrolment: Enrolment) -> Iterator[Finding]:
    if standing_certificate(enrolment) is None:
        message = say("{who} 没有有效的证书；先取证，再评星级", who=enrolment.person.name)
        yield refuse("star_rating.no_certificate", message)


def _open(nomination: Nomination) -> Iterator[Finding]:
    if nomination.state is not NominationState.NOMINATED:
        yield refuse("star_rating.decided", say("{who} 的评审已经完成", who=nomination.person.name))


def _in_state(nomination: Nomination, wanted: NominationState) -> Iterator[Finding]:
    if nomination.state is not wanted:
        message = say(
            "{who} 现为“{state}”，须先到“{wanted}”",
            who=nomination.person.name,
            state=nomination.state.label,
            wanted=wanted.label,
        )
        yield refuse("star_rating.state", message)


def _independent(reviewer_id: int | None, nomination: Nomination) -> Iterator[Finding]:
    if reviewer_id is None:
        yield refuse("star_rating.no_person", say("您的账号没有对应到个人，不能评审"))
    elif taught_or_examined(reviewer_id, nomination.enrolment):
        message = say("您教过或考评过 {who}，须回避", who=nomination.person.name)
        yield refuse("star_rating.not_independent", message)


def _complete(scheme: Scheme, points: Mapping[str, int]) -> Iterator[Finding]:
    wanted = {row.key: row.label for row in scheme.criteria if row.evidence is Evidence.REVIEWERS}
    for key, label in wanted.items():
        if not 0 <= points.get(key, -1) <= rules.FULL:
            yield refuse("star_rating.points", say("请为“{label}”打 0 到 100 分", label=label))
    if set(points) - set(wanted):
        yield refuse("star_rating.criterion", say("有不由评审打分的指标"))


def _known_vetoes(scheme: Scheme, vetoes: Sequence[int]) -> Iterator[Finding]:
    if set(vetoes) - {veto.id for veto in scheme.vetoes}:
        yield refuse("star_rating.veto", say("方案里没有这一否决项"))


def _notice_over(nomination: Nomination) -> Iterator[Finding]:
    if nomination.notice_to is not None and clock.today() <= nomination.notice_to:
        yield refuse("star_rating.notice_runs", say("公示到 {day} 结束，之后才能授予", day=nomination.notice_to))


def _not_a_reviewer(person_id: int | None, nomination: Nomination) -> Iterator[Finding]:
    if any(row.reviewer_id == person_id for row in nomination.reviews):
        yield refuse("star_rating.issuer_reviewed", say("评审过的人不能授予，请由另一人办理"))
