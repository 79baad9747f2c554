"""From a scheme to stars: nominate, review, notice, award, withdraw."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from lbcert.certificates.models import Certificate, Reason, Status
from lbcert.certificates.operations.issuing import Draft, Series, issue
from lbcert.certificates.operations.status import change_status
from lbcert.cohorts.models import Enrolment, EnrolmentState
from lbcert.core import calendar, clock, workdays
from lbcert.core.access import Console
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
from lbcert_star_rating.places import AWARDS, NOMINATES, PUBLISHES, REJECTS, RETIRES, REVIEWS, SETS, WITHDRAWS
from lbcert_star_rating.queries import (
    base_certificate,
    certificate_in_force,
    evidence_of,
    evidence_shown,
    star_certificates,
    taught_or_examined,
)


@dataclass(frozen=True)
class SchemeData:
    """A scheme as it is set; thresholds are (stars, points of 100), criteria (label, weight, evidence)."""

    name: str
    organisation_id: int
    criteria: Sequence[tuple[str, int, Evidence]]
    thresholds: Sequence[tuple[int, int]]
    vetoes: Sequence[str]
    at_work_points: int
    reviewers: int
    #: working days
    notice_days: int
    validity_months: int
    source: str


@operation("star_rating.set_scheme", say("设定评星方案"), allow=SETS)
def set_scheme(actor: Any, brand_id: int, data: SchemeData) -> Scheme:
    """Set a scheme of a brand. Refused for one that could judge nobody."""
    load(Organisation, data.organisation_id)
    refuse_on(
        rules.criteria_hold([rules.Criterion(label, weight) for label, weight, _ in data.criteria]),
        rules.thresholds_hold([rules.Threshold(*each) for each in data.thresholds]),
        rules.procedure_holds(
            data.name, data.source, data.reviewers, data.validity_months, data.notice_days, data.at_work_points
        ),
    )
    scheme = Scheme(
        brand_id=brand_id,
        name=data.name,
        organisation_id=data.organisation_id,
        validity_months=data.validity_months,
        reviewers=data.reviewers,
        notice_days=data.notice_days,
        at_work_points=data.at_work_points,
        source=data.source,
        criteria=[
            SchemeCriterion(label=label, weight=weight, evidence=evidence) for label, weight, evidence in data.criteria
        ],
        thresholds=[SchemeThreshold(stars=stars, points=points) for stars, points in data.thresholds],
        vetoes=[SchemeVeto(label=label) for label in data.vetoes],
    )
    db.session.add(scheme)
    return scheme


@operation("star_rating.retire_scheme", say("停用评星方案"), allow=RETIRES)
def retire_scheme(actor: Any, scheme_id: int) -> Scheme:
    """Retire a scheme: nobody is nominated under it any more; what is under way goes on, and stars stand."""
    scheme = load(Scheme, scheme_id, lock=True)
    scheme.retired_on = scheme.retired_on or clock.today()
    return scheme


@operation("star_rating.nominate", say("提名星级"), allow=NOMINATES)
def nominate(actor: Any, scheme_id: int, enrolment_id: int) -> Nomination:
    """Put a learner forward; the evidence is drawn from marks, attendance and outcome as they stand today.

    Refused for a learner of another brand, who did not complete the training, without a certificate that stands, or of
    whom the scheme's evidence is not on file.
    """
    scheme, enrolment = load(Scheme, scheme_id), load(Enrolment, enrolment_id)
    drawn = {
        criterion.label: evidence_of(criterion.evidence, enrolment, scheme.at_work_points)
        for criterion in scheme.criteria
        if criterion.evidence is not Evidence.REVIEWERS
    }
    refuse_on(_may_be_nominated(scheme, enrolment), _on_file(enrolment, drawn))
    kept = {label: {"points": str(found.points), "basis": found.basis} for label, found in drawn.items() if found}
    nomination = Nomination(
        scheme_id=scheme_id,
        enrolment_id=enrolment_id,
        person_id=enrolment.person_id,
        evidence=json.dumps(kept, ensure_ascii=False),
    )
    db.session.add(nomination)
    return nomination


@operation("star_rating.review", say("评审星级"), allow=REVIEWS)
def review(
    actor: Any, nomination_id: int, points: Mapping[str, int], vetoes: Sequence[int] = (), remark: str = ""
) -> Review:
    """Give one reviewer's points, 0 to 100, for the criteria that reviewers judge; the last review decides the stars.

    Refused for somebody who taught or examined the person, and for points missing or out of range.
    """
    nomination = load(Nomination, nomination_id, lock=True)
    scheme = nomination.scheme
    refuse_on(
        _in_state(nomination, NominationState.NOMINATED),
        _independent(actor.person_id, nomination),
        _complete(scheme, points),
        _known_vetoes(scheme, vetoes),
    )
    row = Review(
        reviewer_id=actor.person_id,
        points=json.dumps(dict(points), ensure_ascii=False),
        vetoes=json.dumps(sorted(vetoes)),
        remark=remark.strip(),
    )
    nomination.reviews.append(row)
    if len(nomination.reviews) == scheme.reviewers:
        _decide(nomination)
    return row


@operation("star_rating.begin_notice", say("开始星级公示"), allow=PUBLISHES)
def begin_notice(actor: Any, scheme_id: int) -> Scheme:
    """Begin the public notice (公示) of all who were reviewed: the scheme's working days, the first day not counted."""
    scheme, today = load(Scheme, scheme_id, lock=True), clock.today()
    waiting = (
        db.select(Nomination)
        .where(Nomination.scheme_id == scheme_id, Nomination.state == NominationState.REVIEWED)
        .with_for_update()
    )
    overlay = calendar.overlay_of(scheme.brand.region_code)
    ends = workdays.add_working_days(today, scheme.notice_days, overlay=overlay).day
    found = db.session.scalars(waiting).all()
    refuse_on([] if found else [refuse("star_rating.nobody", say("还没有评审完成、等待公示的人"))])
    for nomination in found:
        nomination.state, nomination.notice_from, nomination.notice_to = NominationState.NOTICED, today, ends
    return scheme


@operation("star_rating.reject", say("不予授星"), allow=REJECTS)
def reject(actor: Any, nomination_id: int, reason: str) -> Nomination:
    """Do not award what the review gave, as when an objection proved true; he may be nominated anew."""
    nomination = load(Nomination, nomination_id, lock=True)
    refuse_on(_in_state(nomination, NominationState.REVIEWED, NominationState.NOTICED), _reasoned(reason))
    nomination.state, nomination.rejected_reason = NominationState.REJECTED, reason.strip()
    return nomination


@operation("star_rating.award", say("授予星级"), allow=AWARDS)
def award(actor: Any, nomination_id: int) -> Award:
    """Award the stars after the notice, with their own certificate, which takes the place of an earlier one.

    Refused while the notice runs, to a reviewer, and when the learner's own certificate does not stand any more.
    """
    nomination = load(Nomination, nomination_id, lock=True)
    refuse_on(
        _in_state(nomination, NominationState.NOTICED),
        _notice_over(nomination),
        _not_a_reviewer(actor.person_id, nomination),
        _certificate_stands(nomination.enrolment, lock=True),
    )
    today, scheme = clock.today(), nomination.scheme
    earlier = certificate_in_force(scheme.id, nomination.person_id)
    made = Award(
        nomination_id=nomination.id,
        person_id=nomination.person_id,
        stars=nomination.stars,
        awarded_on=today,
        valid_to=months_later(today, scheme.validity_months),
    )
    db.session.add(made)
    db.session.flush()
    if earlier is not None:
        change_status(actor, earlier, Status.REPLACED, Reason.ASSESSED_ANEW, "", scheme.organisation.name)
    draft, series = _draft(made, earlier)
    made.certificate_id = issue(actor, [draft], series, str(STAR.label)).certificates[0].id
    nomination.state = NominationState.AWARDED
    return made


@operation("star_rating.withdraw", say("撤销星级"), allow=WITHDRAWS)
def withdraw(actor: Any, award_id: int, reason: str) -> Award:
    """Withdraw stars with a reason; their certificate is revoked in the same transaction."""
    if (issued := load(Award, award_id).certificate_id) is not None:
        load(Certificate, issued, lock=True)  # before the award, as a replacement does
    made = load(Award, award_id, lock=True)
    again = [] if made.withdrawn_on is None else [refuse("star_rating.withdrawn", say("这一星级已经撤销"))]
    refuse_on(_reasoned(reason), again)
    made.withdrawn_on, made.withdrawn_reason = clock.today(), reason.strip()
    certificate = load(Certificate, made.certificate_id, lock=True)
    if certificate.status in {Status.VALID, Status.SUSPENDED}:
        authority = made.nomination.scheme.organisation.name
        change_status(actor, certificate, Status.REVOKED, Reason.AWARD_WITHDRAWN, reason, authority)
    return made


# What other operations do to stars, inside their transaction


def follow(certificate: Certificate) -> None:
    """Let stars follow what became of their own certificate, or of the one on which they rest."""
    if certificate.type == STAR.name:
        _follow_own(certificate)
    elif certificate.cohort_id is not None:
        _follow_base(certificate.person_id, certificate.cohort_id)


def draft_again(certificate: Certificate) -> tuple[Draft, Series] | None:
    """Draft the certificate of stars that still stand anew; None for a certificate of no stars."""
    if certificate.type != STAR.name:
        return None
    made = _award_of(certificate)
    refuse_on(_still_awarded(made), _certificate_stands(made.nomination.enrolment, lock=True))
    return _draft(made)


def _follow_own(certificate: Certificate) -> None:
    if certificate.status is Status.VALID:
        refuse_on(_certificate_stands(_award_of(certificate).nomination.enrolment, lock=True))
    successor = certificate.successor
    if successor is not None and successor.award_ref == certificate.award_ref:
        _award_of(certificate).certificate_id = successor.id


def _follow_base(person_id: int, cohort_id: int) -> None:
    """Suspend a learner's stars when what they rest on fell, and only those stars again when it stands again."""
    stands = base_certificate(person_id, cohort_id) is not None
    for star in star_certificates(person_id, cohort_id, Status.SUSPENDED if stands else Status.VALID):
        body = star.organisation.name
        if not stands:
            change_status(Console(), star, Status.SUSPENDED, Reason.RESTS_ON_FALLEN, "", body)
        elif star.history[-1].reason is Reason.RESTS_ON_FALLEN:
            change_status(Console(), star, Status.VALID, Reason.CLEARED, "", body)


def _award_of(certificate: Certificate) -> Award:
    return load(Award, int((certificate.award_ref or "").rpartition(":")[2]), lock=True)


def _still_awarded(made: Award) -> Iterator[Finding]:
    if made.withdrawn_on is not None:
        yield refuse("star_rating.withdrawn", say("这一星级已经撤销"))
    if made.valid_to <= clock.today():
        yield refuse("star_rating.over", say("星级有效期到 {day} 为止，须重新评定", day=made.valid_to))


def months_later(day: date, months: int) -> date:
    """Give the day so many months on; the last of the month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _draft(made: Award, earlier: Certificate | None = None) -> tuple[Draft, Series]:
    scheme, cohort = made.nomination.scheme, made.nomination.enrolment.cohort
    draft = Draft(
        type=STAR,
        person=made.nomination.person,
        brand=scheme.brand,
        organisation=scheme.organisation,
        trade=cohort.item.trade,
        level=made.stars,
        claims=claims_of(made),
        ground={"award_ref": f"{Award.__tablename__}:{made.id}"},
        cohort_id=cohort.id,
        expires_on=made.valid_to,
        replaces=earlier,
    )
    return draft, Series(f"star:{scheme.brand.number}:{clock.today().year}", number_of)


def _decide(nomination: Nomination) -> None:
    scheme, given = nomination.scheme, [json.loads(row.points) for row in nomination.reviews]
    points = {label: found.points for label, found in evidence_shown(nomination).items()}
    for criterion in scheme.criteria:
        if criterion.evidence is Evidence.REVIEWERS:
            points[criterion.label] = Fraction(sum(each[criterion.label] for each in given), len(given))
    criteria = [rules.Criterion(row.label, row.weight) for row in scheme.criteria]
    thresholds = [rules.Threshold(row.stars, row.points) for row in scheme.thresholds]
    total = rules.weighted(points, criteria)
    vetoed = any(json.loads(row.vetoes) for row in nomination.reviews)
    nomination.points, nomination.stars = str(total), rules.stars(total, thresholds, vetoed=vetoed)
    nomination.state = NominationState.REVIEWED if nomination.stars else NominationState.REJECTED


def _may_be_nominated(scheme: Scheme, enrolment: Enrolment) -> Iterator[Finding]:
    name = enrolment.person.name
    if scheme.retired_on is not None:
        yield refuse(
            "star_rating.retired", say("方案“{scheme}”已于 {day} 停用", scheme=scheme.name, day=scheme.retired_on)
        )
    if enrolment.cohort.brand_id != scheme.brand_id:
        yield refuse("star_rating.other_brand", say("{who} 不是“{brand}”的学员", who=name, brand=scheme.brand.name))
    if enrolment.state is not EnrolmentState.COMPLETED:
        yield refuse("star_rating.not_completed", say("{who} 还没有结业", who=name))
    yield from _certificate_stands(enrolment)


def _on_file(enrolment: Enrolment, drawn: Mapping[str, Any]) -> Iterator[Finding]:
    for label, found in drawn.items():
        if found is None:
            message = say(
                "{who} 没有“{label}”所依据的记录：请先补登考勤、就业去向或公布成绩",
                who=enrolment.person.name,
                label=label,
            )
            yield refuse("star_rating.no_evidence", message)


def _certificate_stands(enrolment: Enrolment, *, lock: bool = False) -> Iterator[Finding]:
    if base_certificate(enrolment.person_id, enrolment.cohort_id, lock=lock) is None:
        message = say("{who} 没有有效的证书；先取证，再评星级", who=enrolment.person.name)
        yield refuse("star_rating.no_certificate", message)


def _in_state(nomination: Nomination, *wanted: NominationState) -> Iterator[Finding]:
    if nomination.state not in wanted:
        message = say(
            "{who} 现为“{state}”，须为“{wanted}”时才能办理",
            who=nomination.person.name,
            state=nomination.state.label,
            wanted=wanted[-1].label,
        )
        yield refuse("star_rating.state", message)


def _reasoned(reason: str) -> list[Finding]:
    return [] if reason.strip() else [refuse("star_rating.reason", say("请写明理由"))]


def _independent(reviewer_id: int | None, nomination: Nomination) -> Iterator[Finding]:
    if reviewer_id is None:
        yield refuse("star_rating.no_person", say("您的账号没有对应到个人，不能评审"))
    elif taught_or_examined(reviewer_id, nomination.enrolment):
        message = say("您教过或考评过 {who}，须回避", who=nomination.person.name)
        yield refuse("star_rating.not_independent", message)


def _complete(scheme: Scheme, points: Mapping[str, int]) -> Iterator[Finding]:
    wanted = [row.label for row in scheme.criteria if row.evidence is Evidence.REVIEWERS]
    for label in wanted:
        if not 0 <= points.get(label, -1) <= rules.FULL:
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
