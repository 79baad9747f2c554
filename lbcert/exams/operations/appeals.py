"""Filing a case, giving it to somebody who had no part, and answering it."""

from __future__ import annotations

from typing import Any

from lbcert.core import calendar, clock, files
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import no_paper
from lbcert.core.policy import ruling
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import appeals, rules
from lbcert.exams.models import Appeal, AppealAssignment, AppealKind, Candidate, Effect, Part
from lbcert.exams.operations.amendments import write_amendment
from lbcert.exams.places import APPEAL_HANDLER, APPEAL_OFFICE, CANDIDATE_OFFICE, CANDIDATE_SELF
from lbcert.exams.queries.appeals import deeds_of, published_result
from lbcert.parties.models import Person


@operation("exams.file_appeal", say("提出复核、申诉或投诉"), allow=CANDIDATE_SELF)
def file_appeal(actor: Any, candidate_id: int, kind: AppealKind, reason: str, part: Part | None = None) -> Appeal:
    """File one's own case about an exam.

    Refused without a reason; a review or appeal also before the publication and after the days of the policy.
    """
    return _file(load(Candidate, candidate_id), kind, reason, part)


@operation("exams.file_appeal_on_paper", say("登记纸质的复核、申诉或投诉"), allow=CANDIDATE_OFFICE)
def file_appeal_on_paper(
    actor: Any, candidate_id: int, kind: AppealKind, reason: str, part: Part | None, data: bytes, file_name: str, media_type: str
) -> Appeal:  # fmt: skip
    """Take a candidate's signed paper as his case; refused like his own, and without the paper."""
    there = (
        no_paper(data, file_name) if data else [refuse("exams.no_paper", say("请附上考生签名的申请（扫描件或照片）"))]
    )
    return _file(load(Candidate, candidate_id), kind, reason, part, actor.id, (data, file_name, media_type), there)


@operation("exams.assign_appeal", say("指派复核、申诉、投诉的办理人"), allow=APPEAL_OFFICE)
def assign_appeal(actor: Any, appeal_id: int, person_id: int) -> Appeal:
    """Give a case to somebody; refused, with the list of what he did, to whoever had a part in the training or the exam."""
    appeal, person = load(Appeal, appeal_id, lock=True), load(Person, person_id)
    refuse_on(_open(appeal), appeals.uninvolved(person.name, deeds_of(person.id, appeal.candidate)))
    db.session.add(AppealAssignment(appeal_id=appeal.id, person_id=person.id, account_id=actor.id))
    db.session.flush()
    db.session.expire(appeal, ["assignments"])
    return appeal


@operation("exams.answer_appeal", say("答复复核、申诉、投诉"), allow=APPEAL_HANDLER)
def answer_appeal(
    actor: Any,
    appeal_id: int,
    *,
    upheld: bool,
    answer: str,
    effect: Effect = Effect.NONE,
    points: tuple[int | None, int | None, int | None] = (None, None, None),
    evidence: tuple[bytes, str, str] = (b"", "", ""),
) -> Appeal:
    """Answer a case, with reasons, once. Upheld it may ask for an amendment, or let the candidate sit again.

    ``points`` (theory, practice, review; None is 缺考) and ``evidence`` (data, name, type) go into the amendment, which
    another person grants or declines as any other.
    """
    appeal = load(Appeal, appeal_id, lock=True)
    refuse_on(_open(appeal), appeals.whole_answer(answer, effect, upheld=upheld))
    result = published_result(appeal.candidate_id)
    if effect is Effect.AMENDMENT:
        refuse_on([] if result else [refuse("exams.undecided", say("成绩尚未审定，请在评分页更改"))])
        assert result is not None  # noqa: S101 (refused before)
        reason = str(say("{kind}成立：{answer}", kind=appeal.kind.label, answer=answer.strip()))[:300]
        appeal.amendment_id = write_amendment(actor, result, points, reason, evidence).id
    appeal.upheld, appeal.effect, appeal.answer = upheld, effect, answer.strip()
    appeal.answered_by, appeal.answered_at = actor.person_id, clock.now()
    return appeal


def _file(
    candidate: Candidate, kind: AppealKind, reason: str, part: Part | None, account_id: int | None = None,
    paper: tuple[bytes, str, str] | None = None, there: list[Finding] | None = None,
) -> Appeal:  # fmt: skip
    batch, today = candidate.batch, clock.today()
    published_on = None if batch.published_at is None else clock.local(batch.published_at).date()
    region = batch.body.region_code
    window = ruling(appeals.WINDOW, region, today)
    last = published_on and calendar.due(published_on, window, region)
    refuse_on(
        rules.reasoned(reason),
        appeals.may_file(kind, published_on, window, last, today),
        there or [],
    )
    days = ruling(appeals.ANSWER_DAYS, region, today)
    appeal = Appeal(
        kind=kind,
        batch_id=batch.id,
        candidate_id=candidate.id,
        part=part,
        reason=reason.strip(),
        account_id=account_id,
        paper_id=None if paper is None else files.keep(*paper).id,
        filed_on=today,
        due_on=calendar.due(today, days, region),
        source=days.source,
    )
    db.session.add(appeal)
    return appeal


def _open(appeal: Appeal) -> list[Finding]:
    if appeal.answered_at is None:
        return []
    return [refuse("exams.appeal_answered", say("这一件已经答复；不服的可以另行申诉"))]
