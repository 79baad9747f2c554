"""Issue on the school's own test and on a published result: one operation for all people of a cohort or batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from lbcert.certificates import numbers, rules
from lbcert.certificates.models import SEPARATION, Certificate
from lbcert.certificates.operations.issuing import Draft, Issued, Series, check_draft, issue, issuer_name
from lbcert.certificates.places import ISSUES_FOR_BATCH, ISSUES_FOR_COHORT
from lbcert.certificates.queries.waiting import (
    decided_by,
    hours_taken,
    prefixes_of,
    results_waiting,
    scored_by,
    tests_waiting,
)
from lbcert.certificates.shipped import COMPLETION, SKILL_LEVEL
from lbcert.cohorts.models import Cohort, ProviderPart, Scheme
from lbcert.core import clock, policy
from lbcert.core.access import Actor, Place, Role, covers
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, Refused, refuse
from lbcert.core.operation import operation
from lbcert.core.reference import SkillLevel
from lbcert.core.registrations import CertificateType, Ground
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams.models import Batch, BatchState, Result
from lbcert.exams.queries.notices import held_up
from lbcert.parties.models import Organisation
from lbcert.plugins import plugins
from lbcert.teaching.models import SchoolTest


@operation("certificates.issue_completions", say("颁发培训合格证书"), allow=ISSUES_FOR_COHORT)
def issue_completions(actor: Any, cohort_id: int) -> Issued:
    """Issue 培训合格证书 to all of a cohort who passed the school's test and have none yet.

    The issuer is the provider for which the account issues, the lead one where it may choose. What stops one person's
    certificate (a character that no font has, a missing field) is given back and holds nobody else up.
    """
    cohort = load(Cohort, cohort_id, lock=True)
    title = str(say("制作培训合格证书：{cohort}", cohort=cohort.name))
    return issue(actor, completion_drafts(actor, cohort), completion_series(cohort), title)


@operation("certificates.issue_skill_certificates", say("颁发职业技能等级证书"), allow=ISSUES_FOR_BATCH)
def issue_skill_certificates(actor: Any, batch_id: int, prefix_id: int | None = None) -> Issued:
    """Issue 职业技能等级证书 to all of a published batch who passed and have none yet.

    ``prefix_id`` chooses where the body has several number prefixes in force. Refused when the results are not
    published, the issuer decided or scored them, or the body has no prefix; one person's trouble stops that one alone.
    """
    batch = load(Batch, batch_id, lock=True)
    refuse_on(stopping_batch(actor, batch, prefix_id))
    title = str(say("制作职业技能等级证书：{number}", number=batch.number))
    return issue(actor, skill_drafts(batch, results_waiting(batch.id)), skill_series(batch, prefix_id), title)


# The school's own test


def completion_drafts(actor: Actor, cohort: Cohort, tests: Sequence[SchoolTest] | None = None) -> list[Draft]:
    """Draft a certificate for each passed test that waits, or for each of ``tests``."""
    chosen = tests_waiting(cohort.id) if tests is None else tests
    hours = hours_taken(cohort, [test.enrolment_id for test in chosen])
    issuer, others = _providers(actor, cohort)
    names = [issuer.name, *(other.name for other in others)]
    return [_completion(cohort, test, hours[test.enrolment_id], issuer, names) for test in chosen]


def completion_series(cohort: Cohort) -> Series:
    """Give the series of a cohort's certificates: the region's ruling where there is one, else the house's own."""
    year = clock.today().year
    ruled = policy.ruling(rules.COMPLETION_SERIES, cohort.home_region_code, clock.today()).value or rules.OWN_SERIES
    begin = ruled.format(
        region=cohort.home_region_code, brand=cohort.brand.number, year=year, cohort=cohort.number.upper()
    )
    return Series(
        f"certificate:{begin}", lambda _draft, serial: numbers.with_check(f"{begin}-{serial:0{rules.SERIAL_DIGITS}}")
    )


def _completion(
    cohort: Cohort, test: SchoolTest, hours: list[tuple[str, float]], issuer: Organisation, providers: list[str]
) -> Draft:
    person = test.enrolment.person
    days = cohort.starts_on, cohort.ends_on
    claims = rules.completion_claims(
        person.name, person.id_masked, cohort.item.name, cohort.brand.name, cohort.name, days, hours, providers,
        clock.today(),
    )  # fmt: skip
    end = _end(issuer, COMPLETION)
    return Draft(
        type=COMPLETION,
        person=person,
        brand=cohort.brand,
        organisation=issuer,
        trade=cohort.item.trade,
        level=0,
        claims=claims | _until(end),
        ground={"school_test_id": test.id},
        cohort_id=cohort.id,
        expires_on=end,
        findings=[*rules.photo_of(person.name, there=person.photo_id is not None), *_attended(person.name, hours)],
    )


def _attended(name: str, hours: list[tuple[str, float]]) -> list[Finding]:
    if hours:
        return []
    message = say("{name} 没有任何出勤记录，证书上写不出所修课时：请先补登考勤", name=name)
    return [refuse("certificates.no_hours", message)]


def _providers(actor: Actor, cohort: Cohort) -> tuple[Organisation, list[Organisation]]:
    """Give the provider for which the actor issues, the lead one first of those, and the other teaching providers."""
    parts = [part for part in cohort.providers if part.part is not ProviderPart.HOST]
    parts.sort(key=lambda part: part.part is not ProviderPart.LEAD)
    bodies = [part.organisation for part in parts]
    grants = [grant for grant in actor.grants if grant.role is Role.ISSUER]
    own = [body for body in bodies if any(covers(grant, Place(organisations=(body.id,))) for grant in grants)]
    issuer = (own or bodies)[0]
    return issuer, [body for body in bodies if body is not issuer]


# A published result


def stopping_batch(actor: Actor, batch: Batch, prefix_id: int | None = None) -> list[Finding]:
    """Find what stops all certificates of a batch at once."""
    findings = []
    if batch.state is not BatchState.PUBLISHED:
        message = say("批次 {number} 的认定结果还没有公布，不能发证", number=batch.number)
        findings.append(refuse("certificates.result_unpublished", message, SEPARATION))
    if batch.cohort.item.level is None:
        message = say("“{item}”没有技能等级，不能发职业技能等级证书", item=batch.cohort.item.name)
        findings.append(refuse("certificates.no_level", message))
    employers_own = batch.scheme is Scheme.EMPLOYER_OWN
    found = _prefixes(batch, prefix_id)
    findings += rules.prefix_of(found, batch.body.name, employers_own=employers_own)
    return findings + _three_persons(actor, batch, results_waiting(batch.id))


def skill_drafts(batch: Batch, results: Sequence[Result]) -> list[Draft]:
    """Draft a certificate for each of a batch's ``results``; its item bears a level."""
    held = held_up(batch, results)
    return [_skill(batch, result, held.get(result.candidate_id)) for result in results]


def skill_series(batch: Batch, prefix_id: int | None = None) -> Series:
    """Give the series of the body's numbers: per prefix and year."""
    prefix, today = _prefixes(batch, prefix_id)[0], clock.today()

    def number(draft: Draft, serial: int) -> str:
        return numbers.build_skill_number(prefix, today, SkillLevel(str(draft.level)), serial)

    return Series(f"certificate:{prefix}:{today.year}", number)


def _prefixes(batch: Batch, prefix_id: int | None) -> list[str]:
    found = prefixes_of(batch.body_id, clock.today())
    return [prefix.prefix for prefix in found if prefix_id in (None, prefix.id)]


def _three_persons(actor: Actor, batch: Batch, results: Sequence[Result]) -> list[Finding]:
    if actor.person_id is None:
        return []
    scored = scored_by(actor.person_id, batch.id)
    names = [result.candidate.enrolment.person.name for result in results if result.candidate_id in scored]
    decided = decided_by(actor.person_id, batch.id) & {result.candidate_id for result in results}
    return rules.three_persons(issuer_name(actor), decided=bool(decided), scored=names)


_HELD = {
    "not_noticed": say("{name} 的认定结果还没有公示期满，暂不能发证"),
    "objection_open": say("对 {name} 的公示有异议，人社局还没有答复，暂不能发证"),
    "objection_upheld": say("对 {name} 的异议成立，评价机构更改成绩以前不能发证"),
}


def _skill(batch: Batch, result: Result, held: str | None) -> Draft:
    cohort, person = batch.cohort, result.candidate.enrolment.person
    item, trade = cohort.item, cohort.item.trade
    level = item.level or SkillLevel.FIVE  # refused before where there is none
    marks = {"theory": result.theory, "practice": result.practice, "comprehensive": result.review}
    claims = rules.skill_claims(
        person.name, person.id_masked, rules.Occupation(trade.name, trade.code, trade.edition, item.name), level.value,
        cohort.brand.name, marks, batch.body.name, clock.today(), employers_own=batch.scheme is Scheme.EMPLOYER_OWN,
    )  # fmt: skip
    end = _end(batch.body, SKILL_LEVEL)
    return Draft(
        type=SKILL_LEVEL,
        person=person,
        brand=cohort.brand,
        organisation=batch.body,
        trade=trade,
        level=int(level),
        claims=claims | _until(end),
        ground={"result_id": result.id},
        cohort_id=cohort.id,
        expires_on=end,
        findings=[
            *rules.photo_of(person.name, there=person.photo_id is not None),
            *([refuse(f"certificates.{held}", say(_HELD[held].msgid, name=person.name))] if held else []),
        ],
    )


def _end(issuer: Organisation, kind: CertificateType) -> date | None:
    months = policy.ruling(rules.VALIDITY, issuer.region_code, clock.today()).value
    return rules.end_of(months, kind.name, clock.today())


def _until(end: date | None) -> dict[str, str]:
    return {} if end is None else {"valid_to": end.isoformat()}


# Before it is done, and once more for one


def rehearse_completions(actor: Actor, cohort_id: int) -> list[tuple[Draft, list[Finding]]]:
    """Give each certificate that ``issue_completions`` would issue, with what would be found."""
    cohort = load(Cohort, cohort_id)
    series = completion_series(cohort)
    return [(draft, check_draft(draft, series)) for draft in completion_drafts(actor, cohort)]


def rehearse_skill_certificates(actor: Actor, batch_id: int) -> tuple[list[tuple[Draft, list[Finding]]], list[Finding]]:
    """Give each certificate that ``issue_skill_certificates`` would issue with what would be found, and what stops all."""
    batch = load(Batch, batch_id)
    stopping = stopping_batch(actor, batch)
    if any(finding.rule in {"certificates.no_prefix", "certificates.no_level"} for finding in stopping):
        return [], stopping
    series = skill_series(batch)
    return [(draft, check_draft(draft, series)) for draft in skill_drafts(batch, results_waiting(batch.id))], stopping


def draft_again(actor: Actor, certificate: Certificate) -> tuple[Draft, Series]:
    """Draft a certificate anew from what is on file today, for the one that takes its place.

    A result that was amended counts in its newest form; an award is drafted by the plugin that gave it. Raises
    ``Refused`` when the ground is gone.
    """
    if certificate.ground is Ground.AWARD:
        return _award_again(certificate)
    if certificate.school_test is not None:
        test = certificate.school_test
        refuse_on(_ground_gone(certificate, gone=not test.passed))
        cohort = test.enrolment.cohort
        return completion_drafts(actor, cohort, [test])[0], completion_series(cohort)
    result = newest(load(Result, certificate.result_id))
    refuse_on(_ground_gone(certificate, gone=result.outcome != "passed"))
    batch = load(Batch, result.batch_id)
    prefix = next((each.id for each in prefixes_of(batch.body_id, clock.today()) if certificate.number.startswith(each.prefix)), None)  # fmt: skip
    employers_own = batch.scheme is Scheme.EMPLOYER_OWN
    refuse_on(
        rules.prefix_of(_prefixes(batch, prefix), batch.body.name, employers_own=employers_own),
        _three_persons(actor, batch, [result]),
    )
    return skill_drafts(batch, [result])[0], skill_series(batch, prefix)


def _award_again(certificate: Certificate) -> tuple[Draft, Series]:
    hooks = plugins().for_brand(row.plugin for row in certificate.brand.plugins)
    drafted: tuple[Draft, Series] | None = hooks.lbcert_draft_again(certificate=certificate)
    if drafted is None:
        message = say("证书 {number} 由插件授予，品牌“{brand}”已停用该插件，不能换发", number=certificate.number, brand=certificate.brand.name)  # fmt: skip
        raise Refused([refuse("certificates.award_unknown", message)])
    return drafted


def newest(result: Result) -> Result:
    """Give the last amendment of a result, or itself."""
    while (later := db.session.scalar(db.select(Result).where(Result.replaces_id == result.id))) is not None:
        result = later
    return result


def _ground_gone(certificate: Certificate, *, gone: bool) -> list[Finding]:
    if not gone:
        return []
    message = say("证书 {number} 所依据的考核结果已不是合格，不能换发：请撤销", number=certificate.number)
    return [refuse("certificates.ground_gone", message, SEPARATION)]
