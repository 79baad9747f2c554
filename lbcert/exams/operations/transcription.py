"""Taking over the county's sheet of marks with names: the exam office's own permission, all of it or nothing."""

from __future__ import annotations

from typing import Any

from lbcert.core import clock, files
from lbcert.core.database import db, load
from lbcert.core.findings import Finding, refuse
from lbcert.core.operation import operation
from lbcert.core.papers import no_paper
from lbcert.core.waivers import refuse_on
from lbcert.core.words import say
from lbcert.exams import declaring, rules
from lbcert.exams.models import SEPARATION, Batch, Candidate, Post, Transcription
from lbcert.exams.operations.batches import apart
from lbcert.exams.operations.marks import being_marked, write_mark
from lbcert.exams.places import TRANSCRIBERS, TRANSCRIPTION_OFFICE, holds_post
from lbcert.exams.queries.candidates import candidates_by_name
from lbcert.exams.queries.marks import appointment, given_of, own_sheets, schemes_of
from lbcert.exams.queries.ties import relatives_among
from lbcert.exams.sheets import CheckedSheet, Known, check_sheet


def checked(batch: Batch, examiner_id: int | None, data: bytes) -> CheckedSheet:
    """Judge an examiner's sheet against a batch as it stands now; raises ``Refused`` where it cannot be read.

    Of a part that two score it is held against that examiner's own marks.
    """
    own = {sheet.candidate_id: sheet for sheet in own_sheets(batch, examiner_id)}
    known = {
        candidate.enrolment.person.id_number: Known(
            candidate.id,
            candidate.enrolment.person.name,
            {part: given_of(mark) for part, mark in own[candidate.id].marks.items()},
            own[candidate.id].seats,
            own[candidate.id].carried,
        )
        for candidate in candidates_by_name(batch.id)
    }
    return check_sheet(data, known, rules.parts_of(with_review=batch.with_review), schemes_of(batch.id), clock.today())


@operation("exams.stage_transcription", say("上传成绩表待检查"), allow=TRANSCRIBERS)
def stage_transcription(
    actor: Any,
    batch_id: int,
    examiner_id: int,
    data: bytes,
    sheet_name: str,
    paper: bytes,
    paper_name: str,
    paper_type: str,
) -> Transcription:
    """Upload a sheet of marks with the signed paper that it copies, for a dry run; no mark is written.

    ``examiner_id`` is the person who signed. Refused without the paper, for a sheet that cannot be read, for an examiner
    who is not of the batch, has not declared or taught its people, and to whoever gives marks in it himself.
    """
    batch = load(Batch, batch_id)
    refuse_on(
        _may_transcribe(actor, batch, examiner_id),
        no_paper(paper, paper_name)
        if paper
        else [refuse("exams.no_paper", say("请附上考评员签名的成绩单（扫描件或照片）"))],
    )
    checked(batch, examiner_id, data)
    row = Transcription(
        batch_id=batch.id,
        examiner_id=examiner_id,
        sheet_id=files.keep(data, sheet_name, "application/octet-stream").id,
        paper_id=files.keep(paper, paper_name, paper_type).id,
        account_id=actor.id,
    )
    db.session.add(row)
    return row


@operation("exams.take_over_transcription", say("写入成绩表"), allow=TRANSCRIPTION_OFFICE)
def take_over_transcription(actor: Any, transcription_id: int) -> Transcription:
    """Write the marks of a staged sheet, checked again as the batch stands now: all of them, or none."""
    row = load(Transcription, transcription_id, lock=True)
    batch = load(Batch, row.batch_id, lock=True)
    refuse_on(_open(row), _may_transcribe(actor, batch, row.examiner_id))
    sheet = checked(batch, row.examiner_id, row.sheet.read())
    nothing = [] if sheet.new_marks else [refuse("exams.sheet_nothing_new", say("表中没有需要录入的成绩"))]
    refuse_on(sheet.all_findings, nothing, _of_kin(row, sheet))
    candidates = {candidate.id: candidate for candidate in batch.candidates}
    for line in sheet.rows:
        for part, given in line.marks.items():
            write_mark(
                actor,
                _candidate(candidates, line.candidate_id),
                part,
                given,
                scorer_id=row.examiner_id,
                seat=line.seats[part],
                transcription_id=row.id,
            )
    row.taken_at = clock.now()
    return row


@operation("exams.discard_transcription", say("丢弃已上传的成绩表"), allow=TRANSCRIPTION_OFFICE)
def discard_transcription(actor: Any, transcription_id: int) -> Transcription:
    """Put a staged sheet aside; it is kept, and never taken over."""
    row = load(Transcription, transcription_id, lock=True)
    refuse_on(_open(row))
    row.discarded_at = clock.now()
    return row


def _candidate(candidates: dict[int, Candidate], candidate_id: int | None) -> Candidate:
    assert candidate_id is not None  # noqa: S101 (a row without a candidate was refused)
    return candidates[candidate_id]


def _of_kin(row: Transcription, sheet: CheckedSheet) -> list[Finding]:
    kin = {one.id: one.name for one in relatives_among(row.examiner_id, row.batch)}
    theirs = {one.id: one.enrolment.person_id for one in row.batch.candidates if one.enrolment.person_id in kin}
    named = [kin[theirs[line.candidate_id]] for line in sheet.rows if line.marks and line.candidate_id in theirs]
    return declaring.signs_for_kin(row.examiner.name, named)


def _open(row: Transcription) -> list[Finding]:
    if row.taken_at is None and row.discarded_at is None:
        return []
    return [refuse("exams.transcription_closed", say("这份成绩表已经录入或作废"))]


def _may_transcribe(actor: Any, batch: Batch, examiner_id: int) -> list[Finding]:
    findings = being_marked(batch)
    if holds_post(actor, batch.id, Post.LEADER, Post.EXAMINER, Post.DECIDER):
        message = say("您是本批次的考评员或成绩审定人，不得誊录带姓名的成绩表，请由考务的另一人办理")
        findings.append(refuse("exams.transcriber_on_staff", message, SEPARATION))
    staff = appointment(batch.id, examiner_id)
    if staff is None or not staff.post.scores:
        findings.append(refuse("exams.scorer_not_appointed", say("签名人须是本批次的考评员"), SEPARATION))
    else:
        findings += rules.declared([] if staff.declared_on else [staff.person.name])
        findings += apart(staff.person_id, staff.person.name, batch)
    return findings
