"""How far the public notice (公示) of a batch's results has come, and whom an objection holds up."""

from __future__ import annotations

from collections.abc import Collection

from lbcert.core import clock
from lbcert.exams.models import Batch, BatchState, Outcome, Result
from lbcert.exams.queries.results import results_by_name
from lbcert.exams.rules import Noticing
from lbcert.oversight.models import Notice
from lbcert.oversight.queries import holding, noticed_refs, notices_of, objections_to, upheld_against


def subject_of(batch: Batch) -> str:
    """Name a batch as notices do."""
    return f"batch:{batch.id}"


def ref_of(result: Result) -> str:
    """Name a candidate as lines of notices do."""
    return f"candidate:{result.candidate_id}"


def unnoticed(batch: Batch) -> list[Result]:
    """List who passed and stands on no notice yet, by name."""
    if not batch.notice_days or batch.state not in {BatchState.DECIDED, BatchState.PUBLISHED}:
        return []
    named = noticed_refs(subject_of(batch))
    return [one for one in results_by_name(batch.id) if one.outcome is Outcome.PASSED and ref_of(one) not in named]


def noticing(batch: Batch) -> Noticing:
    """Tell how far the notice of a batch has come."""
    if not batch.notice_days:
        return Noticing(batch.notice_days)
    running = [one for one in notices_of(subject_of(batch)) if clock.now() < one.ends_at]
    hanging = {line.ref for one in running for line in one.lines}
    waiting = [*unnoticed(batch), *(one for one in results_by_name(batch.id) if ref_of(one) in hanging)]
    names = tuple(dict.fromkeys(one.candidate.enrolment.person.name for one in waiting))
    whole, _ = holding(objections_to(subject_of(batch)))
    return Noticing(batch.notice_days, names, max((one.ends_on for one in running), default=None), whole)


def notices(batch: Batch) -> list[Notice]:
    """List the notices of a batch that were not taken down."""
    return notices_of(subject_of(batch))


def held_up(batch: Batch, results: Collection[Result]) -> dict[int, str]:
    """Give the candidates, by id, for whom no certificate may be issued yet, with the rule that holds them up.

    It is a notice that has not ended, an open objection, or one that was upheld and after which nobody amended the result.
    """
    if not batch.notice_days:
        return {}
    ended = {line.ref for one in notices_of(subject_of(batch)) if one.ends_at <= clock.now() for line in one.lines}
    made = objections_to(subject_of(batch))
    whole, lines = holding(made)
    upheld = upheld_against(made)
    found = {}
    for one in results:
        if ref_of(one) not in ended:
            found[one.candidate_id] = "not_noticed"
        elif whole or ref_of(one) in lines:
            found[one.candidate_id] = "objection_open"
        elif ref_of(one) in upheld and one.replaces_id is None:
            found[one.candidate_id] = "objection_upheld"
    return found
