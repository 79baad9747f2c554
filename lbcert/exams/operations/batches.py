"""Planning a batch, beginning its marking, calling it off."""

from __future__ import annotations

from datetime import date
from typing import Any

from lbcert.cohorts.models import Cohort, CohortState
from lbcert.core import clock, sequences
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.policy import Ruling, ruling
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import appointing, rules
from lbcert.exams.appointing import CARD_REQUIRED, ROTATION_BATCHES
from lbcert.exams.models import Batch, BatchState, Post
from lbcert.exams.operations.declarations import standing_aside
from lbcert.exams.operations.resits import other_forms
from lbcert.exams.operations.schemes import freeze_schemes, schemes_ready
from lbcert.exams.places import OFFICE, PLANNERS
from lbcert.exams.queries.batches import scorers_of
from lbcert.exams.queries.candidates import learners_of, lessons_given
from lbcert.exams.queries.cards import cards_of, runs_with
from lbcert.exams.queries.rooms import arrangement
from lbcert.exams.theory.queries.papers import theory_ready
from lbcert.parties.models import FilingKind, Organisation, Person

_EXAMINED = (CohortState.APPROVED, CohortState.RUNNING, CohortState.TAUGHT, CohortState.CLOSED)


@operation("exams.plan_batch", say("新建认定批次"), allow=PLANNERS)
def plan_batch(
    actor: Any, cohort_id: int, body_id: int, held_on: date, site: str, *, with_review: bool = False
) -> Batch:
    """Plan the exam of a cohort by an assessment body, for a day and a place.

    Refused when the body has no filing for trade, level and site on that day, and (by the database) when it is none, is
    a provider or host of the cohort, shares a controller with one, or fits not the scheme that the cohort filed.
    """
    cohort, body = load(Cohort, cohort_id, lock=True), load(Organisation, body_id)
    findings = list(_filed(cohort, body, held_on))
    if cohort.state not in _EXAMINED:
        message = say("培训班“{name}”还没有批准开班，不能安排认定", name=cohort.name)
        findings.append(refuse("exams.cohort_not_approved", message))
    if held_on < cohort.starts_on:
        message = say("认定日期 {day} 早于开班日期 {start}", day=held_on, start=cohort.starts_on)
        findings.append(refuse("exams.before_start", message))
    if not site.strip():
        findings.append(refuse("exams.no_site", say("请填写考点")))
    refuse_on(findings)
    (serial,) = sequences.take(f"batch:{held_on.year}")
    batch = Batch(
        number=f"RD{held_on.year}{serial:04d}",
        cohort_id=cohort.id,
        body=body,
        scheme=cohort.scheme,
        held_on=held_on,
        site=site.strip(),
        freezes_at=rules.freezes_at(held_on, ruling(rules.FREEZE_DAYS, body.region_code, held_on)),
        with_review=with_review,
    )
    keep_limits(batch)
    db.session.add(batch)
    return batch


@operation("exams.begin_marking", say("开始评分"), allow=OFFICE)
def begin_marking(actor: Any, batch_id: int, *, version: int | None = None) -> Batch:
    """Begin the exam: from now on the list of candidates stands, how each part is marked stands, and marks may be given.

    Refused before the day of the exam, without candidates, with fewer examiners than the policy asks for, no leader or no
    supervisor, when somebody has not signed the declaration or taught the candidates, when a candidate no longer may sit the exam, and
    when the body's filing no longer covers it. The database asks again whether the two sides are apart.
    """
    batch = load(Batch, batch_id, lock=True)
    refuse_on(stale(batch, version), ready_to_begin(batch))
    keep_limits(batch)
    freeze_schemes(batch)
    batch.state = BatchState.MARKING
    return batch


@operation("exams.cancel_batch", say("取消认定批次"), allow=OFFICE)
def cancel_batch(actor: Any, batch_id: int, reason: str) -> Batch:
    """Call a batch off before it is decided; its candidates are free for another. Refused without a reason."""
    batch = load(Batch, batch_id, lock=True)
    open_to_it = batch.state in {BatchState.PLANNED, BatchState.MARKING}
    too_late = refuse("exams.cancel_late", say("批次 {number} 已审定或已取消，不能再取消", number=batch.number))
    refuse_on(rules.reasoned(reason), [] if open_to_it else [too_late])
    batch.state, batch.cancelled_reason = BatchState.CANCELLED, reason.strip()
    return batch


def ready_to_begin(batch: Batch) -> list[Finding]:
    """Find what stands between a planned batch and its marking, for the operation and for the page that shows it beforehand."""
    scorers = scorers_of(batch)
    least = ruling(rules.MIN_EXAMINERS, batch.body.region_code, batch.held_on)
    has_leader = any(one.post is Post.LEADER for one in scorers)
    has_supervisor = any(one.post is Post.SUPERVISOR for one in batch.staff)
    supervisor = ruling(rules.SUPERVISOR_REQUIRED, batch.body.region_code, batch.held_on)
    return [
        *_in_state(batch, BatchState.PLANNED),
        *_candidates_stand(batch),
        *rules.enough_examiners(len(scorers), has_leader=has_leader, least=least),
        *rules.supervised(supervisor, has_supervisor=has_supervisor),
        *schemes_ready(batch),
        *other_forms(batch),
        *rules.declared([one.person.name for one in batch.staff if one.declared_on is None]),
        *dict.fromkeys(finding for one in scorers for finding in apart(one.person_id, one.person.name, batch)),
        *standing_aside(batch),
        *dict.fromkeys(finding for one in scorers for finding in fit_to_score(one.person, batch)),
        *_filed(batch.cohort, batch.body, batch.held_on),
        *arrangement(batch),
        *theory_ready(batch),
        *_day_has_come(batch),
    ]


def apart(person_id: int, who: str, batch: Batch) -> list[Finding]:
    """Find the sessions for which somebody may not examine this batch; notes where no policy is on file."""
    own, others = lessons_given(person_id, batch)
    months = ruling(rules.SEPARATION_MONTHS, batch.body.region_code, batch.held_on)
    return rules.separation(who, own, others, months)


def keep_limits(batch: Batch) -> None:
    """Write on a batch what asks for rotation and for cards, for the triggers; what stands there already stays.

    A batch that was planned before either was on file takes it over with the next appointment.
    """
    rotation, cards = _limits(batch)
    if rotation.is_on_file:
        batch.rotation_batches, batch.rotation_source = rotation.value, rotation.source
    if cards.is_on_file:
        batch.cards_required, batch.cards_source = cards.value, cards.source


def fit_to_score(person: Person, batch: Batch) -> list[Finding]:
    """Find that somebody holds no card for an exam, or examined too many of the school's batches running."""
    rotation, cards = _limits(batch)
    return [
        *appointing.rotation(person.name, runs_with(person.id, batch), rotation),
        *appointing.carded(person.name, cards_of(person.id), _subject(batch.cohort, batch.held_on), cards),
    ]


def _limits(batch: Batch) -> tuple[Ruling, Ruling]:
    """Give what was kept on a batch of rotation and cards, or else what is on file now."""
    kept = (
        Ruling(ROTATION_BATCHES, batch.rotation_batches, batch.rotation_source),
        Ruling(CARD_REQUIRED, batch.cards_required, batch.cards_source),
    )
    region, day = batch.body.region_code, batch.held_on
    rotation, cards = (one if one.is_on_file else ruling(one.key, region, day) for one in kept)
    return rotation, cards


def _in_state(batch: Batch, *states: BatchState) -> list[Finding]:
    if batch.state in states:
        return []
    message = say("批次 {number} 现在的状态是“{state}”，不能办理这一步", number=batch.number, state=batch.state.label)
    return [refuse("exams.state", message)]


def _day_has_come(batch: Batch) -> list[Finding]:
    if batch.held_on <= clock.today():
        return []
    return [refuse("exams.too_early", say("认定日期是 {day}，当日起才能开考评分", day=batch.held_on))]


def _filed(cohort: Cohort, body: Organisation, day: date) -> list[Finding]:
    filings = [row for row in body.filings if row.kind is FilingKind.ASSESS]
    return rules.may_assess(body.name, filings, _subject(cohort, day))


def _subject(cohort: Cohort, day: date) -> rules.Subject:
    item = cohort.item
    return rules.Subject(
        item.trade_id, item.trade.name, item.level, cohort.site_region_code, cohort.site_region.name, day
    )


def _candidates_stand(batch: Batch) -> list[Finding]:
    if not batch.candidates:
        return [rules.NO_CANDIDATE]
    learners = {learner.id: learner for learner in learners_of(batch)}
    findings: dict[Finding, None] = {}
    for candidate in batch.candidates:
        learner = learners.get(candidate.enrolment_id)
        if learner is None:
            message = say("考生 {who} 已退班，请移出名单", who=candidate.enrolment.person.name)
            findings[refuse("exams.candidate_left", message)] = None
        else:
            findings.update(dict.fromkeys(learner.findings))
    return list(findings)
