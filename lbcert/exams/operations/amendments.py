"""Amending a decided result: one person asks with evidence, another grants, and what rests on it feels it at once."""

from __future__ import annotations

from typing import Any

from lbcert.core import clock, files
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import no_paper
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import appeals, rules
from lbcert.exams.models import SEPARATION, Absence, Amendment, Batch, BatchState, Outcome, Part, Result
from lbcert.exams.places import AMENDERS, APPROVERS
from lbcert.exams.queries.appeals import appeal_behind, deeds_of
from lbcert.exams.queries.marks import has_marked
from lbcert.exams.queries.results import standing_result
from lbcert.parties.models import Person
from lbcert.plugins import plugins


@operation("exams.request_amendment", say("申请成绩更正"), allow=AMENDERS)
def request_amendment(
    actor: Any,
    result_id: int,
    theory: int | None,
    practice: int | None,
    review: int | None,
    reason: str,
    data: bytes,
    file_name: str,
    media_type: str,
    *,
    void: bool = False,
) -> Amendment:
    """Ask that a decided result be other than it is: new points (None is 缺考), or void altogether.

    The outcome follows from the points and the pass marks of the decision. ``data`` is the evidence (a review's record,
    the corrected paper). Refused without reason or evidence, for what would change nothing, and for a result that was replaced.
    """
    result = load(Result, result_id)
    return write_amendment(actor, result, (theory, practice, review), reason, (data, file_name, media_type), void=void)


@operation("exams.answer_amendment", say("答复成绩更正"), allow=APPROVERS)
def answer_amendment(actor: Any, amendment_id: int, *, granted: bool, answer: str = "") -> Amendment:
    """Grant or decline an amendment. Granted, it is a new result, and what rests on the old one is told in the same transaction.

    Refused to whoever asked for it or marked the batch; a refusal of theirs needs a reason. What an upheld appeal asks for
    is declined by nobody who took part before.
    """
    amendment = load(Amendment, amendment_id, lock=True)
    batch = load(Batch, amendment.batch_id, lock=True)
    old = standing_result(amendment.candidate_id)
    open_still = amendment.granted is None and old is not None
    refuse_on(
        [] if open_still else [refuse("exams.amendment_answered", say("这份申请已经办结"))],
        _has_person(actor),
        _another_person(actor, amendment, batch),
        [] if granted else [*rules.reasoned(answer), *_may_decline(actor, amendment)],
    )
    amendment.granted, amendment.answer = granted, answer.strip()
    amendment.answered_by, amendment.answered_at = actor.person_id, clock.now()
    db.session.flush()
    if granted and old is not None:
        _replace(amendment, old, batch)
    return amendment


def write_amendment(
    actor: Any,
    result: Result,
    points: tuple[int | None, int | None, int | None],
    reason: str,
    evidence: tuple[bytes, str, str],
    *,
    void: bool = False,
) -> Amendment:
    """Add a request to amend a result to the operation under way, whether it comes of itself or of a case that was upheld."""
    batch = load(Batch, result.batch_id, lock=True)
    (theory, practice, review), (data, file_name, media_type) = points, evidence
    wanted = dict(zip(Part, (theory, practice, review), strict=True))
    asked = {part: wanted[part] for part in rules.parts_of(with_review=batch.with_review)}
    decided = Outcome.VOID if void else _outcome(batch, asked)
    same = (theory, practice, review, decided) == (result.theory, result.practice, result.review, result.outcome)
    refuse_on(
        rules.reasoned(reason),
        no_paper(data, file_name)
        if data
        else [refuse("exams.no_evidence", say("请附上更改的依据，例如复核记录或试卷"))],
        [finding for points in asked.values() if points is not None for finding in rules.one_of_both(points, None)],
        [refuse("exams.amends_nothing", say("更改后的结果与原结果相同"))] if same else [],
        _still_stands(result, batch),
        _has_person(actor),
    )
    amendment = Amendment(
        batch_id=batch.id,
        candidate_id=result.candidate_id,
        theory=theory,
        practice=practice,
        review=asked.get(Part.REVIEW),
        outcome=decided,
        reason=reason.strip(),
        evidence_id=files.keep(data, file_name, media_type).id,
        requester_id=actor.person_id,
    )
    db.session.add(amendment)
    db.session.flush()
    return amendment


def _replace(amendment: Amendment, old: Result, batch: Batch) -> None:
    result = Result(
        batch_id=batch.id,
        candidate_id=amendment.candidate_id,
        theory=amendment.theory,
        practice=amendment.practice,
        review=amendment.review,
        outcome=amendment.outcome,
        decided_by=amendment.answered_by,
        replaces_id=old.id,
        amendment_id=amendment.id,
    )
    db.session.add(result)
    db.session.flush()
    hooks = plugins().for_brand(row.plugin for row in batch.cohort.brand.plugins)
    hooks.lbcert_result_changed(result=result)


def _outcome(batch: Batch, points: dict[Part, int | None]) -> Outcome:
    limits = {Part.THEORY: batch.pass_theory, Part.PRACTICE: batch.pass_practice, Part.REVIEW: batch.pass_review}
    marks: dict[Part, int | Absence] = {
        part: Absence.ABSENT if value is None else value for part, value in points.items()
    }
    return rules.outcome(marks, {part: limit for part, limit in limits.items() if limit is not None})


def _still_stands(result: Result, batch: Batch) -> list[Finding]:
    if batch.state not in {BatchState.DECIDED, BatchState.PUBLISHED}:
        return [refuse("exams.undecided", say("成绩尚未审定，请在评分页更改"))]
    if standing_result(result.candidate_id) is not result:
        return [refuse("exams.result_replaced", say("该结果已被更改，请按最新的结果申请"))]
    return []


def _has_person(actor: Any) -> list[Finding]:
    if actor.person_id is not None:
        return []
    return [refuse("exams.no_person", say("您的账号没有登记本人信息，不能办理成绩更改；请先补充登记"))]


def _may_decline(actor: Any, amendment: Amendment) -> list[Finding]:
    appeal = appeal_behind(amendment)
    if appeal is None or actor.person_id is None:
        return []
    return appeals.uninvolved(load(Person, actor.person_id).name, deeds_of(actor.person_id, appeal.candidate))


def _another_person(actor: Any, amendment: Amendment, batch: Batch) -> list[Finding]:
    findings = []
    if actor.person_id == amendment.requester_id:
        findings.append(refuse("exams.own_amendment", say("申请人不得批准自己的申请，请由另一人办理"), SEPARATION))
    if actor.person_id is not None and has_marked(batch.id, actor.person_id):
        message = say("您为本批次评过分或誊录过成绩，不得批准更改，请由另一人办理")
        findings.append(refuse("exams.decider_scored", message, SEPARATION))
    return findings
