"""Taking over what the key gives: an examiner's marks, by the room's own way, so that all that separates holds for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lbcert.core import clock
from lbcert.core.database import db, invariant, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say, some
from lbcert.exams.models import Absence, AnswerSheet, Batch, Candidate, Part, Seat, Seen, Sitting, TheoryScore
from lbcert.exams.operations.marks import may_mark, write_mark
from lbcert.exams.places import SCORERS
from lbcert.exams.queries.incidents import checks_of
from lbcert.exams.queries.marks import schemes_of
from lbcert.exams.queries.rooms import sitting_part
from lbcert.exams.queries.ties import relatives_among
from lbcert.exams.scoring import Given
from lbcert.exams.theory import rules
from lbcert.exams.theory.operations.sheets import end_by_time, overdue
from lbcert.exams.theory.queries.extra_time import is_extended
from lbcert.exams.theory.queries.scores import scores_of, tenths_of_sheets
from lbcert.exams.theory.queries.sheets import sheets_by_candidate


@operation("exams.score_theory", say("写入机考成绩"), allow=SCORERS)
def score_theory(actor: Any, batch_id: int) -> Batch:
    """Write the theory marks of a batch by the key, as the examiner who takes them over; the sheets are what they rest on.

    Who never opened a sheet is absent; whose papers were doubted is void. Relatives of the examiner are left to another one.
    Refused while somebody may still answer, to whoever may not mark the batch, and when nothing is left to write.
    """
    batch = load(Batch, batch_id, lock=True)
    is_machine = schemes_of(batch.id)[Part.THEORY].by_computer
    refuse_on(
        may_mark(actor, batch, Part.THEORY),
        [] if is_machine else [rules.NO_PAPERS],
    )
    end_by_time(overdue().where(AnswerSheet.batch_id == batch.id).with_for_update())
    kin = {one.id for one in relatives_among(actor.person_id, batch)}
    scored = scores_of(batch.id)
    waiting = [one for one in sitting_part(batch)[Part.THEORY] if one.id not in scored]
    mine = [one for one in waiting if one.enrolment.person_id not in kin]
    sheets = sheets_by_candidate(batch.id)
    refuse_on(_still_sitting(waiting, sheets), [] if mine else [_nothing_left(are_kin=bool(waiting))])
    tenths, checks = tenths_of_sheets(batch), checks_of(batch.id)
    for candidate in mine:
        sheet, check = sheets.get(candidate.id), checks.get(candidate.id)
        score = TheoryScore(batch_id=batch.id, candidate_id=candidate.id, sheet_id=sheet.id if sheet else None)
        if sheet:
            score.tenths = tenths[sheet.id]
        if check and check.seen is not Seen.MATCH:
            score.absence = Absence.VOID
        elif sheet:
            score.points = rules.points_of(tenths[sheet.id])
        else:
            score.absence = Absence.ABSENT
        db.session.add(score)
        db.session.flush()
        write_mark(actor, candidate, Part.THEORY, Given(score.points, score.absence), scorer_id=actor.person_id, seat=1)
    return batch


def _still_sitting(waiting: list[Candidate], sheets: dict[int, AnswerSheet]) -> list[Finding]:
    """Find who answers still, or may come yet, by number."""
    now = clock.now()
    answering = [one.number for one in waiting if (sheet := sheets.get(one.id)) and sheet.ended_at is None]
    away = [one.id for one in waiting if one.id not in sheets]
    ahead = select(Seat.candidate_id).where(Seat.candidate_id.in_(away), Seat.part == Part.THEORY)
    coming = set(db.session.scalars(ahead.where(Seat.sitting.has(Sitting.ends_at > now) | is_extended())))
    late = [one.number for one in waiting if one.id in coming]
    findings = []
    if answering:
        message = say("还有 {count} 份答卷没有交卷：{numbers}", count=len(answering), numbers=some(answering))
        findings.append(refuse("exams.sheets_open", message))
    if late:
        message = say("场次还没有结束，还有 {count} 名考生没有进入：{numbers}", count=len(late), numbers=some(late))
        findings.append(refuse("exams.sitting_running", message))
    return findings


def _nothing_left(*, are_kin: bool) -> Finding:
    if are_kin:
        return invariant("exams.scorer_is_kin")
    return refuse("exams.theory_scored", say("机考成绩已经全部写入"))
