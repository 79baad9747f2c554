"""Deciding results from the marks, and publishing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lbcert.core import clock
from lbcert.core.database import db, load, stale
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import add_rows, operation
from lbcert.core.policy import Ruling, ruling
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import incidents, rules, scoring
from lbcert.exams.models import SEPARATION, Absence, Batch, BatchState, Part, Result
from lbcert.exams.operations.batches import apart
from lbcert.exams.operations.declarations import standing_aside
from lbcert.exams.places import DECIDERS, PUBLISHERS
from lbcert.exams.queries.batches import scorers_of
from lbcert.exams.queries.incidents import unseen_and_doubtful
from lbcert.exams.queries.marks import Sheet, appointment, has_marked, sheets_of, unsettled, wanting_third
from lbcert.exams.queries.notices import noticing


def pass_marks(batch: Batch) -> dict[Part, Ruling]:
    """Give the pass mark of each part by the policy of the body's region on the day of the exam."""
    region, fund = batch.body.region_code, batch.cohort.fund
    return {
        part: ruling(rules.PASS_MARKS[part], region, batch.held_on, fund)
        for part in rules.parts_of(with_review=batch.with_review)
    }


def values_of(batch: Batch, sheet: Sheet) -> dict[Part, int | Absence]:
    """Give what a candidate's marks come to, part by part, as far as they are settled."""
    values = {part: sheet.value(part) for part in rules.parts_of(with_review=batch.with_review)}
    return {part: value for part, value in values.items() if value is not None}


def still_open(batch: Batch, sheets: Mapping[int, Sheet]) -> list[Finding]:
    """Find the parts of candidates that are not settled: marks that are missing, and a third marker's that is wanted."""
    thirds = wanting_third(batch, sheets)
    missing = {part: set(numbers) - set(thirds[part]) for part, numbers in unsettled(batch, sheets).items()}
    return [
        *rules.all_marked(missing),
        *scoring.thirds_wanted({part: len(numbers) for part, numbers in thirds.items()}),
    ]


@operation("exams.decide", say("审定成绩"), allow=DECIDERS)
def decide_batch(actor: Any, batch_id: int, *, version: int | None = None) -> Batch:
    """Decide the results of a batch; from then on its marks are locked.

    Refused while a mark is missing, while no pass mark is on file for the body's region, and to whoever gave or typed in
    a mark of the batch or has not signed the declaration.
    """
    batch = load(Batch, batch_id, lock=True)
    notice = ruling(rules.NOTICE_DAYS, batch.body.region_code, clock.today(), batch.cohort.fund)
    sheets, limits = sheets_of(batch.id), pass_marks(batch)
    values = {candidate_id: values_of(batch, sheet) for candidate_id, sheet in sheets.items()}
    refuse_on(
        stale(batch, version),
        _being_marked(batch),
        still_open(batch, sheets),
        rules.pass_marks_on_file(limits),
        _second_person(actor, batch),
        _looked_at(batch, values),
        standing_aside(batch),
        dict.fromkeys(each for one in scorers_of(batch) for each in apart(one.person_id, one.person.name, batch)),
    )
    reached = {part: limit.value for part, limit in limits.items()}
    batch.pass_theory, batch.pass_practice = reached[Part.THEORY], reached[Part.PRACTICE]
    batch.pass_review = reached.get(Part.REVIEW)
    batch.basis = "；".join(dict.fromkeys(limit.source for limit in limits.values()))[:300]
    batch.notice_days, batch.notice_source = notice.value, notice.source
    batch.state, batch.decided_by, batch.decided_at = BatchState.DECIDED, actor.person_id, clock.now()
    db.session.flush()  # the database takes results of a decided batch only
    add_rows(Result, [_result(batch, candidate_id, settled, reached) for candidate_id, settled in values.items()])
    return batch


@operation("exams.publish", say("公布成绩"), allow=PUBLISHERS)
def publish_batch(actor: Any, batch_id: int, *, version: int | None = None) -> Batch:
    """Publish decided results: certificates may now be issued from those that passed.

    Refused while the public notice has not hung for its days, or an objection to the whole of it is open.
    """
    batch = load(Batch, batch_id, lock=True)
    message = say("批次 {number} 是“{state}”，审定后才能公布", number=batch.number, state=batch.state.label)
    undecided = [] if batch.state is BatchState.DECIDED else [refuse("exams.undecided", message)]
    refuse_on(stale(batch, version), undecided or rules.noticed(noticing(batch)))
    batch.state, batch.published_at = BatchState.PUBLISHED, clock.now()
    return batch


def _result(
    batch: Batch, candidate_id: int, settled: Mapping[Part, int | Absence], reached: Mapping[Part, int]
) -> dict[str, Any]:
    points = {part.value: None if isinstance(value, Absence) else value for part, value in settled.items()}
    decided = {"outcome": rules.outcome(settled, reached), "decided_by": batch.decided_by}
    return {"batch_id": batch.id, "candidate_id": candidate_id, **points, **decided}


def _looked_at(batch: Batch, values: Mapping[int, Mapping[Part, int | Absence]]) -> list[Finding]:
    asked = ruling(incidents.IDENTITY_CHECK, batch.body.region_code, batch.held_on)
    return incidents.looked_at(*unseen_and_doubtful(batch, values), asked) if asked.value else []


def _being_marked(batch: Batch) -> list[Finding]:
    if batch.state is BatchState.MARKING:
        return []
    message = say("批次 {number} 是“{state}”，只有评分中的批次可以审定", number=batch.number, state=batch.state.label)
    return [refuse("exams.state", message)]


def _second_person(actor: Any, batch: Batch) -> list[Finding]:
    findings = []
    staff = appointment(batch.id, actor.person_id)
    if staff is not None:
        findings += rules.declared([] if staff.declared_on else [staff.person.name])
    if actor.person_id is not None and has_marked(batch.id, actor.person_id):
        message = say("您为本批次评过分或誊录过成绩，不得审定，请由另一名成绩审定人办理")
        findings.append(refuse("exams.decider_scored", message, SEPARATION))
    return findings
